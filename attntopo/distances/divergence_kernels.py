"""Divergences between all pairs of rows, compiled; imported only where numba runs.

Each kernel goes through the rows `start`, `start + step`, … and fills the upper triangle of `out`
there, so that several threads can share the work and each value is computed in one of them.
"""

import numpy as np

from attntopo.compiled import kernel

TILE = 32
"""Rows and columns that are mirrored together, for the caches' sake."""
TINY = 1e-300
"""Keeps 0/0 and logarithms of 0 out; far too small to change any other sum."""


@kernel(fast=True)
def squared_hellinger(
    rows: np.ndarray, roots: np.ndarray, out: np.ndarray, start: int, step: int
) -> None:
    """Half the squared distance of the roots, from (p - q) / (√p + √q)."""
    n, width = rows.shape
    for i in range(start, n, step):
        p = rows[i]
        root_p = roots[i]
        for j in range(i + 1, n):
            q = rows[j]
            root_q = roots[j]
            total = 0.0
            for k in range(width):
                difference = (p[k] - q[k]) / (root_p[k] + root_q[k] + TINY)
                total += difference * difference
            out[i, j] = 0.5 * total


@kernel(fast=True)
def total_variation(rows: np.ndarray, out: np.ndarray, start: int, step: int) -> None:
    """Half the sum of |p - q|."""
    n, width = rows.shape
    for i in range(start, n, step):
        p = rows[i]
        for j in range(i + 1, n):
            q = rows[j]
            total = 0.0
            for k in range(width):
                total += abs(p[k] - q[k])
            out[i, j] = 0.5 * total


@kernel()
def mirror(values: np.ndarray, n_roots: int) -> None:
    """Take square roots of what is above a diagonal, so many times, and mirror it.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        Written to: becomes symmetric, 0 on the diagonal.
    n_roots : int
    """
    n = len(values)
    for top in range(0, n, TILE):
        for left in range(top, n, TILE):
            right = min(left + TILE, n)
            for x in range(top, min(top + TILE, n)):
                row = values[x, max(x + 1, left) : right]
                for _ in range(n_roots):
                    for k in range(len(row)):
                        row[k] = np.sqrt(row[k])
            for y in range(left, right):
                for x in range(top, min(top + TILE, y)):
                    values[y, x] = values[x, y]
    for x in range(n):
        values[x, x] = 0.0
