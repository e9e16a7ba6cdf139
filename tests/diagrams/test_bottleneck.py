import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attntopo.diagrams import bottleneck
from attntopo.diagrams.bottleneck import bottleneck_distance, notebook_bottleneck_distance
from attntopo.diagrams.bottleneck_kernel import bottleneck_in_the_plane
from attntopo.diagrams.curves import betti_curve, longer_than
from attntopo.diagrams.split_bars import half_lengths
from attntopo.topology.persistence import Diagrams, persistence_diagrams
from tests.harness.allocation import peak_bytes
from tests.harness.metrics import random_metric


def diagrams(*points: tuple[float, float]) -> Diagrams:
    return Diagrams((np.array(points, dtype=float).reshape(-1, 2),))


def naive_bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    """Try every matching of the finite bars, each bar also with the diagonal."""
    best = np.inf
    a = [tuple(bar) for bar in first] + [None] * len(second)
    b = [tuple(bar) for bar in second] + [None] * len(first)
    for order in itertools.permutations(range(len(b))):
        cost = 0.0
        for bar, other in zip(a, (b[k] for k in order), strict=True):
            if bar and other:
                cost = max(cost, abs(bar[0] - other[0]), abs(bar[1] - other[1]))
            elif bar or other:
                birth, death = bar or other
                cost = max(cost, (death - birth) / 2)
        best = min(best, cost)
    return 0.0 if best == np.inf else best


bars = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda x: (x[0] / 8, (x[0] + x[1]) / 8)),
    max_size=3,
)


@given(bars, bars)
@settings(max_examples=300, deadline=None)
def test_bottleneck_equals_trying_every_matching(first, second):
    one, other = diagrams(*first), diagrams(*second)
    assert bottleneck_distance(one, other, 0) == pytest.approx(
        naive_bottleneck(one[0], other[0]), abs=1e-15
    )


@pytest.mark.parametrize("n", [3, 4])
def test_repeated_bars_are_matched_right(n):
    """GUDHI 3.13 answers 0.25 here; every long bar does better with the diagonal."""
    one, other = diagrams(*[(0, 0.125)] * n), diagrams(*[(0, 0.375)] * n)
    assert bottleneck_distance(one, other, 0) == 0.1875
    assert bottleneck_distance(other, one, 0) == 0.1875


def naive_by_assignment(first: np.ndarray, second: np.ndarray) -> float:
    """The least threshold at which a perfect matching with diagonal copies exists."""
    from scipy.optimize import linear_sum_assignment

    n, m = len(first), len(second)
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = np.abs(first[:, None] - second[None]).max(axis=2)
    costs[:n, m:] = ((first[:, 1] - first[:, 0]) / 2)[:, None]
    costs[n:, :m] = ((second[:, 1] - second[:, 0]) / 2)[None]
    possible = np.unique(costs)
    low, high = 0, len(possible) - 1
    while low < high:
        middle = (low + high) // 2
        forbidden = costs > possible[middle]
        rows, columns = linear_sum_assignment(forbidden)
        if forbidden[rows, columns].any():
            low = middle + 1
        else:
            high = middle
    return float(possible[low])


# GUDHI 3.13 by itself is wrong in H1 of (3, 4).
@pytest.mark.parametrize("head", [(0, 5), (3, 4), (9, 5)])
@pytest.mark.parametrize("distance", ["double-softmax", "jensen-shannon"])
def test_bottleneck_of_real_heads_equals_an_assignment(astronaut, coffee, head, distance):
    from attntopo.distances.rows import row_distances

    first, second = (
        persistence_diagrams(row_distances(attention.head(*head), distance))
        for attention in (astronaut, coffee)
    )
    for k in (0, 1):
        finite = [d[k][np.isfinite(d[k][:, 1])] for d in (first, second)]
        assert bottleneck_distance(first, second, k) == naive_by_assignment(*finite)
        assert bottleneck_distance(second, first, k) == naive_by_assignment(*finite)


def hostile_pairs():
    """Diagrams on which a search among pairs goes wrong, or grows: alike, together, far apart."""
    generator = np.random.default_rng(0)
    births = generator.random((2, 60))
    spread = [np.stack([one, one + 0.01 + generator.random(60)], axis=1) for one in births]
    equal = np.tile([[0.25, 0.75]], (50, 1))
    shared = [one.copy() for one in spread]
    for one in shared:
        one[:, 0] = 0.5
        one[:, 1] += 0.5
    shared[0][0, 0] = 0.25  # else they are all born together
    places = [spread[0][generator.integers(0, 5, 80)] for _ in range(2)]
    tiny = 10.0 ** -generator.uniform(0, 300, 40)
    return {
        "equal": (equal, equal),
        "more of the same": (equal, equal[:20] + np.array([[0.05, 0]])),
        "sharing births": shared,
        "in a few places": places,
        "nearly the same": (spread[0], spread[0] + 1e-12 * generator.random((60, 2))),
        "long": [one + np.array([[0, 5]]) for one in spread],
        "of all sizes": (np.stack([tiny, 2 * tiny], 1), np.stack([1.1 * tiny, 3 * tiny], 1)),
        "without a partner": (spread[0], spread[1] + [[10, 10]]),
        "one side empty": (spread[0], np.empty((0, 2))),
        "few and many": (spread[0], spread[1][:3]),
        "a ladder": [np.arange(60)[:, None] * 0.125 + [[0, 50 + d]] for d in (0, 0.0625)],
    }


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", hostile_pairs())
def test_hostile_diagrams_equal_an_assignment(name, compiled, monkeypatch):
    monkeypatch.setattr(bottleneck, "numba_runs", lambda: compiled)
    first, second = hostile_pairs()[name]
    expected = naive_by_assignment(first, second)
    assert bottleneck.finite_bottleneck(first, second) == expected
    assert bottleneck.finite_bottleneck(second, first) == expected


@pytest.mark.parametrize("seed", range(60))
def test_both_ways_to_search_agree(seed):
    """Compiled and not, to the bit, on bars of which some are alike."""
    generator = np.random.default_rng(seed)
    sides = []
    for n in generator.integers(0, 50, 2):
        births = generator.random(n)
        points = np.stack([births, births + generator.random(n) ** 2], axis=1)
        points = points.round(generator.integers(1, 4)) if seed % 2 else points
        sides.append(points[points[:, 1] > points[:, 0]])
    expected = naive_by_assignment(*sides)
    assert bottleneck._by_rows(*sides) == expected
    cost, partners = bottleneck_in_the_plane(*sides)
    assert cost == expected
    paired = partners >= 0
    assert len(set(partners[paired].tolist())) == paired.sum()
    costs = [
        *np.abs(sides[0][paired] - sides[1][partners[paired]]).max(axis=1, initial=0),
        *half_lengths(sides[0][~paired]),
        *half_lengths(np.delete(sides[1], partners[paired], axis=0)),
    ]
    assert max(costs, default=0.0) == expected


def test_memory_is_that_of_the_bars_not_of_their_pairs():
    generator = np.random.default_rng(0)
    births = generator.random((2, 3000))
    sides = [np.stack([one, one + 0.5 + generator.random(3000)], axis=1) for one in births]
    # What is compiled or loaded is no part of it; a matrix would be asked for anew each time.
    bottleneck.finite_bottleneck(*sides)
    with peak_bytes() as peak:
        bottleneck.finite_bottleneck(*sides)
    assert peak() < 8 * 3000 * 3000 / 10
    with peak_bytes() as peak:  # so it would be seen
        np.abs(sides[0][:, None] - sides[1][None]).max(axis=2)
    assert peak() > 8 * 3000 * 3000


def test_infinite_bars_match_by_birth():
    one, other = diagrams((0, np.inf)), diagrams((0.25, np.inf))
    assert bottleneck_distance(one, other, 0) == 0.25


def test_an_empty_diagram_is_half_the_longest_bar_away():
    assert bottleneck_distance(diagrams(), diagrams((0, 1), (0.5, 3.5)), 0) == 1.5
    assert bottleneck_distance(diagrams(), diagrams(), 0) == 0
    assert bottleneck_distance(diagrams(), diagrams((0, np.inf)), 0) == np.inf


def test_a_diagram_is_exactly_zero_away_from_itself(astronaut):
    from attntopo.distances.rows import row_distances

    own = persistence_diagrams(row_distances(astronaut.head(9, 3)))
    assert bottleneck_distance(own, own, 0) == 0
    assert bottleneck_distance(own, own, 1) == 0


def test_the_notebooks_filter_is_strict_and_keeps_the_infinite_bar():
    points = np.array([[0, 0.01], [0, 0.011], [0, np.inf]])
    assert longer_than(points, 0.01).tolist() == [[0, 0.011], [0, np.inf]]
    short = diagrams((0, 0.009), (0, np.inf))
    long = diagrams((0, 0.5), (0, np.inf))
    assert notebook_bottleneck_distance(short, long) == 0.25
    assert bottleneck_distance(short, long, 0) == 0.25
    assert notebook_bottleneck_distance(short, diagrams((0, np.inf))) == 0
    assert bottleneck_distance(short, diagrams((0, np.inf)), 0) == 0.0045


def rank(columns: list[int]) -> int:
    """Rank over Z/2 of a matrix whose columns are the bits of integers."""
    basis: dict[int, int] = {}
    for column in columns:
        while column and column.bit_length() in basis:
            column ^= basis[column.bit_length()]
        if column:
            basis[column.bit_length()] = column
    return len(basis)


@pytest.mark.parametrize("seed", range(3))
def test_betti_curves_equal_the_ranks_of_the_boundary_matrices(seed):
    n = 12
    values = random_metric(seed, n)
    computed = persistence_diagrams(values)
    lengths = np.sort(values[np.triu_indices(n, 1)])
    for scale in [0.0, *lengths[::5], lengths[-1] + 1]:
        near = values <= scale
        edges = [(i, j) for i, j in itertools.combinations(range(n), 2) if near[i, j]]
        bit = {edge: 1 << k for k, edge in enumerate(edges)}
        triangles = [
            bit[i, j] | bit[i, k] | bit[j, k]
            for i, j, k in itertools.combinations(range(n), 3)
            if near[i, j] and near[i, k] and near[j, k]
        ]
        edge_rank = rank([1 << i | 1 << j for i, j in edges])
        at_scale = np.array([scale])
        assert betti_curve(computed[0], at_scale)[0] == n - edge_rank
        assert betti_curve(computed[1], at_scale)[0] == len(edges) - edge_rank - rank(triangles)
