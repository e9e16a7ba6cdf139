"""Jensen–Shannon divergences of any rows, compiled; imported only where numba runs."""

from typing import Any

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    one_in_all_lanes,
    polynomial,
    sum_of_lanes,
    where_below,
    write_lanes,
)
from attntopo.distances.log_lanes import log_lanes
from attntopo.distances.near_kernel import ROOT_PARTS
from attntopo.distances.row_blocks import N_TOGETHER

_MOST_NEAR, _LONGEST = ROOT_PARTS[-1]
N_COLUMNS_TOGETHER = 16
"""Columns that are added up before their sum is added to what others have: so sums stay small."""
TINY = 1e-300
"""Keeps logarithms of 0 and 0/0 out; far too small to change any other sum."""
LEAST_PLAIN = 0.005
"""From this divergence on the plain form keeps its digits: it is some 1e-15 off at most."""


@kernel(allocates=False)
def far_divergences(
    blocks: np.ndarray,
    entropies: np.ndarray,
    rows: np.ndarray,
    inverses: np.ndarray,
    logs: np.ndarray,
    n: int,
    out: np.ndarray,
    start: int,
    step: int,
) -> None:
    """Compute the divergence of any rows: the plain form where it does, the careful elsewhere.

    Parameters
    ----------
    blocks : ndarray of float64, shape (n_padded / N_LANES * n_columns * N_LANES,)
        Of `in_blocks`: of each `N_LANES` rows the columns, one after the other; with `TINY` added.
    entropies : ndarray of float64, shape (n_parts * n_padded,)
        For each `N_COLUMNS_TOGETHER` columns the sum of x log 2x over each row's entries x there.
    rows, inverses, logs : ndarray of float64, shape (n * width,)
        The rows, 1 over them and their logarithms, all finite; `width` is a multiple of `N_LANES`.
    n : int
    out : ndarray of float64, shape (n_padded * n_padded,)
        Gets the divergences from the diagonal's blocks on.
    start, step : int
        Of the strips of `N_TOGETHER` rows that are gone through.
    """
    width, n_padded = len(rows) // n, int(np.sqrt(len(out)))
    n_columns, n_parts = len(blocks) // n_padded, len(entropies) // n_padded
    for i in range(start * N_TOGETHER, n_padded, step * N_TOGETHER):
        own = i // N_LANES * N_LANES * n_columns + i % N_LANES
        for j in range(i // N_LANES * N_LANES, n_padded, N_LANES):
            for part in range(n_parts):
                first = part * N_COLUMNS_TOGETHER
                end = min(first + N_COLUMNS_TOGETHER, n_columns)
                sums = (in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0))
                for k in range(first * N_LANES, end * N_LANES, N_LANES):
                    sums = _with_middles(sums, blocks, own + k, j * n_columns + k)
                place = part * n_padded
                others = lanes_at(entropies, place + j)
                for row in range(N_TOGETHER):
                    at = (i + row) * n_padded + j
                    both = one_in_all_lanes(entropies, place + i + row) + others
                    total = in_all_lanes(0.5) * (both - sums[row])
                    write_lanes(total if part == 0 else lanes_at(out, at) + total, out, at)
        for row in range(i, min(i + N_TOGETHER, n)):
            for j in range(row + 1, n):
                if out[row * n_padded + j] < LEAST_PLAIN:
                    out[row * n_padded + j] = _careful_divergence(
                        rows, inverses, logs, row, j, width
                    )


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
    return total + s * log_lanes(s)


@kernel(allocates=False)
def _careful_divergence(
    rows: np.ndarray, inverses: np.ndarray, logs: np.ndarray, i: int, j: int, width: int
) -> float:
    """Compute the divergence of two rows, each term with all its digits.

    A term is that of `near_kernel` where two entries differ by less than half their sum, and
    elsewhere (p log(p / m) + q log(q / m)) / 2 with the middle m.
    """
    total = in_all_lanes(0.0)
    for k in range(0, width, N_LANES):
        p, q = lanes_at(rows, i * width + k), lanes_at(rows, j * width + k)
        inverse_p, inverse_q = lanes_at(inverses, i * width + k), lanes_at(inverses, j * width + k)
        difference = p - q
        square = difference * difference
        w = square * (inverse_p * inverse_q)
        near = square * (inverse_p + inverse_q) * polynomial(w, _LONGEST)
        middle = log_lanes(in_all_lanes(0.5) * (p + q) + in_all_lanes(TINY))
        log_p, log_q = lanes_at(logs, i * width + k), lanes_at(logs, j * width + k)
        far = in_all_lanes(0.5) * (p * (log_p - middle) + q * (log_q - middle))
        total = total + where_below(w, _MOST_NEAR, near, far)
    return sum_of_lanes(total)
