"""The Jensen–Shannon divergence of rows with all its digits, compiled.

To be imported only where numba runs.
"""

import numpy as np

from attntopo.compiled import kernel
from attntopo.distances.divergence_kernels import TINY
from attntopo.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    polynomial,
    sum_of_lanes,
    where_below,
)
from attntopo.log_lanes import logarithms

_LEAST_PLAIN = 1e-5
"""Rows are alike if they are so much nearer to each other than to the middle of all rows.

Of such rows the differences of rounded logarithms have lost too many digits.
"""
_MOST_NEAR = 4 / 3
_NEAR = (
    -4.980275224920363e-11,
    6.71190465744371e-10,
    -4.720408370357998e-09,
    2.4356536357792198e-08,
    -1.0900483151478938e-07,
    4.6356336466787995e-07,
    -1.950352478264622e-06,
    8.226088486485458e-06,
    -3.492118226748826e-05,
    0.00014958455918319318,
    -0.0006487165164531149,
    0.002864583333260764,
    -0.01302083333333185,
    0.06249999999999999,
)
"""Up to w = 4/3 a polynomial in w = (2 sinh x)² is (x tanh x - log cosh x) / 2w within 2e-16.

Chebyshev nodes; the highest power first.
"""


@kernel(allocates=False)
def careful_divergence(rows: np.ndarray, row_p: int, row_q: int, width: int) -> float:
    """Compute the divergence of two rows, each term with all its digits.

    A term is (p log(p / m) + q log(q / m)) / 2 with the middle m. Where |p - q| < m it is worked
    out of w = (p - q)² / pq, which is (2 sinh x)² of half the logarithm x of p/q: so near-equal
    entries don't cancel.

    Parameters
    ----------
    rows : ndarray of float64, shape (n * width,)
    row_p, row_q : int
        Where the rows begin.
    width : int
        A multiple of `N_LANES`.
    """
    total, half, tiny = in_all_lanes(0.0), in_all_lanes(0.5), in_all_lanes(TINY)
    for k in range(0, width, N_LANES):
        p, q = lanes_at(rows, row_p + k), lanes_at(rows, row_q + k)
        w = (p - q) * (p - q) / (p * q + tiny)
        near = (p + q) * (w * polynomial(w, _NEAR))
        log_m = logarithms(half * (p + q) + tiny)
        far = p * (logarithms(p + tiny) - log_m) + q * (logarithms(q + tiny) - log_m)
        total = total + where_below(w, _MOST_NEAR, near, half * far)
    return sum_of_lanes(total)


@kernel()
def some_are_alike(spreads: np.ndarray, out: np.ndarray) -> bool:
    """Say whether any rows are alike.

    Parameters
    ----------
    spreads : ndarray of float64, shape (n,)
        From `blocks_of_near_rows`.
    out : ndarray of float64, shape (n * n,)
        Divergences, above the diagonal.
    """
    n_alike = 0
    for p in range(len(spreads)):
        n_alike += _n_alike(spreads, out, p)
    return n_alike > 0


@kernel()
def mend_alike_rows(
    spreads: np.ndarray, rows: np.ndarray, out: np.ndarray, start: int, step: int
) -> None:
    """Compute the divergences of alike rows anew.

    Parameters
    ----------
    spreads, out
        As for `some_are_alike`.
    rows : ndarray of float64, shape (n * width,)
        The rows as they are; `width` is a multiple of `N_LANES`.
    start, step : int
        Of the rows that are gone through.
    """
    n = len(spreads)
    width = len(rows) // n
    for p in range(start, n, step):
        if _n_alike(spreads, out, p):
            for q in range(p + 1, n):
                if out[p * n + q] < _LEAST_PLAIN * (spreads[p] + spreads[q]):
                    out[p * n + q] = careful_divergence(rows, p * width, q * width, width)


@kernel(fast=True, allocates=False)
def _n_alike(spreads: np.ndarray, out: np.ndarray, p: int) -> int:
    """Count the rows after row p that are alike with it."""
    n = len(spreads)
    values, others, n_alike = out[p * n + p + 1 : (p + 1) * n], spreads[p + 1 :], 0
    for k in range(len(values)):
        n_alike += 1 if values[k] < _LEAST_PLAIN * (spreads[p] + others[k]) else 0
    return n_alike
