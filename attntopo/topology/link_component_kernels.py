"""The link of an edge, taken apart, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import IN_WORD, NONE, ONE, WORD_BITS, lowest_bit

MOST_SWEEPS = 3
"""Looks at all points outside a component before its points are gone through one by one."""


@kernel()
def link_components(
    u: int,
    v: int,
    joined: np.ndarray,
    near: np.ndarray,
    lune: np.ndarray,
    inside: np.ndarray,
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
    lune, inside, outside, expanded : ndarray of uint64, shape (n_words,)
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
    for word in range(len(lune)):
        lune[word] = joined[u, word] & joined[v, word]
    # What came first to either end is next to nearly all that came later.
    apex = _first_in(lune, near, u)
    if not _is_beyond(lune, joined, apex):
        return apex, 1, 0
    other = _first_in(lune, near, v)
    if not _is_beyond(lune, joined, other):
        return other, 1, 0
    if _cover(lune, joined, apex, other):
        return apex, 1, 0
    words = _first_component(lune, joined, apex, other, inside, outside, expanded)
    if not _some(outside):
        return apex, 1, words
    n_lows, low = 0, _lowest(inside)
    while True:
        lows[n_lows] = low
        # All but the one that came first are found in order.
        if n_lows and lows[n_lows - 1] > low:
            lows[n_lows], lows[n_lows - 1] = lows[n_lows - 1], low
        n_lows += 1
        if not _some(outside):
            return lows[0], n_lows, words
        low = _lowest(outside)
        _take_in(lune, joined, low, inside, outside)
        expanded[low >> 6] |= ONE << np.uint64(low & 63)
        words += _expand(lune, joined, inside, outside, expanded)


@kernel()
def _some(members: np.ndarray) -> bool:
    some = NONE
    for word in range(len(members)):
        some |= members[word]
    return some != NONE


@kernel()
def _lowest(members: np.ndarray) -> int:
    """Return the lowest member; there is one."""
    word = 0
    while not members[word]:
        word += 1
    return 64 * word + lowest_bit(members[word])


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
def _is_beyond(lune: np.ndarray, joined: np.ndarray, apex: int) -> bool:
    """Say whether some point of the lune is neither the apex nor joined to it."""
    rest = NONE
    for word in range(len(lune)):
        rest |= lune[word] & ~joined[apex, word]
    return rest != NONE


@kernel()
def _cover(lune: np.ndarray, joined: np.ndarray, a: int, b: int) -> bool:
    """Say whether two points and their neighbours make up the lune, and have one in common."""
    rest, common = NONE, NONE
    for word in range(len(lune)):
        near_a, near_b = joined[a, word], joined[b, word]
        rest |= lune[word] & ~(near_a | near_b)
        common |= lune[word] & near_a & near_b
    return common != NONE and rest == NONE


@kernel()
def _take_in(
    lune: np.ndarray, joined: np.ndarray, w: int, inside: np.ndarray, outside: np.ndarray
) -> bool:
    """Move w and its neighbours in the lune inside, and say whether something is left outside."""
    left = NONE
    for word in range(len(lune)):
        inside[word] |= lune[word] & joined[w, word]
        outside[word] &= ~inside[word]
        left |= outside[word]
    return left != NONE


@kernel()
def _touches(joined: np.ndarray, w: int, inside: np.ndarray) -> bool:
    """Say whether w is inside, or joined to what is."""
    word = 0
    while word < len(inside) and not joined[w, word] & inside[word]:
        word += 1
    return word < len(inside)


@kernel()
def _first_component(
    lune: np.ndarray,
    joined: np.ndarray,
    start: int,
    other: int,
    inside: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
) -> int:
    """Set `inside` to the link's component of a point, and `outside` to the rest of the lune.

    The other point of the lune is one to begin with, should it be in that component.

    Returns
    -------
    int
        How many words were looked at: at most `MOST_SWEEPS` + 1 rows for each point of the lune.
    """
    n_words = len(lune)
    for word in range(n_words):
        inside[word], outside[word], expanded[word] = NONE, lune[word], NONE
    left = _take_in(lune, joined, start, inside, outside)
    if _touches(joined, other, inside):
        left = _take_in(lune, joined, other, inside, outside)
    steps = 3
    # Few are outside, as a rule: each of them is asked whether it touches what is inside.
    for _ in range(MOST_SWEEPS):
        changed = False
        for p in range(n_words):
            asked = outside[p]
            while asked:
                w = 64 * p + lowest_bit(asked)
                asked &= asked - ONE
                steps += 1
                if _touches(joined, w, inside):
                    changed = True
                    left = _take_in(lune, joined, w, inside, outside)
                    asked &= outside[p]
        if not changed or not left:
            expanded[:] = inside
            return steps * n_words
    return steps * n_words + _expand(lune, joined, inside, outside, expanded)


@kernel()
def _expand(
    lune: np.ndarray,
    joined: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
) -> int:
    """Take in what can be reached from points inside that aren't `expanded`, each point once.

    Returns
    -------
    int
        How many words were looked at.
    """
    n_words, steps = len(lune), 1
    left, changed = True, True
    while left and changed:
        changed = False
        for p in range(n_words):
            fresh = inside[p] & ~expanded[p]
            while fresh and left:
                w = 64 * p + lowest_bit(fresh)
                expanded[p] |= ONE << np.uint64(w & 63)
                changed = True
                left = _take_in(lune, joined, w, inside, outside)
                steps += 1
                fresh = inside[p] & ~expanded[p]
    return steps * n_words
