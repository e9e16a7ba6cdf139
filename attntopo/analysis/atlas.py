"""A number, or a summary, of every head -> arrays by layer and head; work dealt out to threads."""

import os
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TypeVar, cast

import numpy as np

from attntopo.analysis.quantities import HeadSummary
from attntopo.attention import Attention
from attntopo.diagrams import betti_curve

Head = tuple[int, int]
"""Layer and head, counted from 0."""
Cell = tuple[int, int | str]
"""Layer and head, which may be "mean": the mean of the layer's heads."""
_Head = TypeVar("_Head", bound=Hashable)
_Result = TypeVar("_Result")


def heads_of(*attended: Attention) -> list[Head]:
    """List the heads that all of these have, layer by layer."""
    n_layers = min(attention.n_layers for attention in attended)
    n_heads = min(attention.n_heads for attention in attended)
    return [(layer, head) for layer in range(n_layers) for head in range(n_heads)]


def for_heads(
    work: Callable[[_Head], _Result],
    heads: Iterable[_Head],
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[tuple[_Head, _Result], None, None]:
    """Do something for many heads in threads, and give each result as soon as it is there.

    Parameters
    ----------
    work : callable
        Layer and head -> result.
    heads : iterable of tuple
        Each once.
    threads : int, optional
        One a core by default.
    waiting : callable, optional
        Called a few times a second while no result comes.

    Yields
    ------
    tuple
        A head and its result. If the caller stops early, what hasn't begun is dropped.
    """
    # A queue of results, and not of futures, which would hold it and each other.
    done: SimpleQueue[tuple[_Head, _Result | None, BaseException | None]] = SimpleQueue()

    def run(head: _Head) -> None:
        try:
            done.put((head, work(head), None))
        except BaseException as error:
            done.put((head, None, error))

    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1)
    try:
        n_to_come = len([pool.submit(run, head) for head in heads])
        while n_to_come:
            try:
                head, result, error = done.get(timeout=0.3)
            except Empty:
                if waiting is not None:
                    waiting()
                continue
            if error is not None:
                raise error
            n_to_come -= 1
            yield head, cast(_Result, result)
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
    placed = np.full((max(layers) + 1, max(heads) + 1), np.nan)
    placed[layers, heads] = list(values.values())
    return placed


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
    means = np.full((max(layers, default=0) + 1, len(scales)), np.nan)
    for layer in set(layers):
        curves = [
            betti_curve(summary.diagrams[dimension], scales)
            for (own, _), summary in summaries.items()
            if own == layer
        ]
        means[layer] = np.mean(curves, axis=0)
    return means
