"""One head, or all -> how its loops and components rank among those of nulls of its attention."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.atlas import Cell, for_heads, heads_of
from attntopo.analysis.attention_fit import AttentionFit, fit_attention
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.head import points_of
from attntopo.analysis.nulls import find_null, surrogate_attention
from attntopo.analysis.ranks import (
    FEWEST_DRAWS,
    Longest,
    NullDraws,
    Rank,
    longest_life,
    longest_loop,
)
from attntopo.attention import Attention
from attntopo.distances import find_distance, row_distances
from attntopo.topology import find_bars, merge_tree, persistence_diagrams

MOST_DRAWS = 100
"""Most draws of a null that can be asked for."""


@dataclass(frozen=True)
class HeadEvidence:
    """How a head's longest loop and longest-lived component rank.

    Attributes
    ----------
    loop, component : Rank or None
        None where the head has none, or the null can't be had.
    note : str
        A sentence where the null can't be had; else empty.
    """

    loop: Rank | None
    component: Rank | None
    note: str = ""


def null_draws(
    attention: Attention,
    layer: int,
    head: int | str,
    distance: str = "double-softmax",
    tokens: str = "all",
    null: str = "spectrum",
    n_draws: int = FEWEST_DRAWS,
    seed: int = 0,
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[NullDraws, None, None]:
    """Draw attention from a null and send each draw through the whole pipeline.

    Parameters
    ----------
    attention : Attention
    layer, head
        As for `Attention.head`.
    distance, tokens : str
        As for `analyse`.
    null : str
        A key of `NULLS`.
    n_draws : int
        1 to 100; nothing is significant with fewer than 20.
    seed : int
        Not negative. The numbers don't depend on the number of threads.
    threads, waiting
        As for `for_heads`.

    Returns
    -------
    generator of NullDraws
        After each draw, those that are done. If the caller stops early, the rest is dropped.

    Raises
    ------
    AttentionError, DistanceError, EvidenceError
        At once, if there is no such head, distance or null, or the head's rows are one-hot.
    """
    _check(distance, null, n_draws, seed)
    fit = fit_attention(attention.head(layer, head), attention.grid, attention.n_prefix)
    points = points_of(attention, tokens)

    def work(draw: int) -> Longest:
        return longest_in_draw(fit, distance, points, null, seed, draw)

    return _collected(for_heads(work, range(n_draws), threads, waiting), null, seed)


def _collected(
    each: Iterable[tuple[int, Longest]], null: str, seed: int
) -> Generator[NullDraws, None, None]:
    done: dict[int, Longest] = {}
    for draw, longest in each:
        done[draw] = longest
        yield NullDraws.of(done, null, seed)


def longest_in_draw(
    fit: AttentionFit,
    distance: str,
    points: np.ndarray,
    null: str = "spectrum",
    seed: int = 0,
    draw: int = 0,
) -> Longest:
    """Draw attention once from a null, and find its longest loop and longest life.

    Parameters
    ----------
    fit : AttentionFit
        What was fitted to the head.
    distance : str
        A key of `DISTANCES`.
    points : ndarray of int, shape (n_points,)
        Which tokens are points, from `points_of`.
    null : str
        A key of `NULLS`.
    seed, draw : int
        As for `surrogate_attention`.

    Returns
    -------
    tuple of float
        Length of the longest bar in H1, and longest life of a leader; 0 where there is none.

    Raises
    ------
    DistanceError, EvidenceError, PersistenceError
        If there is no such distance or null, or it would take too long.
    """
    rows = surrogate_attention(fit, null=null, seed=seed, draw=draw)
    return _longest(rows, distance, points)


def _longest(rows: np.ndarray, distance: str, points: np.ndarray) -> Longest:
    # One thread: draws, or heads, are what is dealt out to threads.
    distances = row_distances(rows, distance, points, threads=1)
    bars = find_bars(distances.values)
    return (
        longest_loop(persistence_diagrams(distances, bars=bars)),
        longest_life(merge_tree(distances, bars)),
    )


def evidence_of_heads(
    attention: Attention,
    heads: Iterable[Cell] | None = None,
    distance: str = "double-softmax",
    tokens: str = "all",
    null: str = "spectrum",
    n_draws: int = FEWEST_DRAWS,
    seed: int = 0,
    threads: int | None = None,
    waiting: Callable[[], object] | None = None,
) -> Generator[tuple[Cell, HeadEvidence], None, None]:
    """Rank each head's longest loop and longest-lived component among draws of its null.

    Parameters
    ----------
    attention : Attention
    heads : iterable of tuple, optional
        Layers and heads; all by default.
    distance, tokens, null, n_draws, seed
        As for `null_draws`, of which each head has the same numbers.
    threads, waiting
        As for `for_heads`: a head is worked on in one thread.

    Returns
    -------
    generator of tuple
        A head and its evidence, as soon as it is there.

    Raises
    ------
    DistanceError, EvidenceError
        At once, if there is no such distance or null.
    """
    _check(distance, null, n_draws, seed)
    points = points_of(attention, tokens)

    def work(cell: Cell) -> HeadEvidence:
        rows = attention.head(*cell)
        try:
            fit = fit_attention(rows, attention.grid, attention.n_prefix)
        except EvidenceError as error:
            return HeadEvidence(None, None, str(error))
        each = {n: longest_in_draw(fit, distance, points, null, seed, n) for n in range(n_draws)}
        draws = NullDraws.of(each, null, seed)
        loop, life = _longest(rows, distance, points)
        return HeadEvidence(
            draws.rank_loop(loop) if loop > 0 else None,
            draws.rank_component(life) if life > 0 else None,
        )

    return for_heads(work, heads_of(attention) if heads is None else heads, threads, waiting)


def heads_by_chance(n_heads: int, n_draws: int = FEWEST_DRAWS) -> float:
    """Return how many heads would beat all draws of their null by chance: 1 in n_draws + 1."""
    return n_heads / (n_draws + 1)


def _check(distance: str, null: str, n_draws: int, seed: int) -> None:
    find_distance(distance)
    find_null(null)
    if not 1 <= n_draws <= MOST_DRAWS:
        raise EvidenceError(f"A null has 1 to {MOST_DRAWS} draws, not {n_draws}.")
    if seed < 0:
        raise EvidenceError(f"A seed is a whole number from 0 on, not {seed}.")
