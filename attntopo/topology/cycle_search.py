"""The search for one shortest cycle, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import NONE, ONE, lowest_bit
from attntopo.topology.cycle_kernels import shortest_path_tree


@kernel()
def signatures(cocycles: np.ndarray, older: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sum, for every edge, the codes of the older loops that see it.

    Parameters
    ----------
    cocycles : ndarray of uint64, shape (n_edges, n_words)
        From `relation_kernels.cocycles`.
    older : ndarray of uint64, shape (n_words,)
    codes : ndarray of uint64, shape (64 n_words,)

    Returns
    -------
    ndarray of uint64, shape (n_edges,)
    """
    sums = np.zeros(len(cocycles), np.uint64)
    for edge in range(len(cocycles)):
        for word in range(len(older)):
            seen = cocycles[edge, word] & older[word]
            while seen:
                sums[edge] ^= codes[64 * word + lowest_bit(seen)]
                seen &= seen - ONE
    return sums


@kernel()
def searched_path(
    ranks: np.ndarray,
    near: np.ndarray,
    signature: np.ndarray,
    wanted: int,
    u: int,
    v: int,
    most_states: int,
) -> np.ndarray:
    """Find a shortest path from u to v of edges before uv whose signatures sum to `wanted`.

    A* over (point, signature so far), with the number of edges still to go at least as a bound.

    Parameters
    ----------
    ranks : ndarray of int32, shape (n, n)
    near : ndarray of uint16, shape (n, n)
        From `cycle_kernels.neighbours`.
    signature : ndarray of uint64, shape (n_edges,)
        From `signatures`, to uv at least.
    wanted : uint64
        That of uv.
    u, v : int
    most_states : int
        How many may be made before it is given up.

    Returns
    -------
    ndarray of int64, shape (n_points,)
        From u to v, where a point may come again; empty if there is none, or it was given up.
    """
    n, limit = len(ranks), ranks[u, v]
    none = np.empty((0, 0), np.uint64)
    to_go, _, _, _ = shortest_path_tree(ranks, near, ranks, none, v, limit)
    n_slots = 1
    while n_slots < 2 * most_states:
        n_slots *= 2
    slots = np.full(n_slots, -1)  # the best state so far of each (point, signature)
    point, before = np.empty(most_states, np.int64), np.empty(most_states, np.int64)
    hops, after = np.empty(most_states, np.int64), np.empty(most_states, np.int64)
    so_far = np.empty(most_states, np.uint64)
    buckets = np.full(4 * n + 4, -1)  # states yet to look at, by the length they can lead to
    point[0], before[0], hops[0], after[0], so_far[0] = u, -1, 0, -1, NONE
    slots[_slot(slots, point, so_far, u, NONE)] = 0
    buckets[to_go[u]] = 0
    n_states, length = 1, 0
    while length < 4 * n:
        state = buckets[length]
        if state < 0:
            length += 1
            continue
        buckets[length] = after[state]
        x = point[state]
        if slots[_slot(slots, point, so_far, x, so_far[state])] != state:
            continue  # reached by fewer edges since
        if x == v and so_far[state] == wanted:
            path = np.empty(hops[state] + 1, np.int64)
            for k in range(hops[state], -1, -1):
                path[k] = point[state]
                state = before[state]
            return path
        for k in range(n):
            y = np.int64(near[x, k])
            if ranks[x, y] >= limit:
                break
            total = so_far[state] ^ signature[ranks[x, y]]
            slot = _slot(slots, point, so_far, y, total)
            if slots[slot] >= 0 and hops[slots[slot]] <= hops[state] + 1:
                continue
            bound = hops[state] + 1 + to_go[y]
            if n_states == most_states or bound >= len(buckets):
                return np.empty(0, np.int64)
            point[n_states], so_far[n_states] = y, total
            before[n_states], hops[n_states] = state, hops[state] + 1
            after[n_states], buckets[bound] = buckets[bound], n_states
            slots[slot] = n_states
            n_states += 1
    return np.empty(0, np.int64)


@kernel()
def _slot(slots: np.ndarray, point: np.ndarray, so_far: np.ndarray, x: int, total: int) -> np.int64:
    """Return the place of a (point, signature) in the table, or the empty one it would take."""
    mixed = (total ^ (np.uint64(x) << np.uint64(40))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    slot = np.int64(mixed & np.uint64(len(slots) - 1))
    while slots[slot] >= 0 and (point[slots[slot]] != x or so_far[slots[slot]] != total):
        slot = (slot + 1) & (len(slots) - 1)
    return slot
