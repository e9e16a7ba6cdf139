"""The finite bars of two diagrams -> the pairs of a matching of least sum."""

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.diagrams.split_bars import all_shifts, born_together, half_lengths


def least_sum_pairs(
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
    if not numba_runs():
        return _by_assignment(first, second, order, forbidden_above)
    from attntopo.diagrams.matching_kernel import match_in_the_plane, match_on_a_line

    if born_together(first, second):
        own, other = (np.argsort(points[:, 1], kind="stable") for points in (first, second))
        birth = (first if len(first) else second)[0, 0]
        i, j = match_on_a_line(first[own, 1], second[other, 1], birth, order, forbidden_above)
        return _by_number(first, second, own[i], other[j])
    by_birth = np.argsort(second[:, 0], kind="stable")
    partners = match_in_the_plane(first, second[by_birth], order, forbidden_above)
    (i,) = np.nonzero(partners >= 0)
    return _by_number(first, second, i, by_birth[partners[i]])


def _by_assignment(
    first: np.ndarray, second: np.ndarray, order: int, forbidden_above: float
) -> np.ndarray:
    """Do the same where nothing can be compiled, with all pairs in memory."""
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


def equal_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Match the bars of two diagrams that are the same but for their order.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)

    Returns
    -------
    ndarray of int64, shape (n_bars, 2)
    """
    own, other = (np.lexsort(points.T) for points in (first, second))
    return _by_number(first, second, own, other)


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
