"""Links of edges, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import IN_WORD, NONE, ONE, WORD_BITS, lowest_bit
from attntopo.topology.edge_sorting_kernel import MINUS_ZERO, about_shortest, sorted_between
from attntopo.topology.relation_kernels import (
    END_BITS,
    FIRST_BIRTH,
    LOW_END,
    MERGE,
    MOST_STACKED,
    n_relation_words,
    relate,
)

MOST_NEAR = 4
"""First neighbours of either end that are tried before all points are."""
NOT_YET = np.int32(0x7FFFFFFF)
"""Stands for the number of an edge that hasn't come."""
ALL_LOOKED_AT, NO_ROOM, NOTHING_MORE, TOO_MUCH = range(4)
N_EDGES, N_NOTED, N_MERGES, N_BIRTHS, N_DEAD, NEXT_BIRTH = range(6)
SHARES = (0.2, 0.4, 1.0)
"""Of the edges, about: so many are sorted before what they do is looked at, and then more."""
MOST_SWEEPS = 3
"""Looks at all points outside a component before its points are gone through one by one."""


@kernel()
def link_edges(
    patterns: np.ndarray, least: int, radius: int, most_words: int, most_bytes: int
) -> tuple[
    bool,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
]:
    """Go through the edges in order; see `attntopo.topology.edge_links` for the method.

    While no loop is alive all classes are 0, and links don't matter. When besides all points are
    in one component, and no edge to come has an empty lune, nothing will happen any more: as a rule
    more than half of the edges needn't even be sorted.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
        Bit patterns of the distances.
    least, radius : uint64
        From `length_range`.
    most_words, most_bytes : int
        How many words may be looked at, and how many bytes relations may take, before it is given
        up.

    Returns
    -------
    bool
        False if it was given up: then nothing else counts but `births`, those so far.
    pairs : ndarray of uint32, shape (n_edges,)
        The ends i < j of the edges, as many as were sorted, as 65,536 i + j.
    keys : ndarray of uint64, shape (n_edges,)
        Bit patterns of their lengths.
    ranks : ndarray of int32, shape (n, n)
        Number of each edge up to the last that was looked at; `NOT_YET` for others.
    apexes : ndarray of int32, shape (n_edges,)
        The apex noted for each edge; `MERGE` where its class is 0; `FIRST_BIRTH` - k for the k-th
        birth.
    merges : ndarray of int64
        Numbers of the edges that merge two components.
    births : ndarray of int64, shape (n_loops,)
        Numbers of the edges that give birth to loops.
    deaths : ndarray of int64, shape (n_loops, 3)
        Number of the loop in the order of births, number of the death edge, and apex of the death
        triangle, in the order of deaths.
    relations : ndarray of uint64
        For each loop b in the order of births b // 64 + 1 words, from `n_relation_words(b)` on: the
        loops, b the youngest, whose sum becomes a boundary as b dies.
    """
    n = len(patterns)
    joined = np.zeros((n, (n + 63) // 64), np.uint64)  # neighbours so far, itself included
    for x in range(n):
        _add(joined, x, x)
    near = np.empty((n, n), np.uint16)  # the same in the order in which they came
    degrees = np.zeros(n, np.int64)
    component = np.arange(n)
    ranks = np.full((n, n), NOT_YET, np.int32)
    merges = np.empty(n, np.int64)
    births, deaths = np.empty(128, np.int64), np.empty((128, 3), np.int64)
    relations, dead = np.empty(n_relation_words(128), np.uint64), np.zeros(128, np.bool_)
    pairs, keys = np.empty(0, np.uint32), np.empty(0, np.uint64)
    apexes = np.empty(0, np.int32)
    so_far = np.zeros(6, np.int64)
    words, low = 0, NONE
    for share in SHARES:
        high = radius + ONE
        if share < 1:
            high = about_shortest(patterns, least, radius, share)
        if high <= low:
            continue
        more_pairs, more_keys = sorted_between(patterns, low, high)
        pairs, keys = np.append(pairs, more_pairs), np.append(keys, more_keys)
        apexes = np.append(apexes, np.full(len(more_pairs), MERGE, np.int32))
        low = high
        outcome = NO_ROOM
        while outcome == NO_ROOM:
            # What grows does so here: it would cost each edge something there.
            if so_far[N_BIRTHS] == len(births):
                births, dead = np.append(births, births), np.append(dead, np.zeros_like(dead))
                deaths = np.append(deaths, deaths, axis=0)
                larger = np.empty(n_relation_words(len(births)), np.uint64)
                larger[: len(relations)] = relations
                relations = larger
            outcome, looked_at = _link_some(
                patterns,
                radius,
                high <= radius,
                pairs,
                joined,
                near,
                degrees,
                component,
                ranks,
                apexes,
                merges,
                births,
                deaths,
                relations,
                dead,
                so_far,
                most_words - words,
            )
            words += looked_at
            if outcome == NO_ROOM and 8 * n_relation_words(2 * len(births)) > most_bytes:
                outcome = TOO_MUCH
        if outcome != ALL_LOOKED_AT:
            break
    return (
        outcome != TOO_MUCH,
        pairs,
        keys,
        ranks,
        apexes,
        merges[: so_far[N_MERGES]],
        births[: so_far[N_BIRTHS]],
        deaths[: so_far[N_DEAD]],
        relations,
    )


@kernel()
def _link_some(
    patterns: np.ndarray,
    radius: int,
    is_more: bool,
    pairs: np.ndarray,
    joined: np.ndarray,
    near: np.ndarray,
    degrees: np.ndarray,
    component: np.ndarray,
    ranks: np.ndarray,
    apexes: np.ndarray,
    merges: np.ndarray,
    births: np.ndarray,
    deaths: np.ndarray,
    relations: np.ndarray,
    dead: np.ndarray,
    so_far: np.ndarray,
    most_words: int,
) -> tuple[int, int]:
    """Go on through the edges, as far as they are there and there is room for births.

    Parameters
    ----------
    patterns : ndarray
    radius : uint64
    is_more : bool
        Whether there are edges yet to be sorted: then it is worth asking whether they need be.
    pairs, joined, near, degrees, component, ranks, apexes : ndarray
    merges, births, deaths, relations, dead : ndarray
        As in `link_edges`; what is found is written there.
    so_far : ndarray of int64, shape (6,)
        `N_EDGES` looked at, `N_NOTED` in `near` and `ranks`, `N_MERGES`, `N_BIRTHS`, `N_DEAD`, and
        `NEXT_BIRTH`, the bit pattern of a length at which a loop is known to be born; it isn't
        asked before whether one still will be. Set to where it has got.
    most_words : int

    Returns
    -------
    int
        `ALL_LOOKED_AT`, `NO_ROOM`, `NOTHING_MORE` (will happen) or `TOO_MUCH`.
    int
        How many words were looked at.
    """
    n, n_words = joined.shape
    lune, inside = np.empty(n_words, np.uint64), np.empty(n_words, np.uint64)
    outside, expanded = np.empty(n_words, np.uint64), np.empty(n_words, np.uint64)
    lows = np.empty(n, np.int64)
    stack = np.empty(MOST_STACKED + 8, np.int32)
    waiting = np.zeros(len(pairs) // 64 + 1, np.uint64)
    total = np.zeros((len(births) + 63) // 64, np.uint64)
    n_merges, n_births, n_dead = so_far[N_MERGES], so_far[N_BIRTHS], so_far[N_DEAD]
    n_noted, next_birth = so_far[N_NOTED], so_far[NEXT_BIRTH]
    words = 0
    outcome = ALL_LOOKED_AT
    edge = so_far[N_EDGES]
    while edge < len(pairs):
        u, v = np.int64(pairs[edge] >> END_BITS), np.int64(pairs[edge] & LOW_END)
        if not _meet(joined, u, v):
            if component[u] != component[v]:
                _unite(component, u, v)
                merges[n_merges] = edge
                n_merges += 1
            elif n_births == len(births):
                outcome = NO_ROOM
                break
            else:
                births[n_births] = edge
                apexes[edge] = FIRST_BIRTH - n_births
                n_births += 1
        elif n_births > n_dead:
            apex, n_lows, looked_at = _link(
                u, v, joined, near, lune, inside, outside, expanded, lows
            )
            apexes[edge] = apex
            words += looked_at
            for k in range(1, n_lows):
                if n_dead < n_births:
                    youngest, looked_at = relate(
                        u,
                        v,
                        apex,
                        lows[k],
                        pairs,
                        ranks,
                        apexes,
                        stack,
                        waiting,
                        total,
                        relations,
                        dead,
                        n_births,
                    )
                    words += looked_at
                    if youngest >= 0:
                        deaths[n_dead, 0], deaths[n_dead, 1] = youngest, edge
                        deaths[n_dead, 2] = lows[k]
                        n_dead += 1
            if words > most_words:
                outcome = TOO_MUCH
                break
        _add(joined, u, v)
        _add(joined, v, u)
        edge += 1
        if n_births > n_dead:
            while n_noted < edge:  # what came while no loop was alive, too
                u, v = np.int64(pairs[n_noted] >> END_BITS), np.int64(pairs[n_noted] & LOW_END)
                near[u, degrees[u]], near[v, degrees[v]] = v, u
                degrees[u] += 1
                degrees[v] += 1
                ranks[u, v] = ranks[v, u] = n_noted
                n_noted += 1
        elif is_more and n_merges == n - 1 and np.int64(patterns[u, v]) >= next_birth:
            next_birth = _birth_to_come(patterns, radius, joined, near, degrees)
            if next_birth < 0:
                outcome = NOTHING_MORE
                break
    so_far[N_EDGES], so_far[N_NOTED], so_far[NEXT_BIRTH] = edge, n_noted, next_birth
    so_far[N_MERGES], so_far[N_BIRTHS], so_far[N_DEAD] = n_merges, n_births, n_dead
    return outcome, words


@kernel()
def _meet(joined: np.ndarray, u: int, v: int) -> bool:
    """Say whether two points are joined, or to the same point."""
    word = 0
    while word < joined.shape[1] and not joined[u, word] & joined[v, word]:
        word += 1
    return word < joined.shape[1]


@kernel()
def _birth_to_come(
    patterns: np.ndarray,
    radius: int,
    joined: np.ndarray,
    near: np.ndarray,
    degrees: np.ndarray,
) -> np.int64:
    """Return the bit pattern of the length of an edge to come whose lune is empty, or -1.

    Only edges whose ends have no neighbour in common so far can be such.
    """
    n = len(joined)
    first = np.empty((n, MOST_NEAR), np.uint16)
    for x in range(n):
        for k in range(MOST_NEAR):
            first[x, k] = near[x, k] if k < degrees[x] else x
    for v in range(n):
        for u in range(v):
            length = NONE if patterns[v, u] == MINUS_ZERO else patterns[v, u]
            if length > radius:
                continue
            # What is near u already came before uv: is it nearer to v, too?
            found = False
            for k in range(MOST_NEAR):
                found |= patterns[v, first[u, k]] < length
            if found or _meet(joined, u, v):
                continue
            for k in range(MOST_NEAR):
                found |= patterns[u, first[v, k]] < length
            w = 0
            while not found and w < n:
                found = _is_earlier(patterns, u, w, u, v) and _is_earlier(patterns, v, w, u, v)
                w += 1
            if not found:
                return np.int64(length)
    return np.int64(-1)


@kernel()
def _is_earlier(patterns: np.ndarray, a: int, b: int, u: int, v: int) -> bool:
    """Say whether the edge ab comes before the edge uv, of length above 0 and u < v."""
    if a == b or patterns[a, b] != patterns[u, v]:
        return a != b and (patterns[a, b] < patterns[u, v] or patterns[a, b] == MINUS_ZERO)
    low = min(a, b)
    return low < u or (low == u and max(a, b) < v)


@kernel()
def _link(
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
