"""Distances between persistence diagrams; Betti curves and persistence entropy."""

from __future__ import annotations

import numpy as np

from attntopo.persistence import Diagrams

NOTEBOOK_FILTER = 0.01
"""The notebook leaves out bars of at most this length."""


def bottleneck_distance(first: Diagrams, second: Diagrams, dimension: int) -> float:
    """Compute the exact bottleneck distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.

    Returns
    -------
    float
        In the units of the row distance, at least 0; infinite bars are matched by their births.
        If one diagram is empty, half the other's longest bar.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Stability of persistence diagrams, Discrete &
    Computational Geometry 37 (2007).
    """
    return _bottleneck(first[dimension], second[dimension])


def notebook_bottleneck_distance(first: Diagrams, second: Diagrams) -> float:
    """Compute the notebook's one number: H0 bottleneck of the bars longer than 0.01.

    Parameters
    ----------
    first, second : Diagrams

    Returns
    -------
    float
        In the units of the row distance. The filter breaks the stability bound, which is why
        every other number here is of whole diagrams.
    """
    return _bottleneck(
        longer_than(first[0], NOTEBOOK_FILTER), longer_than(second[0], NOTEBOOK_FILTER)
    )


def longer_than(points: np.ndarray, length: float) -> np.ndarray:
    """Return the bars longer than a length, infinite ones included.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
    length : float

    Returns
    -------
    ndarray of float64, shape (n_kept, 2)
    """
    return points[points[:, 1] - points[:, 0] > length]


def betti_curve(points: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Count the bars alive at each scale: birth <= scale < death.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension.
    scales : ndarray of float64, shape (n_scales,)

    Returns
    -------
    ndarray of int64, shape (n_scales,)
        The Betti number of the complex at each scale.
    """
    born = np.searchsorted(np.sort(points[:, 0]), scales, side="right")
    dead = np.searchsorted(np.sort(points[:, 1]), scales, side="right")
    return born - dead


def persistence_entropy(points: np.ndarray) -> float:
    """Compute the entropy of the finite bars' lengths, as shares of their sum.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.

    Returns
    -------
    float
        In nats, from 0 (one bar, or none) to the logarithm of the number of bars (all equal).

    References
    ----------
    Chintakunta, Gentimis, Gonzalez-Diaz, Jimenez, Krim, An entropy-based persistence barcode,
    Pattern Recognition 48 (2015).
    """
    from scipy.special import entr

    bars = points[np.isfinite(points[:, 1])]
    lengths = bars[:, 1] - bars[:, 0]
    total = lengths.sum()
    return float(entr(lengths / total).sum()) if total > 0 else 0.0


def _bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the exact bottleneck distance between two diagrams in one dimension.

    GUDHI 3.13 can answer too much where bars are alike (its pull request 1367): what it answers is
    the cost of a matching, but not always the least. So the answer is a first guess, and it is
    taken only if no matching costs less; else the least cost is searched for.
    """
    import gudhi

    finite = [points[np.isfinite(points[:, 1])] for points in (first, second)]
    endless = [np.sort(points[np.isinf(points[:, 1]), 0]) for points in (first, second)]
    if len(endless[0]) != len(endless[1]):
        return float("inf")
    costs = _Costs(*finite)
    # e=0 asks for the exact distance; without it GUDHI answers 2e-308 for equal diagrams.
    guess = gudhi.bottleneck_distance(*finite, e=0)
    best = int(np.searchsorted(costs.possible, guess * (1 + 1e-12), side="right")) - 1
    if best > 0 and costs.allow_a_matching(costs.possible[best - 1]):
        low = 0
        while low < best:  # the least cost that allows a matching lies from low to best
            middle = (low + best) // 2
            if costs.allow_a_matching(costs.possible[middle]):
                best = middle
            else:
                low = middle + 1
    by_birth = np.abs(endless[0] - endless[1]).max(initial=0.0)
    return float(max(costs.possible[best], by_birth))


class _Costs:
    """What it costs to match the finite bars of two diagrams with each other or the diagonal."""

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self.pairs = np.abs(first[:, None, :] - second[None, :, :]).max(axis=2)
        self.first = (first[:, 1] - first[:, 0]) / 2  # to the diagonal
        self.second = (second[:, 1] - second[:, 0]) / 2
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
