"""Bars as points in a k-d tree, compiled; imported only where numba runs.

The nodes are numbered as in a heap: those below node k are 2k + 1 and 2k + 2. Distances are
L-infinity, of the very differences that make the costs, so that no comparison is off by a bit.
"""

import numpy as np

from attntopo.compiled import kernel

_LEAF = 8
_DEEPEST = 64


@kernel()
def make_tree(
    bars: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sort bars into a k-d tree.

    Parameters
    ----------
    bars : ndarray of float64, shape (n_bars, 2)

    Returns
    -------
    tuple of ndarray
        The bars as the tree has them, their numbers in that order (int64), the first place and
        the place after the last of each node (int64), and its box: least and largest birth, least
        and largest death (float64, shape (n_nodes, 4)).
    """
    depth = 0
    while (len(bars) >> depth) > _LEAF:
        depth += 1
    n_nodes, first_leaf = 2 ** (depth + 1) - 1, 2**depth - 1
    numbers = np.arange(len(bars))
    start, end = np.zeros(n_nodes, np.int64), np.zeros(n_nodes, np.int64)
    box = np.empty((n_nodes, 4))
    end[0] = len(bars)
    for k in range(n_nodes):
        box[k, 0] = box[k, 2] = np.inf
        box[k, 1] = box[k, 3] = -np.inf
        own = numbers[start[k] : end[k]].copy()
        for i in own:
            for axis in range(2):
                box[k, 2 * axis] = min(box[k, 2 * axis], bars[i, axis])
                box[k, 2 * axis + 1] = max(box[k, 2 * axis + 1], bars[i, axis])
        if k < first_leaf:
            axis = 0 if box[k, 1] - box[k, 0] > box[k, 3] - box[k, 2] else 1
            numbers[start[k] : end[k]] = own[np.argsort(bars[own, axis])]
            middle = (start[k] + end[k]) // 2
            start[2 * k + 1], end[2 * k + 1] = start[k], middle
            start[2 * k + 2], end[2 * k + 2] = middle, end[k]
    return bars[numbers], numbers, start, end, box


@kernel()
def take_within(
    tree: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    there: np.ndarray,
    left: np.ndarray,
    birth: float,
    death: float,
    reach: float,
) -> int:
    """Take any bar out of a tree that is no farther away than `reach`.

    Parameters
    ----------
    tree : tuple of ndarray
        From `make_tree`.
    there : ndarray of bool, shape (n_bars,)
        Whether each bar, in the tree's order, is still in it; written to.
    left : ndarray of int64, shape (n_nodes,)
        How many are below each node; written to.
    birth, death, reach : float

    Returns
    -------
    int
        Its place in the tree; -1 if there is none.
    """
    points, _, start, end, box = tree
    first_leaf = len(start) // 2
    waiting = np.empty(_DEEPEST, np.int64)
    waiting[0] = 0
    n_waiting = 1
    while n_waiting:
        n_waiting -= 1
        k = waiting[n_waiting]
        if left[k] == 0 or _to_box(box[k], birth, death) > reach:
            continue
        if k < first_leaf:
            waiting[n_waiting], waiting[n_waiting + 1] = 2 * k + 2, 2 * k + 1
            n_waiting += 2
            continue
        for place in range(start[k], end[k]):
            if there[place] and shift(points[place], birth, death) <= reach:
                there[place] = False
                left[k] -= 1
                while k:
                    k = (k - 1) // 2
                    left[k] -= 1
                return place
    return -1


@kernel()
def nearest_shift(
    tree: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    there: np.ndarray,
    left: np.ndarray,
    birth: float,
    death: float,
    most: float,
) -> float:
    """Return how far away the nearest bar of a tree is; `most` if none is nearer than that.

    Parameters
    ----------
    tree, there, left, birth, death
        As for `take_within`; nothing is written to.
    most : float
    """
    points, _, start, end, box = tree
    first_leaf = len(start) // 2
    waiting = np.empty(_DEEPEST, np.int64)
    waiting[0] = 0
    n_waiting = 1
    while n_waiting:
        n_waiting -= 1
        k = waiting[n_waiting]
        if left[k] == 0 or _to_box(box[k], birth, death) >= most:
            continue
        if k < first_leaf:
            near, far = 2 * k + 1, 2 * k + 2
            if _to_box(box[far], birth, death) < _to_box(box[near], birth, death):
                near, far = far, near
            waiting[n_waiting], waiting[n_waiting + 1] = far, near
            n_waiting += 2
            continue
        for place in range(start[k], end[k]):
            if there[place]:
                most = min(most, shift(points[place], birth, death))
    return most


@kernel()
def shift(bar: np.ndarray, birth: float, death: float) -> float:
    """Return the L-infinity distance of a bar from another."""
    return max(abs(bar[0] - birth), abs(bar[1] - death))


@kernel()
def _to_box(box: np.ndarray, birth: float, death: float) -> float:
    across = max(box[0] - birth, birth - box[1])
    return max(across, box[2] - death, death - box[3], 0.0)
