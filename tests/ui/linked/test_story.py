"""What the story shows, against the topology itself."""

import re

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.figures.linked import LinkedSide, linked_data
from attntopo.figures.tokens import token_grid
from attntopo.topology import distance_layout, representative_cycles
from tests.harness.javascript import run_modules
from tests.harness.linked_page import GRID, N_TOKENS, WHOLE_PHOTO, TwoHeads

STEPS = 100_000


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


def scenes_of(packed: bytes, k: int) -> list[dict]:
    return run_modules(
        {"data.js": "decode", "story_scenes.js": "storyScenes"},
        "storyScenes(await decode(bytesOf(given.packed)), given.k)",
        {"packed": packed, "k": k},
    )


def numbers_in(words: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", words)


def longest_life(head: at.HeadTopology) -> tuple[float, float, int]:
    """When the component with the longest life had four tokens, when it ended, and its size."""
    values, tree = head.distances.values, head.tree
    lives = []
    for length, goes in zip(tree.lengths, tree.absorbed, strict=True):
        labels = connected_components(values < length)[1]
        part = np.nonzero(labels == labels[goes])[0]
        if len(part) < 4:
            continue
        # The first scale at which its leader is in four tokens or more as a leader.
        since = next(
            one
            for one in tree.lengths
            if (leaders := tree.leaders(one))[goes] == goes and (leaders == goes).sum() >= 4
        )
        lives.append((length - since, since, length, len(part)))
    _, since, length, size = max(lives)
    return since, length, size


def most_like_a_ring(heads: TwoHeads, k: int) -> int:
    """The H1 bar, of those half as long as the longest, whose loop encloses most for its length."""
    births, deaths = heads.topologies[k].diagrams[1].T
    lengths = deaths - births
    found = {}
    for number, cycle in enumerate(heads.cycles[k]):
        if lengths[number] < lengths.max() / 2 or not cycle.loops:
            continue
        patches = np.concatenate(cycle.loops) - 1  # the class token is no patch

        if len(cycle.loops) > 1 or patches.min() < 0:
            found[number] = 0.0
            continue
        places = patches % GRID[1] + 1j * (patches // GRID[1])
        steps = np.roll(places, -1) - places
        area = abs((places.conj() * np.roll(places, -1)).imag.sum()) / 2
        found[number] = 4 * np.pi * area / np.abs(steps).sum() ** 2
    return max(found, key=found.__getitem__)


@pytest.mark.parametrize("k", [0, 1])
def test_the_story_tells_what_is_there(heads, k):
    head = heads.topologies[k]
    values, letter = head.distances.values, "ab"[k]
    first, joined, closed, opens, stands, filled = scenes_of(heads.data.packed, k)
    n_components, _ = connected_components(values <= first["step"] / STEPS)
    assert n_components == N_TOKENS
    assert f"{N_TOKENS} components of {N_TOKENS} tokens: all stand alone" in first["words"]
    labels = connected_components(values <= joined["step"] / STEPS)[1]
    assert f": {np.count_nonzero(np.bincount(labels) >= 4)} component" in joined["words"]
    since, end, size = longest_life(head)
    assert f"These {size} tokens" in closed["words"]
    assert f"{since:.4f}" in closed["words"]
    assert f"{end:.4f}" in closed["words"]
    number = int(closed["pick"].removeprefix(f"{letter}-h0-"))
    assert head.diagrams[0][number, 1] == end
    # Just before its end it is a component of its own.
    labels = connected_components(values <= closed["step"] / STEPS)[1]
    assert size in np.bincount(labels)
    births, deaths = head.diagrams[1].T
    number = most_like_a_ring(heads, k)
    for scene in (opens, stands, filled):
        assert scene["pick"] == f"{letter}-h1-{number}"
    birth, death = births[number], deaths[number]
    is_longest = death - birth == (deaths - births).max()
    assert ("this photo's longest bar of H1" in opens["words"]) == is_longest
    assert ("one of this photo's longest bars" in opens["words"]) == (not is_longest)
    assert f"{birth:.4f}" in opens["words"]
    assert (opens["step"] - 1) / STEPS < birth <= opens["step"] / STEPS
    assert birth < stands["step"] / STEPS < death
    assert (filled["step"] - 1) / STEPS < death <= filled["step"] / STEPS
    (loop,) = heads.cycles[k][number].loops
    assert f"a ring of {len(loop)} tokens" in opens["words"]
    steps = [scene["step"] for scene in (first, joined)]
    assert steps == sorted(steps)


def data_of(maps: np.ndarray) -> bytes:
    n = len(maps)
    whole = at.Attention.from_arrays(maps, (1, n), 0)
    head = at.analyse(whole, 0, 0, "jensen-shannon")
    tokens = token_grid(whole, (), np.arange(n))
    cycles = representative_cycles(head.distances, head.diagrams, tokens.lengths)
    layout = distance_layout(head.distances)
    side = LinkedSide("own", head, tokens, WHOLE_PHOTO, layout, maps, dict(enumerate(cycles)))
    return linked_data((side, side), {}, 0.0, 1.0).packed


def test_where_there_is_no_object_and_no_loop_it_says_so():
    # One after the other joins the rest: each token a little farther from the first than the last.
    n = 8
    maps = np.zeros((n, n))
    maps[:, 0] = 1 - np.linspace(0, 0.5, n) ** 2
    maps[:, 1] = np.linspace(0, 0.5, n) ** 2
    scenes = scenes_of(data_of(maps), 0)
    words = " ".join(scene["words"] for scene in scenes)
    assert "sets no group apart" in words
    assert "No loop ever opens here" in words
    assert [scene["pick"] for scene in scenes] == [None] * len(scenes)


def test_where_all_rows_are_equal_and_where_there_is_one_token():
    for n in (1, 5):
        scenes = scenes_of(data_of(np.full((n, n), 1 / n)), 0)
        assert [scene["step"] for scene in scenes] == [0] * len(scenes)
        assert ("only equal ones are joined" in scenes[0]["words"]) == (n > 1)
