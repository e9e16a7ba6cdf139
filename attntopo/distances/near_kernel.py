"""Jensen–Shannon divergences of rows that differ little in each entry, compiled by numba.

Rows that are softmaxed once more are such: of two of their entries one is less than three times the
other. To be imported only where numba runs.
"""

from typing import Any

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.row_blocks import first_row
from attntopo.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    one_in_all_lanes,
    polynomial,
    write_lanes,
)

LOG_UNIT = 0.3432917777112384
"""Logarithms are times this, about 72^(-1/4): then for most entries the polynomial is 1 + y²."""
_FACTOR = 4.242708568135509  # half of 1 over its square
_PARTS = (
    (3.2e-07, (1.0,)),
    (0.00016, (1.0, -0.0, 1.0)),
    (
        0.0036,
        (
            -1.6939200629694298,
            1.0000311468397367,
            7.23518977882732e-11,
            0.9999999999999981,
        ),
    ),
    (
        0.019,
        (
            3.747265674636653,
            -1.6970398213444662,
            1.0000319214767195,
            2.1873838383929354e-11,
            0.9999999999999981,
        ),
    ),
    (
        0.125,
        (
            19.89690269786059,
            -8.979811325132319,
            3.7968336065210417,
            -1.697134906591476,
            1.0000319927622612,
            6.350344981906682e-12,
            0.9999999999999981,
        ),
    ),
    (
        0.3017372402031455,  # half the logarithm of 3, squared
        (
            105.21438018463918,
            -56.13899957300884,
            22.606570692666708,
            -9.033118567140075,
            3.7973566769527234,
            -1.6971375334324148,
            1.0000319989855402,
            9.15063853810611e-13,
            0.9999999999999989,
        ),
    ),
)
"""Polynomials in y, the square of `LOG_UNIT` times a difference x of half logarithms.

Each is (x sinh x - cosh x log cosh x) / y over `_FACTOR`, within 1.2e-15 of it, up to the x² that
stands before it. Chebyshev nodes; the highest power first.
"""
_B0, _B1, _B2, _B3, _B4, _ = (bound * LOG_UNIT * LOG_UNIT for bound, _ in _PARTS)
_P0, _P1, _P2, _P3, _P4, _P5 = (part for _, part in _PARTS)
N_PARTS = len(_PARTS)
_N_TOGETHER = 8
"""Rows whose sums are in registers together: what is read of the others is read once for them."""


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
    out: np.ndarray,
    start: int,
    step: int,
) -> None:
    """Compute the divergence of rows of whose entries none is three times another of its column.

    Parameters
    ----------
    roots, logs, ranges
        From `blocks_of_near_rows`.
    out : ndarray of float64, shape (n * n,)
        Gets the divergences above the diagonal, and other numbers below it.
    start, step : int
        Of the pairs of blocks that are gone through.
    """
    n_blocks, n_columns = ranges[0].shape
    parts, ends = np.empty(n_columns, np.int64), np.empty(N_PARTS, np.int64)
    order = np.empty(n_columns, np.int64)
    lanes, n, number = np.empty(N_LANES), int(np.sqrt(len(out))), 0
    for block in range(n_blocks):
        for other in range(block, n_blocks):
            number += 1
            if number % step == start:
                _order_columns(ranges[0], ranges[1], block, other, parts, order, ends)
                _write_tile(roots, logs, order, ends, block, other, lanes, out, n)


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
    n, n_above_0, n_above_1, n_above_2, n_above_3, n_above_4 = len(parts), 0, 0, 0, 0, 0
    for k in range(n):
        most = max(highs[block, k], highs[other, k]) - min(lows[block, k], lows[other, k])
        y = most * most
        above_0, above_1, above_2, above_3, above_4 = y > _B0, y > _B1, y > _B2, y > _B3, y > _B4
        parts[k] = above_0 + above_1 + above_2 + above_3 + above_4
        n_above_0 += above_0
        n_above_1 += above_1
        n_above_2 += above_2
        n_above_3 += above_3
        n_above_4 += above_4
    # First where each begins; then, as columns are put there, where it ends.
    ends[0], ends[1], ends[2] = 0, n - n_above_0, n - n_above_1
    ends[3], ends[4], ends[5] = n - n_above_2, n - n_above_3, n - n_above_4
    for k in range(n):
        part = parts[k]
        order[ends[part]] = k
        ends[part] += 1


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
    top, end = first_row(block, n), first_row(block + 1, n)
    left, right = first_row(other, n), first_row(other + 1, n)
    own, theirs, row = block * size, other * size, top
    nothing = in_all_lanes(0.0)
    while row + _N_TOGETHER <= end:
        eight = (nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
        sums = _over_columns(_with_terms, eight, roots, logs, own + row - top, theirs, order, ends)
        for r in range(_N_TOGETHER):
            _write_row(sums[r], lanes, out, (row + r) * n + left, right - left)
        row += _N_TOGETHER
    while row < end:
        one = (nothing,)
        sums = _over_columns(
            _with_terms_of_one, one, roots, logs, own + row - top, theirs, order, ends
        )
        _write_row(sums[0], lanes, out, row * n + left, right - left)
        row += 1


@kernel(allocates=False, inlined=True)
def _write_row(total: Any, lanes: np.ndarray, out: np.ndarray, at: int, n: int) -> None:
    """Write the first n lanes: what two blocks have, one of them writes, in its order of adding."""
    write_lanes(in_all_lanes(_FACTOR) * total, lanes, 0)
    for lane in range(n):
        out[at + lane] = lanes[lane]


@kernel(allocates=False, inlined=True)
def _over_columns(
    with_terms: Any,
    sums: tuple[Any, ...],
    roots: np.ndarray,
    logs: np.ndarray,
    own: int,
    theirs: int,
    order: np.ndarray,
    ends: np.ndarray,
) -> tuple[Any, ...]:
    """Add all columns' terms to the sums of a row, or of eight, with sixteen."""
    for at in range(ends[0]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P0)
    for at in range(ends[0], ends[1]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P1)
    for at in range(ends[1], ends[2]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P2)
    for at in range(ends[2], ends[3]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P3)
    for at in range(ends[3], ends[4]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P4)
    for at in range(ends[4], ends[5]):
        sums = with_terms(sums, roots, logs, own, theirs, order[at], _P5)
    return sums


@kernel(allocates=False, inlined=True)
def _with_terms_of_one(
    sums: tuple[Any],
    roots: np.ndarray,
    logs: np.ndarray,
    own: int,
    other: int,
    k: int,
    part: tuple[float, ...],
) -> tuple[Any]:
    """Add a column's terms to the sums of a row with sixteen."""
    own, other = own + N_LANES * k, other + N_LANES * k
    root, log = lanes_at(roots, other), lanes_at(logs, other)
    return (_with_term(sums[0], roots, logs, own, root, log, part),)


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
