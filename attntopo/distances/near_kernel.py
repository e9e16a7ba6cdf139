"""Jensen–Shannon divergences of rows that differ little in each entry, compiled by numba.

Rows that are softmaxed once more are such: of two of their entries one is less than three times the
other. To be imported only where numba runs.
"""

from typing import Any

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.careful_kernel import careful_divergence
from attntopo.distances.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    one_in_all_lanes,
    polynomial,
    write_lanes,
)
from attntopo.distances.row_blocks import first_row

_PARTS = (
    (3.2e-07, (0.5000000000000002,)),
    (0.00022, (0.00694398614102162, 3.7809331719628713e-11, 0.49999999999999956)),
    (
        0.0036,
        (
            -0.0013862556396361935,
            0.006944438522174406,
            4.263308251459098e-12,
            0.4999999999999995,
        ),
    ),
    (
        0.019,
        (
            0.0003614029575220125,
            -0.0013888087604925078,
            0.006944443901425764,
            1.288907665507062e-12,
            0.4999999999999995,
        ),
    ),
    (
        0.125,
        (
            2.665117125463975e-05,
            -0.00010206368217205681,
            0.0003661835091926663,
            -0.0013888865755339584,
            0.006944444396448406,
            3.741916796737114e-13,
            0.4999999999999995,
        ),
    ),
    (
        0.3017372402031455,  # half the logarithm of 3, squared
        (
            1.957309623868571e-06,
            -8.861807178819019e-06,
            3.0280672130701188e-05,
            -0.00010266956721894207,
            0.000366233956430043,
            -0.0013888887252653094,
            0.00694444443966424,
            5.3919791986369284e-14,
            0.4999999999999999,
        ),
    ),
)
"""Up to which y = x² each polynomial is (x sinh x - cosh x log cosh x) / y, within 1e-15 of it.

Chebyshev nodes; the highest power first.
"""
_B0, _B1, _B2, _B3, _B4, _ = (bound for bound, _ in _PARTS)
_P0, _P1, _P2, _P3, _P4, _P5 = (part for _, part in _PARTS)
N_PARTS = len(_PARTS)
_N_TOGETHER = 8
"""Rows whose sums are in registers together: what is read of the others is read once for them."""
_LEAST_PLAIN = 1e-5
"""Rows are alike if they are so much nearer to each other than to the middle of all rows.

Of such rows the differences of rounded logarithms have lost too many digits.
"""


@kernel()
def column_ranges(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest and the smallest entry of each column of rows, shape (n, k)."""
    largest, smallest = rows[0].copy(), rows[0].copy()
    for i in range(1, len(rows)):
        for k in range(len(largest)):
            largest[k] = max(largest[k], rows[i, k])
            smallest[k] = min(smallest[k], rows[i, k])
    return largest, smallest


@kernel()
def near_divergences(
    roots: np.ndarray,
    logs: np.ndarray,
    ranges: tuple[np.ndarray, np.ndarray],
    spreads: np.ndarray,
    rows: np.ndarray,
    out: np.ndarray,
    start: int,
    step: int,
) -> None:
    """Compute the divergence of rows of whose entries none is three times another of its column.

    Parameters
    ----------
    roots, logs : ndarray of float64, shape (n_blocks * n_columns * N_LANES,)
        Square roots of the entries in the blocks of `in_blocks`, one after the other; and half the
        logarithms of the entries over a middle of their column.
    ranges : two ndarray of float64, shape (n_blocks, n_columns)
        The largest and the smallest of each block's logarithms.
    spreads : ndarray of float64, shape (n,)
        For each row the sum of its entries times their logarithms' squares.
    rows : ndarray of float64, shape (n * width,)
        The rows as they are; `width` is a multiple of `N_LANES`.
    out : ndarray of float64, shape (n * n,)
        Gets the divergences above the diagonal, and other numbers below it.
    start, step : int
        Of the pairs of blocks that are gone through.
    """
    n_blocks, n_columns = ranges[0].shape
    n = len(spreads)
    parts, ends = np.empty(n_columns, np.int64), np.empty(N_PARTS, np.int64)
    order = np.empty(n_columns + 1, np.int64)  # one more, which is written to at the end
    lanes, number = np.empty(N_LANES), 0
    for block in range(n_blocks):
        for other in range(block, n_blocks):
            number += 1
            if number % step != start:
                continue
            _order_columns(ranges[0], ranges[1], block, other, parts, order, ends)
            _write_tile(roots, logs, order, ends, block, other, lanes, out, n)
            _with_care(spreads, rows, block, other, out)


@kernel(allocates=False)
def _order_columns(
    highs: np.ndarray,
    lows: np.ndarray,
    block: int,
    other: int,
    parts: np.ndarray,
    order: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Order columns by the polynomial that does for all rows of two blocks; where each ends."""
    for k in range(len(parts)):
        most = max(highs[block, k], highs[other, k]) - min(lows[block, k], lows[other, k])
        y = most * most
        parts[k] = (y > _B0) + (y > _B1) + (y > _B2) + (y > _B3) + (y > _B4)
    end = 0
    for part in range(N_PARTS):
        for k in range(len(parts)):  # without a branch, which would often be mispredicted
            order[end] = k
            end += parts[k] == part
        ends[part] = end


@kernel(allocates=False)
def _write_tile(
    roots: np.ndarray,
    logs: np.ndarray,
    order: np.ndarray,
    ends: np.ndarray,
    block: int,
    other: int,
    lanes: np.ndarray,
    out: np.ndarray,
    n: int,
) -> None:
    """Write the divergences of a block's rows with another's."""
    size = N_LANES * ends[-1]
    top, bottom = first_row(block, n), first_row(block + 1, n)
    left, right = first_row(other, n), first_row(other + 1, n)
    theirs = other * size
    for first in range(0, min(N_LANES, bottom - top), _N_TOGETHER):
        own = block * size + first
        nothing = in_all_lanes(0.0)
        sums = (nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
        for at in range(ends[0]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P0)
        for at in range(ends[0], ends[1]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P1)
        for at in range(ends[1], ends[2]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P2)
        for at in range(ends[2], ends[3]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P3)
        for at in range(ends[3], ends[4]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P4)
        for at in range(ends[4], ends[5]):
            sums = _with_terms(sums, roots, logs, own, theirs, order[at], _P5)
        for r in range(min(_N_TOGETHER, bottom - top - first)):
            # Of rows in two blocks a value is written by one: another order has other bits.
            write_lanes(sums[r], lanes, 0)
            for lane in range(right - left):
                out[(top + first + r) * n + left + lane] = lanes[lane]


@kernel(allocates=False, inlined=True)
def _with_terms(
    sums: tuple[Any, ...],
    roots: np.ndarray,
    logs: np.ndarray,
    own: int,
    other: int,
    k: int,
    part: tuple[float, ...],
) -> tuple[Any, ...]:
    """Add a column's terms to the sums of eight rows with sixteen."""
    own, other = own + N_LANES * k, other + N_LANES * k
    root, log = lanes_at(roots, other), lanes_at(logs, other)
    return (
        _with_term(sums[0], roots, logs, own, root, log, part),
        _with_term(sums[1], roots, logs, own + 1, root, log, part),
        _with_term(sums[2], roots, logs, own + 2, root, log, part),
        _with_term(sums[3], roots, logs, own + 3, root, log, part),
        _with_term(sums[4], roots, logs, own + 4, root, log, part),
        _with_term(sums[5], roots, logs, own + 5, root, log, part),
        _with_term(sums[6], roots, logs, own + 6, root, log, part),
        _with_term(sums[7], roots, logs, own + 7, root, log, part),
    )


@kernel(allocates=False, inlined=True)
def _with_term(
    total: Any,
    roots: np.ndarray,
    logs: np.ndarray,
    own: int,
    root: Any,
    log: Any,
    part: tuple[float, ...],
) -> Any:
    """Add one row's terms with sixteen others.

    With half the logarithm x of p/q, entries p and q are √(pq) times e^x and e^-x, and their term
    √(pq) times an even function of x. So no pair of entries needs a division, the slowest of all
    operations; and where x is small a short polynomial does.
    """
    x = one_in_all_lanes(logs, own) - log
    y = x * x
    return total + one_in_all_lanes(roots, own) * ((root * y) * polynomial(y, part))


@kernel(allocates=False)
def _with_care(
    spreads: np.ndarray, rows: np.ndarray, block: int, other: int, out: np.ndarray
) -> None:
    """Compute anew, of a block's rows with another's, such as are alike."""
    n = len(spreads)
    width = len(rows) // n
    left, right = first_row(other, n), first_row(other + 1, n)
    for p in range(first_row(block, n), first_row(block + 1, n)):
        start = max(p + 1, left)
        if _least_slack(spreads, out, p, start, right) < 0:
            for q in range(start, right):
                if out[p * n + q] < _LEAST_PLAIN * (spreads[p] + spreads[q]):
                    out[p * n + q] = careful_divergence(rows, p * width, q * width, width)


@kernel(fast=True, allocates=False)
def _least_slack(spreads: np.ndarray, out: np.ndarray, p: int, start: int, end: int) -> float:
    least = 1.0
    for q in range(start, end):
        least = min(least, out[p * len(spreads) + q] - _LEAST_PLAIN * (spreads[p] + spreads[q]))
    return least
