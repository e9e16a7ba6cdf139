"""All layers and heads at once: what each makes of two photos, and how it changes with depth."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from attntopo.analysis.features import attention_entropy, mean_attention_distance
from attntopo.analysis.head import points_of
from attntopo.attention import Attention
from attntopo.diagrams import (
    betti_curve,
    bottleneck_distance,
    persistence_entropy,
    wasserstein_distance,
)
from attntopo.distances import row_distances
from attntopo.topology import Diagrams, persistence_diagrams

Head = tuple[int, int]
"""Layer and head, counted from 0."""
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class HeadSummary:
    """What the Atlas keeps of one head of one photo.

    Attributes
    ----------
    diagrams : Diagrams
        Their points only, in dimensions 0 and 1.
    attention_entropy : float
        In nats; see `features.attention_entropy`.
    attention_distance : float
        In patches; see `features.mean_attention_distance`.
    """

    diagrams: Diagrams
    attention_entropy: float
    attention_distance: float


@dataclass(frozen=True)
class Quantity:
    """A number that the Atlas shows for every head.

    Attributes
    ----------
    key, label, explanation : str
    between : callable or None
        Two summaries of the same head -> a number between the photos.
    of_one : callable or None
        A summary and a scale -> a number of one photo.
    """

    key: str
    label: str
    explanation: str
    between: Callable[[HeadSummary, HeadSummary], float] | None = None
    of_one: Callable[[HeadSummary, float], float] | None = None


def summarise_head(
    attention: Attention,
    layer: int,
    head: int,
    distance: str = "double-softmax",
    tokens: str = "all",
) -> HeadSummary:
    """Summarise one head of one photo.

    Parameters
    ----------
    attention : Attention
    layer, head : int
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}

    Returns
    -------
    HeadSummary

    Raises
    ------
    AttentionError, DistanceError, PersistenceError
        If there is no such head or distance, or it would take too long.
    """
    rows = attention.head(layer, head)
    # One thread a head: the heads are what is dealt out to threads.
    distances = row_distances(rows, distance, points_of(attention, tokens), threads=1)
    return HeadSummary(
        Diagrams(persistence_diagrams(distances).points),
        attention_entropy(rows, attention.n_prefix),
        mean_attention_distance(rows, attention.grid, attention.n_prefix),
    )


def heads_of(*attended: Attention) -> list[Head]:
    """List the heads that all of these have, layer by layer."""
    n_layers = min(attention.n_layers for attention in attended)
    n_heads = min(attention.n_heads for attention in attended)
    return [(layer, head) for layer in range(n_layers) for head in range(n_heads)]


def for_heads(
    work: Callable[[Head], _Found],
    heads: Iterable[Head],
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[tuple[Head, _Found], None, None]:
    """Do something for many heads in threads, and give each result as soon as it is there.

    Parameters
    ----------
    work : callable
        Layer and head -> result.
    heads : iterable of tuple
    threads : int, optional
        One a core by default.
    waiting : callable, optional
        Called a few times a second while no result comes.

    Yields
    ------
    tuple
        A head and its result. If the caller stops early, what hasn't begun is dropped.
    """
    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1)
    try:
        futures = {pool.submit(work, head): head for head in heads}
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=0.3, return_when=FIRST_COMPLETED)
            if not done and waiting is not None:
                waiting()
            for future in done:
                yield futures[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def value_map(values: Mapping[Head, float]) -> np.ndarray:
    """Arrange values by layer and head.

    Parameters
    ----------
    values : mapping of tuple to float

    Returns
    -------
    ndarray of float64, shape (n_layers, n_heads)
        NaN where there is no value yet.
    """
    if not values:
        return np.full((1, 1), np.nan)
    layers, heads = zip(*values, strict=True)
    found = np.full((max(layers) + 1, max(heads) + 1), np.nan)
    for (layer, head), value in values.items():
        found[layer, head] = value
    return found


def crocker(
    summaries: Mapping[Head, HeadSummary], dimension: int, scales: np.ndarray
) -> np.ndarray:
    """Compute a CROCKER plot through depth: mean Betti number of a layer's heads by scale.

    Parameters
    ----------
    summaries : mapping of tuple to HeadSummary
    dimension : int
        0 for components, 1 for loops.
    scales : ndarray of float64, shape (n_scales,)

    Returns
    -------
    ndarray of float64, shape (n_layers, n_scales)
        NaN for a layer of which no head is there yet.

    References
    ----------
    Topaz, Ziegelmeier, Halverson, Topological data analysis of biological aggregation models,
    PLoS ONE 10 (2015), with layers in the place of time.
    """
    layers = [layer for layer, _ in summaries]
    found = np.full((max(layers, default=0) + 1, len(scales)), np.nan)
    for layer in set(layers):
        curves = [
            betti_curve(summary.diagrams[dimension], scales)
            for (own, _), summary in summaries.items()
            if own == layer
        ]
        found[layer] = np.mean(curves, axis=0)
    return found


def _bottleneck(first: HeadSummary, second: HeadSummary, dimension: int) -> float:
    return bottleneck_distance(first.diagrams, second.diagrams, dimension)


def _wasserstein(first: HeadSummary, second: HeadSummary, dimension: int, order: int) -> float:
    return wasserstein_distance(first.diagrams, second.diagrams, dimension, order)


def _lengths(summary: HeadSummary, dimension: int) -> np.ndarray:
    points = summary.diagrams[dimension]
    points = points[np.isfinite(points[:, 1])]
    return points[:, 1] - points[:, 0]


def _total_persistence(summary: HeadSummary, _scale: float, dimension: int) -> float:
    return float(_lengths(summary, dimension).sum())


def _entropy(summary: HeadSummary, _scale: float, dimension: int) -> float:
    return persistence_entropy(summary.diagrams[dimension])


def _longest(summary: HeadSummary, _scale: float, dimension: int) -> float:
    return float(_lengths(summary, dimension).max(initial=0.0))


def _betti_number(summary: HeadSummary, scale: float, dimension: int) -> float:
    return float(betti_curve(summary.diagrams[dimension], np.array([scale]))[0])


def _attention_distance(summary: HeadSummary, _scale: float) -> float:
    return summary.attention_distance


def _attention_entropy(summary: HeadSummary, _scale: float) -> float:
    return summary.attention_entropy


def _quantities() -> Iterator[Quantity]:
    kinds = ((0, "H0", "components"), (1, "H1", "loops"))
    for k, name, what in kinds:
        yield Quantity(
            f"{name.lower()}-bottleneck",
            f"{name} bottleneck distance",
            f"How far apart A's and B's diagrams of {what} are: the largest shift of a bar.",
            between=partial(_bottleneck, dimension=k),
        )
    for order in (1, 2):
        for k, name, what in kinds:
            yield Quantity(
                f"{name.lower()}-wasserstein-{order}",
                f"{name} {order}-Wasserstein distance",
                f"How far apart A's and B's diagrams of {what} are, all shifts together.",
                between=partial(_wasserstein, dimension=k, order=order),
            )
    for k, name, what in kinds:
        for key, label, explanation, of_one in (
            (
                "total-persistence",
                "total persistence",
                f"The sum of the lengths of all finite bars of {what}.",
                _total_persistence,
            ),
            (
                "entropy",
                "persistence entropy",
                f"How evenly the bars of {what} share the total persistence, in nats.",
                _entropy,
            ),
            (
                "longest",
                "longest bar",
                f"The length of the longest finite bar of {what}.",
                _longest,
            ),
        ):
            yield Quantity(
                f"{name.lower()}-{key}",
                f"{name} {label}",
                explanation,
                of_one=partial(of_one, dimension=k),
            )
    for k, _name, what in kinds:
        yield Quantity(
            what,
            f"{what.capitalize()} at the scale",
            f"How many {what} there are at the chosen scale.",
            of_one=partial(_betti_number, dimension=k),
        )
    yield Quantity(
        "attention-distance",
        "Mean attention distance",
        "How far a head looks: the mean distance, in patches, from a patch to what it attends to.",
        of_one=_attention_distance,
    )
    yield Quantity(
        "attention-entropy",
        "Attention entropy",
        "How widely a patch spreads its attention, in nats; 0 if all goes to one token.",
        of_one=_attention_entropy,
    )


QUANTITIES: dict[str, Quantity] = {quantity.key: quantity for quantity in _quantities()}
"""What the Atlas shows, by name, in the order in which it is offered."""
