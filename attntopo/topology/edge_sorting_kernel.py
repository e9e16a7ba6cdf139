"""Edges sorted in linear time, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

N_BINS = 1024
MOST_BIN_BITS = 47
"""A bin is 2^47 neighbouring bit patterns of float64 wide at most: a number's double is 32 on."""
FRACTION_BITS = 32
"""How finely a place within a bin is told."""
NO_NUMBER = np.uint64(0x7FF0000000000000)
"""Infinity's bit pattern: those of NaN and of negative numbers are no less."""
MINUS_ZERO = np.uint64(1 << 63)
NONE = np.uint64(0)
ONE = np.uint64(1)
RUN = 24
"""Edges that are sorted by insertion; more by merging."""
END_BITS = np.uint32(16)


@kernel()
def sorted_edges(values: np.ndarray) -> tuple[bool, np.ndarray, np.ndarray]:
    """Put the edges up to the enclosing radius into the total order (length, i, j).

    Non-negative float64 are in the order of their bit patterns. Edges go to buckets, as many as
    there are edges and narrow where lengths crowd: the patterns are counted in `N_BINS` bins below
    the radius, and each bin is split evenly into as many buckets as it has edges. What is left to
    do is local.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n), C-contiguous
        Symmetric; n at most 65,536.

    Returns
    -------
    bool
        False if there is a negative, infinite or NaN length: then nothing else counts.
    pairs : ndarray of uint32, shape (n_edges,)
        The ends i < j as 65,536 i + j.
    lengths : ndarray of float64, shape (n_edges,)
        Ascending; -0 has become 0.
    """
    n = len(values)
    patterns = values.view(np.uint64)
    least, radius, valid = _range(patterns)
    if not valid:
        return False, np.empty(0, np.uint32), np.empty(0)
    bin_bits = np.uint64(0)
    while bin_bits < np.uint64(MOST_BIN_BITS) and (radius - least) >> bin_bits >= np.uint64(N_BINS):
        bin_bits += ONE
    # All that is shorter than the first bin, a few in four thousand million, is in it too.
    base = max(least, radius - min(radius, (np.uint64(N_BINS) << bin_bits) - ONE))
    keys = np.empty(n * (n - 1) // 2, np.uint64)
    pairs = np.empty(len(keys), np.uint32)
    counts = np.zeros(N_BINS, np.uint64)
    m = 0
    for x in range(n):
        for y in range(x + 1, n):
            key = patterns[x, y]
            if key == MINUS_ZERO:
                key = NONE
            if key <= radius:
                keys[m] = key
                pairs[m] = (np.uint32(x) << END_BITS) | np.uint32(y)
                counts[(key - base) >> bin_bits if key > base else NONE] += ONE
                m += 1
    buckets, ends, crowded = _buckets(keys[:m], base, bin_bits, counts)
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
    return True, sorted_pairs, sorted_keys.view(np.float64)


@kernel()
def _range(patterns: np.ndarray) -> tuple[np.uint64, np.uint64, np.bool_]:
    """Return the shortest length, the enclosing radius, and whether all are lengths."""
    least, radius, largest = NO_NUMBER, NO_NUMBER, NONE
    for x in range(len(patterns)):
        most = NONE
        for y in range(len(patterns)):
            pattern = patterns[x, y]
            if pattern == MINUS_ZERO:
                pattern = NONE
            most = max(most, pattern)
            least = min(least, pattern if y != x else NO_NUMBER)
        radius, largest = min(radius, most), max(largest, most)
    return min(least, radius), radius, largest < NO_NUMBER


@kernel()
def _buckets(
    keys: np.ndarray, base: int, bin_bits: int, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return each edge's bucket, where each bucket starts, and whether any is crowded."""
    m = len(keys)
    firsts = np.zeros(N_BINS, np.uint64)
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
