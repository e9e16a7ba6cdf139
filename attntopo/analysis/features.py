"""The numbers read off a head: of its barcodes, its graph, and its attention.

The list is that of Kushnareva et al., Artificial Text Detection via Examining the Topology of
Attention Maps, EMNLP 2021, with templates for images in place of theirs for text.

Their public code (danchern97/tda4atd on GitHub) counts otherwise than is done here by default:

- A token that attends to itself by the threshold has an edge to itself: one of the edges, two of
  its degree, and a loop of b1. Here it has none.
- A token's degree is of the edges in and out, so that the mean is twice as large. Here it is of the
  edges out: edges a token.
- More than 500 components are counted as 500. Here all are counted.
- A bar that is born or dies at the very threshold counts as above it and as below it. Here it
  counts as below alone.

The convention "kushnareva" counts as they do. The same in both: rows are normalised once more, and
infinite bars left out. Theirs beyond that: barcodes in float32, counts of directed cycles, and an
entropy of NaN where there is no bar or one of length 0 (here 0, and such a bar is left out).
"""

from functools import lru_cache

import numpy as np

from attntopo.analysis.attention_graphs import GraphCounts, graph_counts
from attntopo.analysis.patch_attention import TEMPLATES, PatchRows
from attntopo.attention import Attention, normalised_rows
from attntopo.diagrams import checked_points, persistence_entropy
from attntopo.topology import Diagrams

GRAPH_THRESHOLDS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75)
"""Least attention of an edge, for each of the graphs that features are read off."""

CONVENTIONS = ("attntopo", "kushnareva")
"""How edges and bars are counted: as here by default, or as by the public code of the source."""
_MOST_COMPONENTS = 500
"""As how many components the public code counts more."""
_GRAPH_NAMES = (
    "weakly connected components",
    "strongly connected components",
    "edges",
    "mean degree",
    "b0",
    "b1",
)
_ATTENTION_NAMES = ("attention entropy", "mean attention distance")


def head_features(
    attention: Attention,
    layer: int,
    head: int | str,
    diagrams: Diagrams,
    thresholds: float,
    convention: str = "attntopo",
) -> dict[str, float]:
    """Collect all features of one head.

    Parameters
    ----------
    attention : Attention
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        As for `Attention.head`.
    diagrams : Diagrams
        Of that head, in whatever row distance.
    thresholds : float
        Both the birth and the death threshold of the barcode's features, stated a distance each:
        `DISTANCES[distance].default_scale` of the distance that the diagrams are of.
    convention : {"attntopo", "kushnareva"}
        How edges and bars are counted: see `attntopo.analysis.features`. The barcodes of Kushnareva
        et al. are those of the distance `attention-graph`.

    Returns
    -------
    dict of str to float
        By names such as "H0 sum of lengths", "graph at 0.05: strongly connected components" and
        "template: same row", always in the order of `feature_names`.

    Raises
    ------
    AttentionError
        If there is no such head.
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    ValueError
        If the convention is another word.
    """
    values = attention.head(layer, head)
    parts = {
        f"H{dimension} ": barcode_features(points, thresholds, thresholds, convention)
        for dimension, points in enumerate(diagrams.points)
    }
    patches = PatchRows(values, attention.n_prefix, attention.grid)
    published = _is_published(convention)
    counts = graph_counts(patches.of_all_tokens, GRAPH_THRESHOLDS, loops=published)
    for threshold, of_graph in zip(GRAPH_THRESHOLDS, counts, strict=True):
        named = _graph_values(of_graph, attention.n_tokens, published)
        parts[f"graph at {threshold:g}: "] = named
    parts["template: "] = patches.template_distances()
    values_of_patches = patches.entropy(), patches.mean_distance()
    parts[""] = dict(zip(_ATTENTION_NAMES, values_of_patches, strict=True))
    return {start + name: value for start, part in parts.items() for name, value in part.items()}


@lru_cache(maxsize=1)
def feature_names() -> tuple[str, ...]:
    """List all names that `head_features` gives, for diagrams in dimensions 0 and 1.

    Templates of tokens that a model hasn't got are among them: see `template_distances`.
    """
    of_bars = tuple(barcode_features(np.zeros((0, 2)), 0.0, 0.0))
    parts = {f"H{dimension} ": of_bars for dimension in (0, 1)}
    parts |= {f"graph at {threshold:g}: ": _GRAPH_NAMES for threshold in GRAPH_THRESHOLDS}
    parts |= {"template: ": TEMPLATES, "": _ATTENTION_NAMES}
    return tuple(start + name for start, names in parts.items() for name in names)


def barcode_features(
    points: np.ndarray,
    birth_threshold: float,
    death_threshold: float,
    convention: str = "attntopo",
) -> dict[str, float]:
    """Summarise the finite bars of one dimension.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.
    birth_threshold, death_threshold : float
        In the units of the row distance, like births, deaths and lengths.
    convention : {"attntopo", "kushnareva"}
        Whether a bar at a threshold is below it alone, or above it and below it.

    Returns
    -------
    dict of str to float
        Deviations are of the population, the entropy is in nats. Among bars of equal length the
        first by birth, then death, is the longest. Without finite bars everything is 0.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    ValueError
        If the convention is another word.
    """
    above = np.greater_equal if _is_published(convention) else np.greater
    points = checked_points(points)
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
        "bars born above the threshold": above(births, birth_threshold).sum(),
        "bars born at or below the threshold": (births <= birth_threshold).sum(),
        "bars dying above the threshold": above(deaths, death_threshold).sum(),
        "bars dying at or below the threshold": (deaths <= death_threshold).sum(),
        "birth of the longest bar": longest[0],
        "death of the longest bar": longest[1],
    }
    return {name: float(value) for name, value in values.items()}


def _is_published(convention: str) -> bool:
    if convention not in CONVENTIONS:
        raise ValueError(f"The convention is {' or '.join(CONVENTIONS)}, not {convention!r}.")
    return convention == "kushnareva"


def graph_features(
    attention: np.ndarray, threshold: float, convention: str = "attntopo"
) -> dict[str, float]:
    """Count what there is in the graph of one head's attention.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    threshold : float
        Token i has an edge to another token j where i attends to j by at least so much.
    convention : {"attntopo", "kushnareva"}
        Whether there are no edges from a token to itself, and degrees are of edges out; or there
        are, and degrees are of edges in and out: see `attntopo.analysis.features`.

    Returns
    -------
    dict of str to float
        Of the directed graph its components, its edges, and edges a token ("mean degree"); of the
        undirected graph the Betti numbers `b0`, which is the number of weakly connected components
        (the source lists both), and `b1`.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions.
    ValueError
        If the convention is another word.
    """
    published = _is_published(convention)
    rows = normalised_rows(attention)
    (counts,) = graph_counts(rows, [threshold], loops=published)
    return _graph_values(counts, len(rows), published)


def _graph_values(counts: GraphCounts, n_tokens: int, published: bool) -> dict[str, float]:
    most = _MOST_COMPONENTS if published else n_tokens
    values = (
        min(counts.n_weak, most),
        min(counts.n_strong, most),
        counts.n_edges,
        counts.n_edges * (2 if published else 1) / n_tokens,
        counts.n_weak,
        counts.n_undirected - n_tokens + counts.n_weak,
    )
    return {name: float(value) for name, value in zip(_GRAPH_NAMES, values, strict=True)}
