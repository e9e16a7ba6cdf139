"""Two persistence diagrams -> their bottleneck distance, exactly."""

import numpy as np

from attntopo.compiled import numba_runs
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


def attaining_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    """Return the pairs of some matching that attains the bottleneck distance of finite bars.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0.

    Returns
    -------
    ndarray of int64, shape (n_pairs, 2), or None
        The bars that aren't in it are matched with the diagonal; None where nothing can be
        compiled.
    """
    if not numba_runs():
        return None
    from attntopo.diagrams.bottleneck_kernel import bottleneck_in_the_plane

    _, partners = bottleneck_in_the_plane(first, second)
    (own,) = np.nonzero(partners >= 0)
    return np.stack([own, partners[own]], axis=1)


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
    """Compute the bottleneck of finite bars of any births."""
    if numba_runs():
        from attntopo.diagrams.bottleneck_kernel import bottleneck_in_the_plane

        return float(bottleneck_in_the_plane(first, second)[0])
    return _by_rows(first, second)


def _by_rows(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the same where nothing can be compiled, with the pairs that are near as a graph."""
    left, right = half_lengths(first), half_lengths(second)
    too_little, most = -1, _bits(max(left.max(initial=0.0), right.max(initial=0.0)))
    while too_little + 1 < most:
        middle = (too_little + most) // 2
        cost = float(np.int64(middle).view(np.float64))
        # Only the bars too long for the diagonal must be matched with bars of the other diagram.
        # By the theorem of Mendelsohn and Dulmage a matching that covers those of both diagrams
        # exists if, and only if, there is one for those of each.
        if _all_matched(first[left > cost], second, cost) and _all_matched(
            second[right > cost], first, cost
        ):
            most = middle
        else:
            too_little = middle
    return float(np.int64(most).view(np.float64))


def _bits(value: float) -> int:
    """Return the place of a number that isn't negative among all floating-point numbers."""
    return int(np.float64(value).view(np.int64))


def _all_matched(bars: np.ndarray, others: np.ndarray, cost: float) -> bool:
    """Say whether every bar can have a partner of its own that is no farther away than this."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    near = [np.nonzero(all_shifts(bar[None], others)[0] <= cost)[0] for bar in bars]
    sizes = np.array([len(one) for one in near])
    if not len(bars) or not sizes.all():
        return not len(bars)
    partners = np.concatenate(near).astype(np.int32)
    places = np.append(0, np.cumsum(sizes))
    graph = csr_array((np.ones(len(partners), bool), partners, places), (len(bars), len(others)))
    return bool((maximum_bipartite_matching(graph, perm_type="column") >= 0).all())
