"""Regions' overlaps, against sets of points counted one by one."""

import numpy as np
import pytest

import attntopo as at
from attntopo.distances import RowDistances
from attntopo.topology import merge_tree
from studies.objects.regions import (
    best_overlap,
    hierarchy_of_tree,
    linked,
    linked_features,
    overlap_at_scales,
    overlap_of_regions,
    overlaps,
)
from studies.objects.scale_rules import widest_gap_scale

N = 24


def random_distances(seed: int, decimals: int = 6) -> RowDistances:
    """Distances of random points; with few decimals many are equal."""
    points = np.random.default_rng(seed).random((N, 2))
    values = np.linalg.norm(points[:, None] - points[None], axis=2).round(decimals)
    return RowDistances(values, "jensen-shannon", np.arange(N))


def random_objects(seed: int) -> np.ndarray:
    objects = np.random.default_rng(seed).random((3, N)) < 0.3
    objects[:, 0] = True
    return objects


def members(hierarchy) -> list[set[int]]:
    """Points of each node, by the definition."""
    sets = [{k} for k in range(hierarchy.n_points)]
    for first, second in hierarchy.children.tolist():
        sets.append(sets[first] | sets[second])
    return sets


def naive_overlap(points: set[int], one: np.ndarray) -> float:
    own = set(np.nonzero(one)[0].tolist())
    return len(points & own) / len(points | own)


@pytest.mark.parametrize("method", ["single", "average"])
def test_all_nodes_overlaps_are_those_of_their_sets(method):
    hierarchy, objects = linked(random_distances(1).values, method), random_objects(2)
    overlap = overlaps(hierarchy, objects)
    sets = members(hierarchy)
    assert hierarchy.sizes.tolist() == [len(one) for one in sets]
    expected = [[naive_overlap(points, one) for one in objects] for points in sets]
    np.testing.assert_allclose(overlap, expected, rtol=1e-12)
    best = [max(naive_overlap(p, one) for p in sets[N:]) for one in objects]
    np.testing.assert_allclose(best_overlap(hierarchy, overlap), best, rtol=1e-12)


@pytest.mark.parametrize("decimals", [6, 1])
def test_components_at_a_scale_are_those_of_the_skeleton(decimals):
    distances, objects = random_distances(3, decimals), random_objects(4)
    hierarchy = linked(distances.values, "single")
    scales = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 1.5])
    scored = overlap_at_scales(hierarchy, overlaps(hierarchy, objects), scales)
    tree = merge_tree(distances)
    for row, scale in zip(scored, scales.tolist(), strict=True):
        leaders = tree.leaders(scale)
        components = [set(np.nonzero(leaders == one)[0].tolist()) for one in np.unique(leaders)]
        expected = [max(naive_overlap(c, one) for c in components) for one in objects]
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_a_merge_trees_hierarchy_is_single_linkage():
    distances = random_distances(5)
    ours, scipys = hierarchy_of_tree(merge_tree(distances)), linked(distances.values, "single")
    np.testing.assert_allclose(ours.heights, scipys.heights, rtol=1e-12)
    regions = [{frozenset(points) for points in members(one)} for one in (ours, scipys)]
    assert regions[0] == regions[1]


def test_an_object_that_is_a_cluster_is_met_exactly():
    features = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [9.0]])
    objects = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 1]], dtype=bool)
    hierarchy = linked_features(features, "ward")
    best = best_overlap(hierarchy, overlaps(hierarchy, objects))
    assert best.tolist() == [1.0, pytest.approx(2 / 3)]


def test_overlaps_of_regions_are_those_of_their_sets():
    regions, objects = random_objects(6), random_objects(7)
    sets = [set(np.nonzero(one)[0].tolist()) for one in regions]
    expected = [[naive_overlap(points, one) for one in objects] for points in sets]
    np.testing.assert_allclose(overlap_of_regions(regions, objects), expected, rtol=1e-12)


def test_the_widest_gap_is_the_one_between_clusters():
    places = np.array([0.0, 0.1, 0.3, 5.0, 5.15])
    values = np.abs(places[:, None] - places[None])
    tree = merge_tree(RowDistances(values, "jensen-shannon", np.arange(5)))
    assert widest_gap_scale(tree) == pytest.approx((0.2 + 4.7) / 2)


def test_regions_of_real_attention_reach_an_object():
    """A ring's own tokens merge before the rest: the synthetic example has them as a region."""
    attention = at.ring_attention()
    topology = at.analyse(attention, layer=0, head=0, distance="jensen-shannon", tokens="patches")
    leaders = topology.tree.leaders(float(np.median(topology.tree.lengths)))
    component = leaders == np.bincount(leaders).argmax()
    hierarchy = hierarchy_of_tree(topology.tree)
    assert best_overlap(hierarchy, overlaps(hierarchy, component[None])).tolist() == [1.0]
