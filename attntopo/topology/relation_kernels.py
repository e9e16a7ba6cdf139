"""Relations between loops, and cocycles, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import NONE, ONE, highest_bit
from attntopo.topology.link_kernels import FIRST_BIRTH

MOST_STACKED = 1024
"""Edges that may wait on the stack, or be looked at, before each is made to be looked at once."""


@kernel()
def relate_loops(
    i: np.ndarray,
    j: np.ndarray,
    births: np.ndarray,
    apexes: np.ndarray,
    triangles: np.ndarray,
    most_words: int,
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Reduce the relations of critical triangles, in their order; the youngest loop of each dies.

    Parameters
    ----------
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the edges.
    births, apexes, triangles : ndarray
        From `link_kernels.classify_edges`.
    most_words : int
        How many words may be looked at before it is given up.

    Returns
    -------
    bool
        False if it was given up: then nothing else counts.
    loops : ndarray of int64, shape (n_loops, 3)
        Number of the loop in the order of births, number of the death edge, and apex of the death
        triangle, in the order of deaths.
    relations : ndarray of uint64
        For each loop b in the order of births b // 64 + 1 words, from `n_relation_words(b)` on: the
        loops, b the youngest, whose sum becomes a boundary as b dies.
    """
    n_births = len(births)
    relations = np.empty(n_relation_words(n_births), np.uint64)
    dead = np.zeros(n_births, np.bool_)
    loops, n_dead = np.empty((n_births, 3), np.int64), 0
    total = np.zeros((n_births + 63) // 64, np.uint64)
    stack = np.empty((MOST_STACKED + 8, 2), np.int32)
    ranks, waiting = np.empty((0, 0), np.int32), np.empty(0, np.uint64)
    n_born, words = 0, 0
    for triangle in range(len(triangles)):
        edge, apex = triangles[triangle, 0], triangles[triangle, 1]
        while n_born < n_births and births[n_born] < edge:
            n_born += 1
        if n_dead == n_born:
            continue
        stack[0, 0] = stack[2, 0] = i[edge]
        stack[1, 0] = stack[3, 0] = j[edge]
        stack[:2, 1] = apexes[i[edge], j[edge]]
        stack[2:4, 1] = apex
        left, looked_at = _flow(apexes, stack, 4, total)
        words += looked_at
        if left:
            if not len(ranks):
                ranks, waiting = _ranks(i, j, len(apexes)), np.zeros(edge // 64 + 1, np.uint64)
            if len(waiting) < edge // 64 + 1:
                waiting = np.zeros(max(edge // 64 + 1, 2 * len(waiting)), np.uint64)
            words += _flow_in_order(i, j, apexes, ranks, stack, left, waiting, edge, total)
        youngest, looked_at = _reduce(total, relations, dead, n_born)
        words += looked_at
        if youngest >= 0:
            dead[youngest] = True
            loops[n_dead, 0], loops[n_dead, 1], loops[n_dead, 2] = youngest, edge, apex
            n_dead += 1
        if words > most_words:
            return False, loops, relations
    return True, loops[:n_dead], relations


@kernel()
def n_relation_words(n_loops: int) -> int:
    """Return how many words the relations of the first loops take: b // 64 + 1 for each loop b."""
    whole, rest = divmod(n_loops, 64)
    return 32 * whole * (whole + 1) + rest * (whole + 1)


@kernel()
def _flow(
    apexes: np.ndarray, stack: np.ndarray, n_stacked: int, total: np.ndarray
) -> tuple[int, int]:
    """Add to a total the births that the stacked edges come down to, by the noted apexes.

    Returns
    -------
    int
        How many edges are left on the stack, as there was no room or there were too many.
    int
        How many were looked at.
    """
    looked_at = 0
    while n_stacked and n_stacked < MOST_STACKED and looked_at < 16 * MOST_STACKED:
        n_stacked -= 1
        looked_at += 1
        x, y = stack[n_stacked, 0], stack[n_stacked, 1]
        apex = apexes[x, y]
        if apex >= 0:
            stack[n_stacked, 1] = apex
            stack[n_stacked + 1, 0], stack[n_stacked + 1, 1] = y, apex
            n_stacked += 2
        elif apex <= FIRST_BIRTH:
            birth = FIRST_BIRTH - apex
            total[birth >> 6] ^= ONE << np.uint64(birth & 63)
    return n_stacked, looked_at


@kernel()
def _flow_in_order(
    i: np.ndarray,
    j: np.ndarray,
    apexes: np.ndarray,
    ranks: np.ndarray,
    stack: np.ndarray,
    n_stacked: int,
    waiting: np.ndarray,
    latest: int,
    total: np.ndarray,
) -> int:
    """Do what `_flow` does from the latest edge down: each edge is looked at once, or not at all.

    Returns
    -------
    int
        How many words and edges were looked at.
    """
    for k in range(n_stacked):
        _toggle(waiting, ranks[stack[k, 0], stack[k, 1]])
    looked_at = latest // 64 + 1
    for word in range(latest // 64, -1, -1):
        while waiting[word]:
            edge = 64 * word + highest_bit(waiting[word])
            _toggle(waiting, edge)
            looked_at += 1
            apex = apexes[i[edge], j[edge]]
            if apex >= 0:
                _toggle(waiting, ranks[i[edge], apex])
                _toggle(waiting, ranks[j[edge], apex])
            elif apex <= FIRST_BIRTH:
                _toggle(total, FIRST_BIRTH - apex)
    return looked_at


@kernel()
def _toggle(members: np.ndarray, member: int) -> None:
    members[member >> 6] ^= ONE << np.uint64(member & 63)


@kernel()
def _ranks(i: np.ndarray, j: np.ndarray, n: int) -> np.ndarray:
    ranks = np.empty((n, n), np.int32)
    for edge in range(len(i)):
        ranks[i[edge], j[edge]] = ranks[j[edge], i[edge]] = edge
    return ranks


@kernel()
def _reduce(
    total: np.ndarray, relations: np.ndarray, dead: np.ndarray, n_born: int
) -> tuple[int, int]:
    """Reduce a sum of the loops born by the relations so far, and note it; leave the total 0.

    Returns
    -------
    int
        The loop that dies, or -1.
    int
        How many words were looked at.
    """
    looked_at = 0
    for word in range((n_born + 63) // 64 - 1, -1, -1):
        while total[word]:
            youngest = 64 * word + highest_bit(total[word])
            start = n_relation_words(youngest)
            looked_at += word + 1
            if not dead[youngest]:
                for w in range(word + 1):
                    relations[start + w] = total[w]
                    total[w] = NONE
                return youngest, looked_at
            for w in range(word + 1):
                total[w] ^= relations[start + w]
    return -1, looked_at


@kernel()
def cocycles(
    i: np.ndarray,
    j: np.ndarray,
    apexes: np.ndarray,
    ranks: np.ndarray,
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
    apexes, relations : ndarray
        From `link_kernels.classify_edges` and `relate_loops`.
    ranks : ndarray of int32, shape (n, n)
        Number of each edge.
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
        apex = apexes[u, v]
        if apex >= 0:
            a, b = ranks[u, apex], ranks[v, apex]
            for word in range(n_words):
                of_edges[edge, word] = of_edges[a, word] ^ of_edges[b, word]
        elif apex <= FIRST_BIRTH:
            of_edges[edge] = of_births[FIRST_BIRTH - apex]
    return of_edges
