"""Which numbers tell two groups apart: against scikit-learn, naive loops, and by mathematics."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import attntopo as at
from attntopo.analysis import (
    CollectionError,
    compare_groups,
    feature_table,
    features_of_heads,
    group_rows,
    groups_effort,
    largest_by_head,
)


def numbers(seed: int, n: int, m: int, decimals: int = 9) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(size=(n, m)), decimals)


def naive_auc(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.mean([(a > b) + (a == b) / 2 for a in first for b in second]))


def naive_p(values: np.ndarray, first: list[int]) -> np.ndarray:
    """The share of all ways to choose the first group in which the largest is as large."""
    every = range(len(values))

    def statistics(chosen: tuple[int, ...]) -> np.ndarray:
        rest = [k for k in every if k not in chosen]
        pairs = zip(values[list(chosen)].T, values[rest].T, strict=True)
        return np.abs(np.array([naive_auc(*both) for both in pairs]) - 0.5)

    own = statistics(tuple(first))
    largest = np.array([statistics(way).max() for way in combinations(every, len(first))])
    return (largest[:, None] >= own - 1e-9).mean(axis=0)


@pytest.mark.parametrize("decimals", [9, 0])  # with ties too
def test_auc_is_that_of_scikit_learn(decimals):
    values = numbers(0, 14, 6, decimals)
    first, second = [3, 1, 12, 7, 0], [2, 4, 13, 9, 10, 11]
    comparison = compare_groups(values, first, second, n_draws=10)
    truth = [1] * len(first) + [0] * len(second)
    expected = [roc_auc_score(truth, column) for column in values[[*first, *second]].T]
    np.testing.assert_allclose(comparison.auc, expected)


@pytest.mark.parametrize("decimals", [9, 0])
@pytest.mark.parametrize("n", [3, 4])
def test_of_few_photos_p_is_the_share_of_all_ways(n, decimals):
    values = numbers(n, 8, 3, decimals)
    values[:n, 1] += 1.5
    comparison = compare_groups(values, range(n), range(n, 8))
    np.testing.assert_allclose(comparison.p, naive_p(values, list(range(n))))
    assert (comparison.is_exact, comparison.n_ways) == (True, comb(8, n))
    assert comparison.least_p == (2 / 70 if n == 4 else 1 / 56)


def test_under_the_null_p_is_at_most_a_as_seldom_as_it_should_be():
    # Every way to choose the first group is as likely: so the test is run on each of them, and p is
    # at most a in at most a share a of them. That is exact, for any numbers.
    values = numbers(5, 8, 4)
    p = []
    for first in combinations(range(8), 4):
        second = [k for k in range(8) if k not in first]
        comparison = compare_groups(values, first, second)
        p.append(np.nanmin(comparison.p))
        assert p[-1] >= comparison.least_p
    for a in np.unique(p):
        assert np.mean(np.array(p) <= a) == pytest.approx(a)
    # What isn't corrected for several numbers is too small too often: the test can fail.
    alone = [
        min(
            compare_groups(values[:, [k]], first, [j for j in range(8) if j not in first]).p[0]
            for k in range(4)
        )
        for first in combinations(range(8), 4)
    ]
    assert np.mean(np.array(alone) <= 0.1) > 0.15


def test_random_ways_are_near_all_ways_and_never_below_the_least():
    values = numbers(1, 12, 5)
    values[:6, 2] += 2
    exact = compare_groups(values, range(6), range(6, 12))
    drawn = compare_groups(values, range(6), range(6, 12), n_draws=500, seed=3)
    assert (exact.is_exact, drawn.is_exact) == (True, False)
    np.testing.assert_allclose(drawn.p, exact.p, atol=0.09)  # four standard deviations of 0.5
    assert drawn.least_p == 1 / 501
    assert "500 random ways to deal these photos out (seed 3)" in drawn.text
    planted = numbers(2, 40, 300)
    planted[:20, 7] += 50
    comparison = compare_groups(planted, range(20), range(20, 40), n_draws=199)
    assert comparison.p[7] == comparison.least_p == 1 / 200
    # None of the ways that are drawn may tell the groups apart as the visitor's own does.
    apart = np.arange(16.0)[:, None]
    few = [compare_groups(apart, range(8, 16), range(8), seed=seed) for seed in range(20)]
    assert min(one.p[0] - one.least_p for one in few) == 0


def test_what_was_planted_is_told_among_many_numbers_and_nothing_else():
    values = numbers(0, 24, 1000)
    values[:12, 123] += 4
    comparison = compare_groups(values, range(12), range(12, 24), n_draws=999)
    assert comparison.ranking[0] == 123
    assert comparison.p[123] <= 0.01
    assert (comparison.p <= 0.05).sum() == 1
    assert comparison.text.startswith("1 of 1,000 numbers tells the groups apart")
    values[:12, 123] -= 4
    assert compare_groups(values, range(12), range(12, 24), n_draws=999).text.startswith("None of")


def test_too_few_photos_can_tell_nothing_and_it_is_said():
    alone = compare_groups(numbers(0, 5, 3), [0], [1, 2, 3, 4])
    assert alone.least_p == 1 / 5
    assert not alone.can_tell
    assert "no p is below 0.2" in alone.text
    assert compare_groups(numbers(0, 2, 3), [0], [1]).least_p == 1
    # With ten photos p could be 2 / 252, but not among so many numbers.
    values = numbers(0, 10, 4000)
    many = compare_groups(values, range(5), range(5, 10))
    assert many.least_p < 0.05 < many.perfect_p
    assert not many.can_tell
    assert "some tell such groups apart by chance, without an overlap" in many.text
    assert compare_groups(values[:, :1], range(5), range(5, 10)).can_tell


def test_numbers_that_are_missing_are_not_tested_and_constants_tell_nothing():
    values = numbers(0, 10, 4)
    values[3, 0], values[9, 1], values[:, 2] = np.nan, np.inf, 7
    comparison = compare_groups(values, range(4), range(5, 10))
    assert comparison.n_tested == 2
    assert np.isnan(comparison.auc[[0, 1]]).all()
    assert np.isnan(comparison.p[[0, 1]]).all()
    assert (comparison.auc[2], comparison.p[2]) == (0.5, 1)
    assert comparison.ranking.tolist() == [3, 2]
    # A photo in neither group may lack anything.
    values[:, 0] = numbers(1, 10, 1)[:, 0]
    values[4, 0] = np.nan
    assert compare_groups(values, range(4), range(5, 10)).n_tested == 3


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([], [1], "a photo at least"),
        ([0, 1], [1, 2], "some are there twice"),
        ([0, 0], [1], "some are there twice"),
        ([0], [5], "Photos go from 0 to 3"),
    ],
)
def test_groups_that_are_none_are_refused(first, second, message):
    with pytest.raises(CollectionError, match=message):
        compare_groups(numbers(0, 4, 2), first, second)


def test_other_bad_input_is_refused():
    for values, draws, message in (
        (np.zeros(3), 9, "shape"),
        (np.full((3, 2), np.nan), 9, "None of these numbers"),
        (np.zeros((3, 2)), 0, "one draw or more"),
    ):
        with pytest.raises(CollectionError, match=message):
            compare_groups(values, [0], [1, 2], draws)


def test_the_effort_grows_with_everything():
    base = groups_effort(20, 1000, 999)
    for more in (groups_effort(40, 1000, 999), groups_effort(20, 2000, 999)):
        assert more.seconds > base.seconds
    assert groups_effort(20, 1000, 9999).seconds == pytest.approx(base.seconds * 9999 / 999)


def test_a_table_has_every_feature_of_every_head(coffee, astronaut):
    heads = [(9, 3), (10, 0)]
    photos = [
        dict(features_of_heads(one, "jensen-shannon", "patches", heads, threads=1))
        for one in (coffee, astronaut)
    ]
    topology = at.analyse(coffee, 9, 3, "jensen-shannon", "patches")
    scale = at.DISTANCES["jensen-shannon"].default_scale
    assert photos[0][9, 3] == at.head_features(coffee, 9, 3, topology.diagrams, scale)
    values, labels = feature_table(photos)
    assert values.shape == (2, len(labels))
    for k, (layer, head, name) in enumerate(labels):
        assert values[:, k].tolist() == [one[layer, head][name] for one in photos]
    comparison = compare_groups(values, [0], [1])
    rows = group_rows(comparison, labels)
    assert [set(row) for row in rows[:1]] == [{"layer", "head", "feature", "AUC", "corrected p"}]
    assert rows == sorted(rows, key=lambda row: -abs(row["AUC"] - 0.5))
    largest = largest_by_head(comparison, labels)
    assert largest.shape == (11, 4)
    assert np.isfinite(largest).sum() == 2
    best = max(abs(row["AUC"] - 0.5) for row in rows if (row["layer"], row["head"]) == (9, 3))
    assert largest[9, 3] == best


def test_a_head_that_a_photo_lacks_is_not_tested():
    values, labels = feature_table([{(0, 0): {"a": 1.0}}, {(0, 0): {"a": 2.0, "b": 3.0}}])
    np.testing.assert_array_equal(values, [[1, np.nan], [2, 3]])
    assert labels == [(0, 0, "a"), (0, 0, "b")]
    with pytest.raises(CollectionError, match="computed yet"):
        feature_table([{}, {}])
