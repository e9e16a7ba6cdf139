"""What there is at each step, against the definitions at each scale by itself."""

from itertools import pairwise

import networkx
import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.filtration_steps import (
    event_steps,
    most_components_step,
    scale_steps,
    widest_gap_step,
)

LAST = 200


@pytest.fixture(scope="module")
def heads(astronaut, coffee):
    return [at.analyse(one, 9, 3) for one in (astronaut, coffee)]


@pytest.fixture(scope="module")
def steps(heads):
    return [scale_steps(one.distances, one.diagrams, one.tree, LAST) for one in heads]


@pytest.mark.parametrize("step", [0, 30, 52, 58, 71, 200])
def test_each_step_counts_what_the_skeleton_has(heads, steps, step):
    for one, counted in zip(heads, steps, strict=True):
        skeleton = at.skeleton_at(one.distances, one.tree, step / 1000)
        assert counted.edges[step] == len(skeleton.edges)
        graph = networkx.Graph(list(map(tuple, skeleton.edges)))
        graph.add_nodes_from(range(257))
        assert counted.components[step] == networkx.number_connected_components(graph)
        births, deaths = one.diagrams[1].T
        assert counted.loops[step] == ((births <= step / 1000) & (step / 1000 < deaths)).sum()
        pairs = np.stack(np.triu_indices(257, k=1), axis=1)[counted.order[: counted.edges[step]]]
        assert np.array_equal(pairs, skeleton.edges)


def test_events_are_the_steps_at_which_a_number_changes(steps):
    curves = [curve for one in steps for curve in (one.components, one.loops)]
    expected = [k for k in range(1, LAST + 1) if any(curve[k] != curve[k - 1] for curve in curves)]
    assert event_steps(steps) == expected


def test_no_components_merge_in_the_widest_gap(heads):
    step = widest_gap_step([one.tree for one in heads], LAST)
    lengths = [np.sort(one.tree.lengths) for one in heads]
    widest = max(np.diff(one).max() for one in lengths)
    gaps = [(a, b) for one in lengths for a, b in pairwise(one)]
    (gap,) = [(a, b) for a, b in gaps if b - a == widest]
    assert abs(step / 1000 - sum(gap) / 2) <= 0.0005
    assert widest_gap_step([], LAST) == 0


def test_the_most_components_are_counted_over_all_steps(heads):
    def large(step: int) -> int:
        total = 0
        for one in heads:
            skeleton = at.skeleton_at(one.distances, one.tree, step / 1000)
            total += len(np.unique(skeleton.leaders[skeleton.sizes >= 4]))
        return total

    counts = [large(step) for step in range(LAST + 1)]
    assert most_components_step([one.tree for one in heads], LAST) == int(np.argmax(counts))
    assert max(counts) > 5
