"""What a distance matrix tells without its edges in order, compiled; only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

STRIP = 32
"""Rows that are compared with the columns of the same numbers together, for the caches' sake."""
_INFINITE = np.uint64(0x7FF0000000000000)
"""The bits of infinity; those of NaN and of numbers below 0 are larger ones."""
_FAR = np.int64(np.iinfo(np.int64).max)


@kernel()
def is_distance_matrix(values: np.ndarray) -> bool:
    """Say whether a matrix is finite, non-negative, symmetric to the bit and 0 on the diagonal.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        In C order.

    Returns
    -------
    bool
        False, too, of one that has a -0.0.
    """
    n, bits = len(values), values.view(np.int64)
    for top in range(0, n, STRIP):
        bottom = min(top + STRIP, n)
        largest, differing = np.uint64(0), np.int64(0)
        for x in range(top, bottom):
            row = bits[x].view(np.uint64)
            for y in range(n):
                largest = max(largest, row[y])
        for y in range(bottom):
            row = bits[y]
            for x in range(top, bottom):
                differing |= row[x] ^ bits[x, y]
        if differing != 0 or largest >= _INFINITE:
            return False
    on_diagonal = np.int64(0)
    for x in range(n):
        on_diagonal |= bits[x, x]
    return on_diagonal == 0


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
