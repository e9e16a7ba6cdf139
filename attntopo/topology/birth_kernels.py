"""Whether loops are still to be born, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import BLOCK, NONE, have_common
from attntopo.topology.edge_sorting_kernel import MINUS_ZERO

MOST_NEAR = 4
"""First neighbours of either end that are tried before all points are."""


@kernel()
def last_birth_to_come(
    patterns: np.ndarray,
    radius: int,
    points: np.ndarray,
    joined: np.ndarray,
    near: np.ndarray,
    degrees: np.ndarray,
) -> tuple[np.int64, np.int64]:
    """Return the last of the edges to come whose lune is empty, or -1, -1.

    Only edges whose ends have no neighbour in common so far can be such.

    Parameters
    ----------
    patterns : ndarray of uint64, shape (n, n)
        Bit patterns of the distances.
    radius : uint64
        The longest length that matters.
    points, joined, near, degrees : ndarray
        Neighbours so far, by places, as in `link_kernels.link_edges`.

    Returns
    -------
    length : int64
        Its bit pattern.
    pair : int64
        Its ends i < j as 65,536 i + j.
    """
    n = len(patterns)
    first = np.empty((n, MOST_NEAR), np.uint16)
    for x in range(n):
        for k in range(MOST_NEAR):
            first[x, k] = points[near[x, k] if k < degrees[x] else x]
    last, last_pair = np.int64(-1), np.int64(-1)
    # The last births are between points that have few neighbours, which come last.
    for b in range(n - 1, -1, -1):
        for a in range(b):
            u, v = points[a], points[b]
            length = NONE if patterns[v, u] == MINUS_ZERO else patterns[v, u]
            if length > radius or np.int64(length) < last:
                continue
            if share_neighbours(joined, n, a, b):
                continue
            # What is near u already came before uv: is it nearer to v, too?
            has_apex = False
            for k in range(MOST_NEAR):
                has_apex |= patterns[v, first[a, k]] < length
            if has_apex:
                continue
            for k in range(MOST_NEAR):
                has_apex |= patterns[u, first[b, k]] < length
            u, v, w = min(u, v), max(u, v), 0
            while not has_apex and w < n:
                has_apex = _is_earlier(patterns, u, w, u, v) and _is_earlier(patterns, v, w, u, v)
                w += 1
            pair = np.int64((u << 16) | v)
            if not has_apex and (np.int64(length) > last or pair > last_pair):
                last, last_pair = np.int64(length), pair
    return last, last_pair


@kernel(allocates=False)
def _is_earlier(patterns: np.ndarray, a: int, b: int, u: int, v: int) -> bool:
    """Say whether the edge ab comes before the edge uv, with u < v."""
    length = NONE if patterns[a, b] == MINUS_ZERO else patterns[a, b]
    latest = NONE if patterns[u, v] == MINUS_ZERO else patterns[u, v]
    if a == b or length != latest:
        return bool(a != b and length < latest)
    low = min(a, b)
    return low < u or (low == u and max(a, b) < v)


@kernel(allocates=False)
def share_neighbours(joined: np.ndarray, n: int, u: int, v: int) -> bool:
    """Say whether two of n points are joined, or to the same point."""
    n_words, share = len(joined) // n, False
    for word in range(0, n_words, BLOCK):
        share |= have_common(joined, u * n_words + word, joined, v * n_words + word)
    return share
