"""Links of edges, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.birth_kernels import last_birth_to_come
from attntopo.topology.bit_rows import BLOCK, NONE, ONE, meet
from attntopo.topology.edge_sorting_kernel import ALL_PAIRS, about_shortest, sorted_between
from attntopo.topology.link_component_kernels import link_components, place_points
from attntopo.topology.relation_kernels import (
    END_BITS,
    FIRST_BIRTH,
    LOW_END,
    MERGE,
    MOST_QUEUED,
    n_relation_words,
    relate,
)

NOT_YET = np.int32(0x7FFFFFFF)
"""Stands for the number of an edge that hasn't come."""
ALL_LOOKED_AT, NO_ROOM, NOTHING_MORE, TOO_MUCH = range(4)
N_EDGES, N_NOTED, N_MERGES, N_BIRTHS, N_DEAD, LAST_LENGTH, LAST_PAIR = range(7)
UNKNOWN = np.int64(-2)
SHARES = (0.2, 0.4, 1.0)
"""Of the edges, about: so many are sorted before what they do is looked at, and then more."""


@kernel()
def link_edges(
    patterns: np.ndarray, least: int, radius: int, last: int, most_words: int, most_bytes: int
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
    last : uint32
        From `length_range`. After that edge the complex is a cone: nothing will happen any more.
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
        For each loop b in the order of births b // 512 + 1 blocks of 8 words, from
        `n_relation_words(b)` on: the loops, b the youngest, whose sum becomes a boundary as b dies.
    """
    n = len(patterns)
    n_words = BLOCK * ((n + 64 * BLOCK - 1) // (64 * BLOCK))
    joined = np.zeros(n * n_words, np.uint64)  # rows of neighbours so far, by places
    near = np.empty((n, n), np.uint16)  # the same in the order in which they came
    points, places = np.arange(n), np.arange(n)
    degrees = np.zeros(n, np.int64)
    component = np.arange(n)
    ranks = np.full((n, n), NOT_YET, np.int32)
    merges = np.empty(n, np.int64)
    births, deaths = np.empty(128, np.int64), np.empty((128, 3), np.int64)
    relations = np.empty(n_relation_words(128), np.uint64)
    dead, null = np.zeros(BLOCK, np.uint64), np.zeros(BLOCK, np.uint64)  # loops, as bits
    pairs, keys = np.empty(0, np.uint32), np.empty(0, np.uint64)
    apexes = np.empty(0, np.int32)
    so_far = np.zeros(7, np.int64)
    so_far[LAST_LENGTH] = UNKNOWN
    words, low = 0, NONE
    for share in SHARES:
        high = radius + ONE
        if share < 1:
            high = about_shortest(patterns, least, radius, share)
        if high <= low:
            continue
        up_to = last if high > radius else ALL_PAIRS
        more_pairs, more_keys = sorted_between(patterns, low, high, up_to)
        if low > NONE:
            pairs, keys = np.append(pairs, more_pairs), np.append(keys, more_keys)
        else:
            pairs, keys = more_pairs, more_keys
            place_points(pairs, points, places)
            for x in range(n):
                _add(joined, x * n_words, x)  # itself included
        apexes = np.append(apexes, np.full(len(more_pairs), MERGE, np.int32))
        low = high
        outcome = NO_ROOM
        while outcome == NO_ROOM:
            # What grows does so here: it would cost each edge something there.
            if so_far[N_BIRTHS] == len(births):
                births = np.append(births, births)
                dead, null = _grown(dead, len(births)), _grown(null, len(births))
                deaths = np.append(deaths, deaths, axis=0)
                larger = np.empty(n_relation_words(len(births)), np.uint64)
                larger[: len(relations)] = relations
                relations = larger
            outcome, looked_at = _link_some(
                patterns,
                radius,
                high <= radius,
                pairs,
                points,
                places,
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
                null,
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
    points: np.ndarray,
    places: np.ndarray,
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
    null: np.ndarray,
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
    pairs, points, places, joined, near, degrees, component, ranks, apexes : ndarray
    merges, births, deaths, relations, dead, null : ndarray
        As in `link_edges`; what is found is written there.
    so_far : ndarray of int64, shape (7,)
        `N_EDGES` looked at, `N_NOTED` in `near` and `ranks`, `N_MERGES`, `N_BIRTHS`, `N_DEAD`, and
        the edge at which the last loop will be born: `LAST_LENGTH`, the bit pattern of its length,
        `UNKNOWN` before it was asked for, and `LAST_PAIR`. Set to where it has got.
    most_words : int

    Returns
    -------
    int
        `ALL_LOOKED_AT`, `NO_ROOM`, `NOTHING_MORE` (will happen) or `TOO_MUCH`.
    int
        How many words were looked at.
    """
    n = len(patterns)
    n_words = len(joined) // n
    lune = np.empty(n_words, np.uint64)
    outside, expanded = np.empty(n_words, np.uint64), np.empty(n_words, np.uint64)
    earlier = np.empty(n_words, np.uint64)
    lows = np.empty(n, np.int64)
    queue = np.empty(MOST_QUEUED + 2, np.int32)
    waiting = np.zeros(len(pairs) // 64 + 1, np.uint64)
    total = np.zeros(len(dead), np.uint64)
    n_merges, n_births, n_dead = so_far[N_MERGES], so_far[N_BIRTHS], so_far[N_DEAD]
    n_noted, last_length = so_far[N_NOTED], so_far[LAST_LENGTH]
    words = 0
    outcome = ALL_LOOKED_AT
    edge = so_far[N_EDGES]
    while edge < len(pairs):
        u, v = np.int64(pairs[edge] >> END_BITS), np.int64(pairs[edge] & LOW_END)
        at_u, at_v = places[u], places[v]
        has_apex = False
        for word in range(0, n_words, BLOCK):
            has_apex |= meet(
                joined, at_u * n_words + word, joined, at_v * n_words + word, lune, word
            )
        if not has_apex:
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
            apex, n_lows, looked_at = link_components(
                at_u, points, joined, near, lune, outside, expanded, earlier, lows
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
                        queue,
                        waiting,
                        total,
                        relations,
                        dead,
                        null,
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
        _add(joined, at_u * n_words, at_v)
        _add(joined, at_v * n_words, at_u)
        edge += 1
        if n_births > n_dead:
            while n_noted < edge:  # what came while no loop was alive, too
                u, v = np.int64(pairs[n_noted] >> END_BITS), np.int64(pairs[n_noted] & LOW_END)
                at_u, at_v = places[u], places[v]
                near[at_u, degrees[at_u]], near[at_v, degrees[at_v]] = at_v, at_u
                degrees[at_u] += 1
                degrees[at_v] += 1
                ranks[u, v] = ranks[v, u] = n_noted
                n_noted += 1
        elif is_more and n_merges == n - 1:
            if last_length == UNKNOWN:
                last_length, so_far[LAST_PAIR] = last_birth_to_come(
                    patterns, radius, points, joined, near, degrees
                )
            length, pair = np.int64(patterns[u, v]), np.int64(pairs[edge - 1])
            if length > last_length or (length == last_length and pair >= so_far[LAST_PAIR]):
                outcome = NOTHING_MORE
                break
    so_far[N_EDGES], so_far[N_NOTED], so_far[LAST_LENGTH] = edge, n_noted, last_length
    so_far[N_MERGES], so_far[N_BIRTHS], so_far[N_DEAD] = n_merges, n_births, n_dead
    return outcome, words


@kernel(allocates=False)
def _add(rows: np.ndarray, start: int, member: int) -> None:
    rows[start + (member >> 6)] |= ONE << np.uint64(member & 63)


@kernel(allocates=False)
def _unite(component: np.ndarray, u: int, v: int) -> None:
    stays, goes = component[u], component[v]
    for x in range(len(component)):
        if component[x] == goes:
            component[x] = stays


@kernel()
def _grown(members: np.ndarray, n: int) -> np.ndarray:
    """Return a set of loops with room for n of them, in whole blocks."""
    larger = np.zeros(BLOCK * ((n + 64 * BLOCK - 1) // (64 * BLOCK)), np.uint64)
    larger[: len(members)] = members
    return larger
