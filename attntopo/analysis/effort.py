"""Numbers of tokens and bars -> what the steps of an analysis take, before they are begun.

The paces are measured: what `python -m benchmarks.efforts` prints of the slowest attention there
is, that without structure, on one core, rounded up. Real attention takes a tenth of it and less;
knocking out takes the same whatever it is. That of a draw is from `python -m benchmarks.evidence`.
"""

from attntopo.analysis.head import HeadTopology
from attntopo.analysis.knock_outs import MOST_REGIONS
from attntopo.diagrams import bottleneck_effort, matching_effort, wasserstein_effort
from attntopo.effort import MATRIX_ENTRY, Effort
from attntopo.models import PIECE_MEGABYTES, ModelInfo, attention_effort

# Seconds a pair of tokens and column.
_DISTANCE_PACES = {
    "double-softmax": 5e-10,
    "jensen-shannon": 9e-10,
    "hellinger": 5e-10,
    "total-variation": 2e-10,
}
_DISTANCE_PACE = 1e-11
_BARS_PACE = 1e-12  # a pair of pairs of points
_FEATURES_PACE = 1e-7
_COMPARED_PACE = 1.5e-6  # a pair of tokens: matchings, distances, ranks of merges
_PAIRED_PACE = 3e-6  # a pair of tokens: merge trees, their ranks, three spanning trees
_DRAW_PACE = 8e-7  # an entry: twenty-one Fourier transforms and ten sorts, the strictest null's
_KNOCKED_PACE = 1.1  # a layer's run, with its mask
_KNOCKED_PIECES = 2.0  # of what is computed together, with what lies between two layers


def analysis_effort(n_tokens: int, distance: str) -> Effort:
    """Estimate what a head's distances, bars and merge tree take.

    Parameters
    ----------
    n_tokens : int
    distance : str
        A key of `DISTANCES`.

    Returns
    -------
    Effort
    """
    pace = _DISTANCE_PACES.get(distance, _DISTANCE_PACE)
    distances = Effort(pace * n_tokens**3, 4 * MATRIX_ENTRY * n_tokens**2)
    return distances + Effort(_BARS_PACE * n_tokens**4, 8 * MATRIX_ENTRY * n_tokens**2)


def nulls_effort(n_tokens: int, distance: str, n_draws: int) -> Effort:
    """Estimate what draws of a null take, each sent through the whole pipeline.

    Parameters
    ----------
    n_tokens : int
    distance : str
        A key of `DISTANCES`.
    n_draws : int

    Returns
    -------
    Effort
        Of any null, one draw after the other.
    """
    each = Effort(_DRAW_PACE * n_tokens**2, 10 * MATRIX_ENTRY * n_tokens**2)
    each += analysis_effort(n_tokens, distance)
    return Effort(n_draws * each.seconds, each.megabytes)


def paired_effort(n_tokens: int) -> Effort:
    """Estimate what the comparison of two heads token by token takes, their distances known.

    Parameters
    ----------
    n_tokens : int

    Returns
    -------
    Effort
        Of `paired_comparison`.
    """
    return Effort(_PAIRED_PACE * n_tokens**2, 12 * MATRIX_ENTRY * n_tokens**2)


def token_comparison_effort(n_tokens: int) -> Effort:
    """Estimate what `compare_tokens` takes; the parameter is that of `paired_effort`."""
    once = paired_effort(n_tokens)
    return Effort(3 * once.seconds, once.megabytes)


def knock_out_effort(info: ModelInfo, layer: int) -> Effort:
    """Estimate what a knock-out takes, among as many other regions as there can be.

    Parameters
    ----------
    info : ModelInfo
    layer : int
        The layer looked at, counted from 0.

    Returns
    -------
    Effort
    """
    once = attention_effort(info)
    layers = (info.n_layers - layer - 1) * (2 * MOST_REGIONS + 2)
    seconds = once.seconds * (1 + _KNOCKED_PACE * layers / info.n_layers)
    return Effort(seconds, _KNOCKED_PIECES * PIECE_MEGABYTES)


def perturbed_effort(n_tokens: int, distance: str) -> Effort:
    """Estimate what a head's topology on a perturbed photo, and all comparisons with it, take.

    Parameters
    ----------
    n_tokens : int
    distance : str
        A key of `DISTANCES`.

    Returns
    -------
    Effort
        Without the model's run.
    """
    compared = Effort(_COMPARED_PACE * n_tokens**2, 12 * MATRIX_ENTRY * n_tokens**2)
    return analysis_effort(n_tokens, distance) + compared


def comparison_effort(first: HeadTopology, second: HeadTopology) -> Effort:
    """Estimate what all bottleneck distances between two heads' diagrams take.

    Parameters
    ----------
    first, second : HeadTopology

    Returns
    -------
    Effort
    """
    h0, h1 = (bottleneck_effort(*_numbers(first, second, k)) for k in (0, 1))
    return h0 + h1 + h0  # the notebook's is one of H0, too


def matching_efforts(first: HeadTopology, second: HeadTopology) -> dict[str, Effort]:
    """Estimate what each matching between two heads' diagrams takes.

    Parameters
    ----------
    first, second : HeadTopology

    Returns
    -------
    dict of Effort
        By the names of `diagrams.MATCHINGS`.
    """
    efforts = {}
    for k in (0, 1):
        numbers, together = _numbers(first, second, k), k == 0
        efforts[f"h{k}-bottleneck"] = matching_effort(*numbers, together)
        for order in (1, 2):
            efforts[f"h{k}-wasserstein-{order}"] = wasserstein_effort(*numbers, order, together)
    return efforts


def features_effort(n_tokens: int) -> Effort:
    """Estimate what the features of a head take, its diagrams known.

    Parameters
    ----------
    n_tokens : int

    Returns
    -------
    Effort
    """
    return Effort(_FEATURES_PACE * n_tokens**2, 8 * MATRIX_ENTRY * n_tokens**2)


def _numbers(first: HeadTopology, second: HeadTopology, dimension: int) -> tuple[int, int]:
    return len(first.diagrams[dimension]), len(second.diagrams[dimension])
