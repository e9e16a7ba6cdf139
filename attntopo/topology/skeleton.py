"""Row distances and merge tree -> the 1-skeleton at a scale; merge tree -> components alone.

Wherever edges and not only lengths matter, edges are in one total order: (length, i, j).
"""

from dataclasses import dataclass

import numpy as np

from attntopo.distances import RowDistances
from attntopo.topology.merge_trees import COLOURED_SIZE, MergeTree

PALE = -2
"""Colour number of a component of two or three tokens."""
SINGLE = -3
"""Colour number of a token that is a component by itself."""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The 1-skeleton of the Vietoris–Rips complex at one scale.

    Attributes
    ----------
    scale : float
    edges : ndarray of int64, shape (n_edges, 2)
        Pairs of points i < j with distance <= scale, in the order of the filtration.
    leaders : ndarray of int64, shape (n_points,)
        Leader of each point's component.
    sizes : ndarray of int64, shape (n_points,)
        Number of points in each point's component.
    colours : ndarray of int64, shape (n_points,)
        Colour number of each point: 0 to 7, `GREY`, `PALE` or `SINGLE`.
    """

    scale: float
    edges: np.ndarray
    leaders: np.ndarray
    sizes: np.ndarray
    colours: np.ndarray

    @property
    def n_components(self) -> int:
        """Number of connected components, single points included."""
        return len(np.unique(self.leaders))

    @property
    def n_single(self) -> int:
        """Number of points that are a component by themselves."""
        return int((self.sizes == 1).sum())

    @property
    def share_of_edges(self) -> float:
        """Edges present, as a share (0 to 1) of all pairs of points."""
        n = len(self.leaders)
        return len(self.edges) / max(1, n * (n - 1) // 2)


@dataclass(frozen=True, eq=False)
class Components:
    """The connected components at one scale: a `Skeleton` without its edges.

    Attributes
    ----------
    leaders, sizes, colours : ndarray of int64, shape (n_points,)
        As in `Skeleton`.
    """

    leaders: np.ndarray
    sizes: np.ndarray
    colours: np.ndarray


def components_at(tree: MergeTree, scale: float) -> Components:
    """Return the connected components at a scale.

    Parameters
    ----------
    tree : MergeTree
    scale : float

    Returns
    -------
    Components
    """
    leaders = tree.leaders(scale)
    sizes = np.bincount(leaders, minlength=len(leaders))[leaders]
    colours = np.select(
        [sizes == 1, sizes < COLOURED_SIZE], [SINGLE, PALE], default=tree.colours[leaders]
    )
    return Components(leaders, sizes, colours)


def skeleton_at(distances: RowDistances, tree: MergeTree, scale: float) -> Skeleton:
    """Return the 1-skeleton at a scale: edges with distance <= scale, and their components.

    Parameters
    ----------
    distances : RowDistances
    tree : MergeTree
        Of the same distances.
    scale : float

    Returns
    -------
    Skeleton
    """
    i, j = np.nonzero(np.triu(distances.values <= scale, k=1))
    order = np.argsort(distances.values[i, j], kind="stable")
    there = components_at(tree, scale)
    edges = np.stack([i[order], j[order]], axis=1)
    return Skeleton(scale, edges, there.leaders, there.sizes, there.colours)
