"""What is painted of every head, against the 1-skeleton at that scale."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

import attntopo as at
from attntopo.analysis import objects_scale, tracked_colours
from attntopo.distances import SCALE_STEPS
from attntopo.figures.head_pictures import own_scale, painted_heads
from attntopo.figures.tokens import token_grid
from attntopo.topology import components_at

HEADS = ((0, "mean"), (9, "mean"), (9, 3), (11, 5), (0, 5))
LETTERS = dict(zip(range(-3, 8), ".pg01234567", strict=True))
LINK = {"layer": "9", "head": "3", "scale": "0.2", "pick": "b-token-4"}


def link_to(cell):
    return {"layer": str(cell[0]), "head": str(cell[1]), "share": "50", "pick": "b-token-4"}


@pytest.fixture(scope="module")
def topologies(astronaut, coffee):
    return [
        {head: at.analyse(photo, *head, "jensen-shannon", "patches") for head in HEADS}
        for photo in (astronaut, coffee)
    ]


def pictures(topologies, astronaut, scales):
    trees = tuple({head: one.tree for head, one in of.items()} for of in topologies)
    points = np.arange(1, 257)
    tokens = token_grid(astronaut, ("class token",), points)
    painted = painted_heads(trees, [tokens] * 2, "ab", (12, 6), scales, LINK, link_to)
    return json.loads(painted)


@pytest.mark.parametrize("scales", [None, (0.21, 0.21), (0.2, 0.07)])
def test_what_is_painted_is_the_skeleton_at_that_scale(topologies, astronaut, scales):
    data = pictures(topologies, astronaut, scales)
    assert set(data["cells"]) == {f"{layer},{head}" for layer, head in HEADS}
    for layer, head in HEADS:
        cell = data["cells"][f"{layer},{head}"]
        both = [of[layer, head] for of in topologies]
        painted = [float(scale) for scale in cell["scales"]]
        if scales is None:
            assert painted == [own_scale([one.tree for one in both])] * 2
        else:
            assert painted == [*scales]
        different = {"layer": str(layer), "head": str(head), "scale": None, "share": "50"}
        if layer == 9:
            del different["layer"]
        if head == 3:
            del different["head"]
        assert cell["link"] == different
        for k, one in enumerate(both):
            skeleton = at.skeleton_at(one.distances, one.tree, painted[k])
            components = set(skeleton.leaders.tolist())
            assert cell["counts"][k] == [len(components), skeleton.n_single]
            if head != "mean":
                assert cell["colours"][k] == "".join(LETTERS[c] for c in skeleton.colours.tolist())


def test_the_means_keep_their_colours_from_layer_to_layer(topologies, astronaut):
    data = pictures(topologies, astronaut, None)
    for k, of in enumerate(topologies):
        layers = [
            components_at(
                of[layer, "mean"].tree, float(data["cells"][f"{layer},mean"]["scales"][k])
            )
            for layer in (0, 9)
        ]
        for layer, colours in zip((0, 9), tracked_colours(layers), strict=True):
            painted = data["cells"][f"{layer},mean"]["colours"][k]
            assert painted == "".join(LETTERS[c] for c in colours.tolist())


def test_prefix_tokens_are_points_but_not_painted(astronaut):
    topology = at.analyse(astronaut, 9, 3, "jensen-shannon")
    tokens = token_grid(astronaut, ("class token",), np.arange(257))
    tree = {(9, 3): topology.tree}
    painted = painted_heads((tree, tree), [tokens] * 2, "ab", (12, 6), (0.2, 0.2), LINK, link_to)
    (cell,) = json.loads(painted)["cells"].values()
    skeleton = at.skeleton_at(topology.distances, topology.tree, 0.2)
    assert cell["colours"][0] == "".join(LETTERS[c] for c in skeleton.colours[1:].tolist())
    assert cell["counts"][0][1] == skeleton.n_single


def test_a_scale_of_its_own_is_where_nine_of_ten_merges_have_happened(topologies):
    for head in HEADS:
        trees = [of[head].tree for of in topologies]
        deaths = np.concatenate([tree.lengths for tree in trees])
        scale = objects_scale(trees)
        assert scale in deaths
        assert (deaths <= scale).mean() >= 0.9
        assert (deaths < scale).mean() < 0.9
        own = own_scale(trees)
        steps = np.arange(SCALE_STEPS + 1) / SCALE_STEPS
        assert own == steps[steps >= scale][0]
    assert objects_scale([]) == 0


def test_the_photo_is_what_the_patches_cover(topologies, astronaut):
    data = pictures(topologies, astronaut, None)
    photo = data["sides"][0]["photo"].partition(",")[2]
    picture = Image.open(io.BytesIO(base64.b64decode(photo)))
    assert picture.size == (320, 320)
    seen = Image.fromarray(astronaut.input_pixels).resize((320, 320), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(picture, dtype=float) - np.asarray(seen)).mean() < 4


def test_another_scale_or_photo_is_another_picture_and_more_heads_are_not(topologies, astronaut):
    some = [dict(list(of.items())[:2]) for of in topologies]
    identity = pictures(topologies, astronaut, None)["id"]
    assert pictures(some, astronaut, None)["id"] == identity
    scales = [(0.1, 0.1), (0.2, 0.2), (0.1, 0.2)]
    assert len({identity, *(pictures(some, astronaut, both)["id"] for both in scales)}) == 4
