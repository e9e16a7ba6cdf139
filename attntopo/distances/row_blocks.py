"""Rows in blocks: sixteen of them in the lanes; compiled, imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.float_lanes import N_LANES

N_TOGETHER = 4
"""Rows whose sums are in registers together: what is read of the others is read once for them."""


@kernel(allocates=False, inlined=True)
def first_row(block: int, n: int) -> int:
    """Return the first of a block's rows, of n in all: the last block ends with the last row.

    Where n is no multiple of `N_LANES`, rows of the first block are in the second one, too.
    """
    n_blocks = (n + N_LANES - 1) // N_LANES
    return max(0, n - N_LANES * (n_blocks - block))


@kernel(allocates=False, inlined=True)
def strip_at(place: int, n: int) -> tuple[int, int, int]:
    """Return what a strip of `N_TOGETHER` rows is that begins at a place in the blocks.

    Its block, its first row, and the end of the rows that are the block's own: none of the strip's
    where its first row isn't before that end.
    """
    block = place // N_LANES
    return block, first_row(block, n) + place % N_LANES, first_row(block + 1, n)


@kernel()
def in_blocks(rows: np.ndarray) -> np.ndarray:
    """Arrange rows in blocks of `N_LANES`, so that lanes are rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, n_columns)
        At least `N_LANES`.

    Returns
    -------
    ndarray of float64, shape (n_blocks, n_columns, N_LANES)
        Of which rows a block is, says `first_row`.
    """
    n, n_columns = rows.shape
    blocks = np.empty(((n + N_LANES - 1) // N_LANES, n_columns, N_LANES))
    for block in range(len(blocks)):
        first = first_row(block, n)
        for place in range(n_columns):
            for lane in range(N_LANES):
                blocks[block, place, lane] = rows[first + lane, place]
    return blocks
