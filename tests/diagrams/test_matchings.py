"""Matchings and distances between diagrams, against definitions, persim and GUDHI's Hera."""

import itertools

import gudhi.hera
import numpy as np
import persim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.analysis.features import barcode_features
from attntopo.diagrams import least_sums
from attntopo.diagrams.curves import finite_lengths
from attntopo.diagrams.matchings import DIAGONAL, Matching
from attntopo.diagrams.split_bars import DiagramError
from attntopo.figures.diagram import plot_diagrams
from attntopo.topology.persistence import Diagrams


def bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    """Of two diagrams in one dimension, like the next two."""
    return at.bottleneck_distance(Diagrams((first,)), Diagrams((second,)), 0)


def bottleneck_matching(first: np.ndarray, second: np.ndarray) -> Matching:
    return at.bottleneck_matching(Diagrams((first,)), Diagrams((second,)), 0)


def wasserstein_matching(first: np.ndarray, second: np.ndarray, order: int) -> Matching:
    return at.wasserstein_matching(Diagrams((first,)), Diagrams((second,)), 0, order)


def cost_of(bar, other) -> float:
    if bar is not None and other is not None:
        return max(abs(bar[0] - other[0]), abs(bar[1] - other[1]))
    birth, death = bar if bar is not None else other
    return (death - birth) / 2


def all_matchings(first: np.ndarray, second: np.ndarray):
    """The costs of every matching of finite bars, each bar also with the diagonal."""
    for n_pairs in range(min(len(first), len(second)) + 1):
        for chosen in itertools.combinations(range(len(first)), n_pairs):
            for partners in itertools.permutations(range(len(second)), n_pairs):
                costs = [
                    cost_of(first[i], second[j]) for i, j in zip(chosen, partners, strict=True)
                ]
                costs += [cost_of(first[i], None) for i in range(len(first)) if i not in chosen]
                costs += [cost_of(None, second[j]) for j in range(len(second)) if j not in partners]
                yield costs


def check_consistent(matching: Matching, first: np.ndarray, second: np.ndarray) -> None:
    """Every bar longer than 0 once, and the costs those of the pairs."""
    for column, points in ((0, first), (1, second)):
        numbers = matching.pairs[matching.pairs[:, column] != DIAGONAL, column]
        longer = np.nonzero(points[:, 1] > points[:, 0])[0]
        assert sorted(numbers.tolist()) == longer.tolist()
    for (i, j), cost in zip(matching.pairs.tolist(), matching.costs.tolist(), strict=True):
        bar = first[i] if i != DIAGONAL else None
        other = second[j] if j != DIAGONAL else None
        if bar is not None and np.isinf(bar[1]):
            assert cost == abs(bar[0] - other[0])
        else:
            assert cost == cost_of(bar, other)


def bars(most: int, steps: int = 8):
    """Diagrams on a coarse grid, so that ties and bars on the diagonal come up."""
    return st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
            lambda pair: (pair[0] / steps, (pair[0] + pair[1]) / steps)
        ),
        max_size=most,
    ).map(lambda points: np.array(points, dtype=float).reshape(-1, 2))


@given(bars(4), bars(4))
@settings(max_examples=150, deadline=None)
def test_matchings_equal_trying_every_one(first, second):
    tried = list(all_matchings(first, second))
    least = min(max(costs, default=0.0) for costs in tried)
    matching = bottleneck_matching(first, second)
    check_consistent(matching, first, second)
    assert matching.distance == bottleneck(first, second) == least
    least_sum = min(sum(costs) for costs in tried if max(costs, default=0.0) == least)
    assert matching.costs.sum() == pytest.approx(least_sum, abs=1e-12)
    for order in (1, 2):
        matching = wasserstein_matching(first, second, order)
        check_consistent(matching, first, second)
        expected = min(sum(cost**order for cost in costs) for costs in tried) ** (1 / order)
        assert matching.distance == pytest.approx(expected, abs=1e-12)


def random_diagram(generator: np.random.Generator, most: int = 40) -> np.ndarray:
    n = generator.integers(0, most)
    births = generator.random(n)
    return np.stack([births, births + 0.01 + generator.random(n) ** 2], axis=1)


@pytest.mark.parametrize("seed", range(30))
def test_random_diagrams_agree_with_persim_and_hera(seed):
    generator = np.random.default_rng(seed)
    first, second = random_diagram(generator), random_diagram(generator)
    if len(first) and len(second):
        expected = persim.bottleneck(first, second)
        assert bottleneck(first, second) == pytest.approx(expected, abs=1e-12)
    assert bottleneck(first, second) == pytest.approx(
        gudhi.hera.bottleneck_distance(first, second, delta=0), abs=1e-12
    )
    for order in (1, 2):
        expected = gudhi.hera.wasserstein_distance(
            first, second, order=order, internal_p=np.inf, delta=1e-9
        )
        distance = wasserstein_matching(first, second, order).distance
        assert distance == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("seed", range(60))
def test_bars_born_together_agree_with_persim(seed):
    """As in dimension 0, where a shorter way is taken; at births whose differences round, too."""
    generator = np.random.default_rng(seed)
    birth = 0.25 if seed % 2 else round(generator.random(), 2)
    sides = []
    for _ in range(2):
        deaths = (generator.random(generator.integers(1, 30 if seed % 4 else 3)) + birth).round(2)
        sides.append(np.stack([np.full(len(deaths), birth), deaths], axis=1))
    sides = [points[points[:, 1] > points[:, 0]] for points in sides]
    assert bottleneck(*sides) == pytest.approx(persim.bottleneck(*sides), abs=1e-12)
    matching = bottleneck_matching(*sides)
    check_consistent(matching, *sides)
    assert bottleneck(*sides) == matching.distance


def test_a_rounding_error_forbids_no_pair():
    first, second = points_of((0.23, 0.48)), points_of((0.23, 0.52))
    assert bottleneck_matching(first, second).distance == bottleneck(first, second)
    assert bottleneck(first, second) == pytest.approx(0.04, abs=1e-15)


def distances(first: np.ndarray, second: np.ndarray) -> list[float]:
    of_order = [wasserstein_matching(first, second, order).distance for order in (1, 2)]
    return [bottleneck(first, second), *of_order]


with_endless = st.tuples(bars(6), st.lists(st.integers(0, 12), min_size=1, max_size=1)).map(
    lambda pair: np.concatenate([pair[0], [[birth / 8, np.inf] for birth in pair[1]]])
)


@given(with_endless, with_endless, with_endless)
@settings(max_examples=80, deadline=None)
def test_they_are_metrics(first, second, third):
    there, back = distances(first, second), distances(second, first)
    assert there == pytest.approx(back, abs=1e-12)
    assert distances(first, first) == [0, 0, 0]
    for direct, one, other in zip(
        distances(first, third), there, distances(second, third), strict=True
    ):
        assert direct <= one + other + 1e-12
    assert there[0] <= there[2] + 1e-12  # the larger the order, the smaller the distance
    assert there[2] <= there[1] + 1e-12


@pytest.mark.parametrize("head", [(0, 5), (9, 3)])
def test_real_heads(astronaut, coffee, head):
    one, other = (
        at.persistence_diagrams(at.row_distances(attention.head(*head)))
        for attention in (astronaut, coffee)
    )
    for k in (0, 1):
        matching = at.bottleneck_matching(one, other, k)
        check_consistent(matching, one[k], other[k])
        assert matching.distance == at.bottleneck_distance(one, other, k)
        assert matching.costs[matching.attaining] == matching.distance
        finite = [points[np.isfinite(points[:, 1])] for points in (one[k], other[k])]
        for order in (1, 2):
            matching = at.wasserstein_matching(one, other, k, order)
            check_consistent(matching, one[k], other[k])
            expected = gudhi.hera.wasserstein_distance(
                *finite, order=order, internal_p=np.inf, delta=1e-9
            )
            assert matching.distance == pytest.approx(expected, rel=1e-8)
            assert matching.distance == at.wasserstein_distance(one, other, k, order)


def points_of(*bars: tuple[float, float]) -> np.ndarray:
    return np.array(bars, dtype=float).reshape(-1, 2)


def test_empty_infinite_and_single_diagrams():
    empty, endless = points_of(), points_of((0, np.inf))
    bar, other = points_of((0, 1)), points_of((0, 1), (1, 1.5))
    assert distances(empty, empty) == [0, 0, 0]
    assert distances(endless, endless) == [0, 0, 0]
    assert distances(points_of((0.25, np.inf)), endless) == [0.25, 0.25, 0.25]
    assert distances(empty, endless) == [np.inf] * 3
    assert distances(bar, empty) == [0.5, 0.5, 0.5]
    assert distances(other, empty) == pytest.approx([0.5, 0.75, np.hypot(0.5, 0.25)])
    matching = bottleneck_matching(endless, empty)
    assert matching.pairs.tolist() == [[0, DIAGONAL]]
    assert matching.distance == np.inf
    assert bottleneck_matching(empty, empty).attaining == -1


def test_bars_on_the_diagonal_count_for_nothing():
    first = points_of((0.5, 0.5), (0, 1), (0.7, 0.7))
    assert distances(first, points_of((0, 1))) == [0, 0, 0]
    assert bottleneck_matching(first, points_of((0, 1))).pairs.tolist() == [[1, 0]]


def test_equal_bars_are_matched_by_number():
    first = points_of((0, 1), (0, 1), (0, 1))
    for matching in (
        bottleneck_matching(first, first),
        wasserstein_matching(first, first, 1),
        wasserstein_matching(first, first, 2),
    ):
        assert matching.pairs.tolist() == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize(
    "bad", [(0, np.nan), (np.nan, 1), (1, 0.5), (-np.inf, 1), (np.inf, np.inf)]
)
def test_what_is_no_diagram_is_refused(bad):
    bad, good = points_of(bad), points_of((0, 1))
    for call in (
        bottleneck,
        bottleneck_matching,
        lambda first, second: wasserstein_matching(first, second, 2),
        lambda *both: at.notebook_bottleneck_distance(*(Diagrams((one,)) for one in both)),
        lambda *both: [at.betti_curve(one, np.array([0.5])) for one in both],
        lambda *both: [at.persistence_entropy(one) for one in both],
        lambda *both: [finite_lengths(one) for one in both],
        lambda *both: [barcode_features(one, 0.5, 0.5) for one in both],
        lambda *both: [plot_diagrams(Diagrams((one, one)), 0.5, 1) for one in both],
    ):
        for pair in ((bad, good), (good, bad)):
            with pytest.raises(DiagramError, match="finite births"):
                call(*pair)


def test_what_has_another_shape_is_no_diagram():
    # GUDHI's own pairs of a dimension and a bar, say: as pairs of numbers they would be nonsense.
    for bad in (np.zeros((2, 3)), np.zeros(4), np.zeros((1, 2, 2))):
        for call in (at.persistence_entropy, lambda one: at.betti_curve(one, np.array([0.5]))):
            with pytest.raises(DiagramError, match="has the shape \\(bars, 2\\)"):
                call(bad)
    for none in ([], np.empty((0, 2)), np.empty((0, 3))):
        assert at.persistence_entropy(none) == 0
        assert at.betti_curve(none, np.array([0.5])).tolist() == [0]
    with pytest.raises(DiagramError, match="NaN is none"):
        at.betti_curve(points_of((0, 1)), np.array([0.5, np.nan]))


def test_another_order_is_refused():
    one = Diagrams((points_of((0, 1)),))
    with pytest.raises(DiagramError, match="order 1 or 2, not 3"):
        at.wasserstein_distance(one, one, 0, 3)


def test_among_equal_bars_the_first_ones_are_paired():
    first = points_of((0, 0.25), (0, 0.25), (0, 0.25), (0, 0.5), (0, 0.25))
    second = points_of((0, 0.25), (0, 0.25))
    for matching in (
        bottleneck_matching(first, second),
        wasserstein_matching(first, second, 1),
        wasserstein_matching(first + [[1, 1]] * 5, second + [[1, 1]] * 2, 2),
    ):
        paired = matching.pairs[(matching.pairs != DIAGONAL).all(axis=1)]
        kinds = {0: 0.25, 1: 0.25, 2: 0.25, 3: 0.5, 4: 0.25}
        used = [i for i in paired[:, 0].tolist() if kinds[i] == 0.25]
        assert used == [0, 1, 2, 4][: len(used)]


@pytest.mark.parametrize("seed", range(60))
def test_both_ways_to_match_agree(seed, monkeypatch):
    """By compiled searches, along a line or in the plane, and by SciPy's assignment."""
    generator = np.random.default_rng(seed)
    together = seed % 2
    sides = []
    for n in generator.integers(0, 40, 2):
        births = np.full(n, 0.3) if together else generator.random(n).round(2)
        deaths = births + generator.random(n).round(generator.integers(1, 5))
        sides.append(np.stack([births, deaths], axis=1))
    calls = (bottleneck_matching, lambda *s: wasserstein_matching(*s, 1),
             lambda *s: wasserstein_matching(*s, 2))  # fmt: skip
    compiled = [call(*sides) for call in calls]
    monkeypatch.setattr(least_sums, "numba_runs", lambda: False)
    for one, other in zip(compiled, [call(*sides) for call in calls], strict=True):
        check_consistent(one, *sides)
        assert one.distance == pytest.approx(other.distance, abs=1e-12)
        assert one.costs.sum() == pytest.approx(other.costs.sum(), abs=1e-12)
