"""Order, map, neighbours, outliers and agreement of distances, against naive definitions."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr

from attntopo.analysis import (
    CollectionError,
    cluster_photos,
    mantel_test,
    map_photos,
    nearest_photos,
    outlier_scores,
)


def distances(seed: int, n: int) -> np.ndarray:
    return squareform(pdist(np.random.default_rng(seed).normal(size=(n, 3))))


def naive_heights(values: np.ndarray) -> list[float]:
    """Average linkage as it is defined: the two groups with the least mean distance are joined."""
    groups, heights = [[k] for k in range(len(values))], []
    while len(groups) > 1:
        means = {
            (i, j): np.mean([values[a, b] for a in groups[i] for b in groups[j]])
            for j in range(len(groups))
            for i in range(j)
        }
        i, j = min(means, key=means.__getitem__)
        heights.append(means[i, j])
        groups[i] += groups.pop(j)
    return heights


def test_photos_are_joined_by_average_linkage():
    values = distances(0, 9)
    clustering = cluster_photos(values)
    np.testing.assert_allclose(clustering.steps[:, 2], naive_heights(values))


@pytest.mark.parametrize("seed", range(5))
def test_no_other_order_that_the_tree_allows_has_nearer_neighbours(seed):
    values = distances(seed, 6)
    clustering = cluster_photos(values)
    groups: list[frozenset[int]] = [frozenset([k]) for k in range(6)]
    for one, other, *_ in clustering.steps:
        groups.append(groups[int(one)] | groups[int(other)])

    def is_allowed(order: tuple[int, ...]) -> bool:
        places = [sorted(order.index(k) for k in group) for group in groups]
        return all(own[-1] - own[0] == len(own) - 1 for own in places)

    def length(order: tuple[int, ...]) -> float:
        return sum(values[a, b] for a, b in pairwise(order))

    allowed = [order for order in permutations(range(6)) if is_allowed(order)]
    assert 1 < len(allowed) < 720
    own = tuple(clustering.order.tolist())
    assert own in allowed
    assert length(own) == pytest.approx(min(map(length, allowed)))
    assert own[0] < own[-1]
    assert leaves_list(clustering.steps).tolist() == list(own)


def test_a_tree_as_deep_as_it_can_be_has_an_order():
    places = 1.1 ** np.arange(60)  # each joins all before it
    assert cluster_photos(np.abs(places[:, None] - places)).order.tolist() == list(range(60))


def test_one_photo_alone_is_in_order():
    assert cluster_photos(np.zeros((1, 1))).order.tolist() == [0]


def test_a_map_of_the_plane_has_no_stress_and_one_of_space_says_how_much():
    plane = np.random.default_rng(0).normal(size=(12, 2))
    layout = map_photos(squareform(pdist(plane)))
    np.testing.assert_allclose(pdist(layout.positions), pdist(plane))
    assert layout.stress == pytest.approx(0, abs=1e-12)
    assert layout.variance_share == pytest.approx(1)
    values = distances(2, 12)
    layout = map_photos(values)
    true, drawn = squareform(values), pdist(layout.positions)
    stress = np.sqrt(((true - drawn) ** 2).sum() / (true**2).sum())
    assert layout.stress == pytest.approx(stress)
    assert stress > 0.01


def test_neighbours_are_the_nearest_that_are_known():
    values = np.array(
        [
            [0, 2, 1, np.nan, 1],
            [2, 0, 3, 3, 3],
            [1, 3, 0, 3, 3],
            [np.nan, 3, 3, 0, 3],
            [1, 3, 3, 3, 0],
        ]
    )
    assert nearest_photos(values, 0) == [2, 4, 1]
    assert nearest_photos(values, 0, 1) == [2]
    with pytest.raises(CollectionError, match="no photo 5"):
        nearest_photos(values, 5)


def test_an_outlier_has_a_large_median_distance_to_its_nearest():
    values = distances(3, 11)
    scores = outlier_scores(values, 4)
    for k in range(11):
        nearest = sorted(values[k, j] for j in range(11) if j != k)[:4]
        assert scores[k] == pytest.approx((nearest[1] + nearest[2]) / 2)
    points = np.random.default_rng(0).normal(size=(20, 2))
    points[7] += 50
    assert outlier_scores(squareform(pdist(points))).argmax() == 7
    # Two far away, near each other, are outliers by five neighbours; six of them are none.
    points[:2] += 80
    assert set(np.argsort(outlier_scores(squareform(pdist(points))))[-3:]) == {0, 1, 7}
    np.testing.assert_allclose(outlier_scores(np.array([[0.0, 3.0], [3.0, 0.0]])), [3, 3])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((2, 3)), "square matrix"),
        (np.array([[0, np.nan], [np.nan, 0]]), "aren't computed yet"),
        (np.array([[0, np.inf], [np.inf, 0]]), "infinitely far apart"),
        (np.array([[0.0, 1.0], [2.0, 0.0]]), "symmetric"),
        (np.array([[1.0, 1.0], [1.0, 0.0]]), "symmetric"),
        (-distances(0, 3), "not negative"),
    ],
)
def test_what_is_no_distance_is_refused_everywhere(values, message):
    asked = (cluster_photos, map_photos, outlier_scores, lambda one: mantel_test(one, one))
    for ask in asked:
        with pytest.raises(CollectionError, match=message):
            ask(values)


def naive_mantel(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Spearman's correlation over pairs, and the share of all orders in which it is as large."""
    n = len(first)

    def correlation(order: tuple[int, ...]) -> float:
        pairs = [(i, j) for j in range(n) for i in range(j)]
        own = [first[i, j] for i, j in pairs]
        other = [second[order[i], order[j]] for i, j in pairs]
        return float(spearmanr(own, other).statistic)

    observed = correlation(tuple(range(n)))
    every = np.array([correlation(order) for order in permutations(range(n))])
    return observed, float((every >= observed - 1e-12).mean())


@pytest.mark.parametrize("seed", range(3))
def test_of_few_photos_all_orders_are_tried(seed):
    first, second = distances(seed, 5), distances(seed + 10, 5) + distances(seed, 5) / 2
    second = np.round(second, 1)  # ties
    test = mantel_test(first, second)
    expected, p = naive_mantel(first, second)
    assert test.correlation == pytest.approx(expected)
    assert test.p == pytest.approx(p)
    assert (test.is_exact, test.n_permutations, test.least_p) == (True, 119, 1 / 120)
    assert "all 120 orders" in test.text


def test_of_many_photos_random_orders_are_tried_and_the_seed_is_said():
    first = distances(0, 20)
    same = mantel_test(first, first**2)
    assert (same.correlation, same.p) == (1, 1 / 1000)
    assert "999 random orders of the photos (seed 0)" in same.text
    unrelated = [mantel_test(first, distances(seed, 20), 199).p for seed in range(1, 21)]
    assert min(unrelated) >= 1 / 200
    assert 0.2 < np.mean(unrelated) < 0.8  # of a uniform p it is 0.5, give or take 0.065
    assert mantel_test(first, distances(1, 20), 99, 1) == mantel_test(
        first, distances(1, 20), 99, 1
    )


def test_what_cannot_agree_is_said():
    equal = 1 - np.eye(4)
    with pytest.raises(CollectionError, match="equally far apart"):
        mantel_test(distances(0, 4), equal)
    with pytest.raises(CollectionError, match="between 4 and 5"):
        mantel_test(distances(0, 4), distances(0, 5))
    with pytest.raises(CollectionError, match="three photos"):
        mantel_test(distances(0, 2), distances(0, 2))
    with pytest.raises(CollectionError, match="one order or more"):
        mantel_test(distances(0, 9), distances(0, 9), 0)
