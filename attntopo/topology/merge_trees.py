"""Row distances -> merge tree: how components merge as the scale grows."""

from dataclasses import dataclass

import numpy as np

from attntopo.compiled import compiled_where_possible
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


@compiled_where_possible
def _merge(n: int, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go through the merging edges and note which leader stays and which is absorbed."""
    # The way to a leader is short, as whoever absorbs has at least as many points.
    absorber, sizes = np.arange(n), np.ones(n, np.int64)
    survivors, absorbed = np.empty(len(edges), np.int64), np.empty(len(edges), np.int64)
    for k in range(len(edges)):
        a, b = edges[k]
        while absorber[a] != a:
            a = absorber[a]
        while absorber[b] != b:
            b = absorber[b]
        a, b = min(a, b), max(a, b)
        stays, goes = (a, b) if sizes[a] >= sizes[b] else (b, a)
        survivors[k], absorbed[k] = stays, goes
        sizes[stays] += sizes[goes]
        absorber[goes] = stays
    return survivors, absorbed


def merging_sizes(tree: MergeTree) -> np.ndarray:
    """Return how many points the two components of each merge have.

    Parameters
    ----------
    tree : MergeTree

    Returns
    -------
    ndarray of int64, shape (n_points - 1, 2)
        Of the survivor, which grows by the absorbed one's; and of that.
    """
    return _merging_sizes(len(tree.colours), tree.survivors, tree.absorbed)


@compiled_where_possible
def _merging_sizes(n: int, survivors: np.ndarray, absorbed: np.ndarray) -> np.ndarray:
    sizes, merging = np.ones(n, np.int64), np.empty((len(survivors), 2), np.int64)
    for k in range(len(survivors)):
        stays, goes = survivors[k], absorbed[k]
        merging[k, 0], merging[k, 1] = sizes[stays], sizes[goes]
        sizes[stays] += sizes[goes]
    return merging


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


@compiled_where_possible
def _lives(
    n: int, lengths: np.ndarray, survivors: np.ndarray, absorbed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return when each leader's life starts and ends, and the size that it reaches."""
    sizes, start, end = np.ones(n, np.int64), np.full(n, np.inf), np.full(n, np.inf)
    for k in range(len(lengths)):
        stays, goes = survivors[k], absorbed[k]
        sizes[stays] += sizes[goes]
        if sizes[stays] >= COLOURED_SIZE:
            start[stays] = min(start[stays], lengths[k])
        end[goes] = lengths[k]
    return start, end, sizes


def _leader_colours(
    n: int, lengths: np.ndarray, survivors: np.ndarray, absorbed: np.ndarray
) -> np.ndarray:
    """Give each leader the first colour that no leader with an overlapping life has taken.

    Leaders choose in the order of the size they reach, then of their number.
    """
    start, end, sizes = _lives(n, lengths, survivors, absorbed)
    (living,) = np.nonzero(start < end)
    return _choose_colours(start, end, living[np.argsort(-sizes[living], kind="stable")])


@compiled_where_possible
def _choose_colours(start: np.ndarray, end: np.ndarray, order: np.ndarray) -> np.ndarray:
    colours = np.full(len(start), GREY)
    for place in range(len(order)):
        point, taken = order[place], 0
        for earlier in range(place):
            rival = order[earlier]
            if start[rival] < end[point] and start[point] < end[rival] and colours[rival] != GREY:
                taken |= 1 << colours[rival]
        for colour in range(N_COLOURS - 1, -1, -1):
            if not (taken >> colour) & 1:
                colours[point] = colour
    return colours
