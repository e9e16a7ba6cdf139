"""Two persistence diagrams -> their matchings, and the Wasserstein distances."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.diagrams.bottleneck import attaining_pairs, finite_bottleneck
from attntopo.diagrams.effort import WITHIN, wasserstein_effort
from attntopo.diagrams.large_diagrams import About, check_size, large_wasserstein
from attntopo.diagrams.least_sums import equal_pairs, least_sum_pairs
from attntopo.diagrams.split_bars import (
    DiagramError,
    SplitBars,
    born_together,
    half_lengths,
    split_bars_of,
)
from attntopo.topology import Diagrams
from attntopo.wording import counted

DIAGONAL = -1
"""What a bar is matched with that has no partner in the other diagram."""
_NO_PAIRS = (np.empty((0, 2), np.int64), np.empty(0))


@dataclass(frozen=True, eq=False)
class Matching:
    """A matching between the bars of two diagrams in one dimension.

    Attributes
    ----------
    distance : float
        What the matching attains; infinite if the numbers of infinite bars differ. `About` where
        there are too many bars for the exact number, NaN where it can't be had.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Numbers of the bars in the first and in the second diagram; `DIAGONAL` where a bar is
        matched with the diagonal. Every bar longer than 0 is in one pair; ordered by the first
        diagram's bars, then by those of the second that are left.
    costs : ndarray of float64, shape (n_pairs,)
        L-infinity distance of each pair's points, or half the bar's length.
    note : str
        A sentence where bars are too many for the matching that was asked for; else empty. Where
        `distance` isn't exact there are no pairs.
    """

    distance: float
    pairs: np.ndarray
    costs: np.ndarray
    note: str = ""

    @property
    def attaining(self) -> int:
        """Number of the first pair with the largest cost; -1 without pairs."""
        return int(np.argmax(self.costs)) if len(self.costs) else -1


def bottleneck_matching(first: Diagrams, second: Diagrams, dimension: int) -> Matching:
    """Match two diagrams so that the largest cost is the least, and then the sum of costs.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.

    Returns
    -------
    Matching
        The bottleneck alone doesn't determine a matching. This is the one of least sum among
        those that attain it; among equal bars the one with the smaller number has the partner
        with the smaller number. Of more bars than `effort.EXACT_BARS` it is any one that attains
        it, and has a note; its distance is exact.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    """
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    least = finite_bottleneck(a.finite, b.finite)
    if _can_be_exact(a, b):
        finite: np.ndarray | None = _finite_pairs(a, b, order=1, forbidden_above=least)
        note = ""
    else:
        finite = attaining_pairs(a.finite, b.finite)
        note = (
            f"{_sizes(a, b)}: too many for the matching of least sum; this one attains the "
            "distance, which is exact."
        )
    if finite is None:
        note = f"{_sizes(a, b)}: too many for a matching here; the distance is exact."
        births = np.abs(a.births - b.births).max(initial=0.0)
        return Matching(float(max(least, births)), *_NO_PAIRS, note)
    pairs, costs = _match(a, b, finite)
    return Matching(float(costs.max(initial=0.0)), pairs, costs, note)


def wasserstein_matching(
    first: Diagrams, second: Diagrams, dimension: int, order: int = 1
) -> Matching:
    """Match two diagrams so that the p-norm of the costs is the least.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.
    order : {1, 2}
        The p of the p-Wasserstein distance; the ground norm is L-infinity.

    Returns
    -------
    Matching
        Infinite bars are matched by their births. Of more bars than `effort.EXACT_BARS` only the
        distance is known, as `About`, and there are no pairs.

    Raises
    ------
    DiagramError
        As `bottleneck_matching`, or if the order is another, or the distance can't be had even
        approximately: there are too many bars, or they are too much alike.
    """
    if order not in (1, 2):
        raise DiagramError(f"Wasserstein distances are of order 1 or 2, not {order}.")
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    if not _can_be_exact(a, b):
        check_size(len(a.finite), len(b.finite), order)
        bottleneck = finite_bottleneck(a.finite, b.finite)
        if bottleneck > 0:
            finite = large_wasserstein(a.finite, b.finite, order, bottleneck)
            by_birth = (np.abs(a.births - b.births) ** order).sum()
            distance = About((finite**order + by_birth) ** (1 / order), WITHIN)
            note = (
                f"{_sizes(a, b)}: too many for the exact distance and its matching. It is "
                f"{distance:.4g}."
            )
            return Matching(distance, *_NO_PAIRS, note)
        finite_pairs = equal_pairs(a.finite, b.finite)
    else:
        finite_pairs = _finite_pairs(a, b, order)
    pairs, costs = _match(a, b, finite_pairs)
    return Matching(float((costs**order).sum() ** (1 / order)), pairs, costs)


def wasserstein_distance(
    first: Diagrams, second: Diagrams, dimension: int, order: int = 1
) -> float:
    """Compute the p-Wasserstein distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second, dimension, order
        As for `wasserstein_matching`.

    Returns
    -------
    float
        In the units of the row distance, exact; of more bars than `effort.EXACT_BARS` it is
        `About`, a float that has a `relative_bound` and is written with it. If one diagram is
        empty, the p-norm of the other's half-lengths.

    Raises
    ------
    DiagramError
        As `wasserstein_matching`.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Mileyko, Lipschitz functions have L_p-stable persistence,
    Foundations of Computational Mathematics 10 (2010).
    """
    return wasserstein_matching(first, second, dimension, order).distance


def all_matchings(first: Diagrams, second: Diagrams) -> dict[str, Matching]:
    """Match two diagrams in every way there is here.

    Parameters
    ----------
    first, second : Diagrams

    Returns
    -------
    dict of Matching
        `h0-bottleneck`, `h0-wasserstein-1`, `h0-wasserstein-2`, and the same of `h1`. Where one
        can't be had its distance is NaN, and its note says why.
    """
    return {name: find_matching(name, first, second) for name in MATCHINGS}


def find_matching(name: str, first: Diagrams, second: Diagrams) -> Matching:
    """Match two diagrams in one of the ways there are here.

    Parameters
    ----------
    name : str
        A key of `MATCHINGS`.
    first, second : Diagrams

    Returns
    -------
    Matching
        Where it can't be had its distance is NaN, and its note says why.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    """
    match, dimension = MATCHINGS[name]
    for one in (first, second):  # what is no diagram is refused as a whole
        split_bars_of(one[dimension])
    try:
        return match(first, second, dimension)
    except DiagramError as error:
        return Matching(float("nan"), *_NO_PAIRS, str(error))


_WAYS: dict[str, Callable[[Diagrams, Diagrams, int], Matching]] = {
    "bottleneck": bottleneck_matching,
    "wasserstein-1": partial(wasserstein_matching, order=1),
    "wasserstein-2": partial(wasserstein_matching, order=2),
}
MATCHINGS = {f"h{k}-{name}": (way, k) for k in (0, 1) for name, way in _WAYS.items()}
"""The matchings there are, by name: what finds one, and the dimension."""


def exact_wasserstein(first: Diagrams, second: Diagrams, dimension: int, order: int = 1) -> float:
    """Compute the p-Wasserstein distance where that can be done exactly; else return NaN.

    Parameters
    ----------
    first, second, dimension, order
        As for `wasserstein_matching`.
    """
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    if not _can_be_exact(a, b):
        return float("nan")
    return wasserstein_distance(first, second, dimension, order)


def _can_be_exact(a: SplitBars, b: SplitBars) -> bool:
    if len(a.endless) != len(b.endless):  # infinitely far apart, without a search
        return True
    together = numba_runs() and born_together(a.finite, b.finite)
    effort = wasserstein_effort(len(a.finite), len(b.finite), 1, together)
    return effort.relative_bound == 0


def _sizes(a: SplitBars, b: SplitBars) -> str:
    return f"{counted(len(a.finite), 'bar')} and {counted(len(b.finite), 'bar')}"


def _finite_pairs(
    a: SplitBars, b: SplitBars, order: int, forbidden_above: float = np.inf
) -> np.ndarray:
    if len(a.endless) != len(b.endless):
        return _NO_PAIRS[0]
    return least_sum_pairs(a.finite, b.finite, order, forbidden_above)


def _match(a: SplitBars, b: SplitBars, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add to the pairs of finite bars what is left, and infinite ones by birth; and the costs."""
    i, j = pairs.T
    left = np.setdiff1d(np.arange(len(a.finite)), i)
    right = np.setdiff1d(np.arange(len(b.finite)), j)
    common = min(len(a.endless), len(b.endless))
    parts = [
        (a.numbers[i], b.numbers[j], np.abs(a.finite[i] - b.finite[j]).max(axis=1, initial=0.0)),
        (a.numbers[left], DIAGONAL, half_lengths(a.finite[left])),
        (DIAGONAL, b.numbers[right], half_lengths(b.finite[right])),
        (a.endless[:common], b.endless[:common], np.abs(a.births[:common] - b.births[:common])),
        (a.endless[common:], DIAGONAL, np.inf),
        (DIAGONAL, b.endless[common:], np.inf),
    ]
    own, other, costs = np.concatenate(
        [np.stack(np.broadcast_arrays(*part)) for part in parts], axis=1
    )
    in_order = np.lexsort((other, own, own == DIAGONAL))
    return np.stack([own, other], axis=1)[in_order].astype(np.int64), costs[in_order]
