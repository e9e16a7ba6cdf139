"""What a distance matrix tells without its edges in order, compiled; only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

TILE = 32
"""Rows and columns that are compared with their mirror images together, for the caches' sake."""
_FAR = np.int64(np.iinfo(np.int64).max)


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
        A distance matrix, in C order.

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
    # Of numbers of 0 and more the bits are in the numbers' order, and compilers make vectors of
    # the least of whole numbers, not of floats.
    bits = values.view(np.int64)
    lengths = np.empty(n - 1, np.int64)
    least = np.full(n, _FAR)  # from the tree; of those in the tree, too far ever to be chosen
    floor = np.zeros(n, np.int64)
    x = 0
    for k in range(n - 1):
        least[x] = floor[x] = shortest = _FAR
        row = bits[x]
        for y in range(n):
            length = min(least[y], max(row[y], floor[y]))
            least[y] = length
            shortest = min(shortest, length)
        x = 0
        while least[x] != shortest:
            x += 1
        lengths[k] = shortest
    return lengths.view(np.float64)
