"""Divergences between all pairs of rows: exact in float64, compiled where numba runs.

The NumPy forms are as exact, and a few times slower.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.threads import map_threaded

_LEAST_TYPICAL = 1e-15
"""Columns with less in them count for nothing."""
_LANES = 16
"""Rows are padded to a multiple of this, so that the compiled loops have no remainder."""


def jensen_shannon_divergence(rows: np.ndarray, threads: int = 1, n_roots: int = 0) -> np.ndarray:
    """Compute the Jensen–Shannon divergence between all pairs of rows, or a root of it.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)
        Distributions: non-negative, rows sum to 1.
    threads : int
        How many threads share the work; the result has the same bits whatever the number.
    n_roots : int
        How many times the square root is taken: once for the distance.

    Returns
    -------
    ndarray of float64, shape (n, n)
        In nats, from 0 to ln 2, and their roots accordingly; symmetric to the bit, exactly 0 on
        identical rows.

    Notes
    -----
    With s = p + q and u = (p - q) / s, the divergence is a sum of terms that are never negative,
    so near-equal rows don't cancel: s/2 (u atanh u + log(1 - u²)/2) where |u| < 1/2, and
    (p log(2p/s) + q log(2q/s))/2 elsewhere. Compiled, a sum that is large enough to keep its digits
    is (P + Q - M)/2 with P the sum of p log 2p, Q that of q log 2q and M that of s log s; where
    |u| < 1/2 for all pairs of entries, a sum of √(pq) (x sinh x - cosh x log cosh x) with x half
    the logarithm of p/q, which is the same. The definition is Lin, Divergence measures based on
    the Shannon entropy, IEEE Transactions on Information Theory 37 (1991).
    """
    if not numba_runs():
        return _rooted(_row_by_row(rows, _jensen_shannon_terms), n_roots)
    from attntopo.distances.near_kernel import column_ranges

    n = len(rows)
    rows = _enough_rows(rows)
    largest, smallest = column_ranges(rows)
    if (largest < 3 * smallest).all():  # the same as |u| < 1/2 for every pair
        middles = rows.mean(axis=0)
        logs = np.log1p((rows - middles) / middles)
        near = logs, np.zeros(len(middles)), middles, True
        return _near_divergence(*near, lambda: rows, threads, n_roots)[:n, :n]
    return _far_divergence(rows, threads, n_roots)[:n, :n]


def softmaxed(rows: np.ndarray) -> np.ndarray:
    """Softmax each row once more, as the notebook does.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)

    Returns
    -------
    ndarray of float64, shape (n, k)
        Rows sum to 1. Entries between 0 and 1 become nearly uniform rows.
    """
    powers = np.exp(rows)
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def softmaxed_divergence(rows: np.ndarray, threads: int = 1, n_roots: int = 0) -> np.ndarray:
    """Compute the Jensen–Shannon divergence between all pairs of softmaxed rows, or a root of it.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)
        Distributions: non-negative, rows sum to 1. They are softmaxed here.
    threads, n_roots : int
        As for `jensen_shannon_divergence`.

    Returns
    -------
    ndarray of float64, shape (n, n)
        What `jensen_shannon_divergence` computes of `softmaxed` rows, but that logarithms needn't
        be taken: the rows are such.
    """
    if not numba_runs():
        return jensen_shannon_divergence(softmaxed(rows), threads, n_roots)
    n = len(rows)
    rows = _enough_rows(rows)
    middles = rows.mean(axis=0)
    # No softmaxed entry is more than e times another of its column, so that all rows are near.
    near = rows, middles, np.exp(middles), False
    return _near_divergence(*near, lambda: softmaxed(rows), threads, n_roots)[:n, :n]


def squared_hellinger(rows: np.ndarray, threads: int = 1) -> np.ndarray:
    """Compute the squared Hellinger distance between all pairs of rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)
        Distributions: non-negative, rows sum to 1.
    threads : int
        As for `jensen_shannon_divergence`.

    Returns
    -------
    ndarray of float64, shape (n, n)
        `norm(√p - √q)² / 2`, from 0 to 1; symmetric to the bit, exactly 0 on identical rows.
    """
    if not numba_runs():
        return _row_by_row(rows, _hellinger_terms)
    from attntopo.distances import divergence_kernels

    return _by_kernel(divergence_kernels.squared_hellinger, threads, rows, np.sqrt(rows))


def total_variation(rows: np.ndarray, threads: int = 1) -> np.ndarray:
    """Compute the total variation distance between all pairs of rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)
        Distributions: non-negative, rows sum to 1.
    threads : int
        As for `jensen_shannon_divergence`.

    Returns
    -------
    ndarray of float64, shape (n, n)
        `norm1(p - q) / 2`, from 0 to 1; symmetric to the bit, exactly 0 on identical rows.
    """
    if not numba_runs():
        return _row_by_row(rows, lambda p, q: 0.5 * np.abs(p - q))
    from attntopo.distances import divergence_kernels

    return _by_kernel(divergence_kernels.total_variation, threads, rows)


def _enough_rows(rows: np.ndarray) -> np.ndarray:
    """Return rows one after the other in memory, and as many as kernels take: at least `_LANES`."""
    if len(rows) < _LANES:
        rows = np.vstack((rows, np.repeat(rows[:1], _LANES - len(rows), axis=0)))
    return np.ascontiguousarray(rows)


def _near_divergence(
    logs: np.ndarray,
    middles: np.ndarray,
    weights: np.ndarray,
    is_sum_1: bool,
    rows: Callable[[], np.ndarray],
    threads: int,
    n_roots: int,
) -> np.ndarray:
    """Compute the divergences of rows that are given as in `blocks_of_near_rows`.

    `rows` returns them as they are; it is called only where some of them are alike.
    """
    from attntopo.distances.careful_kernel import mend_alike_rows, some_are_alike
    from attntopo.distances.divergence_kernels import mirror
    from attntopo.distances.near_blocks import blocks_of_near_rows
    from attntopo.distances.near_kernel import near_divergences

    n = len(logs)
    *blocks, spreads = blocks_of_near_rows(logs, middles, weights, is_sum_1)
    out = np.empty(n * n)
    _share_out(lambda *part: near_divergences(*blocks, out, *part), n, threads)
    if some_are_alike(spreads, out):
        padded = _padded(rows()).ravel()
        _share_out(lambda *part: mend_alike_rows(spreads, padded, out, *part), n, threads)
    values = out.reshape(n, n)
    mirror(values, n_roots)
    return values


def _far_divergence(rows: np.ndarray, threads: int, n_roots: int) -> np.ndarray:
    """Let what is added up for each row alone be ready, in parts of columns with like entries.

    Times a power of 2 that brings most entries of its part near 1 a column's logarithms are small,
    and so are their rounding errors; the powers cancel out.
    """
    from attntopo.distances.divergence_kernels import TINY, mirror
    from attntopo.distances.far_kernel import N_COLUMNS_TOGETHER, far_divergences
    from attntopo.distances.row_blocks import in_blocks

    sums = rows.sum(axis=0)
    typical = np.einsum("ij,ij->j", rows, rows) / np.maximum(sums, TINY)
    order = np.argsort(typical, kind="stable")
    firsts = np.arange(0, len(order), N_COLUMNS_TOGETHER)
    middles = np.maximum(typical[order][firsts], _LEAST_TYPICAL)
    powers = -np.frexp(middles)[1]
    blocks = in_blocks(rows[:, order])
    blocks *= np.ldexp(1.0, np.repeat(powers, N_COLUMNS_TOGETHER)[: len(order), None])
    blocks += TINY
    terms = blocks * np.log(2 * blocks)
    parts = [terms[:, first : first + N_COLUMNS_TOGETHER].sum(axis=1) for first in firsts]
    entropies, halves = np.array(parts).ravel(), np.ldexp(0.5, -powers)
    n, given = len(rows), (blocks.ravel(), entropies, halves, _padded(rows).ravel())
    out = np.empty(n * n)
    _share_out(lambda *part: far_divergences(*given, out, *part), n, threads)
    values = out.reshape(n, n)
    mirror(values, n_roots)
    return values


def _by_kernel(kernel: Callable[..., Any], threads: int, *arrays: np.ndarray) -> np.ndarray:
    from attntopo.distances.divergence_kernels import mirror

    padded = [_padded(array) for array in arrays]
    n = len(arrays[0])
    out = np.empty((n, n))
    _share_out(lambda *part: kernel(*padded, out, *part), n, threads)
    mirror(out, 0)
    return out


def _share_out(work: Callable[[int, int], None], n: int, threads: int) -> None:
    """Call `work(start, step)` for each part of what is to be done for n rows, in threads."""
    n_parts = 1 if threads == 1 or n < 64 else 4 * threads
    map_threaded(lambda start: work(start, n_parts), range(n_parts))


def _padded(array: np.ndarray) -> np.ndarray:
    """Add columns of zeros, which count for nothing in any divergence."""
    n, width = array.shape
    padded = np.zeros((n, width + -width % _LANES))
    padded[:, :width] = array
    return padded


def _rooted(values: np.ndarray, n_roots: int) -> np.ndarray:
    for _ in range(n_roots):
        values = np.sqrt(values)
    return values


def _row_by_row(
    rows: np.ndarray, terms: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    n = len(rows)
    out = np.zeros((n, n))
    for i in range(n - 1):
        out[i, i + 1 :] = terms(rows[i], rows[i + 1 :]).sum(axis=1)
    return out + out.T


def _jensen_shannon_terms(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    from scipy.special import rel_entr

    total = p + q
    u = np.divide(p - q, total, out=np.zeros_like(total), where=total > 0)
    near = np.abs(u) < 0.5
    u_near = np.where(near, u, 0.0)
    terms = 0.5 * total * (u_near * np.arctanh(u_near) + 0.5 * np.log1p(-u_near * u_near))
    far = np.nonzero(~near)
    # Doubled, not halved: half the least number that a float holds is 0.
    doubled = rel_entr(2 * p[far[1]], total[far]) + rel_entr(2 * q[far], total[far])
    terms[far] = 0.25 * doubled
    return terms


def _hellinger_terms(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    roots = np.sqrt(p) + np.sqrt(q)
    differences = np.divide(p - q, roots, out=np.zeros_like(roots), where=roots > 0)
    return 0.5 * differences**2
