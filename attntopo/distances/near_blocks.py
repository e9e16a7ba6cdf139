"""What the terms of near rows are made of, arranged in blocks: compiled.

To be imported only where numba runs.
"""

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    polynomial,
    write_lanes,
)
from attntopo.distances.row_blocks import first_row

_ATANH = (
    0.22471180117043177,
    -0.15287151789790238,
    0.1449797049645602,
    0.014509315392605584,
    0.059849948126744074,
    0.057736807394426284,
    0.06678071960165906,
    0.07691479619739994,
    0.0909094967767514,
    0.11111109827808782,
    0.14285714309936393,
    0.1999999999976213,
    0.33333333333334253,
    1.0,
)
"""Of z²: atanh z / z within 2e-17 up to z = 1/2. Chebyshev nodes; the highest power first."""


@kernel()
def blocks_of_near_rows(
    rows: np.ndarray, middles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Take roots and logarithms of rows, arranged in blocks as by `in_blocks`.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, n_columns)
        At least `N_LANES`.
    middles : ndarray of float64, shape (n_columns,)
        A third of each is less than any entry of its column, three times each is more.

    Returns
    -------
    roots, logs : ndarray of float64, shape (n_blocks * n_columns * N_LANES,)
        Square roots; and half the logarithms of the entries over their column's middle. A logarithm
        has all its digits, however small it is: what it is made of is a difference from the middle.
    ranges : two ndarray of float64, shape (n_blocks, n_columns)
        The largest and the smallest logarithm of each column in each block.
    spreads : ndarray of float64, shape (n,)
        For each row the sum of its entries times their logarithms' squares.
    """
    n, n_columns = rows.shape
    n_blocks = (n + N_LANES - 1) // N_LANES
    roots = np.empty(n_blocks * n_columns * N_LANES)
    logs, spreads = np.empty_like(roots), np.empty(n)
    highs, lows = np.empty((n_blocks, n_columns)), np.empty((n_blocks, n_columns))
    for block in range(n_blocks):
        first, spread = first_row(block, n), in_all_lanes(0.0)
        start, end = block * n_columns * N_LANES, (block + 1) * n_columns * N_LANES
        _gather(rows, first, roots[start:end])
        for k in range(n_columns):
            at = start + k * N_LANES
            p, middle = lanes_at(roots, at), in_all_lanes(middles[k])
            z = (p - middle) / (p + middle)
            log = z * polynomial(z * z, _ATANH)
            write_lanes(log, logs, at)
            spread = spread + p * (log * log)
        _take_roots(roots[start:end])
        _find_ranges(logs[start:end], highs[block], lows[block])
        write_lanes(spread, spreads, first)
    return roots, logs, (highs, lows), spreads


@kernel()
def _gather(rows: np.ndarray, first: int, block: np.ndarray) -> None:
    for lane in range(N_LANES):
        row = rows[first + lane]
        for k in range(len(row)):
            block[k * N_LANES + lane] = row[k]


@kernel()
def _take_roots(values: np.ndarray) -> None:
    for k in range(len(values)):
        values[k] = np.sqrt(values[k])


@kernel(fast=True)
def _find_ranges(values: np.ndarray, highs: np.ndarray, lows: np.ndarray) -> None:
    for k in range(len(highs)):
        high, low = values[k * N_LANES], values[k * N_LANES]
        for lane in range(1, N_LANES):
            value = values[k * N_LANES + lane]
            high, low = max(high, value), min(low, value)
        highs[k], lows[k] = high, low
