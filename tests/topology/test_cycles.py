"""Cycles of bars, certified by an exact reduction that knows nothing of how they were found."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import attntopo as at
from attntopo.topology import cycle_kernels, cycles, edge_links, edge_sorting
from attntopo.topology.cycles import CycleFinder, representative_cycles
from tests.harness.resolution import attention_at


class Complex:
    """The Vietoris–Rips complex of a matrix to dimension 2, with the boundaries it has by scale.

    Edges are bits of whole numbers, in the order (length, i, j), so that a chain of edges is a
    whole number and the highest bit its youngest edge. A reduced column for each youngest edge is
    kept with the length from which on it is a boundary.

    Of the triangles with one latest edge uv only one for each component of its link is reduced:
    where ww' is there too, the boundaries of uvw and uvw' differ by those of uww' and vww', which
    came earlier. With `whole` set all are. Edges longer than `until` are left out.
    """

    def __init__(self, values: np.ndarray, whole: bool = False, until: float = np.inf) -> None:
        n = len(values)
        i, j = np.triu_indices(n, 1)
        order = np.lexsort((j, i, values[i, j]))
        # From the enclosing radius on there are no loops, and all cycles are boundaries.
        order = order[values[i, j][order] <= min(values.max(axis=1).min(), until)]
        self.whole = whole
        self.lengths = values[i, j][order].tolist()
        self.ends = list(zip(i[order].tolist(), j[order].tolist(), strict=True))
        self.rank = {pair: k for k, pair in enumerate(self.ends)}
        self.neighbours: list[int] = [0] * n
        self.columns: dict[int, tuple[int, float]] = {}
        for k, (i, j) in enumerate(self.ends):
            self._add(k, i, j)

    def chain(self, edges) -> int:
        total = 0
        for i, j in edges:
            total ^= 1 << self.rank[min(i, j), max(i, j)]
        return total

    def _add(self, k: int, i: int, j: int) -> None:
        left = self.neighbours[i] & self.neighbours[j]
        while left:
            w = (left & -left).bit_length() - 1
            left ^= 1 << w
            if not self.whole:
                left = self._without_component(left, w)
            self._reduce_into(self.chain([(i, j), (i, w), (j, w)]), self.lengths[k])
        self.neighbours[i] |= 1 << j
        self.neighbours[j] |= 1 << i

    def _without_component(self, points: int, start: int) -> int:
        frontier = [start]
        while points and frontier:
            reached = points & self.neighbours[frontier.pop()]
            points ^= reached
            while reached:
                frontier.append((reached & -reached).bit_length() - 1)
                reached &= reached - 1
        return points

    def _reduce_into(self, column: int, length: float) -> None:
        while column:
            youngest = column.bit_length() - 1
            if youngest not in self.columns:
                self.columns[youngest] = column, length
                return
            column ^= self.columns[youngest][0]

    def becomes_a_boundary_at(self, chain: int) -> float:
        """The least scale at which a cycle is a boundary; inf if it is none at any here."""
        latest = 0.0
        while chain:
            column, length = self.columns.get(chain.bit_length() - 1, (chain, np.inf))
            latest = max(latest, length)
            chain ^= column
        return latest


def assert_certified(values: np.ndarray, representatives, diagrams) -> None:
    whole = Complex(values, until=diagrams[1][:, 1].max(initial=0))
    assert len(representatives) == len(diagrams[1])
    for cycle, (birth, death), (u, v) in zip(
        representatives, diagrams[1], diagrams.birth_edges, strict=True
    ):
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


@pytest.mark.parametrize("values", SMALL, ids=lambda values: str(len(values)))
def test_the_certificate_is_that_of_all_triangles(values):
    values = np.maximum(values, values.T)
    quick, slow = Complex(values), Complex(values, whole=True)
    lengths = {edge: length for edge, (_, length) in slow.columns.items()}
    assert {edge: length for edge, (_, length) in quick.columns.items()} == lengths


# 24 heads: all layers, with two of three distances in turn.
DISTANCES = ("jensen-shannon", "double-softmax", "attention-graph")
HEADS = [
    (layer, (layer + 2 * turn) % 6, DISTANCES[(layer + turn) % 3])
    for layer in range(12)
    for turn in (0, 1)
]


@pytest.mark.parametrize(("layer", "head", "distance"), HEADS)
def test_every_bar_of_real_heads(layer, head, distance, astronaut, coffee):
    attention = astronaut if layer % 2 else coffee
    topology = at.analyse(attention, layer, head, distance)
    representatives = representative_cycles(topology.distances, topology.diagrams)
    assert_certified(topology.distances.values, representatives, topology.diagrams)


def test_a_check_that_can_fail(coffee):
    """The plain shortest cycle is wrong for some bars of a head: the certificate must see it."""
    topology = at.analyse(coffee, 9, 5, "jensen-shannon")
    whole = Complex(topology.distances.values)
    wrong = 0
    for (_, death), (u, v) in zip(topology.diagrams[1], topology.diagrams.birth_edges, strict=True):
        path = shortest_path(whole, int(u), int(v))
        chain = whole.chain([(int(u), int(v)), *pairwise(path)])
        wrong += whole.becomes_a_boundary_at(chain) != death
    assert 1 <= wrong < len(topology.diagrams[1]) / 2


def shortest_path(whole: Complex, u: int, v: int) -> list[int]:
    import networkx

    graph = networkx.Graph(whole.ends[: whole.rank[u, v]])
    return networkx.shortest_path(graph, u, v)


def test_the_longest_loop_runs_round_the_saucer(coffee):
    topology = at.analyse(coffee, 9, 5, "jensen-shannon")
    births, deaths = topology.diagrams[1].T
    longest = int(np.argmax(deaths - births))
    assert topology.diagrams[1][longest].round(3).tolist() == [0.185, 0.411]
    (loop,) = representative_cycles(topology.distances, topology.diagrams)[longest].loops
    rows, columns = np.divmod(loop - 1, 16)
    # On every side of the cup, which stands in the middle.
    assert rows.min() <= 2
    assert rows.max() >= 13
    assert columns.min() <= 3
    assert columns.max() >= 12


def test_with_weights_the_cycle_has_as_few_edges_and_hugs_more(coffee):
    topology = at.analyse(coffee, 9, 5, "jensen-shannon")
    places = np.stack(np.divmod(np.arange(-1, 256), 16), axis=1).astype(float)
    weights = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    plain = representative_cycles(topology.distances, topology.diagrams)
    hugging = representative_cycles(topology.distances, topology.diagrams, weights)
    assert [len(one.edges) for one in plain] == [len(one.edges) for one in hugging]
    long = [sum(weights[i, j] for one in each for i, j in one.edges) for each in (plain, hugging)]
    assert long[1] < long[0]
    assert_certified(topology.distances.values, hugging, topology.diagrams)


@pytest.mark.parametrize("tokens", [577, 1025])
def test_more_tokens(tokens, model):
    attention = attention_at(model, at.sample("coffee"), tokens)
    topology = at.analyse(attention, 9, 5, "jensen-shannon")
    loops = representative_cycles(topology.distances, topology.diagrams)
    assert len(loops) > 100
    assert_certified(topology.distances.values, loops, topology.diagrams)


@pytest.fixture(scope="module")
def saucer(coffee):
    topology = at.analyse(coffee, 9, 5, "jensen-shannon")
    return topology.distances, topology.diagrams


def longest(diagrams: at.Diagrams) -> np.ndarray:
    return np.argsort(diagrams[1][:, 0] - diagrams[1][:, 1], kind="stable")


def same(cycles_, others) -> list[bool]:
    pairs = zip(cycles_, others, strict=True)
    return [np.array_equal(one.edges, other.edges) for one, other in pairs]


@pytest.mark.parametrize("compiled", [True, False])
def test_cycles_of_some_bars_are_those_of_all(compiled, saucer, monkeypatch):
    if not compiled:
        monkeypatch.setattr(cycles, "numba_runs", lambda: False)
    whole = representative_cycles(*saucer)
    finder = CycleFinder(*saucer)
    order = longest(saucer[1])
    first, rest = finder.cycles(order[:8]), finder.cycles(reversed(order[8:].tolist()))
    assert all(same(first, [whole[row] for row in order[:8]]))
    assert all(same(rest, [whole[row] for row in order[:7:-1]]))
    for row in range(len(whole)):
        assert all(same(finder.cycles([row, row]), [whole[row], whole[row]]))
    assert finder.cycles([]) == ()


def test_rows_and_weights_that_do_not_fit_are_refused(saucer):
    finder = CycleFinder(*saucer)
    n_bars = len(saucer[1][1])
    for row in (-1, n_bars):
        with pytest.raises(ValueError, match=f"There is no bar {row} .* there are {n_bars}"):
            finder.cycles([0, row])
    with pytest.raises(ValueError, match=r"\(257, 257\), not \(256, 256\)"):
        CycleFinder(*saucer, weights=np.ones((256, 256)))


def test_structureless_distances_end_too():
    values = random_distances(120, 1)
    diagrams = at.persistence_diagrams(values)
    representatives = representative_cycles(values, diagrams)
    assert len(representatives) > 300
    assert_certified(values, representatives, diagrams)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_loops_no_cycles(n):
    values = random_distances(n, n)
    assert representative_cycles(values, at.persistence_diagrams(values)) == ()


def test_without_numba_the_cycles_are_right_too(monkeypatch):
    for module in (cycles, edge_links, edge_sorting):
        monkeypatch.setattr(module, "numba_runs", lambda: False)
    values = circle(40, 0.2, 3)
    diagrams = at.persistence_diagrams(values)
    assert_certified(values, representative_cycles(values, diagrams), diagrams)


def test_diagrams_from_elsewhere_are_refused():
    points = (np.array([[0.0, np.inf]]), np.array([[0.1, 0.2]]))
    with pytest.raises(ValueError, match="birth edges"):
        representative_cycles(np.zeros((1, 1)), at.Diagrams(points))


@pytest.mark.parametrize("bits", [cycles.MOST_BITS, 0], ids=["bits", "random codes"])
def test_the_search_finds_cycles_as_short(bits, coffee, monkeypatch):
    """Where paths from both ends give one, the search does with as few edges or fewer."""
    topology = at.analyse(coffee, 9, 5, "attention-graph")
    by_paths = representative_cycles(topology.distances, topology.diagrams)
    none = np.empty(0, np.int64)
    monkeypatch.setattr(
        cycle_kernels, "shortest_paths", lambda *of: (none, np.zeros(len(of[-1]), np.int64))
    )
    monkeypatch.setattr(cycles, "MOST_SEARCHED", 1e9)
    monkeypatch.setattr(cycles, "MOST_BITS", bits)
    searched = representative_cycles(topology.distances, topology.diagrams)
    assert_certified(topology.distances.values, searched, topology.diagrams)
    pairs = zip(by_paths, searched, strict=True)
    fewer = [len(one.edges) - len(other.edges) for one, other in pairs]
    assert fewer.count(0) > 0.95 * len(fewer)


@pytest.mark.parametrize("cap", ["MOST_STATES", "MOST_SEARCHED", "MOST_BYTES", "MOST_PAIRS"])
@pytest.mark.parametrize("steps", [0.0, 0.125])
def test_past_any_cap_the_cycles_are_right(cap, steps, monkeypatch):
    monkeypatch.setattr(cycles, cap, 0)
    values = random_distances(60, 3, steps)
    diagrams = at.persistence_diagrams(values)
    assert_certified(values, representative_cycles(values, diagrams), diagrams)


def test_where_the_work_runs_out_the_longest_bars_are_done(saucer, monkeypatch):
    whole = representative_cycles(*saucer)
    order = longest(saucer[1])
    numbers = []
    for cap in (0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8):
        monkeypatch.setattr(cycles, "MOST_OPERATIONS", cap)
        some = representative_cycles(*saucer)
        assert_certified(saucer[0].values, some, saucer[1])
        done = same(some, whole)
        shortest = sum(len(one.edges) for one in some) - sum(len(one.edges) for one in whole)
        assert shortest >= 0
        numbers.append(sum(done))
        if 2 * sum(done) > len(whole):
            assert done[order[0]]
    assert numbers == sorted(numbers)
    assert numbers[0] < len(whole) / 2
    assert numbers[-1] == len(whole)
    assert len(set(numbers)) > 2


def test_diagrams_of_other_distances_are_refused():
    diagrams = at.persistence_diagrams(circle(40, 0.2, 3))
    for n in (20, 40, 60):
        with pytest.raises(ValueError, match="very same distances"):
            representative_cycles(random_distances(n, n), diagrams)
