"""One head, or all -> how its loops and components rank among those of nulls of its attention."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.atlas import Cell, for_heads, heads_of
from attntopo.analysis.attention_fit import AttentionFit, fit_attention
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.head import points_of
from attntopo.analysis.nulls import find_null, surrogate_attention
from attntopo.attention import Attention
from attntopo.diagrams import finite_lengths
from attntopo.distances import find_distance, row_distances
from attntopo.topology import (
    Diagrams,
    MergeTree,
    find_bars,
    leader_lives,
    merge_tree,
    persistence_diagrams,
)

FEWEST_DRAWS = 20
"""With fewer, nothing is called significant."""
MOST_DRAWS = 100
LOOP, COMPONENT = "loop", "component"
_LONGER_THAN = {
    LOOP: "longer than the longest loop",
    COMPONENT: "longer-lived than the longest-lived component",
}


@dataclass(frozen=True)
class Rank:
    """How one loop or component stands among the longest of each draw of a null.

    Attributes
    ----------
    kind : {"loop", "component"}
    length : float
        Of the loop's bar, or the life of the component's leader; in the units of the distance.
    beaten : int
        In how many draws the longest is shorter.
    n_draws : int
        Of how many draws.
    null : str
        A key of `NULLS`.
    """

    kind: str
    length: float
    beaten: int
    n_draws: int
    null: str

    @property
    def p(self) -> float:
        """The share of these and of itself that is as long: at least 1 / (n_draws + 1)."""
        return (1 + self.n_draws - self.beaten) / (1 + self.n_draws)

    @property
    def is_significant(self) -> bool:
        """Whether it is longer than in all of at least 20 draws."""
        return self.beaten == self.n_draws >= FEWEST_DRAWS

    @property
    def text(self) -> str:
        """Words for it: `longer than the longest loop in 18 of 20 attention matrices that …`."""
        matrices = find_null(self.null).matrices
        return f"{_LONGER_THAN[self.kind]} in {self.beaten} of {self.n_draws} {matrices}"


@dataclass(frozen=True, eq=False)
class NullDraws:
    """The longest loop and the longest life in each draw of a null, so far.

    Attributes
    ----------
    null : str
        A key of `NULLS`.
    seed : int
    draws : ndarray of int64, shape (n,)
        Which draws these are, ascending; draw and seed determine the attention.
    longest_loops : ndarray of float64, shape (n,)
        Length of the longest bar in H1; 0 where there is none.
    longest_lives : ndarray of float64, shape (n,)
        Longest life of a leader of four tokens and more that is absorbed; 0 where there is none.
    """

    null: str
    seed: int
    draws: np.ndarray
    longest_loops: np.ndarray
    longest_lives: np.ndarray

    def rank_loop(self, length: float) -> Rank:
        """Rank a loop by the length of its bar."""
        return self._rank(LOOP, length, self.longest_loops)

    def rank_component(self, life: float) -> Rank:
        """Rank a component by its leader's life, which `component_life` returns."""
        return self._rank(COMPONENT, life, self.longest_lives)

    def _rank(self, kind: str, length: float, longest: np.ndarray) -> Rank:
        if not np.isfinite(length):
            raise EvidenceError("Only a loop or component that ends has a length to be ranked.")
        return Rank(kind, float(length), int((longest < length).sum()), len(longest), self.null)


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


def longest_loop(diagrams: Diagrams) -> float:
    """Return the length of the longest bar in H1; 0 where there is none."""
    return float(finite_lengths(diagrams[1]).max(initial=0.0))


def longest_life(tree: MergeTree) -> float:
    """Return the longest life of a leader that is absorbed; 0 where there is none."""
    starts, ends = leader_lives(tree).T
    lived = (starts < ends) & np.isfinite(ends)
    return float((ends[lived] - starts[lived]).max(initial=0.0))


def component_life(tree: MergeTree, leader: int) -> float:
    """Return how long a component lives: from four tokens until its leader is absorbed.

    Parameters
    ----------
    tree : MergeTree
    leader : int
        The point that names it.

    Returns
    -------
    float
        In the units of the distance.

    Raises
    ------
    EvidenceError
        If there is no such point, or its life has no start or no end.
    """
    lives = leader_lives(tree)
    if not 0 <= leader < len(lives):
        raise EvidenceError(f"There is no point {leader}: points go from 0 to {len(lives) - 1}.")
    start, end = lives[leader].tolist()
    if start >= end:
        raise EvidenceError(
            "This component has fewer than four tokens when another absorbs it: components of two "
            "or three tokens aren't ranked."
        )
    if end == np.inf:
        raise EvidenceError(
            "This is the component that all others join: its life has no end, so it has no rank."
        )
    return float(end - start)


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
    longest = _longest_of(fit, distance, points_of(attention, tokens), null, seed)
    return _collected(for_heads(longest, range(n_draws), threads, waiting), null, seed)


def _collected(
    each: Iterable[tuple[int, tuple[float, float]]], null: str, seed: int
) -> Generator[NullDraws, None, None]:
    done: dict[int, tuple[float, float]] = {}
    for draw, both in each:
        done[draw] = both
        yield _draws_of(done, null, seed)


def _draws_of(done: dict[int, tuple[float, float]], null: str, seed: int) -> NullDraws:
    draws = sorted(done)
    loops, lives = np.array([done[draw] for draw in draws]).T
    return NullDraws(null, seed, np.array(draws), loops, lives)


def _longest_of(
    fit: AttentionFit, distance: str, points: np.ndarray, null: str, seed: int
) -> Callable[[int], tuple[float, float]]:
    """Return what makes of a draw's number its longest loop and longest life."""

    def work(draw: int) -> tuple[float, float]:
        rows = surrogate_attention(fit, null=null, seed=seed, draw=draw)
        # One thread a draw: the draws are what is dealt out to threads.
        distances = row_distances(rows, distance, points, threads=1)
        bars = find_bars(distances.values)
        return (
            longest_loop(persistence_diagrams(distances, bars=bars)),
            longest_life(merge_tree(distances, bars)),
        )

    return work


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
        longest = _longest_of(fit, distance, points, null, seed)
        draws = _draws_of({draw: longest(draw) for draw in range(n_draws)}, null, seed)
        distances = row_distances(rows, distance, points, threads=1)
        bars = find_bars(distances.values)
        loop = longest_loop(persistence_diagrams(distances, bars=bars))
        life = longest_life(merge_tree(distances, bars))
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
