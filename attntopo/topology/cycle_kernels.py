"""Cocycles and shortest cycles, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.topology.rips_kernel import (
    NONE,
    ONE,
    add_to_carriers,
    first_apex,
    join_edge,
    youngest,
)


@kernel()
def cocycles(n: int, i: np.ndarray, j: np.ndarray, loops: np.ndarray, n_words: int) -> np.ndarray:
    """Annotate as `rips_kernel.annotate` does, but let each loop's bit stand when it dies.

    Parameters
    ----------
    n : int
        Number of points.
    i, j : ndarray of int64, shape (n_edges,)
        Ends of the edges, in order.
    loops : ndarray of int64, shape (n_loops, 3)
        All loops of these edges, from `rips_kernel.annotate`.
    n_words : int
        At least n_loops / 64.

    Returns
    -------
    ndarray of uint64, shape (n, n_words, n)
        Bit q of [u, :, v]: whether the cocycle of the q-th loop born, frozen at its death, holds
        the edge uv.
    """
    annotation = np.zeros((n, n_words, n), np.uint64)
    joined = np.zeros((n, (n + 63) // 64), np.uint64)
    births = np.sort(loops[:, 0])
    bits = np.arange(64 * n_words)  # in the order of births
    living = np.zeros(n_words, np.uint64)
    change = np.empty(n_words, np.uint64)
    n_born, n_dead = 0, 0
    for edge in range(len(i)):
        u, v = i[edge], j[edge]
        apex = first_apex(joined[u], joined[v])
        if n_born < len(births) and births[n_born] == edge:
            word, place = divmod(n_born, 64)
            annotation[u, word, v] = annotation[v, word, u] = ONE << np.uint64(place)
            living[word] |= ONE << np.uint64(place)
            n_born += 1
        elif apex >= 0 and n_dead < n_born:
            for word in range(n_words):
                value = (annotation[u, word, apex] ^ annotation[v, word, apex]) & living[word]
                annotation[u, word, v] = annotation[v, word, u] = value
            while n_dead < len(loops) and loops[n_dead, 1] == edge:
                apex = loops[n_dead, 2]
                for word in range(n_words):
                    total = annotation[u, word, apex] ^ annotation[v, word, apex]
                    change[word] = (total ^ annotation[u, word, v]) & living[word]
                bit = youngest(change, bits)
                # Its edges get the other loops of the sum, and keep its own bit.
                living[bit // 64] &= ~(ONE << np.uint64(bit % 64))
                add_to_carriers(annotation, bit, change & living)
                n_dead += 1
        join_edge(joined, u, v)
    return annotation


@kernel()
def shortest_paths(
    ranks: np.ndarray,
    weights: np.ndarray,
    annotation: np.ndarray,
    older: np.ndarray,
    ends: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find a path as `shortest_path` does for each of some edges, without a pause between.

    Parameters
    ----------
    ranks, weights, annotation : ndarray
        As there.
    older : ndarray of uint64, shape (n_edges, n_words)
    ends : ndarray of int64, shape (n_edges, 2)

    Returns
    -------
    points : ndarray of int64
        All paths, one after the other.
    stops : ndarray of int64, shape (n_edges,)
        Where each ends in it.
    """
    points = np.empty(64, np.int64)
    stops = np.empty(len(ends), np.int64)
    filled = 0
    for k in range(len(ends)):
        path = shortest_path(ranks, weights, annotation, older[k], ends[k, 0], ends[k, 1])
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
    weights: np.ndarray,
    annotation: np.ndarray,
    older: np.ndarray,
    u: int,
    v: int,
) -> np.ndarray:
    """Find a short path from u to v of edges before uv, whose sum with uv no older loop sees.

    Parameters
    ----------
    ranks : ndarray of int32, shape (n, n)
        Number of each edge in the filtration.
    weights : ndarray of float64, shape (n, n)
        What tells paths of equally many edges apart.
    annotation : ndarray of uint64
        From `cocycles`.
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
    hops_u, weight_u, parent_u, sum_u = shortest_path_tree(ranks, weights, annotation, u, limit)
    hops_v, weight_v, parent_v, sum_v = shortest_path_tree(ranks, weights, annotation, v, limit)
    best_hops, best_weight, best_x, best_y = 4 * n, np.inf, -1, -1
    for x in range(n):
        if hops_u[x] < 0 or hops_u[x] + 1 > best_hops:
            continue
        for y in range(n):
            hops = hops_u[x] + 1 + hops_v[y]
            if hops > best_hops or hops_v[y] < 0 or ranks[x, y] >= limit or x == y:
                continue
            weight = weight_u[x] + weights[x, y] + weight_v[y]
            if hops == best_hops and weight >= best_weight:
                continue
            seen = NONE
            for word in range(n_words):
                total = sum_u[x, word] ^ sum_v[y, word]
                total ^= annotation[x, word, y] ^ annotation[u, word, v]
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
    ranks: np.ndarray, weights: np.ndarray, annotation: np.ndarray, root: int, limit: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Build the tree of shortest paths, by edges and then by weight, of edges before a limit.

    Parameters
    ----------
    ranks, weights, annotation : ndarray
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
        Sum of the annotations along the path.
    """
    n, n_words = len(ranks), annotation.shape[1]
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
                sums[x, word] = sums[parent[x], word] ^ annotation[parent[x], word, x]
        for y in range(n):
            if ranks[x, y] >= limit or x == y:
                continue
            if hops[y] < 0:
                hops[y] = hops[x] + 1
                weight[y] = weight[x] + weights[x, y]
                parent[y] = x
                queue[end] = y
                end += 1
            elif hops[y] == hops[x] + 1 and weight[x] + weights[x, y] < weight[y]:
                weight[y] = weight[x] + weights[x, y]
                parent[y] = x
    return hops, weight, parent, sums
