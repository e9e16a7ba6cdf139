"""Estimates of what steps take: of which sizes they are, and that they grow. No times."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    analysis_effort,
    comparison_effort,
    features_effort,
    matching_efforts,
    nulls_effort,
)
from attntopo.diagrams import MATCHINGS
from attntopo.distances import RowDistances
from attntopo.effort import LONG, Effort
from attntopo.figures.effort import linked_effort
from attntopo.topology import cycles_effort, find_links, layout_effort, spring_effort
from tests.harness.allocation import peak_bytes
from tests.harness.metrics import random_metric


def topology(n: int, seed: int) -> at.HeadTopology:
    values = random_metric(seed, n)
    distances = RowDistances(values, "total-variation", np.arange(n))
    tree, links = at.merge_tree(distances), find_links(values)
    return at.HeadTopology(distances, at.persistence_diagrams(values), tree, links)


def test_one_step_after_the_other_takes_the_sum_of_times_and_the_larger_memory():
    both = Effort(1.0, 30.0) + Effort(0.5, 80.0, 0.01, True)
    assert both == Effort(1.5, 80.0, 0.01, True)
    assert Effort(LONG, 0.0).is_long
    assert not Effort(LONG / 2, 0.0).is_long


@pytest.mark.parametrize("distance", at.DISTANCES)
def test_a_sliders_step_of_the_usual_models_is_short_and_the_largest_files_is_long(distance):
    assert not analysis_effort(257, distance).is_long
    assert analysis_effort(1100, distance).is_long
    assert analysis_effort(1100, distance).megabytes < 100


def test_the_linked_view_of_the_usual_models_is_short():
    of_side = cycles_effort(257, 300)
    assert not (linked_effort(257) + of_side + of_side).is_long
    assert cycles_effort(1100, 13_000).is_long


@pytest.mark.parametrize(
    "effort",
    [
        lambda n: analysis_effort(n, "double-softmax"),
        layout_effort,
        features_effort,
        lambda n: nulls_effort(n, "hellinger", 20),
        lambda n: nulls_effort(257, "hellinger", n),
        lambda n: spring_effort(n, 20 * n),
        lambda n: spring_effort(1000, n),
    ],
)
def test_more_takes_longer(effort):
    found = [effort(n).seconds for n in (10, 100, 300, 450, 600, 1100, 1370)]
    assert found == sorted(set(found))


def test_every_matching_has_an_estimate_by_its_own_bars():
    small, large = topology(12, 0), topology(60, 1)
    assert list(matching_efforts(small, large)) == list(MATCHINGS)
    of_small, of_large = matching_efforts(small, small), matching_efforts(large, large)
    assert all(of_small[name].seconds < of_large[name].seconds for name in MATCHINGS)
    assert comparison_effort(small, small).seconds < comparison_effort(large, large).seconds


@pytest.mark.parametrize("distance", ["double-softmax", "jensen-shannon", "attention-graph"])
def test_no_step_holds_more_than_was_estimated(distance):
    """Attention without structure, which has the most bars: what is held is asked of Linux."""
    n, heads = 600, np.random.default_rng(0).random((2, 600, 600), dtype=np.float32)
    maps = heads / heads.sum(axis=-1, keepdims=True)
    attention = at.Attention.from_arrays(maps[None], (1, n - 1), 1)
    for head in (0, 1):  # compiled code is loaded, and NumPy's and SciPy's pools are filled
        at.distance_layout(at.analyse(attention, 0, head, distance).distances)
    with peak_bytes() as held:
        first = at.analyse(attention, 0, 0, distance)
    assert held() <= 1e6 * analysis_effort(n, distance).megabytes
    with peak_bytes() as held:
        at.distance_layout(first.distances)
    assert held() <= 1e6 * layout_effort(n).megabytes
    second = at.analyse(attention, 0, 1, distance)
    with peak_bytes() as held:
        at.compare(first, second)
    assert held() <= 1e6 * comparison_effort(first, second).megabytes
