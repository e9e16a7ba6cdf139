"""Rows of attention -> the components and edges of the graphs at several thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs


@dataclass(frozen=True)
class GraphCounts:
    """What there is in the graph whose edges are where one token attends to another enough.

    Attributes
    ----------
    n_weak, n_strong : int
        Weakly and strongly connected components.
    n_edges : int
        Directed edges.
    n_undirected : int
        Edges where an edge and the one back count as one.
    """

    n_weak: int
    n_strong: int
    n_edges: int
    n_undirected: int


def graph_counts(rows: np.ndarray, thresholds: Sequence[float], loops: bool) -> list[GraphCounts]:
    """Count components and edges of the graphs `rows >= threshold`.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_tokens, n_tokens)
        Compared as they are: normalise them before.
    thresholds : sequence of float
        In any order.
    loops : bool
        Whether a token that attends to itself enough has an edge to itself.

    Returns
    -------
    list of GraphCounts
        One for each threshold.
    """
    # Most attention is below the least threshold: what isn't is looked for once, not for each.
    starts, ends = np.divmod(np.flatnonzero(rows >= min(thresholds)), len(rows))
    if not loops:
        others = starts != ends
        starts, ends = starts[others], ends[others]
    count = _counts_compiled if numba_runs() else _counts_in_scipy
    numbers = count(rows, starts, ends, np.array(thresholds, dtype=np.float64))
    return [GraphCounts(*of_graph) for of_graph in numbers.tolist()]


def _counts_compiled(
    rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    from attntopo.analysis.graph_kernel import counts_at

    integers = (array.astype(np.int64, copy=False) for array in (starts, ends))
    counts: np.ndarray = counts_at(np.ascontiguousarray(rows), *integers, thresholds)
    return counts


def _counts_in_scipy(
    rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = len(rows)
    there, back = rows[starts, ends], rows[ends, starts]
    counts = np.empty((len(thresholds), 4), dtype=np.int64)
    for number, threshold in enumerate(thresholds):
        kept = there >= threshold
        kept_starts, kept_ends = starts[kept], ends[kept]
        # Rows are in order, so that they need no sorting.
        begins = np.append(0, np.cumsum(np.bincount(kept_starts, minlength=n)))
        graph = csr_array((np.ones(len(kept_ends)), kept_ends, begins), shape=(n, n))
        weak = connected_components(graph, connection="weak", return_labels=False)
        strong = connected_components(graph, connection="strong", return_labels=False)
        both_ways = np.count_nonzero((back[kept] >= threshold) & (kept_starts != kept_ends))
        counts[number] = weak, strong, len(kept_ends), len(kept_ends) - both_ways // 2
    return counts
