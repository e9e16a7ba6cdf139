"""Where along the scale something happens, against the definitions at each scale by itself."""

from fractions import Fraction

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.analysis.filtration_steps import (
    NEVER,
    event_steps,
    first_steps,
    most_components_step,
    pair_steps,
    slider_range,
)

STEPS = 100_000


@pytest.fixture(scope="module")
def heads(astronaut, coffee):
    return [at.analyse(one, 9, 3) for one in (astronaut, coffee)]


@pytest.fixture(scope="module")
def rollouts(astronaut, coffee):
    return [at.analyse(one, 11, "rollout") for one in (astronaut, coffee)]


@given(st.floats(0, 90) | st.integers(0, 9_000_000).map(lambda k: k / STEPS))
def test_a_length_happens_at_the_first_step_that_is_not_below_it(length):
    step = int(first_steps(np.array(length)))
    assert step / STEPS >= length
    assert step == 0 or (step - 1) / STEPS < length


def test_neighbours_of_whole_steps_in_float64():
    on = np.arange(0, 100_001) / STEPS
    assert np.array_equal(first_steps(on), np.arange(100_001))
    assert np.array_equal(first_steps(np.nextafter(on, 2)), np.arange(1, 100_002))
    assert np.array_equal(first_steps(np.nextafter(on[1:], 0)), np.arange(1, 100_001))
    assert first_steps(np.array([np.inf, 0.0])).tolist() == [NEVER, 0]


@pytest.mark.parametrize("step", [0, 3000, 5200, 5811, 7077, 20_000])
def test_each_step_counts_what_the_skeleton_has(heads, step):
    for one in heads:
        skeleton = at.skeleton_at(one.distances, one.tree, step / STEPS)
        joined = np.stack(np.triu_indices(257, k=1), axis=1)[pair_steps(one.distances) <= step]
        assert set(map(tuple, joined.tolist())) == set(map(tuple, skeleton.edges.tolist()))
        graph = networkx.Graph(list(map(tuple, skeleton.edges)))
        graph.add_nodes_from(range(257))
        n_merges = np.count_nonzero(first_steps(one.tree.lengths) <= step)
        assert 257 - n_merges == networkx.number_connected_components(graph)


def large_parts(values: np.ndarray) -> set[frozenset[int]]:
    """The components of four points and more of a graph."""
    n, labels = connected_components(values)
    parts = [frozenset(np.nonzero(labels == k)[0].tolist()) for k in range(n)]
    return {part for part in parts if len(part) >= 4}


def test_events_are_large_merges_and_the_ends_of_long_loops(heads):
    expected = set()
    for one in heads:
        values = one.distances.values
        for length in one.tree.lengths:
            before, after = large_parts(values < length), large_parts(values <= length)
            joined = [part for part in after if sum(old < part for old in before) > 1]
            if joined:
                expected.add(int(np.ceil(Fraction(float(length)) * STEPS)))
        lasting = one.diagrams[1][:, 1] - one.diagrams[1][:, 0]
        for bar in one.diagrams[1][lasting >= lasting.max() / 2].ravel():
            expected.add(int(np.ceil(Fraction(float(bar)) * STEPS)))
    assert event_steps(heads) == sorted(expected)
    assert len(expected) > 20


def test_the_most_components_are_counted_over_all_steps(heads):
    def large(step: int) -> int:
        total = 0
        for one in heads:
            skeleton = at.skeleton_at(one.distances, one.tree, step / STEPS)
            total += len(np.unique(skeleton.leaders[skeleton.sizes >= 4]))
        return total

    step = most_components_step([one.tree for one in heads])
    counts = {k: large(k) for k in (step, step - 1, *range(0, 20_001, 50))}
    assert counts[step] == max(counts.values()) > counts[step - 1]


def test_the_sliders_range_holds_all_that_happens_and_little_more(heads, rollouts):
    for pair in (heads, rollouts):
        found = slider_range(pair)
        merges = np.concatenate([one.tree.lengths for one in pair])
        ends = np.concatenate([one.diagrams[1][:, 1] for one in pair])
        last = max(merges.max(), ends[np.isfinite(ends)].max())
        assert found.first < merges.min() * STEPS or found.first == 0
        assert last * STEPS < found.last < 1.15 * last * STEPS
        assert found.first % found.stop == found.last % found.stop == 0
        assert found.stop == (1 if last < 0.05 else 100)
    assert slider_range(heads).first == 0
    assert slider_range(rollouts).first > 0  # they all live far from 0
    assert slider_range(rollouts).stop == 1


@pytest.mark.parametrize("distance", at.DISTANCES)
@pytest.mark.parametrize("n_tokens", [2, 5, 60])
def test_the_sliders_range_ends_at_the_largest_scale_at_the_latest(distance, n_tokens):
    """Each token looks at itself alone, so that all lie as far apart as they can."""
    apart = at.Attention.from_arrays(np.eye(n_tokens), (1, n_tokens - 1), 1)
    heads = [at.analyse(apart, 0, 0, distance)] * 2
    largest = round(STEPS * at.DISTANCES[distance].largest_scale(n_tokens))
    found = slider_range(heads)
    merges = np.concatenate([one.tree.lengths for one in heads])
    assert found.first < merges.min() * STEPS <= merges.max() * STEPS <= found.last == largest
    if n_tokens > 2:  # the patches alone have the same bound
        alone = [at.analyse(apart, 0, 0, distance, "patches")]
        assert slider_range(alone).last == found.last


def test_the_sliders_range_of_the_ring_ends_within_the_bound():
    ring = at.analyse(at.ring_attention(), 0, 0, "jensen-shannon")
    found = slider_range([ring, ring])
    assert 83_200 < found.last <= 83_300  # the bound is sqrt(ln 2)


def test_the_range_of_heads_in_which_nothing_happens():
    same = at.analyse(at.Attention.from_arrays(np.full((4, 4), 0.25), (2, 2), 0), 0, 0)
    found = slider_range([same, same])
    assert 0 == found.first < found.last
    assert event_steps([same]) == []
