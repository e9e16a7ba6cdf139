"""The annotation algorithm, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
ONE = np.uint64(1)
NONE = np.uint64(0)


@kernel()
def annotate(
    n: int, i: np.ndarray, j: np.ndarray, n_words: int
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Go through the edges i[k], j[k] in order; see `attntopo.topology.rips_bars` for the method.

    Returns
    -------
    bool
        False if more than 64 `n_words` loops were alive at a time: then nothing else counts.
    ndarray of int64, shape (n - 1 or less,)
        Numbers of the edges that merge components.
    ndarray of int64, shape (n_loops, 3)
        Number of the birth edge, number of the death edge, and the apex of the death triangle.
    """
    annotation = np.zeros((n, n_words, n), np.uint64)
    present = np.zeros((n, n), np.uint64)
    joined = np.zeros((n, (n + 63) // 64), np.uint64)  # the same, a bit an edge
    component = np.arange(n)
    born = np.full(64 * n_words, -1)  # number of the birth edge of the loop with that bit
    merges = np.empty(n, np.int64)
    loops = np.empty((len(i), 3), np.int64)
    n_merges, n_loops, n_alive = 0, 0, 0
    change = np.empty(n_words, np.uint64)
    for edge in range(len(i)):
        u, v = i[edge], j[edge]
        apex = first_apex(joined[u], joined[v])
        if apex < 0 and component[u] != component[v]:
            component[component == component[v]] = component[u]
            merges[n_merges] = edge
            n_merges += 1
        elif apex < 0:
            free = np.nonzero(born < 0)[0]
            if not len(free):
                return False, merges[:0], loops[:0]
            bit = free[0]
            born[bit] = edge
            n_alive += 1
            word, place = divmod(bit, 64)
            annotation[u, word, v] = annotation[v, word, u] = ONE << np.uint64(place)
        elif n_alive:
            for word in range(n_words):
                value = annotation[u, word, apex] ^ annotation[v, word, apex]
                annotation[u, word, v] = annotation[v, word, u] = value
            while n_alive:
                apex = _apex_that_kills(annotation, present, u, v)
                if apex < 0:
                    break
                for word in range(n_words):
                    change[word] = (
                        annotation[u, word, v]
                        ^ annotation[u, word, apex]
                        ^ annotation[v, word, apex]
                    )
                bit = youngest(change, born)
                loops[n_loops] = born[bit], edge, apex
                n_loops += 1
                add_to_carriers(annotation, bit, change)
                born[bit] = -1
                n_alive -= 1
        present[u, v] = present[v, u] = ALL
        join_edge(joined, u, v)
    return True, merges[:n_merges], loops[:n_loops]


@kernel()
def count_loops(n: int, i: np.ndarray, j: np.ndarray) -> int:
    """Count the loops that are born: edges without an apex that merge nothing."""
    joined = np.zeros((n, (n + 63) // 64), np.uint64)
    without_apex = 0
    for edge in range(len(i)):
        u, v = i[edge], j[edge]
        without_apex += first_apex(joined[u], joined[v]) < 0
        join_edge(joined, u, v)
    return without_apex - (n - 1)


@kernel()
def first_apex(from_u: np.ndarray, from_v: np.ndarray) -> int:
    """Return the first point that both are joined to, or -1; a bit a point, as `join_edge` sets."""
    for word in range(len(from_u)):
        common = from_u[word] & from_v[word]
        if common:
            bit = 0
            while not (common >> np.uint64(bit)) & ONE:
                bit += 1
            return 64 * word + bit
    return -1


@kernel()
def join_edge(joined: np.ndarray, u: int, v: int) -> None:
    """Add the edge uv to the graph whose rows are bits, uint64 of shape (n, n / 64 or more)."""
    joined[u, v // 64] |= ONE << np.uint64(v % 64)
    joined[v, u // 64] |= ONE << np.uint64(u % 64)


@kernel()
def _apex_that_kills(annotation: np.ndarray, present: np.ndarray, u: int, v: int) -> int:
    """Return the first apex whose triangle isn't annotated 0, or -1."""
    from_u, from_v = present[u], present[v]
    n_words = annotation.shape[1]
    some = NONE
    # All apexes at once first, without a branch: nearly always there is none.
    for word in range(n_words):
        row_u, row_v, value = annotation[u, word], annotation[v, word], annotation[u, word, v]
        for w in range(len(from_u)):
            some |= from_u[w] & from_v[w] & (row_u[w] ^ row_v[w] ^ value)
    if not some:
        return -1
    for w in range(len(from_u)):
        if from_u[w] & from_v[w]:
            for word in range(n_words):
                if annotation[u, word, w] ^ annotation[v, word, w] ^ annotation[u, word, v]:
                    return w
    return -1


@kernel()
def youngest(change: np.ndarray, born: np.ndarray) -> int:
    """Return the bit of `change`, uint64 of shape (n_words,), whose loop was born last.

    `born` has the number of the birth edge for each bit, int64 of shape (64 n_words,).
    """
    last = -1
    for bit in range(len(born)):
        if (change[bit // 64] >> np.uint64(bit % 64)) & ONE and (
            last < 0 or born[bit] > born[last]
        ):
            last = bit
    return last


@kernel()
def add_to_carriers(annotation: np.ndarray, bit: int, change: np.ndarray) -> None:
    """Add `change`, uint64 of shape (n_words,), to every edge whose annotation has the bit.

    Where `change` has the bit too, no edge has it from then on.
    """
    n, n_words = len(annotation), annotation.shape[1]
    place = np.uint64(bit % 64)
    carriers = np.empty(n, np.uint64)
    for x in range(n):
        some = NONE
        for y in range(n):
            carriers[y] = NONE - ((annotation[x, bit // 64, y] >> place) & ONE)
            some |= carriers[y]
        if some:
            for word in range(n_words):
                if change[word]:
                    for y in range(n):
                        annotation[x, word, y] ^= carriers[y] & change[word]
