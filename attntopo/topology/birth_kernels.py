"""Whether loops are still to be born, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import NONE
from attntopo.topology.edge_sorting_kernel import MINUS_ZERO

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
def birth_to_come(
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
            has_apex = False
            for k in range(MOST_NEAR):
                has_apex |= patterns[v, first[u, k]] < length
            if has_apex or have_common(joined, u, v):
                continue
            for k in range(MOST_NEAR):
                has_apex |= patterns[u, first[v, k]] < length
            w = 0
            while not has_apex and w < n:
                has_apex = _is_earlier(patterns, u, w, u, v) and _is_earlier(patterns, v, w, u, v)
                w += 1
            if not has_apex:
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
def have_common(joined: np.ndarray, u: int, v: int) -> bool:
    """Say whether two points are joined, or to the same point."""
    word = 0
    while word < joined.shape[1] and not joined[u, word] & joined[v, word]:
        word += 1
    return word < joined.shape[1]
