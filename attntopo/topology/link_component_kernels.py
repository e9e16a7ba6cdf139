"""The link of an edge, taken apart, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import (
    BLOCK,
    IN_WORD,
    NONE,
    ONE,
    WORD_BITS,
    have_common_beyond,
    have_common_of_three,
    is_beyond,
    leave_out,
    lowest_bit,
    n_bits,
)

FEW_POINTS = 8
"""A lune of so many points is looked at pair by pair."""
MOST_SWEEPS = 3
"""Looks at all points outside a component before its points are gone through one by one."""


@kernel()
def link_components(
    u: int,
    v: int,
    joined: np.ndarray,
    near: np.ndarray,
    lune: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
    lows: np.ndarray,
) -> tuple[int, int, int]:
    """Take the link of an edge, whose lune isn't empty, apart into components.

    Parameters
    ----------
    u, v : int
    joined, near : ndarray
        Neighbours, as bits and in the order in which they came.
    lune : ndarray of uint64, shape (n_words,)
        What rows u and v of `joined` have in common.
    outside, expanded : ndarray of uint64, shape (n_words,)
        To work in.
    lows : ndarray of int64, shape (n,)
        Gets the lowest point of each component, ascending, if there are several.

    Returns
    -------
    apex : int
        Of the first component.
    n_components : int
    words : int
        How many were looked at beyond the usual few.
    """
    if _n_members(lune) <= FEW_POINTS:
        return _few_components(joined, lune, lows)
    # What came first to either end is next to nearly all that came later.
    apex = _first_in(lune, near, u)
    if not _take_in(joined, apex, lune, outside):
        return apex, 1, 0
    other = _first_in(lune, near, v)
    n_words, is_other_beyond, are_beyond, common = len(lune), False, False, False
    for word in range(0, n_words, BLOCK):
        near_a, near_b = apex * n_words + word, other * n_words + word
        is_other_beyond |= is_beyond(lune, word, joined, near_b)
        are_beyond |= is_beyond(outside, word, joined, near_b)
        common |= have_common_of_three(lune, word, joined, near_a, joined, near_b)
    if not is_other_beyond:
        return other, 1, 0
    if common and not are_beyond:
        return apex, 1, 0
    words = _first_component(joined, apex, other, lune, outside, expanded)
    if not _n_members(outside):
        return apex, 1, words
    n_lows, low = 0, _lowest_beyond(lune, outside)
    while True:
        lows[n_lows] = low
        # All but the one that came first are found in order.
        if n_lows and lows[n_lows - 1] > low:
            lows[n_lows], lows[n_lows - 1] = lows[n_lows - 1], low
        n_lows += 1
        if not _n_members(outside):
            return lows[0], n_lows, words
        low = _lowest(outside)
        _add(expanded, low)
        left = _take_in(joined, low, outside, outside)
        words += _expand(joined, lune, outside, expanded, left)


@kernel()
def _few_components(joined: np.ndarray, lune: np.ndarray, lows: np.ndarray) -> tuple[int, int, int]:
    """Do what `link_components` does where the lune has at most `FEW_POINTS`.

    The points are numbered, and sets of them are the bits of one word; `lows` is where they lie
    until the lowest ones of components are left.
    """
    n = 0
    for p in range(len(lune)):
        members = lune[p]
        while members:
            lows[n] = 64 * p + lowest_bit(members)
            members &= members - ONE
            n += 1
    outside = (ONE << np.uint64(n)) - ONE
    n_lows, looked_at = 0, 0
    while outside:
        low = lowest_bit(outside)
        fresh = ONE << np.uint64(low)
        outside ^= fresh
        while fresh and outside:
            row = lows[lowest_bit(fresh)] * len(lune)
            fresh &= fresh - ONE
            near = NONE
            for k in range(low + 1, n):
                w = lows[k]
                near |= ((joined[row + (w >> 6)] >> np.uint64(w & 63)) & ONE) << np.uint64(k)
            near &= outside
            fresh |= near
            outside ^= near
            looked_at += n
        lows[n_lows] = lows[low]  # no point before this one is still outside
        n_lows += 1
    return lows[0], n_lows, looked_at


@kernel()
def _n_members(members: np.ndarray) -> int:
    n = 0
    for word in range(len(members)):
        n += n_bits(members[word])
    return n


@kernel()
def _lowest(members: np.ndarray) -> int:
    """Return the lowest member; there is one."""
    word = 0
    while not members[word]:
        word += 1
    return 64 * word + lowest_bit(members[word])


@kernel()
def _lowest_beyond(members: np.ndarray, others: np.ndarray) -> int:
    """Return the lowest member that the others lack; there is one."""
    word = 0
    while not members[word] & ~others[word]:
        word += 1
    return 64 * word + lowest_bit(members[word] & ~others[word])


@kernel()
def _add(members: np.ndarray, w: int) -> None:
    members[w >> 6] |= ONE << np.uint64(w & 63)


@kernel()
def _first_in(lune: np.ndarray, near: np.ndarray, u: int) -> np.int64:
    """Return the neighbour of u that came first of those in the lune; there is one."""
    k = 0
    while True:
        w = np.uint64(near[u, k])
        if (lune[w >> WORD_BITS] >> (w & IN_WORD)) & ONE:
            return np.int64(w)
        k += 1


@kernel()
def _take_in(joined: np.ndarray, w: int, members: np.ndarray, outside: np.ndarray) -> bool:
    """Set `outside` to the members that aren't w nor joined to it; say whether there are any."""
    left = False
    for word in range(0, len(outside), BLOCK):
        left |= leave_out(members, word, joined, w * len(outside) + word, outside, word)
    return left


@kernel()
def _touches(joined: np.ndarray, w: int, lune: np.ndarray, outside: np.ndarray) -> bool:
    """Say whether w is, or is joined to, a point of the lune that isn't outside."""
    touches = False
    for word in range(0, len(lune), BLOCK):
        row = w * len(lune) + word
        touches |= have_common_beyond(lune, word, joined, row, outside, word)
    return touches


@kernel()
def _first_component(
    joined: np.ndarray,
    start: int,
    other: int,
    lune: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
) -> int:
    """Take all that is in the link's component of a point, and its neighbours already, inside.

    The other point of the lune is one to begin with, should it be in that component.

    Returns
    -------
    int
        How many words were looked at: at most `MOST_SWEEPS` + 1 rows for each point of the lune.
    """
    for word in range(len(lune)):
        expanded[word] = NONE
    _add(expanded, start)
    left, steps = True, 3
    if _touches(joined, other, lune, outside):
        _add(expanded, other)
        left = _take_in(joined, other, outside, outside)
    for _ in range(MOST_SWEEPS):
        # Where few are outside, each of them is asked whether it touches what is inside.
        if not left or _n_members(outside) > _n_fresh(lune, outside, expanded):
            break
        changed = False
        for p in range(len(lune)):
            asked = outside[p]
            while asked:
                w = 64 * p + lowest_bit(asked)
                asked &= asked - ONE
                steps += 1
                if _touches(joined, w, lune, outside):
                    changed = True
                    _add(expanded, w)
                    left = _take_in(joined, w, outside, outside)
                    asked &= outside[p]
        if not changed:  # nothing more is in reach
            for word in range(len(lune)):
                expanded[word] = lune[word] & ~outside[word]
            break
    return steps * len(lune) + _expand(joined, lune, outside, expanded, left)


@kernel()
def _n_fresh(lune: np.ndarray, outside: np.ndarray, expanded: np.ndarray) -> int:
    """Return how many points are inside that aren't `expanded`."""
    n = 0
    for word in range(len(lune)):
        n += n_bits(lune[word] & ~outside[word] & ~expanded[word])
    return n


@kernel()
def _expand(
    joined: np.ndarray, lune: np.ndarray, outside: np.ndarray, expanded: np.ndarray, left: bool
) -> int:
    """Take in what can be reached from points inside that aren't `expanded`, each point once.

    Points are put into `expanded` one word at a time, and it is never looked at by blocks: a
    processor waits where it reads a block of which a word has just been written.

    Returns
    -------
    int
        How many words were looked at.
    """
    steps, changed = 1, True
    while left and changed:
        changed = False
        for p in range(len(lune)):
            fresh = lune[p] & ~outside[p] & ~expanded[p]
            while fresh and left:
                w = 64 * p + lowest_bit(fresh)
                expanded[p] |= ONE << np.uint64(w & 63)
                changed = True
                left = _take_in(joined, w, outside, outside)
                steps += 1
                fresh = lune[p] & ~outside[p] & ~expanded[p]
    return steps * len(lune)
