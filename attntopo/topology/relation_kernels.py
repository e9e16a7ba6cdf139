"""Relations between loops, and cocycles, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import BLOCK, NONE, ONE, highest_bit, leave_out, n_bits, toggle_all
from attntopo.topology.edge_scan_kernel import END_BITS

MERGE = -1
"""Stands for the apex of an edge whose class is 0: as of one that merges two components."""
FIRST_BIRTH = -2
"""Stands for the apex of the edge that gives birth to the first loop; -3 for the second, …"""
LOW_END = np.uint32(0xFFFF)
"""An edge with the ends i < j is 65,536 i + j."""
LOOP_BITS = 9
IN_BLOCK = 64 * BLOCK - 1
"""Loop b is bit b % 512 of block b >> 9."""
MOST_QUEUED = 4096
"""Edges that may be looked at one by one, before each is made to be looked at once."""


@kernel(allocates=False)
def relate(
    u: int,
    v: int,
    apex: int,
    other: int,
    pairs: np.ndarray,
    ranks: np.ndarray,
    apexes: np.ndarray,
    queue: np.ndarray,
    waiting: np.ndarray,
    total: np.ndarray,
    relations: np.ndarray,
    dead: np.ndarray,
    null: np.ndarray,
    n_births: int,
) -> tuple[int, int]:
    """Find what a critical triangle makes a boundary; the youngest loop of it dies.

    Parameters
    ----------
    u, v : int
        The latest edge.
    apex, other : int
        A point of the first component of its link, and one of another.
    pairs, ranks, apexes : ndarray
        Of the edges before, as in `link_kernels.link_edges`.
    queue : ndarray of int32, shape (MOST_QUEUED + 2,)
    waiting : ndarray of uint64
        A bit an edge: 0, and left so.
    total : ndarray of uint64
        A bit a loop: 0, and left so.
    relations : ndarray of uint64
        Those so far; that of the loop that dies is put among them.
    dead, null : ndarray of uint64
        A bit a loop: whether it is dead, and a boundary by itself; that which dies is noted.
    n_births : int
        Loops so far.

    Returns
    -------
    int
        The loop that dies, or -1.
    int
        How many words were looked at.
    """
    queue[0], queue[1] = ranks[u, apex], ranks[v, apex]
    queue[2], queue[3] = ranks[u, other], ranks[v, other]
    words, n_queued = _flow(pairs, ranks, apexes, queue, 4, total)
    if words < n_queued:
        left = queue[words:n_queued]
        words += _flow_in_order(pairs, ranks, apexes, left, waiting, total)
    youngest, looked_at = _reduce(total, relations, dead, null, n_births)
    return youngest, words + looked_at


@kernel(allocates=False)
def n_relation_words(n_loops: int) -> int:
    """Return how many words the relations of the first loops take: whole blocks for each."""
    whole, rest = n_loops >> LOOP_BITS, n_loops & IN_BLOCK
    return BLOCK * (whole + 1) * (32 * BLOCK * whole + rest)


@kernel(allocates=False)
def _flow(
    pairs: np.ndarray,
    ranks: np.ndarray,
    apexes: np.ndarray,
    queue: np.ndarray,
    n_queued: int,
    total: np.ndarray,
) -> tuple[int, int]:
    """Add to a total the births that the queued edges come down to, by the noted apexes.

    First come, first served: then one needn't be waited for before the next is looked up.

    Returns
    -------
    int
        How many edges were looked at.
    int
        How many were queued; those that weren't looked at are left to do.
    """
    looked_at = 0
    while looked_at < n_queued and n_queued <= MOST_QUEUED:
        edge = queue[looked_at]
        looked_at += 1
        apex = apexes[edge]
        if apex >= 0:
            queue[n_queued] = ranks[pairs[edge] >> END_BITS, apex]
            queue[n_queued + 1] = ranks[pairs[edge] & LOW_END, apex]
            n_queued += 2
        elif apex <= FIRST_BIRTH:
            _toggle(total, FIRST_BIRTH - apex)
    return looked_at, n_queued


@kernel(allocates=False)
def _flow_in_order(
    pairs: np.ndarray,
    ranks: np.ndarray,
    apexes: np.ndarray,
    queue: np.ndarray,
    waiting: np.ndarray,
    total: np.ndarray,
) -> int:
    """Do what `_flow` does from the latest edge down: each edge is looked at once, or not at all.

    Returns
    -------
    int
        How many words and edges were looked at.
    """
    latest = 0
    for k in range(len(queue)):
        _toggle(waiting, queue[k])
        latest = max(latest, queue[k])
    looked_at = latest // 64 + 1
    for word in range(latest // 64, -1, -1):
        while waiting[word]:
            edge = 64 * word + highest_bit(waiting[word])
            _toggle(waiting, edge)
            looked_at += 1
            apex = apexes[edge]
            if apex >= 0:
                _toggle(waiting, ranks[pairs[edge] >> END_BITS, apex])
                _toggle(waiting, ranks[pairs[edge] & LOW_END, apex])
            elif apex <= FIRST_BIRTH:
                _toggle(total, FIRST_BIRTH - apex)
    return looked_at


@kernel(allocates=False)
def _toggle(members: np.ndarray, member: int) -> None:
    members[member >> 6] ^= ONE << np.uint64(member & 63)


@kernel(allocates=False)
def _reduce(
    total: np.ndarray, relations: np.ndarray, dead: np.ndarray, null: np.ndarray, n_born: int
) -> tuple[int, int]:
    """Reduce a sum of the loops born by the relations so far, and note it; leave the total 0.

    It comes down to loops alive: a relation that is noted so makes those to come shorter.

    Returns
    -------
    int
        The loop that dies, or -1.
    int
        How many words were looked at.
    """
    looked_at = BLOCK * ((n_born + 64 * BLOCK - 1) // (64 * BLOCK))
    left = False
    for word in range(0, looked_at, BLOCK):
        left |= leave_out(total, word, null, word, total, word)
    if not left:
        return -1, looked_at
    youngest = -1
    for word in range((n_born + 63) // 64 - 1, -1, -1):
        n_words = BLOCK * (word // BLOCK + 1)
        members = total[word] & dead[word]
        while members:
            start = n_relation_words(64 * word + highest_bit(members))
            for w in range(0, n_words, BLOCK):
                toggle_all(total, w, relations, start + w)
            looked_at += n_words
            members = total[word] & dead[word]
        if youngest < 0 and total[word]:
            youngest = 64 * word + highest_bit(total[word])
    if youngest >= 0:
        start, n_members = n_relation_words(youngest), 0
        n_words = BLOCK * (youngest // (64 * BLOCK) + 1)
        for w in range(n_words):
            n_members += n_bits(total[w])
            relations[start + w] = total[w]
            total[w] = NONE
        looked_at += n_words
        _toggle(dead, youngest)
        if n_members == 1:
            _toggle(null, youngest)
    return youngest, looked_at


@kernel()
def cocycles(
    i: np.ndarray,
    j: np.ndarray,
    ranks: np.ndarray,
    apexes: np.ndarray,
    relations: np.ndarray,
    deaths: np.ndarray,
    chosen: np.ndarray,
) -> np.ndarray:
    """Tell, for each edge and each chosen loop, whether the loop's cocycle holds the edge.

    The cocycle of a loop t is that which is frozen at its death: on a birth b whether t is in b,
    as the relations before t's death reduce it; on other edges the sum of the two sides of the
    noted triangle. On edges after t's death it means nothing.

    Parameters
    ----------
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the first edges, as many as are asked for.
    ranks, apexes, relations : ndarray
        As in `link_kernels.link_edges`.
    deaths : ndarray of int64, shape (n_births,)
        Place of each birth's death in the order of deaths.
    chosen : ndarray of int64, shape (n_chosen,)
        Loops, by number in the order of births, in the order of deaths.

    Returns
    -------
    ndarray of uint64, shape (n_edges, (n_chosen + 63) // 64)
        Bit q of a row: whether the q-th chosen loop's cocycle holds the edge.
    """
    n_words, n_births = (len(chosen) + 63) // 64, len(deaths)
    of_births = np.zeros((n_births, n_words), np.uint64)
    of_edges = np.zeros((len(i), n_words), np.uint64)
    place = np.full(n_births, -1)
    place[chosen] = np.arange(len(chosen))
    chosen_deaths = deaths[chosen]
    for birth in range(n_births):
        # Only cocycles of loops that die later are bound by this loop's relation.
        n_earlier = np.searchsorted(chosen_deaths, deaths[birth], side="right")
        first = n_earlier // 64
        start = n_relation_words(birth)
        for word in range(birth // 64 + 1):
            members = relations[start + word]
            while members and n_earlier < len(chosen):
                other = 64 * word + highest_bit(members)
                members ^= ONE << np.uint64(other & 63)
                if other != birth:
                    for w in range(first, n_words):
                        of_births[birth, w] ^= of_births[other, w]
        if n_earlier < len(chosen):
            of_births[birth, first] &= ~((ONE << np.uint64(n_earlier & 63)) - ONE)
        if place[birth] >= 0:
            _toggle(of_births[birth], place[birth])
    for edge in range(len(i)):
        u, v = i[edge], j[edge]
        apex = apexes[edge]
        if apex >= 0:
            a, b = ranks[u, apex], ranks[v, apex]
            for word in range(n_words):
                of_edges[edge, word] = of_edges[a, word] ^ of_edges[b, word]
        elif apex <= FIRST_BIRTH:
            of_edges[edge] = of_births[FIRST_BIRTH - apex]
    return of_edges
