"""The one place where the steps are put together: attention -> topology of a head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.attention import Attention
from attntopo.diagrams import bottleneck_distance, notebook_bottleneck_distance
from attntopo.distances import RowDistances, row_distances
from attntopo.persistence import Diagrams, persistence_diagrams
from attntopo.skeleton import MergeTree, merge_tree


@dataclass(frozen=True, eq=False)
class HeadTopology:
    """Everything about one head of one photo that doesn't depend on the scale.

    Attributes
    ----------
    distances : RowDistances
    diagrams : Diagrams
    tree : MergeTree
    """

    distances: RowDistances
    diagrams: Diagrams
    tree: MergeTree

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.distances.nbytes + self.diagrams.nbytes + self.tree.nbytes


@dataclass(frozen=True)
class Comparison:
    """How far apart two heads' topologies are; independent of the scale.

    Attributes
    ----------
    h0_bottleneck, h1_bottleneck : float
        Exact bottleneck distances of the whole diagrams.
    notebook : float
        The notebook's number: H0 bottleneck of the bars longer than 0.01.
    """

    h0_bottleneck: float
    h1_bottleneck: float
    notebook: float


def analyse(
    attention: Attention, layer: int, head: int, distance: str = "notebook", tokens: str = "all"
) -> HeadTopology:
    """Go from attention to the topology of one head.

    Parameters
    ----------
    attention : Attention
    layer, head : int
        Counted from 0.
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.

    Returns
    -------
    HeadTopology

    Raises
    ------
    AttentionError, DistanceError
        If there is no such head or distance.
    """
    first = attention.n_prefix if tokens == "patches" else 0
    points = np.arange(first, attention.n_tokens)
    distances = row_distances(attention.head(layer, head), distance, points)
    return HeadTopology(distances, persistence_diagrams(distances), merge_tree(distances))


def compare(first: HeadTopology, second: HeadTopology) -> Comparison:
    """Compute how far apart two heads' persistence diagrams are.

    Parameters
    ----------
    first, second : HeadTopology

    Returns
    -------
    Comparison
    """
    return Comparison(
        h0_bottleneck=bottleneck_distance(first.diagrams, second.diagrams, dimension=0),
        h1_bottleneck=bottleneck_distance(first.diagrams, second.diagrams, dimension=1),
        notebook=notebook_bottleneck_distance(first.diagrams, second.diagrams),
    )
