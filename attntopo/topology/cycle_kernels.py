"""Shortest cycles, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.bit_rows import NONE


@kernel()
def neighbours(n: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """List each point's neighbours in the order in which they come.

    Parameters
    ----------
    n : int
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the edges in their order, as many as are asked for.

    Returns
    -------
    ndarray of uint16, shape (n, n)
        After a point's last neighbour the point itself.
    """
    near = np.empty((n, n), np.uint16)
    for x in range(n):
        near[x] = x
    degrees = np.zeros(n, np.int64)
    for edge in range(len(i)):
        u, v = i[edge], j[edge]
        near[u, degrees[u]], near[v, degrees[v]] = v, u
        degrees[u] += 1
        degrees[v] += 1
    return near


@kernel()
def shortest_paths(
    ranks: np.ndarray,
    near: np.ndarray,
    weights: np.ndarray,
    cocycles: np.ndarray,
    older: np.ndarray,
    ends: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find a path as `shortest_path` does for each of some edges, without a pause between.

    Parameters
    ----------
    ranks, near, weights, cocycles : ndarray
        As there.
    older : ndarray of uint64, shape (n_wanted, n_words)
    ends : ndarray of int64, shape (n_wanted, 2)

    Returns
    -------
    points : ndarray of int64
        All paths, one after the other.
    stops : ndarray of int64, shape (n_wanted,)
        Where each ends in it.
    """
    points = np.empty(64, np.int64)
    stops = np.empty(len(ends), np.int64)
    filled = 0
    for k in range(len(ends)):
        path = shortest_path(ranks, near, weights, cocycles, older[k], ends[k, 0], ends[k, 1])
        if filled + len(path) > len(points):
            larger = np.empty(2 * (filled + len(path)), np.int64)
            larger[:filled] = points[:filled]
            points = larger
        points[filled : filled + len(path)] = path
        filled += len(path)
        stops[k] = filled
    return points[:filled], stops


@kernel()
def shortest_path(
    ranks: np.ndarray,
    near: np.ndarray,
    weights: np.ndarray,
    cocycles: np.ndarray,
    older: np.ndarray,
    u: int,
    v: int,
) -> np.ndarray:
    """Find a short path from u to v of edges before uv, whose sum with uv no older loop sees.

    Parameters
    ----------
    ranks : ndarray of int32, shape (n, n)
        Number of each edge in the filtration.
    near : ndarray of uint16, shape (n, n)
        From `neighbours`.
    weights : ndarray of float64, shape (n, n)
        What tells paths of equally many edges apart.
    cocycles : ndarray of uint64, shape (n_edges, n_words)
        From `relation_kernels.cocycles`, to uv at least.
    older : ndarray of uint64, shape (n_words,)
        The loops that may not be wound round.
    u, v : int

    Returns
    -------
    ndarray of int64, shape (n_points,)
        From u to v; empty if there is none.
    """
    n, n_words = len(ranks), len(older)
    limit = ranks[u, v]
    hops_u, weight_u, parent_u, sum_u = shortest_path_tree(ranks, near, weights, cocycles, u, limit)
    hops_v, weight_v, parent_v, sum_v = shortest_path_tree(ranks, near, weights, cocycles, v, limit)
    best_hops, best_weight, best_x, best_y = 4 * n, np.inf, -1, -1
    for x in range(n):
        if hops_u[x] < 0 or hops_u[x] + 1 > best_hops:
            continue
        for k in range(n):
            y = near[x, k]
            edge = ranks[x, y]
            if edge >= limit:
                break
            hops = hops_u[x] + 1 + hops_v[y]
            if hops > best_hops or hops_v[y] < 0:
                continue
            weight = weight_u[x] + weights[x, y] + weight_v[y]
            # x goes up: of those as good as each other the first, by x and then by y, stays.
            if hops == best_hops and (
                weight > best_weight or (weight == best_weight and (x > best_x or y > best_y))
            ):
                continue
            seen = NONE
            for word in range(n_words):
                total = sum_u[x, word] ^ sum_v[y, word]
                total ^= cocycles[edge, word] ^ cocycles[limit, word]
                seen |= total & older[word]
            if not seen:
                best_hops, best_weight, best_x, best_y = hops, weight, x, y
    if best_x < 0:
        return np.empty(0, np.int64)
    path = np.empty(best_hops + 1, np.int64)
    at = hops_u[best_x]
    x = best_x
    for k in range(at, -1, -1):
        path[k] = x
        x = parent_u[x]
    y = best_y
    for k in range(at + 1, best_hops + 1):
        path[k] = y
        y = parent_v[y]
    return path


@kernel()
def shortest_path_tree(
    ranks: np.ndarray,
    near: np.ndarray,
    weights: np.ndarray,
    cocycles: np.ndarray,
    root: int,
    limit: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Build the tree of shortest paths, by edges and then by weight, of edges before a limit.

    Of parents as good as each other the one with the lowest number is taken.

    Parameters
    ----------
    ranks, near, weights, cocycles : ndarray
        As for `shortest_path`.
    root, limit : int

    Returns
    -------
    hops : ndarray of int64, shape (n,)
        Edges from the root to each point; -1 where no path leads.
    weight : ndarray of float64, shape (n,)
        Sum of the path's weights.
    parent : ndarray of int64, shape (n,)
        The point before; -1 for the root.
    sums : ndarray of uint64, shape (n, n_words)
        Sum of the cocycles' bits along the path.
    """
    n, n_words = len(ranks), cocycles.shape[1]
    hops = np.full(n, -1)
    weight = np.zeros(n)
    parent = np.full(n, -1)
    sums = np.zeros((n, n_words), np.uint64)
    queue = np.empty(n, np.int64)
    queue[0] = root
    hops[root] = 0
    start, end = 0, 1
    while start < end:
        x = queue[start]
        start += 1
        if x != root:  # all of the level before is done: its parent is settled
            for word in range(n_words):
                sums[x, word] = sums[parent[x], word] ^ cocycles[ranks[parent[x], x], word]
        for k in range(n):
            y = near[x, k]
            if ranks[x, y] >= limit:
                break
            if hops[y] < 0:
                hops[y] = hops[x] + 1
                weight[y] = weight[x] + weights[x, y]
                parent[y] = x
                queue[end] = y
                end += 1
            elif hops[y] == hops[x] + 1:
                other = weight[x] + weights[x, y]
                if other < weight[y] or (other == weight[y] and x < parent[y]):
                    weight[y] = other
                    parent[y] = x
    return hops, weight, parent, sums
