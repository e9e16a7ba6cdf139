"""Components and edges of graphs of attention, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel


@kernel()
def n_weak_components(begins: np.ndarray, ends: np.ndarray) -> int:
    """Count the weakly connected components, by a union-find forest."""
    n = len(begins) - 1
    parent = np.arange(n)
    number = n
    for i in range(n):
        for place in range(begins[i], begins[i + 1]):
            a, b = i, ends[place]
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            if a != b:
                parent[max(a, b)] = min(a, b)
                number -= 1
    return number


@kernel()
def n_strong_components(begins: np.ndarray, ends: np.ndarray) -> int:
    """Count the strongly connected components: Tarjan's algorithm, without recursion.

    Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1 (1972).
    """
    n = len(begins) - 1
    met = np.full(n, -1)  # when each node was met first
    low = np.empty(n, np.int64)  # the earliest open node that it is known to lead to
    is_open = np.zeros(n, np.bool_)  # met, and its component isn't complete yet
    open_nodes, path = np.empty(n, np.int64), np.empty(n, np.int64)
    following = begins[:n].copy()
    n_met = n_open = number = 0
    for root in range(n):
        if met[root] >= 0:
            continue
        path[0] = root
        depth = 1
        while depth:
            node = path[depth - 1]
            if met[node] < 0:
                met[node] = low[node] = n_met
                open_nodes[n_open] = node
                is_open[node] = True
                n_met, n_open = n_met + 1, n_open + 1
            # An edge to a node that is met there is looked at again on the way back.
            while following[node] < begins[node + 1] and met[ends[following[node]]] >= 0:
                other = ends[following[node]]
                if is_open[other]:
                    low[node] = min(low[node], low[other])
                following[node] += 1
            if following[node] < begins[node + 1]:
                path[depth] = ends[following[node]]
                depth += 1
                continue
            depth -= 1
            if low[node] == met[node]:
                number += 1
                while is_open[node]:
                    n_open -= 1
                    is_open[open_nodes[n_open]] = False
    return number


@kernel()
def counts_at(
    rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """Count components and edges of the graphs of those edges that are at least a threshold.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, n)
        An entry for each edge, from its row to its column.
    starts, ends : ndarray of int64, shape (n_all,)
        Rows and columns of the edges at the least threshold, row by row.
    thresholds : ndarray of float64, shape (n_thresholds,)

    Returns
    -------
    ndarray of int64, shape (n_thresholds, 4)
        Weakly and strongly connected components, directed edges, and undirected edges.
    """
    n, n_all = len(rows), len(starts)
    there, back = np.empty(n_all), np.empty(n_all)
    for k in range(n_all):
        there[k], back[k] = rows[starts[k], ends[k]], rows[ends[k], starts[k]]
    counts = np.empty((len(thresholds), 4), np.int64)
    kept_ends = np.empty(n_all, np.int64)
    for number, threshold in enumerate(thresholds):
        begins = np.zeros(n + 1, np.int64)
        n_edges = n_both_ways = 0
        for k in range(n_all):
            if there[k] >= threshold:
                kept_ends[n_edges] = ends[k]
                n_edges += 1
                begins[starts[k] + 1] = n_edges
                n_both_ways += back[k] >= threshold and starts[k] != ends[k]
        for i in range(n):  # a row without an edge ends where it begins
            begins[i + 1] = max(begins[i], begins[i + 1])
        counts[number, 0] = n_weak_components(begins, kept_ends)
        counts[number, 1] = n_strong_components(begins, kept_ends)
        counts[number, 2] = n_edges
        counts[number, 3] = n_edges - n_both_ways // 2
    return counts
