"""Each preset shows what its name and its sentence say."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.analysis import objects_scale
from attntopo.links.photo_names import RING
from attntopo.links.presets import PRESETS

# Row and column of a patch in the middle of what is named.
DIFFERENT = [
    (0, "a", {"coat": (10, 1), "hair": (2, 6), "sky": (1, 12), "lawn": (13, 12)}),
    (0, "b", {"inside of the cup": (3, 8), "saucer": (8, 3), "table": (2, 1)}),
    (1, "a", {"an eye": (6, 6), "the face": (2, 8)}),
    (1, "b", {"suit": (10, 2), "collar": (6, 6), "helmet": (12, 13)}),
]
TOGETHER = [(1, "a", {"an eye": (6, 6), "the other": (7, 11)})]


def leaders(model: at.Model, number: int, side: str, cells: dict) -> list[int]:
    """The components of the patches, each of four tokens or more."""
    view = PRESETS[number].view
    attention = model.attend(at.sample(getattr(view, side)))
    head = view.layer, view.head, view.distance, view.tokens
    topology = at.analyse(attention, *head)
    other = view.b if side == "a" else view.a
    trees = [topology.tree, at.analyse(model.attend(at.sample(other)), *head).tree]
    scale = view.scale if view.scale is not None else objects_scale(trees)
    skeleton = at.skeleton_at(topology.distances, topology.tree, scale)
    points = [1 + 16 * row + column for row, column in cells.values()]
    assert all(skeleton.sizes[point] >= 4 for point in points)
    return [int(skeleton.leaders[point]) for point in points]


@pytest.mark.parametrize(("number", "side", "cells"), DIFFERENT)
def test_what_is_named_is_a_component_of_its_own(number, side, cells, model):
    own_leaders = leaders(model, number, side, cells)
    assert len(set(own_leaders)) == len(own_leaders)


@pytest.mark.parametrize(
    ("photo", "trained", "untrained"),
    [
        # Patches of one name are in one component, those of different names in different ones.
        (
            "chelsea",
            {(2, 8): "face", (6, 6): "eyes", (7, 11): "eyes", (5, 14): "background"},
            {(2, 8): "all", (6, 6): "all", (7, 3): "all", (3, 13): "all"},
        ),
        (
            "camera",
            {(10, 1): "coat", (2, 6): "hair", (1, 12): "sky", (13, 12): "lawn"},
            {(8, 3): "man", (9, 5): "man", (1, 12): "rest", (13, 12): "rest"},
        ),
    ],
)
def test_trained_beside_untrained(photo, trained, untrained, model):
    (twins,) = (one.view for one in PRESETS if one.label == "Untrained twin")
    view = replace(twins, a=photo, b=photo)
    for side, cells in (("a", trained), ("b", untrained)):
        choice = view.side(side)
        side_model = model if choice.model == "embedded" else at.load_model(choice.model)
        attention = side_model.attend(at.sample(photo))
        topology = at.analyse(
            attention, choice.layer, choice.head, view.distance, tokens=view.tokens
        )
        # Nine of ten merges have happened.
        scale = np.sort(topology.tree.lengths)[int(np.ceil(0.9 * 256)) - 1]
        near = topology.distances.values <= scale
        _, labels = connected_components(near)
        shown = {cell: labels[1 + 16 * cell[0] + cell[1]] for cell in cells}
        assert len(set(shown.values())) == len(set(cells.values()))
        assert len({(shown[cell], name) for cell, name in cells.items()}) == len(
            set(cells.values())
        )
        assert all(np.sum(labels == label) >= 4 for label in shown.values())
        if photo == "chelsea" and side == "b":
            assert np.sum(labels == shown[2, 8]) > 0.85 * len(labels)


def test_the_ring_is_a_component_with_a_loop_and_the_rest_another():
    """What its sentence says of A and B, counted by SciPy and from the diagram."""
    (preset,) = (one for one in PRESETS if one.view.a == RING)
    view, ring = preset.view, at.ring_attention()
    orange = ring.input_pixels[7::14, 7::14, 0].ravel() > 200
    n_loops = []
    for side in "ab":
        choice = view.side(side)
        topology = at.analyse(ring, choice.layer, choice.head, view.distance, view.tokens)
        near = topology.distances.values <= view.scale
        n_components, labels = connected_components(near)
        assert n_components == 2
        births, deaths = topology.diagrams[1].T
        n_loops.append(int(((births <= view.scale) & (view.scale < deaths)).sum()))
        if side == "a":
            assert len(set(labels[1:][orange])) == 1
            assert set(labels[1:][orange]).isdisjoint({labels[0], *labels[1:][~orange]})
    assert n_loops == [1, 0]
    assert "ring is a component with a loop in it" in preset.seen
    assert "two components and no loop" in preset.seen


@pytest.mark.parametrize(("number", "side", "cells"), TOGETHER)
def test_what_is_said_to_be_together_is_one_component(number, side, cells, model):
    assert len(set(leaders(model, number, side, cells))) == 1
