"""All heads at once, against each head alone."""

import gc
import threading
import weakref

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.atlas import crocker, for_heads, heads_of, value_map
from attntopo.analysis.patch_attention import attention_entropy, mean_attention_distance
from attntopo.analysis.quantities import QUANTITIES, summarise_head
from attntopo.links.options import CHOICES
from tests.harness.app import waits_for

SOME_HEADS = ((0, 5), (1, 2), (9, 3))


@pytest.fixture(scope="module")
def summaries(astronaut, coffee):
    return [
        {head: summarise_head(attention, *head, "jensen-shannon") for head in SOME_HEADS}
        for attention in (astronaut, coffee)
    ]


def test_a_link_names_any_quantity_and_their_names_stay():
    assert (
        CHOICES["quantity"]
        == tuple(QUANTITIES)
        == (
            *(f"{name}-bottleneck" for name in ("h0", "h1")),
            *(f"{name}-wasserstein-{order}" for order in (1, 2) for name in ("h0", "h1")),
            *(
                f"{name}-{key}"
                for name in ("h0", "h1")
                for key in ("total-persistence", "entropy", "longest")
            ),
            "components",
            "loops",
            *("h0-nulls", "h1-nulls"),
            *(
                f"{number}-{other}"
                for other in ("chosen", "twin")
                for number in ("rtd-lite", "merges")
            ),
            "attention-distance",
            "attention-entropy",
        )
    )
    for quantity in QUANTITIES.values():
        assert (quantity.between is None) != (quantity.of_one is None)


def test_every_quantity_equals_that_of_the_head_alone(astronaut, coffee, summaries):
    scale = 0.2
    for head in SOME_HEADS:
        alone = [at.analyse(photo, *head, "jensen-shannon") for photo in (astronaut, coffee)]
        first, second = (one.diagrams for one in alone)
        a, b = (of_photo[head] for of_photo in summaries)
        expected = {}
        for k, name in ((0, "h0"), (1, "h1")):
            expected[f"{name}-bottleneck"] = at.bottleneck_distance(first, second, k)
            for order in (1, 2):
                distance = at.wasserstein_distance(first, second, k, order)
                expected[f"{name}-wasserstein-{order}"] = distance
        assert expected == {
            key: quantity.between(a, b) for key, quantity in QUANTITIES.items() if quantity.between
        }
        bars = [points[np.isfinite(points[:, 1])] for points in first.points]
        lengths = [points[:, 1] - points[:, 0] for points in bars]
        expected = {}
        for k, name in ((0, "h0"), (1, "h1")):
            shares = lengths[k] / lengths[k].sum()
            expected[f"{name}-total-persistence"] = sum(lengths[k].tolist())
            expected[f"{name}-entropy"] = -sum(shares * np.log(shares))
            expected[f"{name}-longest"] = max(lengths[k])
        skeleton = at.skeleton_at(alone[0].distances, alone[0].tree, scale)
        expected["components"] = skeleton.n_components
        expected["loops"] = sum(birth <= scale < death for birth, death in first[1])
        rows = astronaut.head(*head)
        expected["attention-distance"] = mean_attention_distance(rows, (16, 16), 1)
        expected["attention-entropy"] = attention_entropy(rows, 1)
        read_off = {
            key: quantity.of_one(a, scale)
            for key, quantity in QUANTITIES.items()
            if quantity.of_one
            and not (quantity.of_nulls or quantity.of_pairs)  # those are asked for
        }
        assert read_off == pytest.approx(expected, rel=1e-12)


def test_patches_only(astronaut):
    summary = summarise_head(astronaut, 9, 3, "hellinger", "patches")
    assert len(summary.diagrams[0]) == 256


def test_a_crocker_plot_is_the_mean_betti_curve(summaries):
    scales = np.arange(0, 0.8, 0.05)
    pair = {(2, 0): summaries[0][9, 3], (2, 1): summaries[1][9, 3], (0, 0): summaries[0][1, 2]}
    for k in (0, 1):
        means = crocker(pair, k, scales)
        assert means.shape == (3, len(scales))
        assert np.isnan(means[1]).all()
        for number, scale in enumerate(scales):
            alive = [
                sum(birth <= scale < death for birth, death in pair[head].diagrams[k])
                for head in ((2, 0), (2, 1), (0, 0))
            ]
            assert means[2, number] == (alive[0] + alive[1]) / 2
            assert means[0, number] == alive[2]


def test_values_are_placed_by_layer_and_head():
    placed = value_map({(0, 1): 5.0, (2, 0): 7.0})
    assert placed.shape == (3, 2)
    assert placed[0, 1] == 5
    assert placed[2, 0] == 7
    assert np.isnan(placed).sum() == 4
    assert np.isnan(value_map({})).all()


def test_heads_are_those_that_both_have(astronaut):
    small = at.Attention.from_arrays(astronaut.maps[:3, :2], astronaut.grid, astronaut.n_prefix)
    assert heads_of(astronaut, small) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert len(heads_of(astronaut)) == 72


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_head_is_worked_on_once(threads):
    heads = [(layer, head) for layer in range(5) for head in range(3)]
    results = dict(for_heads(lambda head: head[0] * 10 + head[1], heads, threads))
    assert results == {head: head[0] * 10 + head[1] for head in heads}


def test_what_has_not_begun_is_dropped_when_the_caller_stops():
    begun, go_on, others = [], threading.Event(), threading.active_count()

    def work(head):
        begun.append(head)
        if len(begun) > 1:
            go_on.wait(120)

    results = for_heads(work, [(0, head) for head in range(50)], threads=2)
    next(results)
    results.close()
    go_on.set()
    waits_for(lambda: threading.active_count() <= others)  # whoever would have begun more
    assert len(begun) < 6


def test_nothing_is_held_of_what_the_caller_did_not_take():
    """Without Python's search for cycles, which comes late."""

    class Result:
        pass

    held = []

    def work(head):
        held.append(weakref.ref(result := Result()))
        return result

    gc.collect()
    gc.disable()
    try:
        others = threading.active_count()
        results = for_heads(work, [(0, head) for head in range(30)], threads=2)
        next(results)
        waits_for(lambda: len(held) == 30)
        results.close()
        waits_for(lambda: threading.active_count() <= others)
        waits_for(lambda: not any(one() for one in held))
    finally:
        gc.enable()


def test_an_error_of_one_head_reaches_the_caller():
    def work(head):
        raise at.PersistenceError("too much")

    with pytest.raises(at.PersistenceError, match="too much"):
        list(for_heads(work, [(0, 0), (0, 1)]))
