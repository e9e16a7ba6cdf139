"""Comparisons token by token, against naive definitions and SciPy."""

import itertools

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from scipy.stats import spearmanr

import attntopo as at
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.paired import heads_compared, paired_comparison, rtd_lite
from attntopo.analysis.paired_merges import (
    cophenetic_distances,
    merge_height_correlation,
    merge_shifts,
)
from attntopo.analysis.paired_points import matched_points, unit_of


def as_distances(values):
    values = (np.asarray(values) + np.asarray(values).T) / 2
    return at.RowDistances(values, "jensen-shannon", np.arange(len(values)))


def random_distances(n, seed, dimension=3):
    points = np.random.default_rng(seed).random((n, dimension))
    return as_distances(np.sqrt(np.square(points[:, None] - points).sum(axis=2)))


def naive_rtd(first, second):
    """Half the integral of components that each has more than both together, counted by scale."""
    pairs = np.triu_indices(len(first), 1)
    one, other = (each / np.quantile(each[pairs], 0.9) for each in (first, second))
    both = np.minimum(one, other)
    scales = np.unique(np.concatenate([[0.0], one[pairs], other[pairs]]))
    total = 0.0
    for scale, following in itertools.pairwise(scales):
        b0 = [connected_components(each <= scale)[0] for each in (one, other, both)]
        total += (following - scale) * (b0[0] + b0[1] - 2 * b0[2]) / 2
    return total


@pytest.mark.parametrize("seed", range(4))
def test_rtd_lite_is_the_integral_of_components_counted_naively(seed):
    first, second = random_distances(15, seed), random_distances(15, seed + 10, dimension=2)
    expected = naive_rtd(first.values, second.values)
    assert rtd_lite(first, second) == pytest.approx(expected, rel=1e-9)
    assert rtd_lite(second, first) == pytest.approx(expected, rel=1e-9)
    assert expected > 0.1


def test_rtd_lite_with_equal_rows():
    values = random_distances(12, 0).values.copy()
    values[3] = values[5]
    values[:, 3] = values[:, 5]
    values[3, 3] = values[3, 5] = values[5, 3] = 0
    first, second = as_distances(values), random_distances(12, 1)
    assert rtd_lite(first, second) == pytest.approx(naive_rtd(first.values, second.values))


def test_rtd_lite_of_a_matrix_and_a_multiple_of_it_is_nothing(coffee):
    distances = at.analyse(coffee, 9, 3, "jensen-shannon", "patches").distances
    assert rtd_lite(distances, distances) == 0
    assert rtd_lite(distances, as_distances(7.3 * distances.values)) < 1e-9


def test_it_knows_which_token_is_which_where_the_bottleneck_does_not(coffee):
    topology = at.analyse(coffee, 9, 3, "jensen-shannon", "patches")
    order = np.random.default_rng(0).permutation(256)
    scrambled = as_distances(topology.distances.values[np.ix_(order, order)])
    diagrams = at.persistence_diagrams(scrambled)
    for dimension in (0, 1):
        assert at.bottleneck_distance(topology.diagrams, diagrams, dimension) == 0
    assert 12 < rtd_lite(topology.distances, scrambled) < 18
    assert abs(merge_height_correlation(topology.distances, scrambled)) < 0.2
    back = matched_points(scrambled, np.argsort(order))
    assert paired_comparison(topology.distances, back) == paired_comparison(
        topology.distances, topology.distances
    )


def test_merge_heights_against_scipy(coffee):
    for first, second in (
        (random_distances(30, 0), random_distances(30, 1)),
        [at.analyse(coffee, 9, head, "hellinger").distances for head in (2, 3)],
    ):
        heights = [cophenet(linkage(squareform(each.values), "single")) for each in (first, second)]
        own = cophenetic_distances(at.merge_tree(first))
        assert squareform(own) == pytest.approx(heights[0], rel=1e-12)
        expected = spearmanr(*heights).statistic
        assert merge_height_correlation(first, second) == pytest.approx(expected, rel=1e-9)
        assert merge_height_correlation(first, first) == pytest.approx(1)


def test_where_merges_are_shifted():
    """Two groups and a far point; in the second matrix the second group is nearer to the first."""
    places = np.array([0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 9.0])
    moved = places - np.where((places > 4) & (places < 6), 3.0, 0.0)
    first, second = (as_distances(np.abs(one[:, None] - one)) for one in (places, moved))
    shifts = merge_shifts(first, second)
    units = unit_of(first), unit_of(second)
    assert shifts.own == pytest.approx(np.array([0.1] * 5 + [3.8, 4.7]) / units[0])
    heights = cophenetic_distances(at.merge_tree(second))
    by_pairs = []
    for scale in (3.8, 4.7):
        joined = np.isclose(cophenetic_distances(at.merge_tree(first)), scale)
        by_pairs.append(heights[joined].mean() / units[1])
    assert shifts.other[-2:] == pytest.approx(by_pairs)
    # Of its last two merges the second group is absorbed in the one that is shifted more.
    assert np.abs(shifts.by_point[4:7] - (shifts.other - shifts.own)[-1]).max() < 1e-12
    same = merge_shifts(first, first)
    assert same.other == pytest.approx(same.own)
    assert np.abs(same.by_point).max() < 1e-12


def test_a_component_that_stays_apart_longer_is_painted_so():
    places = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 3.0, 3.1, 3.2, 9.0, 9.1])
    longer = places + np.where((places > 2) & (places < 4), 2.5, 0.0)
    first, second = (as_distances(np.abs(one[:, None] - one)) for one in (places, longer))
    by_point = merge_shifts(first, second).by_point
    assert (by_point[5:8] > 0.1).all()
    assert np.ptp(by_point[5:8]) == 0
    assert (np.abs(by_point[:5]) < 0.1).all()


def test_heads_are_compared_with_a_chosen_one(coffee):
    chosen = at.row_distances(coffee.head(9, 3), "hellinger", np.arange(1, 257))
    cells = [(9, 3), (9, 2), (8, "mean")]
    compared = dict(heads_compared(coffee, chosen, cells, "patches"))
    for cell in cells:
        own = at.row_distances(coffee.head(*cell), "hellinger", np.arange(1, 257))
        assert compared[cell] == paired_comparison(own, chosen)
    assert compared[9, 3].rtd_lite == 0
    assert compared[9, 3].merge_heights == pytest.approx(1)
    assert compared[9, 2].rtd_lite > 1
    with pytest.raises(EvidenceError, match="256 tokens and these have 257"):
        heads_compared(coffee, chosen)


def test_what_cannot_be_compared_gets_a_sentence():
    first, second = random_distances(10, 0), random_distances(11, 0)
    for measure in (rtd_lite, merge_height_correlation, merge_shifts, paired_comparison):
        with pytest.raises(EvidenceError, match="10 tokens and 11 tokens"):
            measure(first, second)
    equal = as_distances(np.zeros((10, 10)))
    with pytest.raises(EvidenceError, match="at the distance 0"):
        rtd_lite(first, equal)
    with pytest.raises(EvidenceError, match="same scale"):
        merge_height_correlation(first, equal)
    compared = paired_comparison(first, equal)
    assert np.isnan([compared.rtd_lite, compared.merge_heights]).all()
    assert "no unit" in compared.note
    assert "no order" in compared.note


def test_points_in_another_order_keep_their_tokens():
    distances = at.row_distances(
        np.random.default_rng(0).dirichlet(np.ones(6), size=6), tokens=[1, 2, 4, 5]
    )
    matched = matched_points(distances, np.array([3, 0]))
    assert matched.tokens.tolist() == [5, 1]
    assert matched.values[0, 1] == distances.values[3, 0]
