"""What a distance matrix tells without its edges in order, compiled; only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

TILE = 32
"""Rows and columns that are compared with their mirror images together, for the caches' sake."""


@kernel()
def is_distance_matrix(values: np.ndarray) -> bool:
    """Say whether a matrix is finite, non-negative, symmetric to the bit and 0 on the diagonal.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)

    Returns
    -------
    bool
    """
    n, is_one = len(values), True
    for top in range(0, n, TILE):
        for left in range(0, top + 1, TILE):
            for x in range(top, min(top + TILE, n)):
                for y in range(left, min(left + TILE, n)):
                    value = values[x, y]
                    is_one &= (value >= 0) & (value < np.inf) & (value == values[y, x])
        if not is_one:
            return False
    for x in range(n):
        is_one &= values[x, x] == 0
    return is_one


@kernel()
def merge_lengths(values: np.ndarray) -> np.ndarray:
    """Find the lengths at which components merge: the minimum spanning tree's, by Prim's algorithm.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix.

    Returns
    -------
    ndarray of float64, shape (n - 1,)
        In no order.

    References
    ----------
    Prim, Shortest connection networks and some generalizations, Bell System Technical Journal 36
    (1957).
    """
    n = len(values)
    lengths = np.empty(n - 1)
    outside, least = np.arange(1, n), values[0, 1:].copy()  # and how far each is from the tree
    x = 0
    for k in range(n - 1):
        last, best, shortest = n - 2 - k, 0, np.inf
        for place in range(last + 1):
            length = min(least[place], values[x, outside[place]])
            least[place] = length
            if length < shortest:
                best, shortest = place, length
        x, lengths[k] = outside[best], shortest
        outside[best], least[best] = outside[last], least[last]
    return lengths
