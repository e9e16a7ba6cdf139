"""Two persistence diagrams -> their matchings, and the Wasserstein distances."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.diagrams.bottleneck import finite_bottleneck
from attntopo.diagrams.split_bars import (
    DiagramError,
    SplitBars,
    all_shifts,
    born_together,
    half_lengths,
    split_bars_of,
)
from attntopo.topology import Diagrams

DIAGONAL = -1
"""What a bar is matched with that has no partner in the other diagram."""


@dataclass(frozen=True, eq=False)
class Matching:
    """A matching between the bars of two diagrams in one dimension.

    Attributes
    ----------
    distance : float
        What the matching attains; infinite if the numbers of infinite bars differ.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Numbers of the bars in the first and in the second diagram; `DIAGONAL` where a bar is
        matched with the diagonal. Every bar longer than 0 is in one pair; ordered by the first
        diagram's bars, then by those of the second that are left.
    costs : ndarray of float64, shape (n_pairs,)
        L-infinity distance of each pair's points, or half the bar's length.
    """

    distance: float
    pairs: np.ndarray
    costs: np.ndarray

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
        with the smaller number.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    """
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    pairs, costs = _match(a, b, order=1, forbidden_above=finite_bottleneck(a.finite, b.finite))
    return Matching(float(costs.max(initial=0.0)), pairs, costs)


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
        Infinite bars are matched by their births.

    Raises
    ------
    DiagramError
        As `bottleneck_matching`, or if the order is another.
    """
    if order not in (1, 2):
        raise DiagramError(f"Wasserstein distances are of order 1 or 2, not {order}.")
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    pairs, costs = _match(a, b, order)
    return Matching(float((costs**order).sum() ** (1 / order)), pairs, costs)


def wasserstein_distance(
    first: Diagrams, second: Diagrams, dimension: int, order: int = 1
) -> float:
    """Compute the exact p-Wasserstein distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second, dimension, order
        As for `wasserstein_matching`.

    Returns
    -------
    float
        In the units of the row distance. If one diagram is empty, the p-norm of the other's
        half-lengths.

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
        `h0-bottleneck`, `h0-wasserstein-1`, `h0-wasserstein-2`, and the same of `h1`.
    """
    ways: dict[str, Callable[..., Matching]] = {
        "bottleneck": bottleneck_matching,
        "wasserstein-1": partial(wasserstein_matching, order=1),
        "wasserstein-2": partial(wasserstein_matching, order=2),
    }
    return {
        f"h{dimension}-{name}": match(first, second, dimension)
        for dimension in (0, 1)
        for name, match in ways.items()
    }


def _match(
    a: SplitBars, b: SplitBars, order: int, forbidden_above: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Match finite bars by `_least_sum`, infinite ones by birth; return all pairs, and costs."""
    pairs: np.ndarray = np.empty((0, 2), np.int64)
    if len(a.endless) == len(b.endless):
        pairs = _least_sum(a.finite, b.finite, order, forbidden_above)
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


def _least_sum(
    first: np.ndarray, second: np.ndarray, order: int, forbidden_above: float = np.inf
) -> np.ndarray:
    """Return the pairs of a matching with the least sum of costs to a power.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0.
    order : int
        The power.
    forbidden_above : float
        A matching with a dearer pair, or a dearer way to the diagonal, isn't allowed.

    Returns
    -------
    ndarray of int64, shape (n_pairs, 2)
        The bars that aren't in it are matched with the diagonal.
    """
    if born_together(first, second) and numba_runs():
        from attntopo.diagrams.matching_kernel import match_on_a_line

        own, other = (np.argsort(points[:, 1], kind="stable") for points in (first, second))
        birth = (first if len(first) else second)[0, 0]
        i, j = match_on_a_line(first[own, 1], second[other, 1], birth, order, forbidden_above)
        return _by_number(first, second, own[i], other[j])
    from scipy.optimize import linear_sum_assignment

    shifts = all_shifts(first, second)
    left, right = half_lengths(first), half_lengths(second)
    # What a pair saves against the diagonal; one that saves nothing is no pair.
    gain = shifts**order - left[:, None] ** order - right[None, :] ** order
    gain = np.minimum(gain, 0.0)
    # A bar too long for the diagonal must have a partner: worth more than all the rest together.
    must = 1.0 + 2 * (left**order).sum() + 2 * (right**order).sum()
    gain -= must * (left > forbidden_above)[:, None] + must * (right > forbidden_above)[None, :]
    gain[shifts > forbidden_above] = 0.0
    i, j = linear_sum_assignment(gain)
    chosen = gain[i, j] < 0
    return _by_number(first, second, i[chosen], j[chosen])


def _by_number(first: np.ndarray, second: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Among equal bars of either diagram, let smaller numbers have partners, and smaller ones."""
    for points, own, other in ((first, i, j), (second, j, i)):
        _, kinds = np.unique(points, axis=0, return_inverse=True)
        by_kind = np.lexsort((other, kinds[own]))
        paired = kinds[own][by_kind]
        place = np.arange(len(own)) - np.searchsorted(paired, paired)  # among those of its kind
        own[by_kind] = np.argsort(kinds, kind="stable")[
            np.searchsorted(np.sort(kinds), paired) + place
        ]
    return np.stack([i, j], axis=1)[np.argsort(i)]
