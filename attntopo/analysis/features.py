"""The numbers read off a head: of its barcodes, its graph, and its attention.

The list is that of Kushnareva et al., Artificial Text Detection via Examining the Topology of
Attention Maps, EMNLP 2021, with templates for images in place of theirs for text.
"""

import numpy as np

from attntopo.analysis.patch_attention import (
    attention_entropy,
    mean_attention_distance,
    template_distances,
)
from attntopo.attention import Attention, normalised_rows
from attntopo.diagrams import persistence_entropy
from attntopo.topology import Diagrams

GRAPH_THRESHOLDS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75)
"""Least attention of an edge, for each of the graphs that features are read off."""


def head_features(
    attention: Attention, layer: int, head: int, diagrams: Diagrams, thresholds: float
) -> dict[str, float]:
    """Collect all features of one head.

    Parameters
    ----------
    attention : Attention
    layer, head : int
        Counted from 0.
    diagrams : Diagrams
        Of that head, in whatever row distance.
    thresholds : float
        Both the birth and the death threshold of the barcode's features, stated a distance each:
        `DISTANCES[distance].default_scale` of the distance that the diagrams are of.

    Returns
    -------
    dict of str to float
        By names such as "H0 sum of lengths", "graph at 0.05: strongly connected components" and
        "template: same row", always in the same order.

    Raises
    ------
    AttentionError
        If there is no such head.
    """
    rows, grid, n_prefix = attention.head(layer, head), attention.grid, attention.n_prefix
    parts = {
        f"H{dimension} ": barcode_features(points, thresholds, thresholds)
        for dimension, points in enumerate(diagrams.points)
    }
    for threshold in GRAPH_THRESHOLDS:
        parts[f"graph at {threshold:g}: "] = graph_features(rows, threshold)
    parts["template: "] = template_distances(rows, grid, n_prefix)
    parts[""] = {
        "attention entropy": attention_entropy(rows, n_prefix),
        "mean attention distance": mean_attention_distance(rows, grid, n_prefix),
    }
    return {start + name: value for start, part in parts.items() for name, value in part.items()}


def barcode_features(
    points: np.ndarray, birth_threshold: float, death_threshold: float
) -> dict[str, float]:
    """Summarise the finite bars of one dimension.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.
    birth_threshold, death_threshold : float
        In the units of the row distance, like births, deaths and lengths.

    Returns
    -------
    dict of str to float
        Deviations are of the population, the entropy is in nats. Among bars of equal length the
        first by birth, then death, is the longest. Without finite bars everything is 0.
    """
    bars = points[np.isfinite(points[:, 1])]
    bars = bars[np.lexsort((bars[:, 1], bars[:, 0]))]
    births, deaths = bars.T
    lengths = deaths - births
    if not len(bars):  # NumPy has no mean, deviation or longest of nothing
        bars, lengths = np.zeros((1, 2)), np.zeros(1)
    longest = bars[np.argmax(lengths)]
    values = {
        "number of bars": len(births),
        "sum of lengths": lengths.sum(),
        "mean of lengths": lengths.mean(),
        "standard deviation of lengths": lengths.std(),
        "persistence entropy": persistence_entropy(bars),
        "bars born above the threshold": (births > birth_threshold).sum(),
        "bars born at or below the threshold": (births <= birth_threshold).sum(),
        "bars dying above the threshold": (deaths > death_threshold).sum(),
        "bars dying at or below the threshold": (deaths <= death_threshold).sum(),
        "birth of the longest bar": longest[0],
        "death of the longest bar": longest[1],
    }
    return {name: float(value) for name, value in values.items()}


def graph_features(attention: np.ndarray, threshold: float) -> dict[str, float]:
    """Count what there is in the graph of one head's attention.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    threshold : float
        Token i has an edge to another token j where i attends to j by at least so much.

    Returns
    -------
    dict of str to float
        Of the directed graph its components, its edges, and edges a token ("mean degree"); of the
        undirected simple graph the Betti numbers `b0`, which is the number of weakly connected
        components (the source lists both), and `b1`.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    attends = normalised_rows(attention) >= threshold
    np.fill_diagonal(attends, False)
    graph, n_tokens = csr_array(attends), len(attends)
    weak = connected_components(graph, connection="weak", return_labels=False)
    strong = connected_components(graph, connection="strong", return_labels=False)
    values = {
        "weakly connected components": weak,
        "strongly connected components": strong,
        "edges": attends.sum(),
        "mean degree": attends.sum() / n_tokens,
        "b0": weak,
        "b1": (attends | attends.T).sum() // 2 - n_tokens + weak,
    }
    return {name: float(value) for name, value in values.items()}
