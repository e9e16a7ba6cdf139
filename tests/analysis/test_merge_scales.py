"""The scale of the objects, against counting merges one after the other."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.analysis import objects_scale, share_scale, shown_scales


def tree(*lengths: float) -> SimpleNamespace:
    return SimpleNamespace(lengths=np.array(sorted(lengths), dtype=float))


def merged(values: np.ndarray, scale: float) -> int:
    """How many merges have happened at a scale."""
    return len(values) - connected_components(values <= scale)[0]


def test_nine_of_ten_merges_have_happened_there_and_not_before(astronaut, coffee):
    heads = [at.analyse(one, 10, 0, "jensen-shannon") for one in (astronaut, coffee)]
    scale = objects_scale([one.tree for one in heads])
    values = [one.distances.values for one in heads]
    assert sum(merged(one, scale) for one in values) >= 0.9 * 512
    assert sum(merged(one, np.nextafter(scale, 0)) for one in values) < 0.9 * 512
    # What is shown is rounded up, so it is the same graph or a little more.
    (a, b) = shown_scales([one.tree for one in heads])
    assert a == b == np.ceil(scale * 100_000) / 100_000


@given(
    st.lists(st.lists(st.floats(0, 1), max_size=12), max_size=3),
    st.integers(0, 10_000).map(lambda k: k / 100),
)
def test_a_share_is_the_least_scale_at_which_so_many_have_happened(lengths, share):
    scale = share_scale([tree(*each) for each in lengths], share)
    every = [one for each in lengths for one in each]
    needed = round(100 * share) * len(every)
    assert 10_000 * sum(one <= scale for one in every) >= needed
    if scale > 0:
        assert scale in every
        assert 10_000 * sum(one < scale for one in every) < needed


def test_where_there_is_nothing_to_merge():
    assert objects_scale([]) == objects_scale([tree()]) == 0.0


@pytest.mark.parametrize(
    ("scale", "share", "expected"),
    [
        (0.3, None, (0.3, 0.3)),
        (None, None, (0.8, 0.8)),
        (0.3, 50.0, (0.1, 0.70001)),  # a share leads, whatever the scale
        (None, 100.0, (0.2, 0.8)),
    ],
)
def test_each_photo_is_shown_at_the_scale_or_at_its_own_share(scale, share, expected):
    trees = [tree(0.1, 0.2), tree(0.700001, 0.8)]
    assert shown_scales(trees, scale, share) == expected
