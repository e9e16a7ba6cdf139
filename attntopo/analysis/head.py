"""The one place where the steps are put together: attention -> topology of a head."""

from dataclasses import dataclass

import numpy as np

from attntopo.attention import MEAN, Attention
from attntopo.distances import RowDistances, row_distances
from attntopo.topology import (
    Diagrams,
    EdgeLinks,
    MergeTree,
    bars_of,
    find_links,
    merge_tree,
    persistence_diagrams,
)


@dataclass(frozen=True, eq=False)
class HeadTopology:
    """Everything about one head of one photo that doesn't depend on the scale.

    Attributes
    ----------
    distances : RowDistances
    diagrams : Diagrams
    tree : MergeTree
    links : EdgeLinks
        What each edge does; cycles are found from it, whenever they are asked for.
    """

    distances: RowDistances
    diagrams: Diagrams
    tree: MergeTree
    links: EdgeLinks


def analyse(
    attention: Attention,
    layer: int,
    head: int | str,
    distance: str = "double-softmax",
    tokens: str = "all",
) -> HeadTopology:
    """Go from attention to the topology of one head.

    Parameters
    ----------
    attention : Attention
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        As for `Attention.head`.
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
    distances = row_distances(attention.head(layer, head), distance, points_of(attention, tokens))
    links = find_links(distances.values)
    bars = bars_of(links)
    diagrams = persistence_diagrams(distances, bars=bars)
    return HeadTopology(distances, diagrams, merge_tree(distances, bars), links)


def points_of(attention: Attention, tokens: str) -> np.ndarray:
    """Return which tokens are points.

    Parameters
    ----------
    attention : Attention
    tokens : {"all", "patches"}

    Returns
    -------
    ndarray of int64, shape (n_points,)

    Raises
    ------
    ValueError
        If it is another word.
    """
    if tokens not in ("all", "patches"):
        raise ValueError(f"Points are all tokens or patches, not {tokens!r}.")
    return np.arange(attention.n_prefix if tokens == "patches" else 0, attention.n_tokens)


def opening_head(n_layers: int) -> tuple[int, int | str]:
    """Return the layer and head that is looked at where nobody has chosen any.

    It is chosen by no photo: the mean of the heads at two thirds of the depth is what the studies
    measure, see `docs/what-holds.md`.

    Parameters
    ----------
    n_layers : int
        Of the model.
    """
    return 2 * n_layers // 3, MEAN
