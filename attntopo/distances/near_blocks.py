"""What the terms of near rows are made of, arranged in blocks: compiled.

To be imported only where numba runs.
"""

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.near_kernel import LOG_UNIT
from attntopo.distances.row_blocks import first_row
from attntopo.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    polynomial,
    write_lanes,
)

_EXPM1 = (
    1.6134202059195685e-10,
    2.0989527691269495e-09,
    2.5051824705632525e-08,
    2.7556893537449886e-07,
    2.755731973774205e-06,
    2.4801588072558764e-05,
    0.00019841269840817618,
    0.001388888888821024,
    0.008333333333333503,
    0.041666666666669225,
    0.16666666666666666,
    0.5,
    1.0,
)
"""(exp x - 1) / x within 2e-16 up to half the logarithm of 3, and down to minus that.

Chebyshev nodes; the highest power first.
"""


@kernel()
def blocks_of_near_rows(
    logs: np.ndarray, middles: np.ndarray, weights: np.ndarray, is_sum_1: bool
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Take roots and logarithms of rows, arranged in blocks as by `in_blocks`.

    Parameters
    ----------
    logs : ndarray of float64, shape (n, n_columns)
        At least `N_LANES` rows. The entries of a row are weights * exp(logs - middles), divided by
        their sum.
    middles : ndarray of float64, shape (n_columns,)
        At most log 3 from any logarithm of their column.
    weights : ndarray of float64, shape (n_columns,)
        Positive.
    is_sum_1 : bool
        Whether the sum is 1 for each row, but for rounding, so that nothing is divided.

    Returns
    -------
    roots, half_logs : ndarray of float64, shape (n_blocks * n_columns * N_LANES,)
        Square roots of the entries; and half their logarithms, up to a number for each column,
        times `LOG_UNIT`. These have all the digits of what is left of the middle.
    ranges : two ndarray of float64, shape (n_blocks, n_columns)
        The largest and the smallest of `half_logs` in each column of each block.
    spreads : ndarray of float64, shape (n,)
        For each row the sum of its entries times the squares of half their logarithms.
    """
    n, n_columns = logs.shape
    n_blocks = (n + N_LANES - 1) // N_LANES
    roots = np.empty(n_blocks * n_columns * N_LANES)
    half_logs, spreads = np.empty_like(roots), np.empty(n)
    highs, lows = np.empty((n_blocks, n_columns)), np.empty((n_blocks, n_columns))
    over_roots, moves = np.empty(N_LANES), np.empty(N_LANES)
    root_weights, total_weight = np.sqrt(weights), weights.sum()
    over_root_weight = 1.0 if is_sum_1 else 1 / np.sqrt(total_weight)
    for block in range(n_blocks):
        first = first_row(block, n)
        start, end = block * n_columns * N_LANES, (block + 1) * n_columns * N_LANES
        _gather(logs, first, half_logs[start:end])
        # What the sum has beyond the weights': of rows that are nearly the same it has all digits.
        more = in_all_lanes(0.0)
        for k in range(n_columns):
            at = start + k * N_LANES
            half = in_all_lanes(0.5) * (lanes_at(half_logs, at) - in_all_lanes(middles[k]))
            grown = half * polynomial(half, _EXPM1)
            root_weight = in_all_lanes(root_weights[k])
            write_lanes(half, half_logs, at)
            write_lanes(root_weight + root_weight * grown, roots, at)
            more = more + in_all_lanes(weights[k]) * (grown * (grown + in_all_lanes(2.0)))
        write_lanes(more, moves, 0)
        for lane in range(N_LANES):
            share = 0.0 if is_sum_1 else moves[lane] / total_weight
            over_roots[lane], moves[lane] = (
                over_root_weight / np.sqrt(1 + share),
                0.5 * np.log1p(share),
            )
        over_root, move, spread = lanes_at(over_roots, 0), lanes_at(moves, 0), in_all_lanes(0.0)
        for at in range(start, end, N_LANES):
            root, half = over_root * lanes_at(roots, at), lanes_at(half_logs, at) - move
            write_lanes(root, roots, at)
            write_lanes(in_all_lanes(LOG_UNIT) * half, half_logs, at)
            spread = spread + (root * root) * (half * half)
        _find_ranges(half_logs[start:end], highs[block], lows[block])
        write_lanes(spread, spreads, first)
    return roots, half_logs, (highs, lows), spreads


@kernel()
def _gather(rows: np.ndarray, first: int, block: np.ndarray) -> None:
    for lane in range(N_LANES):
        row = rows[first + lane]
        for k in range(len(row)):
            block[k * N_LANES + lane] = row[k]


@kernel(fast=True)
def _find_ranges(values: np.ndarray, highs: np.ndarray, lows: np.ndarray) -> None:
    for k in range(len(highs)):
        high, low = values[k * N_LANES], values[k * N_LANES]
        for lane in range(1, N_LANES):
            value = values[k * N_LANES + lane]
            high, low = max(high, value), min(low, value)
        highs[k], lows[k] = high, low
