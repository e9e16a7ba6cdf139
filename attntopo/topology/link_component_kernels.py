"""The link of an edge, taken apart, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import (
    BLOCK,
    IN_WORD,
    NONE,
    ONE,
    WORD_BITS,
    leave_out,
    lowest_bit,
    n_bits,
)
from attntopo.topology.relation_kernels import END_BITS, LOW_END

SAMPLED = 32
"""Edges a point, about, of which those at each point are counted."""


@kernel()
def place_points(pairs: np.ndarray, points: np.ndarray, places: np.ndarray) -> None:
    """Put the points in the order of how many of some edges they have, about, most first.

    Parameters
    ----------
    pairs : ndarray of uint32, shape (n_edges,)
        The ends i < j of the edges as 65,536 i + j.
    points, places : ndarray of int64, shape (n,)
        Get the point at each place, and the place of each point.
    """
    n = len(points)
    degrees, starts = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
    for k in range(0, len(pairs), len(pairs) // (SAMPLED * n) + 1):
        degrees[pairs[k] >> END_BITS] += 1
        degrees[pairs[k] & LOW_END] += 1
    for x in range(n):
        starts[n - degrees[x]] += 1
    for k in range(n):
        starts[k + 1] += starts[k]
    for x in range(n):
        place = starts[n - 1 - degrees[x]]
        starts[n - 1 - degrees[x]] += 1
        places[x], points[place] = place, x


@kernel(allocates=False)
def link_components(
    u: int,
    points: np.ndarray,
    joined: np.ndarray,
    near: np.ndarray,
    lune: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
    earlier: np.ndarray,
    lows: np.ndarray,
) -> tuple[int, int, int]:
    """Take the link of an edge, whose lune isn't empty, apart into components.

    Sets have the points by their places, the most joined first: these cover most of a lune.

    Parameters
    ----------
    u : int
        Place of an end.
    points : ndarray of int64, shape (n,)
        The point at each place.
    joined, near : ndarray
        Neighbours, as bits and in the order in which they came, by places.
    lune : ndarray of uint64, shape (n_words,)
        What the rows of both ends in `joined` have in common.
    outside, expanded, earlier : ndarray of uint64, shape (n_words,)
        To work in.
    lows : ndarray of int64, shape (n,)
        Gets the lowest point of each component, ascending, if there are several.

    Returns
    -------
    apex : int
        A point of the first component.
    n_components : int
    words : int
        How many were looked at beyond the usual few.
    """
    # What came first to an end is next to nearly all that came later.
    first = _first_in(lune, near, u)
    if not _take_in(joined, first, lune, outside):
        return points[first], 1, 0
    for word in range(len(lune)):
        expanded[word] = NONE
    _add(expanded, first)
    words = _grow(joined, lune, outside, expanded)
    if not _n_members(outside):
        return points[first], 1, words
    for word in range(len(lune)):
        earlier[word] = NONE
    n_lows = 0
    while True:
        lows[n_lows] = _lowest_point(points, lune, outside, earlier)
        n_lows += 1
        if not _n_members(outside):
            break
        for word in range(len(lune)):
            earlier[word] = expanded[word] = lune[word] & ~outside[word]
        start = _lowest(outside)
        _add(expanded, start)
        if _take_in(joined, start, outside, outside):
            words += _grow(joined, lune, outside, expanded)
        words += 2 * len(lune)
    _sort(lows, n_lows, earlier)
    return lows[0], n_lows, words


@kernel(allocates=False)
def _grow(joined: np.ndarray, lune: np.ndarray, outside: np.ndarray, expanded: np.ndarray) -> int:
    """Take in what can be reached from points inside that aren't `expanded`, each point once.

    Points are put into `expanded` one word at a time, and it is never looked at by blocks: a
    processor waits where it reads a block of which a word has just been written.

    Returns
    -------
    int
        How many words were looked at.
    """
    steps, p = 1, 0
    while p < len(lune):
        fresh = lune[p] & ~outside[p] & ~expanded[p]
        if not fresh:
            p += 1
            continue
        w = 64 * p + lowest_bit(fresh)
        expanded[p] |= ONE << np.uint64(w & 63)
        steps += 1
        if not _take_in(joined, w, outside, outside):
            break
        p = 0
    return steps * len(lune)


@kernel(allocates=False)
def _lowest_point(
    points: np.ndarray, lune: np.ndarray, outside: np.ndarray, earlier: np.ndarray
) -> int:
    """Return the lowest point that is inside, and not from earlier."""
    low = len(points)
    for p in range(len(lune)):
        members = lune[p] & ~outside[p] & ~earlier[p]
        while members:
            low = min(low, points[64 * p + lowest_bit(members)])
            members &= members - ONE
    return low


@kernel(allocates=False)
def _sort(lows: np.ndarray, n_lows: int, bits: np.ndarray) -> None:
    """Put points into ascending order, by way of a set of bits."""
    for word in range(len(bits)):
        bits[word] = NONE
    for k in range(n_lows):
        _add(bits, lows[k])
    k = 0
    for word in range(len(bits)):
        members = bits[word]
        while members:
            lows[k] = 64 * word + lowest_bit(members)
            members &= members - ONE
            k += 1


@kernel(allocates=False)
def _n_members(members: np.ndarray) -> int:
    n = 0
    for word in range(len(members)):
        n += n_bits(members[word])
    return n


@kernel(allocates=False)
def _lowest(members: np.ndarray) -> int:
    """Return the lowest member; there is one."""
    word = 0
    while not members[word]:
        word += 1
    return 64 * word + lowest_bit(members[word])


@kernel(allocates=False)
def _add(members: np.ndarray, w: int) -> None:
    members[w >> 6] |= ONE << np.uint64(w & 63)


@kernel(allocates=False)
def _first_in(lune: np.ndarray, near: np.ndarray, u: int) -> np.int64:
    """Return the neighbour of u that came first of those in the lune; there is one."""
    k = 0
    while True:
        w = np.uint64(near[u, k])
        if (lune[w >> WORD_BITS] >> (w & IN_WORD)) & ONE:
            return np.int64(w)
        k += 1


@kernel(allocates=False)
def _take_in(joined: np.ndarray, w: int, members: np.ndarray, outside: np.ndarray) -> bool:
    """Set `outside` to the members that aren't w nor joined to it; say whether there are any."""
    left = False
    for word in range(0, len(outside), BLOCK):
        left |= leave_out(members, word, joined, w * len(outside) + word, outside, word)
    return left
