"""Two persistence diagrams in one dimension -> their matchings and distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs

DIAGONAL = -1
"""What a bar is matched with that has no partner in the other diagram."""


class DiagramError(ValueError):
    """A persistence diagram can't be used; the message says why."""


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


def bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the exact bottleneck distance between two diagrams in one dimension.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Bars on the diagonal count for nothing.

    Returns
    -------
    float

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    """
    a, b = _split(first), _split(second)
    if len(a.endless) != len(b.endless):
        return float("inf")
    by_birth = np.abs(a.births - b.births).max(initial=0.0)
    return float(max(by_birth, _finite_bottleneck(a.finite, b.finite)))


def bottleneck_matching(first: np.ndarray, second: np.ndarray) -> Matching:
    """Match two diagrams so that the largest cost is the least, and then the sum of costs.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)

    Returns
    -------
    Matching
        The bottleneck alone doesn't determine a matching. This is the one of least sum among
        those that attain it; among equal bars the one with the smaller number has the partner
        with the smaller number.

    Raises
    ------
    DiagramError
        As `bottleneck`.
    """
    a, b = _split(first), _split(second)
    if len(a.endless) != len(b.endless):
        return _assembled(a, b, np.empty((0, 2), np.int64), float("inf"))
    largest = _finite_bottleneck(a.finite, b.finite)
    pairs = _least_sum(a.finite, b.finite, order=1, forbidden_above=largest)
    matching = _assembled(a, b, pairs, 0.0)
    return Matching(float(matching.costs.max(initial=0.0)), matching.pairs, matching.costs)


def wasserstein_matching(first: np.ndarray, second: np.ndarray, order: int) -> Matching:
    """Match two diagrams so that the p-norm of the costs is the least.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
    order : {1, 2}
        The p of the p-Wasserstein distance; the ground norm is L-infinity.

    Returns
    -------
    Matching
        Infinite bars are matched by their births.

    Raises
    ------
    DiagramError
        As `bottleneck`, or if the order is another.
    """
    if order not in (1, 2):
        raise DiagramError(f"Wasserstein distances are of order 1 or 2, not {order}.")
    a, b = _split(first), _split(second)
    if len(a.endless) != len(b.endless):
        return _assembled(a, b, np.empty((0, 2), np.int64), float("inf"))
    matching = _assembled(a, b, _least_sum(a.finite, b.finite, order), 0.0)
    distance = float((matching.costs**order).sum() ** (1 / order))
    return Matching(distance, matching.pairs, matching.costs)


@dataclass(frozen=True, eq=False)
class _Split:
    """A diagram taken apart: numbers and points of its finite and of its infinite bars."""

    numbers: np.ndarray
    finite: np.ndarray
    endless: np.ndarray
    births: np.ndarray


def _split(points: np.ndarray) -> _Split:
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    births, deaths = points.T
    if np.isnan(points).any() or np.isinf(births).any() or (deaths < births).any():
        raise DiagramError(
            "A persistence diagram has finite births and no death before its birth; NaN is neither."
        )
    finite = np.nonzero(np.isfinite(deaths) & (deaths > births))[0]
    endless = np.nonzero(np.isinf(deaths))[0]
    endless = endless[np.argsort(births[endless], kind="stable")]
    return _Split(finite, points[finite], endless, births[endless])


def _assembled(a: _Split, b: _Split, pairs: np.ndarray, distance: float) -> Matching:
    """Put the pairs of finite bars, the diagonal's and the infinite bars' together."""
    left = np.setdiff1d(np.arange(len(a.finite)), pairs[:, 0])
    right = np.setdiff1d(np.arange(len(b.finite)), pairs[:, 1])
    common = min(len(a.endless), len(b.endless))
    i, j = pairs.T
    found = [
        (a.numbers[i], b.numbers[j], np.abs(a.finite[i] - b.finite[j]).max(axis=1, initial=0.0)),
        (a.numbers[left], None, _to_diagonal(a.finite[left])),
        (None, b.numbers[right], _to_diagonal(b.finite[right])),
        (a.endless[:common], b.endless[:common], np.abs(a.births[:common] - b.births[:common])),
        (a.endless[common:], None, np.full(len(a.endless) - common, np.inf)),
        (None, b.endless[common:], np.full(len(b.endless) - common, np.inf)),
    ]
    costs = np.concatenate([cost for _, _, cost in found])
    columns = [
        np.concatenate(
            [np.full(len(entry[2]), DIAGONAL) if entry[k] is None else entry[k] for entry in found]
        )
        for k in (0, 1)
    ]
    order = np.lexsort((columns[1], columns[0], columns[0] == DIAGONAL))
    return Matching(distance, np.stack(columns, axis=1)[order], costs[order])


def _to_diagonal(points: np.ndarray) -> np.ndarray:
    return (points[:, 1] - points[:, 0]) / 2


def _between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first[:, None, :] - second[None, :, :]).max(axis=2, initial=0.0)


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
    if _born_together(first, second) and numba_runs():
        from attntopo.diagrams.matching_kernel import match_on_a_line

        own, other = (np.argsort(points[:, 1], kind="stable") for points in (first, second))
        birth = (first if len(first) else second)[0, 0]
        i, j = match_on_a_line(first[own, 1], second[other, 1], birth, order, forbidden_above)
        return _by_number(first, second, own[i], other[j])
    from scipy.optimize import linear_sum_assignment

    between = _between(first, second)
    left, right = _to_diagonal(first), _to_diagonal(second)
    # What a pair saves against the diagonal; one that saves nothing is no pair.
    gain = between**order - left[:, None] ** order - right[None, :] ** order
    gain = np.minimum(gain, 0.0)
    # A bar too long for the diagonal must have a partner: worth more than all the rest together.
    must = 1.0 + 2 * (left**order).sum() + 2 * (right**order).sum()
    gain -= must * (left > forbidden_above)[:, None] + must * (right > forbidden_above)[None, :]
    gain[between > forbidden_above] = 0.0
    i, j = linear_sum_assignment(gain)
    chosen = gain[i, j] < 0
    return _by_number(first, second, i[chosen], j[chosen])


def _by_number(first: np.ndarray, second: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Among equal bars of either diagram, let smaller numbers have partners, and smaller ones."""
    for points, own, other in ((first, i, j), (second, j, i)):
        alike, kinds = np.unique(points, axis=0, return_inverse=True)
        if len(alike) == len(points):
            continue
        kind = kinds[own]
        by_kind = np.lexsort((other, kind))
        for start in np.nonzero(np.diff(kind[by_kind], prepend=-1))[0]:
            group = by_kind[start : start + (kind == kind[by_kind[start]]).sum()]
            own[group] = np.nonzero(kinds == kind[group[0]])[0][: len(group)]
    return np.stack([i, j], axis=1)[np.argsort(i)]


def _finite_bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    if _born_together(first, second):
        return _bottleneck_on_a_line(first, second)
    return _bottleneck_in_the_plane(first, second)


def _born_together(first: np.ndarray, second: np.ndarray) -> bool:
    births = np.concatenate([first[:, 0], second[:, 0]])
    return bool(len(births) and (births == births[0]).all())


def _bottleneck_on_a_line(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the bottleneck of bars that are all born together, as in dimension 0.

    Let a matching cost at most c. A bar longer than 2c has a partner, and pairs of which neither
    is longer can be dissolved. If then a longer bar a is left and a shorter a' has the partner b,
    b is longer than 2c and so than a: a is nearer to b than a' is, and may take its place. So the
    m longest of both are partners, and in the order of their lengths, for some m.
    """
    a, b = np.sort(first[:, 1])[::-1], np.sort(second[:, 1])[::-1]
    most = min(len(a), len(b))
    birth = first[0, 0] if len(first) else second[0, 0]
    paired = np.append(0.0, np.maximum.accumulate(np.abs(a[:most] - b[:most])))
    left = np.append((a - birth) / 2, 0.0)[: most + 1]
    right = np.append((b - birth) / 2, 0.0)[: most + 1]
    return float(np.maximum(paired, np.maximum(left, right)).min())


def _bottleneck_in_the_plane(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the bottleneck of finite bars.

    GUDHI 3.13 can answer too much where bars are alike (its pull request 1367): what it answers is
    the cost of a matching, but not always the least. So the answer is a first guess, and it is
    taken only if no matching costs less; else the least cost is searched for.
    """
    import gudhi

    costs = _Costs(first, second)
    # e=0 asks for the exact distance; without it GUDHI answers 2e-308 for equal diagrams.
    guess = gudhi.bottleneck_distance(first, second, e=0)
    best = int(np.searchsorted(costs.possible, guess * (1 + 1e-12), side="right")) - 1
    if best > 0 and costs.allow_a_matching(costs.possible[best - 1]):
        low = 0
        while low < best:  # the least cost that allows a matching lies from low to best
            middle = (low + best) // 2
            if costs.allow_a_matching(costs.possible[middle]):
                best = middle
            else:
                low = middle + 1
    return float(costs.possible[best])


class _Costs:
    """What it costs to match the finite bars of two diagrams with each other or the diagonal."""

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self.pairs = _between(first, second)
        self.first, self.second = _to_diagonal(first), _to_diagonal(second)
        self.possible = np.unique(
            np.concatenate([[0.0], self.pairs.ravel(), self.first, self.second])
        )

    def allow_a_matching(self, cost: float) -> bool:
        """Say whether some matching costs no more than this.

        Only the bars too long for the diagonal must be matched with bars of the other diagram. By
        the theorem of Mendelsohn and Dulmage a matching that covers those of both diagrams exists
        if, and only if, there is one for those of each.
        """
        near = self.pairs <= cost
        return _all_matched(near[self.first > cost]) and _all_matched(near.T[self.second > cost])


def _all_matched(near: np.ndarray) -> bool:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if not len(near):
        return True
    if not near.any(axis=1).all():
        return False
    return bool((maximum_bipartite_matching(csr_array(near), perm_type="column") >= 0).all())
