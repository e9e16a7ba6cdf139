"""Ours beside other libraries, step by step, on the same matrices and diagrams.

All run in one thread, in turn; what would take long is left out, by an estimate from fewer points.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import attntopo as at
from attntopo.diagrams import wasserstein_effort
from benchmarks.peer_steps import SCIPY_DISTANCES, STEPS, Call, finite_bars, missing
from tests.harness.resolution import attention_at

RUNS = 7
LIMIT = 0.5
"""Seconds that one call of a peer may take."""
SMALL = 60
"""Points or bars by which that is estimated first, and the seconds that any call may take."""
BASE = 0.005
DISTANCES = tuple(at.DISTANCES)
REAL, OTHER = (9, 3), (0, 5)
"""Layer and head of the real rows, and of those that they are compared with."""


@dataclass(frozen=True)
class Row:
    """What a step is timed on: the arguments of the call, and how large they are."""

    step: str
    tokens: int
    kind: str
    arguments: tuple[Any, ...]
    size: int


@dataclass
class Timed:
    """Median seconds of ours and of each peer that agrees; why the others aren't there."""

    ours_s: float
    peers: dict[str, float] = field(default_factory=dict)
    over_s: dict[str, float] = field(default_factory=dict)
    differ: list[str] = field(default_factory=list)


# --- what they are timed on ---------------------------------------------------------------------


def structureless(n: int) -> Iterator[tuple[str, np.ndarray, str]]:
    """Yield rows of attention without structure, with the distance that is taken of them."""
    generator = np.random.default_rng(0)
    random = generator.dirichlet(np.ones(n), size=n)
    for distance in DISTANCES:
        yield "random rows", random, distance
    yield "one-hot rows", np.eye(n)[generator.integers(0, n // 4, n)], "jensen-shannon"
    yield "uniform rows", np.full((n, n), 1 / n), "jensen-shannon"


def matrices(n: int, real: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield matrices of distances, each with its kind."""
    for distance in DISTANCES:
        yield f"real, {distance}", at.row_distances(real, distance).values
    for kind, rows, distance in structureless(n):
        values = at.row_distances(rows, distance).values
        yield f"{kind}, {distance}", values
        if kind == "random rows" and distance in ("double-softmax", "jensen-shannon"):
            for decimals in (1, 2):
                yield f"{kind}, {distance}, {decimals} decimals", values.round(decimals)
    yield "all equal", np.ones((n, n)) - np.eye(n)


def rows_of(n: int, real: np.ndarray, other: np.ndarray) -> Iterator[Row]:
    """Yield everything that is timed at one number of tokens.

    Parameters
    ----------
    n : int
        Tokens.
    real, other : ndarray, shape (n, n)
        Attention of two heads.

    Yields
    ------
    Row
    """
    rows_in_float64 = np.float64(real)
    rows_in_float64 /= rows_in_float64.sum(axis=1, keepdims=True)
    random = next(structureless(n))[1]
    for distance in SCIPY_DISTANCES:
        yield Row(f"distances, {distance}", n, "real", (rows_in_float64,), n)
        yield Row(f"distances, {distance}", n, "random rows", (random,), n)
    for kind, values in matrices(n, real):
        for dimension, step in enumerate(("h0", "h0-h1")):
            yield Row(step, n, kind, (values, dimension), n)
    other_random = np.random.default_rng(1).dirichlet(np.ones(n), size=n)
    for kind, pair in (("real", (real, other)), ("random rows", (random, other_random))):
        found = [at.persistence_diagrams(at.row_distances(one, "jensen-shannon")) for one in pair]
        for dimension in (0, 1):
            bars = [finite_bars(one[dimension]) for one in found]
            size = max(map(len, bars))
            named = f"{kind}, H{dimension}, {len(bars[0])} and {len(bars[1])} bars"
            yield Row("bottleneck", n, named, tuple(bars), size)
            for order in (1, 2):
                exact = not wasserstein_effort(
                    *map(len, bars), order, dimension == 0
                ).relative_bound
                step = "wasserstein" if exact else "wasserstein, about"
                yield Row(step, n, f"{named}, order {order}", (*bars, order), size)


# --- timing -------------------------------------------------------------------------------------


def time_row(row: Row, runs: int = RUNS, limit: float = LIMIT) -> Timed:
    """Time ours and all peers on a row, in turn.

    Parameters
    ----------
    row : Row
    runs : int
        Of each, after one that isn't counted.
    limit : float
        Seconds that one call of a peer may take.

    Returns
    -------
    Timed
        Medians.
    """
    step, timed = STEPS[row.step], Timed(0.0)
    answer = step.ours(*row.arguments)
    calls = {"": step.ours}
    for name, peer in step.peers.items():
        if any(one in name for one in missing()):
            continue
        if _takes_too_long(peer, row, limit):
            timed.over_s[name] = limit
            continue
        theirs, seconds = _timed(peer, row.arguments, time.process_time)
        if not step.agree(answer, theirs):
            timed.differ.append(name)
        elif seconds > limit:
            timed.over_s[name] = limit
        else:
            calls[name] = peer
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            found[name].append(_timed(call, row.arguments)[1])
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    timed.ours_s = medians.pop("")
    timed.peers = medians
    return timed


def _takes_too_long(peer: Call, row: Row, limit: float) -> bool:
    """Estimate it by the first few points or bars, and twice as many, and so on."""
    size = SMALL
    while size < row.size:
        small = tuple(_first(size, one) for one in row.arguments)
        if size == SMALL:
            peer(*small)  # what is imported is no part of it
        seconds = _timed(peer, small, time.process_time)[1]
        if seconds > BASE and seconds * min(2.0, row.size / size) ** 3 > limit:
            return True
        size *= 2
    return False


def _first(size: int, one: Any) -> Any:
    if not isinstance(one, np.ndarray):
        return one
    return one[:size] if one.shape[1] == 2 else one[:size, :size]


def _timed(
    call: Call, arguments: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> tuple[Any, float]:
    start = clock()
    answer = call(*arguments)
    return answer, clock() - start


def of_peers(tokens: tuple[int, ...], runs: int = RUNS, limit: float = LIMIT) -> dict[str, Any]:
    """Time all steps at some numbers of tokens.

    Returns
    -------
    dict
        `rows`: a list of `{step, tokens, kind, ours_s, peers, over_s, differ}`; `missing`: the
        peers that aren't installed.
    """
    model, photo = at.load_model(), at.sample("coffee")
    rows = []
    for n in sorted(tokens):
        attention = attention_at(model, photo, n)
        for row in rows_of(n, attention.head(*REAL), attention.head(*OTHER)):
            named = {"step": row.step, "tokens": row.tokens, "kind": row.kind}
            rows.append(named | vars(time_row(row, runs, limit)))
    return {"rows": rows, "missing": missing()}
