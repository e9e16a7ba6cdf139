"""Jensen–Shannon divergences of rows that differ little in each entry, compiled by numba.

Rows that are softmaxed once more are such: of two of their entries one is less than three times the
other. To be imported only where numba runs.
"""

from typing import Any

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    polynomial,
    write_lanes,
)
from attntopo.distances.row_blocks import N_TOGETHER, first_row, strip_at

ROOT_PARTS = (
    (
        4e-5,
        (
            0.0028645444107461364,
            -0.013020833332749495,
            0.0625,
        ),
    ),
    (
        0.001,
        (
            -0.0006484174447170784,
            0.0028645831464311653,
            -0.013020833333295954,
            0.0625,
        ),
    ),
    (
        0.01,
        (
            0.00014871487303466286,
            -0.0006487089172541633,
            0.0028645833062031605,
            -0.013020833333299429,
            0.06249999999999999,
        ),
    ),
    (
        0.15,
        (
            -1.6944044292743221e-06,
            8.16554577231984e-06,
            -3.4913645330264516e-05,
            0.00014958404148445112,
            -0.0006487164976414582,
            0.002864583332955341,
            -0.013020833333330636,
            0.0625,
        ),
    ),
    (
        4 / 3,
        (
            2.384084576087557e-10,
            -3.0565580475774376e-09,
            2.0631127690584353e-08,
            -1.0362363314817073e-07,
            4.5831560163421186e-07,
            -1.9468388762552175e-06,
            8.224478069011818e-06,
            -3.492068753028832e-05,
            0.00014958446158081965,
            -0.0006487165049863825,
            0.0028645833325601933,
            -0.013020833333315013,
            0.06249999999999993,
        ),
    ),
)
"""Up to which w each polynomial is (x tanh x - log cosh x) / 2w, where w = (2 sinh x)².

Within 1.3e-15 of it, the shorter ones within 2e-16. Chebyshev nodes; the highest power first.
"""
BOUNDS = np.array([bound for bound, _ in ROOT_PARTS])
_SHORTEST, _SHORT, _MEDIUM, _LONG, _LONGEST = (part for _, part in ROOT_PARTS)


@kernel()
def column_ranges(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest and the smallest entry of each column of rows, shape (n, k)."""
    largest, smallest = rows[0].copy(), rows[0].copy()
    for i in range(1, len(rows)):
        for k in range(len(largest)):
            largest[k] = max(largest[k], rows[i, k])
            smallest[k] = min(smallest[k], rows[i, k])
    return largest, smallest


@kernel(allocates=False)
def near_divergences(
    blocks: np.ndarray,
    inverses: np.ndarray,
    ends: np.ndarray,
    out: np.ndarray,
    start: int,
    step: int,
) -> None:
    """Compute the divergence of rows whose entries p, q have |p - q| < (p + q) / 2 everywhere.

    Parameters
    ----------
    blocks, inverses : ndarray of float64, shape (n_blocks * n_columns * N_LANES,)
        Those of `in_blocks`, one after the other; and 1 over them.
    ends : ndarray of int64, shape (5,)
        Where the columns end for which each polynomial of `ROOT_PARTS` does, in this order.
    out : ndarray of float64, shape (n * n,)
        Gets the divergences above the diagonal, and other numbers below it.
    start, step : int
        Of the strips of `N_TOGETHER` rows that are gone through.
    """
    n, n_columns = int(np.sqrt(len(out))), ends[4]
    n_padded = len(blocks) // n_columns
    for i in range(start * N_TOGETHER, n_padded, step * N_TOGETHER):
        block, row, end_row = strip_at(i, n)
        own = block * N_LANES * n_columns + i % N_LANES
        for other in range(block, n_padded // N_LANES if row < end_row else 0):
            sums = (in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0), in_all_lanes(0.0))
            theirs = other * N_LANES * n_columns
            for k in range(ends[0]):
                sums = _with_terms(sums, blocks, inverses, own, theirs, k, _SHORTEST)
            for k in range(ends[0], ends[1]):
                sums = _with_terms(sums, blocks, inverses, own, theirs, k, _SHORT)
            for k in range(ends[1], ends[2]):
                sums = _with_terms(sums, blocks, inverses, own, theirs, k, _MEDIUM)
            for k in range(ends[2], ends[3]):
                sums = _with_terms(sums, blocks, inverses, own, theirs, k, _LONG)
            for k in range(ends[3], n_columns):
                sums = _with_terms(sums, blocks, inverses, own, theirs, k, _LONGEST)
            for r in range(min(N_TOGETHER, end_row - row)):
                write_lanes(sums[r], out, (row + r) * n + first_row(other, n))


@kernel(allocates=False)
def _with_terms(
    sums: tuple[Any, Any, Any, Any],
    blocks: np.ndarray,
    inverses: np.ndarray,
    own: int,
    other: int,
    k: int,
    part: tuple[float, ...],
) -> tuple[Any, Any, Any, Any]:
    """Add a column's terms to the sums of four rows with sixteen."""
    own, other = own + N_LANES * k, other + N_LANES * k
    q, inverse_q = lanes_at(blocks, other), lanes_at(inverses, other)
    return (
        _with_term(sums[0], blocks[own], inverses[own], q, inverse_q, part),
        _with_term(sums[1], blocks[own + 1], inverses[own + 1], q, inverse_q, part),
        _with_term(sums[2], blocks[own + 2], inverses[own + 2], q, inverse_q, part),
        _with_term(sums[3], blocks[own + 3], inverses[own + 3], q, inverse_q, part),
    )


@kernel(allocates=False)
def _with_term(
    total: Any, p: float, inverse_p: float, q: Any, inverse_q: Any, part: tuple[float, ...]
) -> Any:
    """Add one row's terms with sixteen others.

    With w = (p - q)² / pq, which is (2 sinh x)² of half the logarithm x of p/q, the term is a
    function of w times (p + q) w = (p - q)² (1/p + 1/q). So no pair of entries needs a division,
    the slowest of all operations; and where w is small a short polynomial does.
    """
    difference, inverse = in_all_lanes(p) - q, in_all_lanes(inverse_p)
    square = difference * difference
    w = square * (inverse * inverse_q)
    return total + square * (inverse + inverse_q) * polynomial(w, part)
