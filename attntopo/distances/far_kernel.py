"""Jensen–Shannon divergences of any rows, compiled; imported only where numba runs."""

from typing import Any

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.careful_kernel import careful_divergence
from attntopo.distances.row_blocks import N_TOGETHER, first_row, strip_at
from attntopo.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    one_in_all_lanes,
    write_lanes,
)
from attntopo.log_lanes import logarithms

N_COLUMNS_TOGETHER = 16
"""Columns that are added up before their sum is added to what others have: so sums stay small."""
LEAST_PLAIN = 0.002
"""From this divergence on the plain form keeps its digits: as a rule it is some 1e-16 off."""


@kernel(allocates=False)
def far_divergences(
    blocks: np.ndarray,
    entropies: np.ndarray,
    halves: np.ndarray,
    rows: np.ndarray,
    out: np.ndarray,
    start: int,
    step: int,
) -> None:
    """Compute the divergence of any rows: the plain form where it does, the careful elsewhere.

    Parameters
    ----------
    blocks : ndarray of float64, shape (n_blocks * n_columns * N_LANES,)
        Those of `in_blocks`, one after the other. Each `N_COLUMNS_TOGETHER` columns are times a
        power of 2, and all is positive.
    entropies : ndarray of float64, shape (n_parts * n_blocks * N_LANES,)
        For each `N_COLUMNS_TOGETHER` columns the sum of x log 2x over each row's entries x there.
    halves : ndarray of float64, shape (n_parts,)
        Half of 1 over each power of 2.
    rows : ndarray of float64, shape (n * width,)
        The rows as they are; `width` is a multiple of `N_LANES`.
    out : ndarray of float64, shape (n * n,)
        Gets the divergences above the diagonal, and other numbers below it.
    start, step : int
        Of the strips of `N_TOGETHER` rows that are gone through.
    """
    n, n_parts = int(np.sqrt(len(out))), len(halves)
    n_padded, width = len(entropies) // n_parts, len(rows) // n
    n_columns = len(blocks) // n_padded
    for i in range(start * N_TOGETHER, n_padded, step * N_TOGETHER):
        block, row, end_row = strip_at(i, n)
        own = block * N_LANES * n_columns + i % N_LANES
        for other in range(block, n_padded // N_LANES if row < end_row else 0):
            for part in range(n_parts):
                first = part * N_COLUMNS_TOGETHER
                end = min(first + N_COLUMNS_TOGETHER, n_columns)
                sums = (in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0))
                for k in range(first * N_LANES, end * N_LANES, N_LANES):
                    sums = _with_middles(sums, blocks, own + k, other * N_LANES * n_columns + k)
                place, half = part * n_padded, in_all_lanes(halves[part])
                entropies_q = lanes_at(entropies, place + other * N_LANES)
                for r in range(min(N_TOGETHER, end_row - row)):
                    at = (row + r) * n + first_row(other, n)
                    entropy_p = one_in_all_lanes(entropies, place + i + r)
                    total = half * ((entropy_p + entropies_q) - sums[r])
                    write_lanes(total if part == 0 else lanes_at(out, at) + total, out, at)
        for p in range(row, min(row + N_TOGETHER, end_row)):
            for q in range(p + 1, n):
                if out[p * n + q] < LEAST_PLAIN:
                    out[p * n + q] = careful_divergence(rows, p * width, q * width, width)


@kernel(allocates=False, inlined=True)
def _with_middles(
    sums: tuple[Any, Any, Any, Any], blocks: np.ndarray, own: int, other: int
) -> tuple[Any, Any, Any, Any]:
    """Add a column's terms to the sums of four rows with sixteen."""
    q = lanes_at(blocks, other)
    return (
        _with_middle(sums[0], one_in_all_lanes(blocks, own) + q),
        _with_middle(sums[1], one_in_all_lanes(blocks, own + 1) + q),
        _with_middle(sums[2], one_in_all_lanes(blocks, own + 2) + q),
        _with_middle(sums[3], one_in_all_lanes(blocks, own + 3) + q),
    )


@kernel(allocates=False, inlined=True)
def _with_middle(total: Any, s: Any) -> Any:
    """Add s log s, where s is twice the middle of two entries."""
    return total + s * logarithms(s)
