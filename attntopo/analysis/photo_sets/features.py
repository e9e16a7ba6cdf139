"""Attention of many photos -> the features of all their heads, as one table."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from attntopo.analysis.atlas import Head, for_heads, heads_of
from attntopo.analysis.effort import analysis_effort, features_effort
from attntopo.analysis.features import CONVENTIONS, head_features
from attntopo.analysis.head import points_of
from attntopo.analysis.photo_sets.collection import CollectionError
from attntopo.analysis.photo_sets.group_tests import GroupComparison
from attntopo.attention import Attention
from attntopo.distances import DISTANCES, row_distances
from attntopo.effort import Effort
from attntopo.topology import persistence_diagrams

Features = Mapping[str, float]
Label = tuple[int, int, str]
"""Layer, head, and the name of a feature."""


def features_of_heads(
    attention: Attention,
    distance: str,
    tokens: str = "all",
    heads: Iterable[Head] | None = None,
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[tuple[Head, dict[str, float]], None, None]:
    """Compute the features of many heads of one photo in threads.

    Parameters
    ----------
    attention : Attention
    distance : str
        A key of `DISTANCES`; its default scale is the threshold of the features.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.
    heads : iterable of tuple, optional
        Layers and heads, each once; all by default. Those that aren't known yet, to go on.
    threads, waiting
        As for `for_heads`.

    Yields
    ------
    tuple
        Layer and head, and its features, as `head_features` returns them.

    Raises
    ------
    AttentionError, DistanceError
        If there is no such head or distance.
    """

    def work(head: Head) -> dict[str, float]:
        return features_of_head(attention, *head, distance, tokens)

    wanted = heads_of(attention) if heads is None else heads
    with closing(for_heads(work, wanted, threads, waiting)) as results:
        yield from results


def features_of_head(
    attention: Attention,
    layer: int,
    head: int | str,
    distance: str,
    tokens: str = "all",
    convention: str = CONVENTIONS[0],
) -> dict[str, float]:
    """Compute the features of one head, in this thread.

    The parameters are those of `features_of_heads`, and the convention that of `head_features`.
    """
    points = points_of(attention, tokens)
    rows = row_distances(attention.head(layer, head), distance, points, 1)
    diagrams = persistence_diagrams(rows)
    threshold = DISTANCES[distance].default_scale
    return head_features(attention, layer, head, diagrams, threshold, convention)


def all_features_effort(n_tokens: int, distance: str, n_heads: int) -> Effort:
    """Estimate what the features of so many heads of one photo take, on one core.

    Parameters
    ----------
    n_tokens : int
    distance : str
        A key of `DISTANCES`.
    n_heads : int
        Of all layers.
    """
    each = analysis_effort(n_tokens, distance) + features_effort(n_tokens)
    return Effort(n_heads * each.seconds, each.megabytes)


def feature_table(
    photos: Sequence[Mapping[Head, Features]],
) -> tuple[np.ndarray, list[Label]]:
    """Put the features of all heads of many photos into one table.

    Parameters
    ----------
    photos : sequence of mapping
        For each photo, the features by layer and head.

    Returns
    -------
    values : ndarray of float64, shape (n_photos, n_numbers)
        NaN where a photo lacks a head or a feature.
    labels : list of tuple
        Layer, head and feature of each column: layer by layer, features in their own order.

    Raises
    ------
    CollectionError
        If there is nothing in it.
    """
    heads = sorted({head for photo in photos for head in photo})
    names = list(
        dict.fromkeys(name for photo in photos for known in photo.values() for name in known)
    )
    if not names:
        raise CollectionError("No features of these photos' heads are computed yet.")
    values = np.full((len(photos), len(heads), len(names)), np.nan)
    place = {name: number for number, name in enumerate(names)}
    for of_photo, photo in zip(values, photos, strict=True):
        for of_head, head in zip(of_photo, heads, strict=True):
            for name, value in photo.get(head, {}).items():
                of_head[place[name]] = value
    labels = [(layer, head, name) for layer, head in heads for name in names]
    return values.reshape(len(photos), -1), labels


def group_rows(comparison: GroupComparison, labels: Sequence[Label]) -> list[dict[str, Any]]:
    """List what tells two groups apart, the head and feature that do it most clearly first.

    Parameters
    ----------
    comparison : GroupComparison
        Of a table's columns.
    labels : sequence of tuple
        The table's.

    Returns
    -------
    list of dict
        With the keys `layer`, `head`, `feature`, `AUC` and `corrected p`; a row for each number
        that all photos have.
    """
    return [
        {
            "layer": labels[k][0],
            "head": labels[k][1],
            "feature": labels[k][2],
            "AUC": float(comparison.auc[k]),
            "corrected p": float(comparison.p[k]),
        }
        for k in comparison.ranking.tolist()
    ]


def largest_by_head(comparison: GroupComparison, labels: Sequence[Label]) -> np.ndarray:
    """Return how clearly each head tells two groups apart by its best feature.

    Parameters
    ----------
    comparison, labels
        As for `group_rows`.

    Returns
    -------
    ndarray of float64, shape (n_layers, n_heads)
        The largest `|AUC - 1/2|` of the head's features, 0 to 1/2; NaN where none was tested.
    """
    layers, heads = (np.array([label[k] for label in labels]) for k in (0, 1))
    largest = np.full((layers.max() + 1, heads.max() + 1), np.nan)
    np.fmax.at(largest, (layers, heads), np.abs(comparison.auc - 0.5))
    return largest
