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
def spanning_edges(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the edges that merge components: the minimum spanning tree, by Prim's algorithm.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix.

    Returns
    -------
    i, j : ndarray of int64, shape (n - 1,)
        Ends i < j, in no order. In the total order (length, i, j) there is but one such tree.
    lengths : ndarray of float64, shape (n - 1,)

    References
    ----------
    Prim, Shortest connection networks and some generalizations, Bell System Technical Journal 36
    (1957).
    """
    n = len(values)
    i, j = np.empty(n - 1, np.int64), np.empty(n - 1, np.int64)
    lengths = np.empty(n - 1)
    # Points outside the tree; how far each is from it, and by which edge, as i << 32 | j.
    outside = np.arange(1, n)
    least, pairs = values[0, 1:].copy(), np.arange(1, n)
    x = 0
    for k in range(n - 1):
        n_outside, best, shortest, first = n - 1 - k, 0, np.inf, np.int64(0)
        for place in range(n_outside):
            y = outside[place]
            length = values[x, y]
            if length <= least[place]:
                pair = (min(x, y) << 32) | max(x, y)
                if length < least[place] or pair < pairs[place]:
                    least[place], pairs[place] = length, pair
            length = least[place]
            if length <= shortest and (length < shortest or pairs[place] < first):
                best, shortest, first = place, length, pairs[place]
        x = outside[best]
        i[k], j[k], lengths[k] = first >> 32, first & 0xFFFFFFFF, shortest
        last = n_outside - 1
        outside[best], pairs[best], least[best] = outside[last], pairs[last], least[last]
    return i, j, lengths
