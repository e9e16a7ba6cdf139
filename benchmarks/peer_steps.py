"""What other libraries compute of the same matrices and diagrams, and when they agree with ours.

A peer is listed where it gives the same answer, to the bit for diagrams. Those that compute in
float32 (RedZeD, ripser, giotto-ph) get the edges' ranks instead of their lengths, and the ranks are
made within their time: what a user has is a matrix of float64. GUDHI's bottleneck distance isn't
among the peers, as it is now and then too large.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

import attntopo as at
from attntopo.topology import Diagrams

PACKAGES = {
    "RedZeD": "redzed_tda",
    "ripser": "ripser",
    "giotto-ph": "gph",
    "GUDHI": "gudhi",
    "persim": "persim",
    "POT": "ot",
}
"""What each peer imports; SciPy is there in any case."""

Call = Callable[..., Any]


@dataclass(frozen=True)
class Step:
    """A computation, ours and the peers', of the same inputs to the same answer."""

    ours: Call
    peers: dict[str, Call]
    agree: Callable[[Any, Any], bool]


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


def finite_bars(points: np.ndarray) -> np.ndarray:
    """Return the finite bars longer than 0, in order."""
    points = points[np.isfinite(points[:, 1]) & (points[:, 1] > points[:, 0])]
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def _same_bars(ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    pairs = zip(ours, theirs, strict=True)
    return all(np.array_equal(finite_bars(one), finite_bars(other)) for one, other in pairs)


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
