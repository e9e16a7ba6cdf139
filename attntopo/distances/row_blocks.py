"""Rows in blocks: sixteen of them in the lanes; compiled, imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.float_lanes import N_LANES

N_TOGETHER = 4
"""Rows whose sums are in registers together: what is read of the others is read once for them."""


@kernel()
def in_blocks(rows: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Arrange rows in blocks of `N_LANES`, so that lanes are rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, n_columns)
    order : ndarray of int64, shape (n_columns,)
        In which the columns are wanted.

    Returns
    -------
    ndarray of float64, shape (n_padded / N_LANES * n_columns * N_LANES,)
        Of each `N_LANES` rows the columns, one after the other; rows of ones make `n_padded` a
        multiple of `N_LANES`.
    """
    n, n_columns = rows.shape
    whole = n // N_LANES * N_LANES
    blocks = np.empty((n + N_LANES - 1) // N_LANES * N_LANES * n_columns)
    for first in range(0, whole, N_LANES):
        for place in range(n_columns):
            start, column = first * n_columns + place * N_LANES, order[place]
            for lane in range(N_LANES):
                blocks[start + lane] = rows[first + lane, column]
    blocks[whole * n_columns :] = 1.0
    for i in range(whole, n):
        for place in range(n_columns):
            blocks[whole * n_columns + place * N_LANES + i - whole] = rows[i, order[place]]
    return blocks
