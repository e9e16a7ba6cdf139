"""Two persistence diagrams -> their bottleneck distance, exactly."""

from bisect import bisect_left

import numpy as np

from attntopo.diagrams.curves import longer_than
from attntopo.diagrams.split_bars import all_shifts, born_together, half_lengths, split_bars_of
from attntopo.topology import Diagrams

NOTEBOOK_FILTER = 0.01
"""The notebook leaves out bars of at most this length."""


def bottleneck_distance(first: Diagrams, second: Diagrams, dimension: int) -> float:
    """Compute the exact bottleneck distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
        Bars on the diagonal count for nothing.
    dimension : int
        0 for components, 1 for loops.

    Returns
    -------
    float
        In the units of the row distance, at least 0; infinite bars are matched by their births,
        and if their numbers differ it is infinite. If one diagram is empty, half the other's
        longest bar.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Stability of persistence diagrams, Discrete &
    Computational Geometry 37 (2007).
    """
    a, b = split_bars_of(first[dimension]), split_bars_of(second[dimension])
    if len(a.endless) != len(b.endless):
        return float("inf")
    by_birth = np.abs(a.births - b.births).max(initial=0.0)
    return float(max(by_birth, finite_bottleneck(a.finite, b.finite)))


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

    Raises
    ------
    DiagramError
        As `bottleneck_distance`.
    """
    a, b = (Diagrams((longer_than(each[0], NOTEBOOK_FILTER),)) for each in (first, second))
    return bottleneck_distance(a, b, 0)


def finite_bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the bottleneck distance of finite bars.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0.

    Returns
    -------
    float
    """
    if born_together(first, second):
        return _on_a_line(first, second)
    return _in_the_plane(first, second)


def _on_a_line(first: np.ndarray, second: np.ndarray) -> float:
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


def _in_the_plane(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the bottleneck of finite bars of any births.

    GUDHI 3.13 can answer too much where bars are alike (its pull request 1367): what it answers is
    the cost of a matching, but not always the least. So the answer is a first guess, and it is
    taken only if no matching costs less; else the least cost is searched for.
    """
    import gudhi

    shifts, left, right = all_shifts(first, second), half_lengths(first), half_lengths(second)
    possible = np.unique(np.concatenate([[0.0], shifts.ravel(), left, right]))

    def allows_a_matching(cost: float) -> bool:
        """Say whether some matching costs no more than this.

        Only the bars too long for the diagonal must be matched with bars of the other diagram. By
        the theorem of Mendelsohn and Dulmage a matching that covers those of both diagrams exists
        if, and only if, there is one for those of each.
        """
        near = shifts <= cost
        return _all_matched(near[left > cost]) and _all_matched(near.T[right > cost])

    # e=0 asks for the exact distance; without it GUDHI answers 2e-308 for equal diagrams.
    guess = gudhi.bottleneck_distance(first, second, e=0)
    best = int(np.searchsorted(possible, guess * (1 + 1e-12), side="right")) - 1
    if best > 0 and allows_a_matching(possible[best - 1]):
        best = bisect_left(possible, True, hi=best, key=allows_a_matching)
    return float(possible[best])


def _all_matched(near: np.ndarray) -> bool:
    """Say whether every row can have a column of its own among those where it is True."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if not near.any(axis=1).all():
        return False
    return bool((maximum_bipartite_matching(csr_array(near), perm_type="column") >= 0).all())
