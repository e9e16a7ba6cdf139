"""Edges sorted in linear time, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import NONE, ONE
from attntopo.topology.edge_scan_kernel import END_BITS, edges_between

N_BINS = 1024
MOST_BIN_BITS = 47
"""A bin is 2^47 neighbouring bit patterns of float64 wide at most: a number's double is 32 on."""
FRACTION_BITS = 32
"""How finely a place within a bin is told."""
NO_NUMBER = np.uint64(0x7FF0000000000000)
"""Infinity's bit pattern: those of NaN and of negative numbers are no less."""
MINUS_ZERO = np.uint64(1 << 63)
SAMPLED = 16
"""One row in so many is looked at for an estimate."""
RUN = 24
"""Edges that are sorted by insertion; more by merging."""
ALL_PAIRS = np.uint32(0xFFFFFFFF)


@kernel()
def length_range(patterns: np.ndarray) -> tuple[np.bool_, np.uint64, np.uint64, np.uint32]:
    """Return whether all are lengths, the shortest, and the edge that first makes a cone.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
        The bit patterns of float64, which are in the order of the numbers if none is negative.
        -0 counts as 0.

    Returns
    -------
    bool
        False if there is a negative, infinite or NaN length.
    least, radius : uint64
        The bit patterns of the shortest length and of the enclosing radius: the least scale at
        which one point is joined to all others.
    last : uint32
        The ends i < j, as 65,536 i + j, of the edge of that length, in the order of edges, with
        which one point first is joined to all others.
    """
    least, radius, largest, last = NO_NUMBER, NO_NUMBER, NONE, ALL_PAIRS
    n = len(patterns)
    for x in range(n):
        most = NONE
        for y in range(n):
            pattern = patterns[x, y]
            if pattern == MINUS_ZERO:
                pattern = NONE
            most = max(most, pattern)
            least = min(least, pattern if y != x else NO_NUMBER)
        if most < radius:
            radius, last = most, ALL_PAIRS
        if most == radius:
            farthest = 0
            for y in range(n):
                is_farthest = patterns[x, y] == most or (most == NONE and x != y)
                farthest = y if is_farthest else farthest
            low, high = np.uint32(min(x, farthest)), np.uint32(max(x, farthest))
            last = min(last, (low << END_BITS) | high)
        largest = max(largest, most)
    return largest < NO_NUMBER, min(least, radius), radius, last


@kernel()
def about_shortest(
    patterns: np.ndarray, least: np.uint64, radius: np.uint64, share: float
) -> np.uint64:
    """Estimate below which length a share of the edges up to the radius are, by some rows.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
    least, radius : uint64
        From `length_range`.
    share : float
        0 to 1.

    Returns
    -------
    uint64
        A bit pattern: that after the radius at most, and where less than half of all edges are up
        to the radius, so that little is saved.
    """
    bin_bits, base = _bins(least, radius)
    counts, n_seen, n_looked_at = np.zeros(N_BINS, np.int64), 0, 0
    for x in range(0, len(patterns), SAMPLED):
        for y in range(len(patterns)):
            key = NONE if patterns[x, y] == MINUS_ZERO else patterns[x, y]
            if x != y and key <= radius:
                counts[(key - base) >> bin_bits if key > base else NONE] += 1
                n_seen += 1
        n_looked_at += len(patterns)
    if 2 * n_seen < n_looked_at:
        return radius + ONE
    n_shorter, place = 0, 0
    while place < N_BINS - 1 and n_shorter + counts[place] < share * n_seen:
        n_shorter += counts[place]
        place += 1
    return min(base + (np.uint64(place + 1) << bin_bits), radius + ONE)


@kernel()
def sorted_between(
    patterns: np.ndarray, low: int, high: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Put the edges of some lengths into the total order (length, i, j).

    Edges go to buckets, as many as there are edges and narrow where lengths crowd: the patterns
    are counted in `N_BINS` bins, and each bin is split evenly into as many buckets as it has edges.
    What is left to do is local.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
        Symmetric; n at most 65,536.
    low, high : uint64
        Bit patterns of the shortest length to take, and of the first not to take.
    last : uint32
        Of the edges of the longest length to take, the last, as 65,536 i + j.

    Returns
    -------
    pairs : ndarray of uint32, shape (n_edges,)
        The ends i < j as 65,536 i + j.
    keys : ndarray of uint64, shape (n_edges,)
        Bit patterns of the lengths, ascending; -0 has become 0.
    """
    keys, pairs = edges_between(patterns, low, high, last)
    m = len(keys)
    least, most = high, low
    for k in range(m):
        least, most = min(least, keys[k]), max(most, keys[k])
    buckets, ends, crowded = _buckets(keys, least, most)
    sorted_keys, sorted_pairs = np.empty(m, np.uint64), np.empty(m, np.uint32)
    for k in range(m):
        bucket = buckets[k]
        place = ends[bucket]  # where the bucket starts; past its last edge in the end
        ends[bucket] += 1
        sorted_keys[place], sorted_pairs[place] = keys[k], pairs[k]
    if crowded:
        start = 0
        for k in range(m):
            if ends[k] - start > RUN:
                _merge_sort(sorted_keys, sorted_pairs, start, ends[k], keys, pairs)
            start = ends[k]
    _insert(sorted_keys, sorted_pairs, 0, m)
    return sorted_pairs, sorted_keys


@kernel()
def _bins(least: np.uint64, most: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return how many low bits tell places within a bin, and where the first bin begins."""
    bin_bits = np.uint64(0)
    while bin_bits < np.uint64(MOST_BIN_BITS) and (most - least) >> bin_bits >= np.uint64(N_BINS):
        bin_bits += ONE
    # All that is shorter than the first bin, a few in four thousand million, is in it too.
    return bin_bits, max(least, most - min(most, (np.uint64(N_BINS) << bin_bits) - ONE))


@kernel()
def _buckets(keys: np.ndarray, least: int, most: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return each edge's bucket, where each bucket starts, and whether any is crowded."""
    m = len(keys)
    bin_bits, base = _bins(least, most)
    counts, firsts = np.zeros(N_BINS, np.uint64), np.zeros(N_BINS, np.uint64)
    for k in range(m):
        counts[(keys[k] - base) >> bin_bits if keys[k] > base else NONE] += ONE
    for k in range(1, N_BINS):
        firsts[k] = firsts[k - 1] + counts[k - 1]
    fraction_bits = np.uint64(FRACTION_BITS)
    down = bin_bits - fraction_bits if bin_bits > fraction_bits else NONE
    up = fraction_bits - bin_bits if bin_bits < fraction_bits else NONE
    within = (ONE << bin_bits) - ONE
    buckets = np.empty(m, np.uint32)
    starts = np.zeros(m + 1, np.int32)
    for k in range(m):
        above = keys[k] - base if keys[k] > base else NONE
        place = above >> bin_bits
        fraction = (above & within) >> down << up
        bucket = firsts[place] + (fraction * counts[place] >> fraction_bits)
        buckets[k] = bucket
        starts[bucket + ONE] += 1
    crowded = False
    for k in range(m):
        crowded |= starts[k + 1] > RUN
        starts[k + 1] += starts[k]
    return buckets, starts, crowded


@kernel()
def _merge_sort(
    keys: np.ndarray,
    pairs: np.ndarray,
    start: int,
    end: int,
    spare_keys: np.ndarray,
    spare_pairs: np.ndarray,
) -> None:
    """Sort keys[start:end], with their pairs, stably; the spare arrays are as long, to work in."""
    ascending = True  # a crowded bucket is most often one length many times
    for k in range(start + 1, end):
        ascending &= keys[k - 1] <= keys[k]
    if ascending:
        return
    for first in range(start, end, RUN):
        _insert(keys, pairs, first, min(first + RUN, end))
    width = RUN
    while width < end - start:
        for first in range(start, end, 2 * width):
            middle, last = min(first + width, end), min(first + 2 * width, end)
            a, b = first, middle
            for place in range(first, last):
                # Of equal lengths the one on the left comes first.
                if b == last or (a < middle and keys[a] <= keys[b]):
                    spare_keys[place], spare_pairs[place] = keys[a], pairs[a]
                    a += 1
                else:
                    spare_keys[place], spare_pairs[place] = keys[b], pairs[b]
                    b += 1
        for place in range(start, end):
            keys[place], pairs[place] = spare_keys[place], spare_pairs[place]
        width *= 2


@kernel()
def _insert(keys: np.ndarray, pairs: np.ndarray, start: int, end: int) -> None:
    for k in range(start + 1, end):
        key, pair, place = keys[k], pairs[k], k
        while place > start and keys[place - 1] > key:
            keys[place], pairs[place] = keys[place - 1], pairs[place - 1]
            place -= 1
        keys[place], pairs[place] = key, pair
