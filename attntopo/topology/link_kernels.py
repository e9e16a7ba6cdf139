"""Links of edges, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import IN_WORD, NONE, ONE, WORD_BITS, lowest_bit

MERGE = -1
"""Stands for the apex of an edge that merges two components."""
FIRST_BIRTH = -2
"""Stands for the apex of the edge that gives birth to the first loop; -3 for the second, …"""
MOST_SWEEPS = 3
"""Looks at all points outside a component before its points are gone through one by one."""


@kernel()
def classify_edges(
    n: int, i: np.ndarray, j: np.ndarray, most_words: int, most_triangles: int
) -> tuple[bool, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Go through the edges in order; see `attntopo.topology.edge_links` for the method.

    Parameters
    ----------
    n : int
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the edges.
    most_words, most_triangles : int
        How many words may be looked at, and triangles found, before it is given up.

    Returns
    -------
    bool
        False if it was given up: then nothing else counts.
    merges : ndarray of int64
        Numbers of the edges that merge two components.
    births : ndarray of int64, shape (n_loops,)
        Numbers of the edges that give birth to loops.
    apexes : ndarray of int32, shape (n, n)
        The apex noted for each edge; `MERGE`, or `FIRST_BIRTH` - k for the k-th birth, where it
        has none.
    triangles : ndarray of int32, shape (n_triangles, 2)
        The critical ones: number of the latest edge, and apex.
    """
    n_words = (n + 63) // 64
    joined = np.zeros((n, n_words), np.uint64)  # neighbours so far, itself included
    for x in range(n):
        _add(joined, x, x)
    near = np.empty((n, n), np.uint16)  # the same in the order in which they came
    degrees = np.zeros(n, np.int64)
    apexes = np.full((n, n), MERGE, np.int32)
    component = np.arange(n)
    merges, n_merges = np.empty(max(n - 1, 0), np.int64), 0
    births, n_births = np.empty(1024, np.int64), 0
    triangles, n_triangles = np.empty((1024, 2), np.int32), 0
    lune = np.zeros(n_words, np.uint64)
    inside, outside = np.zeros(n_words, np.uint64), np.zeros(n_words, np.uint64)
    expanded = np.zeros(n_words, np.uint64)
    words = 0
    for edge in range(len(i)):
        u, v = np.int64(i[edge]), np.int64(j[edge])
        some = NONE
        for word in range(n_words):
            lune[word] = joined[u, word] & joined[v, word]
            some |= lune[word]
        if not some and component[u] != component[v]:
            _unite(component, u, v)
            merges[n_merges] = edge
            n_merges += 1
        elif not some:
            if n_births == len(births):
                births = np.append(births, np.empty_like(births))
            births[n_births] = edge
            apexes[u, v] = apexes[v, u] = FIRST_BIRTH - n_births
            n_births += 1
        else:
            # What came first to either end is next to nearly all that came later.
            apex = _first_in(lune, near, u)
            rest = _is_beyond(lune, joined, apex)
            other = apex
            if rest:
                other = _first_in(lune, near, v)
                rest = _is_beyond(lune, joined, other)
                if not rest:
                    apex = other
            if rest and not _cover(lune, joined, apex, other):
                words += _first_component(lune, joined, apex, other, inside, outside, expanded)
                if _some(outside):
                    first = n_triangles
                    apex, triangles, n_triangles, more = _note_components(
                        edge, lune, joined, inside, outside, expanded, triangles, n_triangles
                    )
                    words += more + n_triangles - first
            if words > most_words or n_triangles > most_triangles:
                return False, merges, births, apexes, triangles
            apexes[u, v] = apexes[v, u] = apex
        near[u, degrees[u]], near[v, degrees[v]] = v, u
        degrees[u] += 1
        degrees[v] += 1
        _add(joined, u, v)
        _add(joined, v, u)
    return True, merges[:n_merges], births[:n_births], apexes, triangles[:n_triangles]


@kernel()
def _add(rows: np.ndarray, row: int, member: int) -> None:
    rows[row, member >> 6] |= ONE << np.uint64(member & 63)


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
def _unite(component: np.ndarray, u: int, v: int) -> None:
    stays, goes = component[u], component[v]
    for x in range(len(component)):
        if component[x] == goes:
            component[x] = stays


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


@kernel()
def _note_components(
    edge: int,
    lune: np.ndarray,
    joined: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    expanded: np.ndarray,
    triangles: np.ndarray,
    n_triangles: int,
) -> tuple[int, np.ndarray, int, int]:
    """Append a triangle for each component of a link but the first, by their lowest points.

    `inside` is one component, `outside` not empty.

    Returns
    -------
    apex : int
        The lowest point of all.
    triangles : ndarray of int32
        Grown where there was no room.
    n_triangles : int
    words : int
        How many were looked at.
    """
    first, words = n_triangles, 0
    low = _lowest(inside)
    while True:
        if n_triangles == len(triangles):
            triangles = np.append(triangles, np.empty_like(triangles), axis=0)
        triangles[n_triangles, 0], triangles[n_triangles, 1] = edge, low
        # All but the one that came first are found in order.
        if n_triangles > first and triangles[n_triangles - 1, 1] > low:
            triangles[n_triangles, 1] = triangles[n_triangles - 1, 1]
            triangles[n_triangles - 1, 1] = low
        n_triangles += 1
        if not _some(outside):
            break
        low = _lowest(outside)
        _take_in(lune, joined, low, inside, outside)
        expanded[low >> 6] |= ONE << np.uint64(low & 63)
        words += _expand(lune, joined, inside, outside, expanded)
    apex = triangles[first, 1]
    for k in range(first, n_triangles - 1):
        triangles[k, 1] = triangles[k + 1, 1]
    return apex, triangles, n_triangles - 1, words
