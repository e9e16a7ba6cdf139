"""Row distances of the same tokens, twice -> how far apart the two are, token by token.

Distances between diagrams don't know which token is which: permute the tokens of one, and they stay
the same. These do, so both must have the same tokens: two heads, layers or models on one photo, or
a photo and a perturbed copy of it.
"""

from collections.abc import Callable, Generator, Iterable

import numpy as np

from attntopo.analysis.atlas import Cell, for_heads, heads_of
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.head import points_of
from attntopo.analysis.paired_merges import merge_height_correlation
from attntopo.analysis.paired_points import check_same_points, unit_of
from attntopo.analysis.paired_result import PairedComparison
from attntopo.analysis.sample_pairs import h0_deaths
from attntopo.attention import Attention
from attntopo.distances import RowDistances, row_distances
from attntopo.wording import counted


def paired_comparison(first: RowDistances, second: RowDistances) -> PairedComparison:
    """Compare two heads, layers or models token by token.

    Parameters
    ----------
    first, second : RowDistances
        With as many points; point k of both is the same token. Of others, take `matched_points`.

    Returns
    -------
    PairedComparison

    Raises
    ------
    EvidenceError
        If they don't have as many points, or fewer than three.
    """
    check_same_points(first, second)
    notes = []

    def had(measure: Callable[[RowDistances, RowDistances], float]) -> float:
        try:
            return measure(first, second)
        except EvidenceError as error:
            notes.append(str(error))
            return float("nan")

    return PairedComparison(
        had(rtd_lite), had(merge_height_correlation), len(first.values), " ".join(notes)
    )


def rtd_lite(first: RowDistances, second: RowDistances) -> float:
    """Compute RTD-lite: by how much the components of two matrices differ, token by token.

    Parameters
    ----------
    first, second : RowDistances
        With as many points; point k of both is the same token.

    Returns
    -------
    float
        At least 0; 0 for a matrix and a multiple of it. Each is divided by the 0.9 quantile of
        its pairs' distances, so it has no unit.

    Raises
    ------
    EvidenceError
        If they don't have as many points, or the quantile of one is 0.

    Notes
    -----
    With `M = min(D, D')` it is `((mst(D) - mst(M)) + (mst(D') - mst(M))) / 2`, of lengths of
    minimum spanning trees: over all scales, how many components more each has than both together.

    References
    ----------
    Tulchinskii et al., RTD-lite: scalable topological analysis for comparing weighted graphs in
    learning tasks, AISTATS (2025); after Barannikov et al., Representation topology divergence,
    ICML (2022).
    """
    check_same_points(first, second)
    one, other = first.values / unit_of(first), second.values / unit_of(second)
    both = h0_deaths(np.minimum(one, other)).sum()
    apart = (h0_deaths(one).sum() - both) + (h0_deaths(other).sum() - both)
    return max(0.0, float(apart) / 2)  # a rounding error below 0 is 0


def heads_compared(
    attention: Attention,
    chosen: RowDistances,
    heads: Iterable[Cell] | None = None,
    tokens: str = "all",
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[tuple[Cell, PairedComparison], None, None]:
    """Compare every head with a chosen one, of this attention or of another on the same photo.

    Parameters
    ----------
    attention : Attention
    chosen : RowDistances
        The chosen head's, of the same tokens: its distance is the one that is taken for all. Of
        another model they are the same where both have the same patch grid and patches are points.
    heads : iterable of tuple, optional
        Layers and heads; all by default.
    tokens : {"all", "patches"}
        As for `analyse`, and as for the chosen head.
    threads, waiting
        As for `for_heads`.

    Returns
    -------
    generator of tuple
        A head and its comparison, as soon as it is there.

    Raises
    ------
    EvidenceError
        At once, if the chosen head has more tokens or fewer.
    """
    points = points_of(attention, tokens)
    if len(points) != len(chosen.tokens):  # a model with another prefix has other numbers for them
        raise EvidenceError(
            f"The chosen head has {counted(len(chosen.tokens), 'token')} and these have "
            f"{counted(len(points), 'token')}: only the same tokens can be compared one by one."
        )

    def work(cell: Cell) -> PairedComparison:
        own = row_distances(attention.head(*cell), chosen.distance, points, threads=1)
        return paired_comparison(own, chosen)

    return for_heads(work, heads_of(attention) if heads is None else heads, threads, waiting)
