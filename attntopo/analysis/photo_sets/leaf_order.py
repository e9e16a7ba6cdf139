"""A tree of clusters -> the order of its leaves in which neighbours are nearest.

SciPy's `optimal_leaf_ordering` returns another order in about half of the small cases that were
tried (scipy issue 11227): its length isn't the least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class _Node:
    """A cluster, and the least length of its leaves in a row for each two that are at the ends.

    Attributes
    ----------
    leaves : ndarray of int64, shape (n,)
    lengths : ndarray of float64, shape (n, n)
        By the first and the last of the leaves; infinite where the tree doesn't allow these ends.
    children : tuple of int
        Numbers of the two clusters that it is made of; none of a leaf.
    met : ndarray of int64, shape (n_left, n_right)
        Given the first leaf, of the left cluster, and the last, of the right one: which leaf of
        the right cluster comes first there.
    left : ndarray of int64, shape (n_left, n_right)
        Given the first leaf, and the one that is met: which leaf of the left cluster is its last.
    """

    leaves: np.ndarray
    lengths: np.ndarray
    children: tuple[int, ...] = ()
    met: np.ndarray | None = None
    left: np.ndarray | None = None


def best_leaf_order(steps: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Find the order with the least sum of distances between neighbours that a tree allows.

    Parameters
    ----------
    steps : ndarray of float64, shape (n - 1, 4)
        As SciPy's `linkage`.
    distances : ndarray of float64, shape (n, n)
        Finite and symmetric.

    Returns
    -------
    ndarray of int64, shape (n,)
        In time proportional to the cube of n; of an order and its reverse, that with the smaller
        first leaf.

    References
    ----------
    Bar-Joseph, Gifford, Jaakkola, Fast optimal leaf ordering for hierarchical clustering,
    Bioinformatics 17 (2001).
    """
    nodes = [_Node(np.array([k]), np.zeros((1, 1))) for k in range(len(distances))]
    for first, second in steps[:, :2].astype(int).tolist():
        nodes.append(_joined(nodes, first, second, distances))
    root = nodes[-1].lengths
    i, j = np.unravel_index(np.argmin(root), root.shape)
    order = _unfolded(nodes, int(i), int(j))
    return order if order[0] <= order[-1] else order[::-1]


def _joined(nodes: list[_Node], first: int, second: int, distances: np.ndarray) -> _Node:
    a, b = nodes[first], nodes[second]
    between = distances[np.ix_(a.leaves, b.leaves)]
    via_left = _least_sums(a.lengths, between)
    via_met = _least_sums(via_left[0], b.lengths)
    n, n_left = len(a.leaves) + len(b.leaves), len(a.leaves)
    lengths = np.full((n, n), np.inf)
    lengths[:n_left, n_left:] = via_met[0]
    lengths[n_left:, :n_left] = via_met[0].T
    leaves = np.concatenate([a.leaves, b.leaves])
    return _Node(leaves, lengths, (first, second), via_met[1], via_left[1])


def _least_sums(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least `first[i, k] + second[k, j]` over k, (n, m), and which k it is."""
    least = np.empty((len(first), second.shape[1]))
    which = np.empty(least.shape, dtype=np.int64)
    for i, row in enumerate(first):  # a row at once: all would take the cube of n in memory
        sums = row[:, None] + second
        which[i] = sums.argmin(axis=0)
        least[i] = np.take_along_axis(sums, which[i][None], axis=0)[0]
    return least, which


def _unfolded(nodes: list[_Node], i: int, j: int) -> np.ndarray:
    """Return the leaves of the last node from its leaf i to its leaf j, by places in it."""
    order: list[int] = []
    waiting = [(len(nodes) - 1, i, j)]  # a stack, for a tree may be as deep as it has leaves
    while waiting:
        number, i, j = waiting.pop()
        node = nodes[number]
        if node.met is None or node.left is None:
            order.append(int(node.leaves[0]))
            continue
        n_left = len(nodes[node.children[0]].leaves)
        is_turned = i >= n_left
        own, other = (j, i - n_left) if is_turned else (i, j - n_left)
        met = int(node.met[own, other])
        left = int(node.left[own, met])
        parts = [(node.children[0], own, left), (node.children[1], met, other)]
        if is_turned:
            parts = [(child, end, start) for child, start, end in reversed(parts)]
        waiting += reversed(parts)
    return np.array(order, dtype=np.int64)


def in_order(steps: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Turn the branches of a tree so that its leaves come in an order that it allows.

    Parameters
    ----------
    steps : ndarray of float64, shape (n - 1, 4)
    order : ndarray of int64, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n - 1, 4)
        The same steps; of the two groups of each, the one on the left first.
    """
    turned = steps.copy()
    places = [*np.argsort(order).tolist()]  # of the leftmost leaf of each group
    for row in turned:
        one, other = int(row[0]), int(row[1])
        if places[one] > places[other]:
            row[0], row[1] = other, one
        places.append(min(places[one], places[other]))
    return turned
