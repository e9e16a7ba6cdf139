"""Row distances -> merge tree: how components merge as the scale grows."""

from dataclasses import dataclass

import numpy as np

from attntopo.distances import RowDistances
from attntopo.topology.rips_bars import Bars, find_bars

N_COLOURS = 8
"""How many components can have a colour of their own at the same scale."""
COLOURED_SIZE = 4
"""Components of at least so many tokens are coloured."""
GREY = -1
"""Colour number of a component of four tokens or more for which no colour was left."""


@dataclass(frozen=True, eq=False)
class MergeTree:
    """How components merge as the scale grows: single linkage, with a leader for each component.

    A component is named by its leader token. When two merge, the leader of the one with more
    tokens stays (if equal, the smaller number).

    Attributes
    ----------
    lengths : ndarray of float64, shape (n_points - 1,)
        Scale of each merge, ascending in the total order of edges.
    edges : ndarray of int64, shape (n_points - 1, 2)
        The edge (i < j) that merges.
    survivors, absorbed : ndarray of int64, shape (n_points - 1,)
        Leader that stays, and leader that is absorbed.
    colours : ndarray of int64, shape (n_points,)
        The colour number that each point has as a leader: 0 to 7, or `GREY`. It depends on the
        tree alone, not on the way in which one slides.
    """

    lengths: np.ndarray
    edges: np.ndarray
    survivors: np.ndarray
    absorbed: np.ndarray
    colours: np.ndarray

    def leaders(self, scale: float) -> np.ndarray:
        """Return the leader of each point's component at a scale.

        Parameters
        ----------
        scale : float

        Returns
        -------
        ndarray of int64, shape (n_points,)
        """
        leader = np.arange(len(self.colours))
        n_merges = int(np.searchsorted(self.lengths, scale, side="right"))
        # Backwards, so that each absorbed leader finds where its absorber has gone.
        for k in range(n_merges - 1, -1, -1):
            leader[self.absorbed[k]] = leader[self.survivors[k]]
        return leader


def merge_tree(distances: RowDistances, bars: Bars | None = None) -> MergeTree:
    """Build the merge tree of a head.

    Parameters
    ----------
    distances : RowDistances
    bars : Bars, optional
        Of the same distances, where they are known already.

    Returns
    -------
    MergeTree
        Its merges are the edges of the minimum spanning tree in the total order.
    """
    n = len(distances.values)
    bars = bars or find_bars(distances.values)
    edges, lengths = bars.merging_edges, bars.merge_lengths
    survivors, absorbed = _merge(n, edges)
    colours = _leader_colours(n, lengths, survivors, absorbed)
    tree = MergeTree(lengths, edges, survivors, absorbed, colours)
    for array in (tree.lengths, tree.edges, tree.survivors, tree.absorbed, tree.colours):
        array.setflags(write=False)
    return tree


def _merge(n: int, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go through the merging edges and note which leader stays and which is absorbed."""
    # Lists: their items are read many times as fast as an array's. The way to a leader is short,
    # as whoever absorbs has at least as many points.
    absorber, sizes = list(range(n)), [1] * n
    survivors, absorbed = [], []

    def leader_of(point: int) -> int:
        while absorber[point] != point:
            point = absorber[point]
        return point

    for i, j in edges.tolist():
        a, b = sorted((leader_of(i), leader_of(j)))
        stays, goes = (a, b) if sizes[a] >= sizes[b] else (b, a)
        survivors.append(stays)
        absorbed.append(goes)
        sizes[stays] += sizes[goes]
        absorber[goes] = stays
    return np.array(survivors, dtype=np.int64), np.array(absorbed, dtype=np.int64)


def leader_lives(tree: MergeTree) -> np.ndarray:
    """Return from when to when each token leads a component of four tokens and more.

    Parameters
    ----------
    tree : MergeTree

    Returns
    -------
    ndarray of float64, shape (n_points, 2)
        The scale at which its component has four tokens, and the one at which it is absorbed. The
        first is infinite for who never leads so many; the second for who is never absorbed.
    """
    n = len(tree.colours)
    return np.stack(_lives(n, tree.lengths, tree.survivors, tree.absorbed)[:2], axis=1)


def _lives(
    n: int, lengths: np.ndarray, survivors: np.ndarray, absorbed: np.ndarray
) -> tuple[list[float], list[float], list[int]]:
    """Return when each leader's life starts and ends, and the size that it reaches."""
    sizes, start, end = [1] * n, [np.inf] * n, [np.inf] * n
    merges = zip(lengths.tolist(), survivors.tolist(), absorbed.tolist(), strict=True)
    for length, stays, goes in merges:
        sizes[stays] += sizes[goes]
        if sizes[stays] >= COLOURED_SIZE:
            start[stays] = min(start[stays], length)
        end[goes] = length
    return start, end, sizes


def _leader_colours(
    n: int, lengths: np.ndarray, survivors: np.ndarray, absorbed: np.ndarray
) -> np.ndarray:
    """Give each leader the first colour that no leader with an overlapping life has taken.

    Leaders choose in the order of the size they reach, then of their number.
    """
    start, end, sizes = _lives(n, lengths, survivors, absorbed)
    colours = [GREY] * n
    living = [point for point in range(n) if start[point] < end[point]]
    for point in sorted(living, key=lambda point: (-sizes[point], point)):
        taken = {
            colours[rival]
            for rival in living
            if start[rival] < end[point] and start[point] < end[rival]
        }
        colours[point] = next((one for one in range(N_COLOURS) if one not in taken), GREY)
    return np.array(colours, dtype=np.int64)
