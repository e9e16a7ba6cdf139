"""Ours beside other libraries, step by step, on the same matrices and diagrams.

A peer is listed where it gives the same answer, to the bit for diagrams. Those that compute in
float32 (RedZeD, ripser, giotto-ph) get the edges' ranks instead of their lengths, and the ranks are
made within their time: what a user has is a matrix of float64. GUDHI's bottleneck distance isn't
among the peers, as it is now and then too large.

All run in one thread, in turn; what would take long is left out, by an estimate from fewer points.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

import attntopo as at
from attntopo.diagrams import wasserstein_effort
from attntopo.topology import Diagrams
from tests.harness.resolution import attention_at

RUNS = 7
LIMIT = 0.5
"""Seconds that one call of a peer may take."""
SMALL = 60
"""Points or bars by which that is estimated first, and the seconds that any call may take."""
BASE = 0.005
PACKAGES = {
    "RedZeD": "redzed_tda",
    "ripser": "ripser",
    "giotto-ph": "gph",
    "GUDHI": "gudhi",
    "persim": "persim",
    "POT": "ot",
}
"""What each peer imports; SciPy is there in any case."""
DISTANCES = tuple(at.DISTANCES)
REAL, OTHER = (9, 3), (0, 5)
"""Layer and head of the real rows, and of those that they are compared with."""

Call = Callable[..., Any]


@dataclass(frozen=True)
class Step:
    """A computation, ours and the peers', of the same inputs to the same answer."""

    ours: Call
    peers: dict[str, Call]
    agree: Callable[[Any, Any], bool]


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


# --- the peers --------------------------------------------------------------------------------


def ranks_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each edge's number in an order of lengths, condensed, and the length of each number.

    Of NumPy's sorts the one that is quicker is taken: the stable one where many lengths are equal.
    """
    lengths = squareform(values, checks=False)
    some = lengths[:1000]
    order = np.argsort(lengths, kind="stable" if 2 * len(np.unique(some)) < len(some) else None)
    ranks = np.empty(len(lengths), np.float32)
    ranks[order] = np.arange(1, len(lengths) + 1)
    return ranks, np.append(0.0, lengths[order])


def _lengths(diagrams: list[np.ndarray], of_rank: np.ndarray) -> list[np.ndarray]:
    return [of_rank[points[np.isfinite(points[:, 1])].astype(np.int64)] for points in diagrams]


def _redzed(values: np.ndarray, dimension: int) -> list[np.ndarray]:
    import redzed_tda

    ranks, of_rank = ranks_of(values)
    return _lengths(redzed_tda.rips(ranks, maxdim=dimension), of_rank)


def _ripser(values: np.ndarray, dimension: int) -> list[np.ndarray]:
    from ripser import ripser

    ranks, of_rank = ranks_of(values)
    found = ripser(squareform(ranks), distance_matrix=True, maxdim=dimension, coeff=2)
    return _lengths(found["dgms"], of_rank)


def _giotto(values: np.ndarray, dimension: int) -> list[np.ndarray]:
    from gph import ripser_parallel

    ranks, of_rank = ranks_of(values)
    found = ripser_parallel(squareform(ranks), metric="precomputed", maxdim=dimension, n_threads=1)
    return _lengths(found["dgms"], of_rank)


def _gudhi(values: np.ndarray, dimension: int) -> list[np.ndarray]:
    from gudhi.sklearn.rips_persistence import RipsPersistence

    rips = RipsPersistence(
        homology_dimensions=list(range(dimension + 1)),
        input_type="full distance matrix",
        homology_coeff_field=2,
    )
    return [np.asarray(one).reshape(-1, 2) for one in rips.fit_transform([values])[0]]


def _linkage(values: np.ndarray, _dimension: int) -> list[np.ndarray]:
    deaths = linkage(squareform(values, checks=False), "single")[:, 2]
    return [np.stack([np.zeros(len(deaths)), deaths], axis=1)]


def _persim_bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    import persim

    return float(persim.bottleneck(first, second))


def _pot(first: np.ndarray, second: np.ndarray, order: int) -> float:
    from gudhi.wasserstein import wasserstein_distance

    return float(wasserstein_distance(first, second, order=order, internal_p=np.inf))


def _hera(first: np.ndarray, second: np.ndarray, order: int) -> float:
    import gudhi.hera

    return float(
        gudhi.hera.wasserstein_distance(first, second, order=order, internal_p=np.inf, delta=0.01)
    )


def _jensen_shannon(rows: np.ndarray) -> np.ndarray:
    return squareform(pdist(rows, "jensenshannon"))


def _double_softmax(rows: np.ndarray) -> np.ndarray:
    powers = np.exp(rows)
    return np.sqrt(_jensen_shannon(powers / powers.sum(axis=1, keepdims=True)))


# SciPy has no Hellinger distance; by differences of roots it loses digits where rows are alike.
SCIPY_DISTANCES: dict[str, Call] = {
    "double-softmax": _double_softmax,
    "jensen-shannon": _jensen_shannon,
    "total-variation": lambda rows: squareform(pdist(rows, "cityblock")) / 2,
}


# --- ours, and when a peer agrees ---------------------------------------------------------------


def _ours(values: np.ndarray, dimension: int) -> list[np.ndarray]:
    return list(at.persistence_diagrams(values, max_dimension=dimension).points)


def _bars(points: np.ndarray) -> np.ndarray:
    """Return the finite bars longer than 0, in order."""
    points = points[np.isfinite(points[:, 1]) & (points[:, 1] > points[:, 0])]
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def _same_bars(ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    pairs = zip(ours, theirs, strict=True)
    return all(np.array_equal(_bars(one), _bars(other)) for one, other in pairs)


def _of_bars(distance: Call, **options: Any) -> Call:
    def call(first: np.ndarray, second: np.ndarray, *_order: int) -> float:
        return distance(Diagrams((first,)), Diagrams((second,)), 0, **options)

    return call


def _close(ours: float, theirs: float) -> bool:
    return abs(ours - theirs) <= 1e-12 + 1e-9 * abs(ours)


def _within_two_percent(ours: float, theirs: float) -> bool:
    """Say whether both can be within 1 % of the same number."""
    return abs(ours - theirs) <= 0.02 * abs(ours)


def _close_matrices(ours: np.ndarray, theirs: np.ndarray) -> bool:
    apart = ~np.eye(len(ours), dtype=bool)
    # Written so that NaN, SciPy's for rows that are nearly equal, doesn't agree with anything.
    return bool((np.abs(ours - theirs)[apart] <= 1e-12 * ours[apart]).all())


def _wasserstein(first: np.ndarray, second: np.ndarray, order: int) -> float:
    return at.wasserstein_distance(Diagrams((first,)), Diagrams((second,)), 0, order)


_RIPS = {"RedZeD": _redzed, "ripser": _ripser, "giotto-ph": _giotto, "GUDHI": _gudhi}
STEPS: dict[str, Step] = {
    "h0": Step(_ours, {"SciPy's linkage": _linkage, **_RIPS}, _same_bars),
    "h0-h1": Step(_ours, _RIPS, _same_bars),
    "bottleneck": Step(_of_bars(at.bottleneck_distance), {"persim": _persim_bottleneck}, _close),
    "wasserstein": Step(_wasserstein, {"GUDHI and POT": _pot}, _close),
    "wasserstein, about": Step(_wasserstein, {"Hera, by GUDHI": _hera}, _within_two_percent),
    **{
        f"distances, {name}": Step(
            lambda rows, name=name: at.row_distances(rows, name, threads=1).values,
            {"SciPy": SCIPY_DISTANCES[name]},
            _close_matrices,
        )
        for name in SCIPY_DISTANCES
    },
}


def missing() -> list[str]:
    """Return the peers that aren't installed."""
    return [name for name, module in PACKAGES.items() if find_spec(module) is None]


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
            bars = [_bars(one[dimension]) for one in found]
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
