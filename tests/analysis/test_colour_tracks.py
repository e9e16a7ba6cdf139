"""Colours kept from layer to layer, against all ways to pair components and their definition."""

from itertools import permutations

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import tracked_colours
from attntopo.topology import GREY, N_COLOURS, PALE, SINGLE, Components, components_at

N_POINTS = 60


def components(labels: np.ndarray) -> Components:
    """Points with equal labels are one component, whose colours are of no merge tree."""
    leaders = np.array([int(np.nonzero(labels == label)[0][0]) for label in labels])
    sizes = np.array([int((labels == label).sum()) for label in labels])
    large = sorted({leader for leader, size in zip(leaders, sizes, strict=True) if size >= 4})
    own = {leader: k if k < N_COLOURS else GREY for k, leader in enumerate(large)}
    colours = [
        own.get(leader, SINGLE if size == 1 else PALE)
        for leader, size in zip(leaders, sizes, strict=True)
    ]
    return Components(leaders, sizes, np.array(colours))


def points_of_each(layer: Components, colours: np.ndarray) -> dict[int, tuple[set[int], int]]:
    """By leader, the points of each component of four and more, and its colour."""
    return {
        int(leader): (set(np.nonzero(layer.leaders == leader)[0].tolist()), int(colours[leader]))
        for leader in set(layer.leaders.tolist())
        if layer.sizes[leader] >= 4
    }


def most_in_common(old: list[set[int]], new: list[set[int]]) -> int:
    """The largest sum of common points of any pairing, tried one by one."""

    def common(one: set[int], other: set[int]) -> int:
        shared = len(one & other)
        return shared if 2 * shared >= min(len(one), len(other)) else 0

    small, large = sorted((old, new), key=len)
    return max(
        sum(common(one, other) for one, other in zip(small, order, strict=True))
        for order in permutations(large, len(small))
    )


@pytest.mark.parametrize("seed", range(12))
def test_components_keep_their_colour_where_they_have_most_in_common(seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 5, N_POINTS)
    layers = []
    for _ in range(6):
        moved = random.random(N_POINTS) < 0.3
        labels = np.where(moved, random.integers(0, 7, N_POINTS), labels)
        layers.append(components(labels))
    tracked = tracked_colours(layers)
    assert tracked[0].tolist() == layers[0].colours.tolist()
    kept_at_all = 0
    for k in range(1, len(layers)):
        before, now = (points_of_each(layers[i], tracked[i]) for i in (k - 1, k))
        old_colours = {colour: points for points, colour in before.values() if colour != GREY}
        kept = [(points, old_colours[one]) for points, one in now.values() if one in old_colours]
        pairs = [(a, b) for a, b in kept if a & b and 2 * len(a & b) >= min(len(a), len(b))]
        sets = [points for points, _ in now.values()]
        assert sum(len(a & b) for a, b in pairs) == most_in_common([*old_colours.values()], sets)
        kept_at_all += len(pairs)
        # No two large components of a layer share a colour; what is small is as it was.
        assert len({colour for _, colour in now.values()}) == len(now)
        small = layers[k].sizes < 4
        assert (tracked[k][small] == layers[k].colours[small]).all()
    assert kept_at_all > 10


def test_what_splits_stays_with_its_larger_part_and_what_is_new_gets_a_new_colour():
    whole = components(np.array([0] * 10 + [1] * 5))
    split = components(np.array([0] * 7 + [2] * 3 + [1] * 5))
    parted = components(np.array([0] * 6 + [2] * 4 + [1] * 5))
    tracked = tracked_colours([whole, split, parted])
    assert tracked[1].tolist() == [0] * 7 + [PALE] * 3 + [1] * 5
    assert tracked[2].tolist() == [0] * 6 + [2] * 4 + [1] * 5


def test_one_point_in_common_is_not_enough():
    before = components(np.array([*range(20, 29), 1, 1, 1, 1, 1, 19]))
    after = components(np.array([*[4] * 10, *range(30, 35)]))
    first, second = tracked_colours([before, after])
    assert first[9] == 0
    assert second[9] == 1


def test_more_components_than_colours_leave_the_smallest_grey():
    many = components(np.repeat(np.arange(10), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]))
    first = components(np.zeros(85, dtype=int))
    colours = tracked_colours([first, many])[1]
    assert (colours[:9] == GREY).all()
    assert set(colours[9:].tolist()) == set(range(N_COLOURS))


def test_real_layers_keep_most_of_their_paint(astronaut):
    trees = [at.analyse(astronaut, layer, "mean", "jensen-shannon").tree for layer in (8, 9, 10)]
    layers = [components_at(tree, 0.17) for tree in trees]
    tracked = tracked_colours(layers)
    for k in (1, 2):
        both = (tracked[k] >= 0) & (tracked[k - 1] >= 0)
        untracked = (layers[k].colours == layers[k - 1].colours)[both].mean()
        assert (tracked[k] == tracked[k - 1])[both].mean() > max(0.6, untracked)
