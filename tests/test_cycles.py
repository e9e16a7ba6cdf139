"""Cycles of bars, certified by an exact reduction that knows nothing of how they were found."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

import attntopo as at
from attntopo import cycles
from attntopo.cycles import representative_cycles
from tests.resolution import attention_at


class Complex:
    """The Vietoris–Rips complex of a matrix to dimension 2, with what bounds in it by scale.

    Edges are bits of whole numbers, in the order (length, i, j), so that a chain of edges is a
    whole number and the highest bit its youngest edge. For each youngest edge one boundary is kept
    with the length from which on it is one. Of an edge that closes triangles the first of them is
    such a boundary; of another one the death triangle, reduced, must be one. That there are no
    boundaries besides their sums follows from counting: GUDHI's diagram says how many there are.
    """

    def __init__(self, values: np.ndarray, diagrams: at.Diagrams) -> None:
        n = len(values)
        # From the enclosing radius on there are no loops, and all cycles are boundaries.
        radius = values.max(axis=1).min()
        pairs = [(values[i, j], i, j) for i in range(n) for j in range(i + 1, n)]
        pairs = sorted(pair for pair in pairs if pair[0] <= radius)
        self.lengths = [length for length, _, _ in pairs]
        self.ends = [(i, j) for _, i, j in pairs]
        self.rank = {pair: k for k, pair in enumerate(self.ends)}
        self.columns: dict[int, tuple[int, float]] = {}
        killers: dict[tuple[int, int], list[int]] = {}
        for i, j, w in diagrams.death_triangles.tolist():
            killers.setdefault((i, j), []).append(w)
        neighbours = [0] * n
        for k, (i, j) in enumerate(self.ends):
            apexes = _bits(neighbours[i] & neighbours[j])
            if apexes:
                self.columns[k] = self.triangle(i, j, apexes[0]), self.lengths[k]
            # Where lengths tie there are bars of length 0 too, which no diagram lists.
            tied = self.lengths[k] in self.lengths[max(0, k - 1) : k] + self.lengths[k + 1 : k + 2]
            for w in apexes[1:] if tied else killers.get((i, j), ()):
                column, _ = self.reduced(self.triangle(i, j, w))
                if column:
                    self.columns[column.bit_length() - 1] = column, self.lengths[k]
            neighbours[i] |= 1 << j
            neighbours[j] |= 1 << i
        assert_gudhi_agrees(values, diagrams)

    def chain(self, edges) -> int:
        total = 0
        for i, j in edges:
            total ^= 1 << self.rank[min(i, j), max(i, j)]
        return total

    def triangle(self, i: int, j: int, w: int) -> int:
        return self.chain([(i, j), (i, w), (j, w)])

    def reduced(self, chain: int) -> tuple[int, float]:
        """What is left of a chain once boundaries were added, and the length that this took."""
        latest = 0.0
        while chain and chain.bit_length() - 1 in self.columns:
            column, length = self.columns[chain.bit_length() - 1]
            latest = max(latest, length)
            chain ^= column
        return chain, latest

    def becomes_a_boundary_at(self, chain: int) -> float:
        """The least scale at which a cycle is a boundary."""
        left, latest = self.reduced(chain)
        assert left == 0
        return latest


def _bits(number: int) -> list[int]:
    return [k for k in range(number.bit_length()) if number >> k & 1]


def assert_gudhi_agrees(values: np.ndarray, diagrams: at.Diagrams) -> None:
    from gudhi.sklearn.rips_persistence import RipsPersistence

    rips = RipsPersistence(
        homology_dimensions=[1], input_type="full distance matrix", homology_coeff_field=2
    )
    points = np.asarray(rips.fit_transform([values])[0][0]).reshape(-1, 2)
    assert np.array_equal(points[np.lexsort(points.T[::-1])], diagrams[1])


def assert_certified(values: np.ndarray, found, diagrams) -> None:
    whole = Complex(values, diagrams)
    assert len(found) == len(diagrams[1])
    for cycle, (birth, death), (u, v) in zip(found, diagrams[1], diagrams.birth_edges, strict=True):
        ranks = [whole.rank[i, j] for i, j in cycle.edges.tolist()]
        assert len(set(ranks)) == len(ranks)
        assert max(ranks) == ranks[-1] == whole.rank[u, v]  # the birth edge, all others before
        assert whole.lengths[ranks[-1]] == birth
        assert (np.bincount(cycle.edges.ravel()) % 2 == 0).all()
        # Reduced columns of a filtration are triangular in time too: the latest one used is the
        # least scale at which the cycle is in their span.
        assert whole.becomes_a_boundary_at(whole.chain(cycle.edges.tolist())) == death
        steps = [
            tuple(sorted((int(a), int(b))))
            for loop in cycle.loops
            for a, b in zip(loop, np.roll(loop, -1), strict=True)
        ]
        assert sorted(steps) == sorted(map(tuple, cycle.edges.tolist()))


def random_distances(n: int, seed: int, step: float = 0.0) -> np.ndarray:
    values = np.random.default_rng(seed).random((n, n))
    values = (values + values.T) / 2
    if step:
        values = np.ceil(values / step) * step
    np.fill_diagonal(values, 0.0)
    return values


def circle(n: int, noise: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    angles = generator.uniform(0, 2 * np.pi, n)
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places += generator.normal(0, noise, places.shape)
    return np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))


SMALL = [
    *(random_distances(n, n) for n in (5, 9, 16, 25, 40)),
    *(random_distances(n, n, step=0.125) for n in (9, 16, 25, 40)),
    *(np.ceil(circle(n, 0.1, n) / 0.1) * 0.1 * (1 - np.eye(n)) for n in (12, 30, 50)),
    *(circle(n, 0.2, n) for n in (12, 30, 60)),
]


@pytest.mark.parametrize("cap", [cycles.MOST_OPERATIONS, 0], ids=["shortest", "boundaries"])
@pytest.mark.parametrize("values", SMALL, ids=lambda values: str(len(values)))
def test_small_matrices_by_either_way(values, cap, monkeypatch):
    monkeypatch.setattr(cycles, "MOST_OPERATIONS", cap)
    values = np.maximum(values, values.T)
    diagrams = at.persistence_diagrams(values)
    assert_certified(values, representative_cycles(values, diagrams), diagrams)


# 36 heads: all layers, three heads and three photos each in turn, with three distances.
HEADS = [
    (layer, head, distance)
    for layer in range(12)
    for head, distance in ((layer % 6, "jensen-shannon"), ((layer + 2) % 6, "notebook"))
] + [(layer, layer % 6, "attention-graph") for layer in range(12)]


@pytest.mark.parametrize(("layer", "head", "distance"), HEADS)
def test_every_bar_of_real_heads(layer, head, distance, astronaut, coffee):
    attention = astronaut if layer % 2 else coffee
    found = at.analyse(attention, layer, head, distance)
    cycles_found = representative_cycles(found.distances, found.diagrams)
    assert_certified(found.distances.values, cycles_found, found.diagrams)


def test_a_check_that_can_fail(coffee):
    """The plain shortest cycle is wrong for some bars of a head: the certificate must see it."""
    found = at.analyse(coffee, 9, 5, "jensen-shannon")
    whole = Complex(found.distances.values, found.diagrams)
    wrong = 0
    for (_, death), (u, v) in zip(found.diagrams[1], found.diagrams.birth_edges, strict=True):
        path = shortest_path(whole, int(u), int(v))
        chain = whole.chain([(int(u), int(v)), *pairwise(path)])
        wrong += whole.becomes_a_boundary_at(chain) != death
    assert 1 <= wrong < len(found.diagrams[1]) / 2


def shortest_path(whole: Complex, u: int, v: int) -> list[int]:
    import networkx

    graph = networkx.Graph(whole.ends[: whole.rank[u, v]])
    return networkx.shortest_path(graph, u, v)


def test_the_longest_loop_runs_round_the_saucer(coffee):
    found = at.analyse(coffee, 9, 5, "jensen-shannon")
    births, deaths = found.diagrams[1].T
    longest = int(np.argmax(deaths - births))
    assert found.diagrams[1][longest].round(3).tolist() == [0.185, 0.411]
    (loop,) = representative_cycles(found.distances, found.diagrams)[longest].loops
    rows, columns = np.divmod(loop - 1, 16)
    # On every side of the cup, which stands in the middle.
    assert rows.min() <= 2
    assert rows.max() >= 13
    assert columns.min() <= 3
    assert columns.max() >= 12


def test_with_weights_the_cycle_has_as_few_edges_and_hugs_more(coffee):
    found = at.analyse(coffee, 9, 5, "jensen-shannon")
    places = np.stack(np.divmod(np.arange(-1, 256), 16), axis=1).astype(float)
    weights = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    plain = representative_cycles(found.distances, found.diagrams)
    hugging = representative_cycles(found.distances, found.diagrams, weights)
    assert [len(one.edges) for one in plain] == [len(one.edges) for one in hugging]
    long = [sum(weights[i, j] for one in each for i, j in one.edges) for each in (plain, hugging)]
    assert long[1] < long[0]
    assert_certified(found.distances.values, hugging, found.diagrams)


@pytest.mark.parametrize("tokens", [577, 785])
def test_more_tokens_end_in_bounded_time(tokens, model):
    attention = attention_at(model, at.sample("coffee"), tokens)
    found = at.analyse(attention, 9, 5, "jensen-shannon")
    start = time.perf_counter()
    loops = representative_cycles(found.distances, found.diagrams)
    assert time.perf_counter() - start < 60
    assert len(loops) == len(found.diagrams[1]) > 100
    for cycle, (u, v) in zip(loops, found.diagrams.birth_edges, strict=True):
        assert cycle.edges[-1].tolist() == [u, v]
        assert (np.bincount(cycle.edges.ravel()) % 2 == 0).all()


def test_structureless_distances_end_too():
    values = random_distances(120, 1)
    diagrams = at.persistence_diagrams(values)
    found = representative_cycles(values, diagrams)
    assert len(found) > 300
    assert_certified(values, found, diagrams)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_loops_no_cycles(n):
    values = random_distances(n, n)
    assert representative_cycles(values, at.persistence_diagrams(values)) == ()


def test_without_numba_the_cycles_are_right_too(monkeypatch):
    monkeypatch.setattr(cycles, "numba_runs", lambda: False)
    values = circle(40, 0.2, 3)
    diagrams = at.persistence_diagrams(values)
    assert_certified(values, representative_cycles(values, diagrams), diagrams)


def test_diagrams_from_elsewhere_are_refused():
    points = (np.array([[0.0, np.inf]]), np.array([[0.1, 0.2]]))
    with pytest.raises(ValueError, match="birth edges"):
        representative_cycles(np.zeros((1, 1)), at.Diagrams(points))
