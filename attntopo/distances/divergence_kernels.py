"""Divergences between all pairs of rows, compiled; imported only where numba runs.

Each kernel goes through the rows `start`, `start + step`, … and fills the upper triangle of `out`
there, so that several threads can share the work and each value is computed in one of them.
"""

import numpy as np

from attntopo.compiled import kernel

TILE = 32
"""Rows and columns that are mirrored together, for the caches' sake."""
TINY = 1e-300
"""Keeps 0/0 out where both entries are 0; far too small to change any other sum."""


@kernel(fast=True)
def near_part(w: float) -> float:
    """Approximate sum w^k / ((2k + 1)(2k + 2)) for w from 0 to 1/4, within 2e-16 of it.

    Times u² with w = u², it is ((1 + u) log(1 + u) + (1 - u) log(1 - u)) / 2, the term of the
    Jensen–Shannon divergence without its cancellation. Interpolated at Chebyshev nodes.
    """
    w2 = w * w
    w4 = w2 * w2
    low = (0.49999999999999994 + 0.08333333333338548 * w) + w2 * (
        0.03333333332342902 + 0.017857143591418895 * w
    )
    middle = (0.01111108309643239 + 0.007576385200880862 * w) + w2 * (
        0.005485647466401773 + 0.004248241287105975 * w
    )
    high = (0.002773537652004027 + 0.004566356459688433 * w) + w2 * (
        -0.002425397639183506 + 0.007379153401313048 * w
    )
    return low + w4 * (middle + w4 * high)


@kernel(fast=True)
def log_part(z: float) -> float:
    """Approximate log(7/4 + z) for z from -1/4 to 1/4, within 2e-16 of it; Chebyshev nodes."""
    z2 = z * z
    z4 = z2 * z2
    low = (0.5596157879354227 + 0.5714285714285714 * z) + z2 * (
        -0.1632653061224275 + 0.062196307094254825 * z
    )
    middle = (-0.026655560188746742 + 0.01218539894384687 * z) + z2 * (
        -0.005802570398209605 + 0.002842075274038601 * z
    )
    high = (-0.001421061746097648 + 0.0007218097556983224 * z) + z2 * (
        -0.0003706507262158347 + 0.0001925379586455166 * z
    )
    end = -0.00010743574556094304 + 5.670817842666345e-05 * z
    return low + z4 * (middle + z4 * (high + z4 * end))


BALANCE = 1445 / 1024
"""Near √2, the middle of 1 and 2, between which the sum of two entries over the larger one lies."""
HALF_REST = 0.17437719280643293
"""(log 2 - log `BALANCE`) / 2, within 4e-19: its error counts once for every pair of rows."""
ATANH_PART = (
    0.07425256405944401,
    0.07654287996422501,
    0.09091890587348873,
    0.11111097136163291,
    0.14285714393520568,
    0.19999999999592177,
    0.3333333333333392,
    1.0,
)
"""Approximate atanh(y) / y in y² up to 0.0302, within 3e-18 of it; Chebyshev nodes."""
LEAST_PLAIN = 0.02
"""From this divergence on the plain form keeps its digits: it is 1e-16 off as a rule, 6e-15 at
worst on real heads, and 1.4e-14 on random rows that have nearly all in one or two entries."""


@kernel(fast=True)
def plain_divergence(
    p: np.ndarray, q: np.ndarray, half_log_p: np.ndarray, half_log_q: np.ndarray
) -> float:
    """Jensen–Shannon divergence of two rows that differ much, by one short polynomial.

    With s = p + q, the larger entry M and the smaller m a term is, from the definition,
    s (log 2 - log(s / M)) / 2 - m |log p - log q| / 2, and with y = (s - cM) / (s + cM)
    log(s / M) is log c + 2 atanh y. Each term is within some 1e-16 of its entries, not of itself.
    """
    total = 0.0
    for k in range(len(p)):
        s = p[k] + q[k]
        balance = BALANCE * max(p[k], q[k])
        y = (s - balance) / (s + balance + TINY)
        part = 0.0
        for coefficient in ATANH_PART:
            part = part * (y * y) + coefficient
        total += s * (HALF_REST - y * part) - min(p[k], q[k]) * abs(half_log_p[k] - half_log_q[k])
    return total


@kernel(fast=True)
def careful_divergence(
    p: np.ndarray, q: np.ndarray, half_log_p: np.ndarray, half_log_q: np.ndarray
) -> float:
    """Jensen–Shannon divergence of any two rows, each term with all its digits.

    With s = p + q, a = |p - q| / s and the smaller entry m: where a < 1/2 the term is that of
    `near_part`, elsewhere s log(1 + a) - m |log p - log q|, which loses two bits at most there.
    """
    total = 0.0
    for k in range(len(p)):
        s = p[k] + q[k] + TINY
        a = abs(p[k] - q[k]) / s
        near = 0.5 * s * (a * a) * near_part(a * a)
        smaller = min(p[k], q[k])
        far = 0.5 * s * log_part(a - 0.75) - smaller * abs(half_log_p[k] - half_log_q[k])
        total += near if a < 0.5 else far
    return total


@kernel(fast=True)
def any_divergence(
    rows: np.ndarray, half_logs: np.ndarray, out: np.ndarray, start: int, step: int
) -> None:
    """Jensen–Shannon divergence of any rows; the plain form where it does, the careful elsewhere.

    `half_logs` are half the logarithms of the rows, or of any multiple of them, and 0 for an
    entry 0. Their rounding errors are least where most of them are near 0.
    """
    n = len(rows)
    for i in range(start, n, step):
        for j in range(i + 1, n):
            out[i, j] = plain_divergence(rows[i], rows[j], half_logs[i], half_logs[j])
        for j in range(i + 1, n):
            if out[i, j] < LEAST_PLAIN:
                out[i, j] = careful_divergence(rows[i], rows[j], half_logs[i], half_logs[j])


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
def mirrored(upper: np.ndarray, n: int, n_roots: int) -> np.ndarray:
    """Take square roots of what is above a diagonal, so many times, and mirror it.

    Parameters
    ----------
    upper : ndarray of float64, shape (at least n, at least n)
        Written to.
    n, n_roots : int

    Returns
    -------
    ndarray of float64, shape (n, n)
        Symmetric, 0 on the diagonal.
    """
    both = np.zeros((n, n))
    for top in range(0, n, TILE):
        for left in range(top, n, TILE):
            right = min(left + TILE, n)
            for x in range(top, min(top + TILE, n)):
                row = upper[x, max(x + 1, left) : right]
                for _ in range(n_roots):
                    for k in range(len(row)):
                        row[k] = np.sqrt(row[k])
                for y in range(max(x + 1, left), right):
                    both[x, y] = both[y, x] = upper[x, y]
    return both
