"""What knocking out does, among other regions: their shapes, and shifts computed one by one."""

import numpy as np
import pytest
from scipy.ndimage import label

import attntopo as at
from attntopo.analysis import grow_regions, knock_out
from attntopo.analysis.knock_outs import MOST_REGIONS
from attntopo.models import class_states
from tests.harness.model_folders import TINY, VIT, write_folder

PHOTO = at.sample("coffee")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_folder(folder, "ViTModel", VIT, **TINY, patch_size=32, image_size=224)
    return at.load_model(folder)  # 7 x 7 patches, 2 layers


@pytest.fixture
def asked(monkeypatch):
    """The sets that the model is asked about."""
    sets = []

    def spy(model, photo, layer, given, input):
        sets.append(given)
        return class_states(model, photo, layer, given, input)

    monkeypatch.setattr("attntopo.analysis.knock_outs.class_states", spy)
    return sets


def patches(*where) -> np.ndarray:
    chosen = np.zeros((7, 7), dtype=bool)
    chosen[tuple(zip(*where, strict=True))] = True
    return chosen


def test_regions_are_connected_and_of_their_sizes():
    grid, sizes = (5, 7), np.array([1, 2, 9, 34, 35])
    regions = grow_regions(sizes, grid, np.random.default_rng(0))
    assert regions.sum(axis=1).tolist() == sizes.tolist()
    assert all(label(one.reshape(grid))[1] == 1 for one in regions)
    again = grow_regions(sizes, grid, np.random.default_rng(0))
    np.testing.assert_array_equal(regions, again)


def test_what_it_is_held_against(model, asked):
    chosen = patches((0, 0), (0, 1), (3, 3), (6, 5))
    (*_, last) = knock_out(model, PHOTO, 0, chosen)
    (sets,) = asked
    assert not sets[:, 0].any()
    none, first, *others = sets[:, 1:].reshape(-1, 7, 7)
    assert not none.any()
    np.testing.assert_array_equal(first, chosen)
    assert len(others) == 2 * MOST_REGIONS == last.n_regions + last.n_translations
    assert len({one.tobytes() for one in [first, *others]}) == 1 + len(others)
    regions, moved = others[:MOST_REGIONS], others[MOST_REGIONS:]
    assert all(one.sum() == 4 and label(one)[1] == 1 for one in regions)
    rolled = {
        np.roll(chosen, (down, right), axis=(0, 1)).tobytes()
        for down in range(7)
        for right in range(7)
    }
    assert {one.tobytes() for one in moved} < rolled


def test_shifts_and_ranks_are_those_of_each_set_alone(model, asked):
    (*first, last) = knock_out(model, PHOTO, 0, patches((2, 2), (2, 3)), seed=5)
    (sets,) = asked
    states = [next(class_states(model, PHOTO, 0, one[None]))[0].astype(float) for one in sets]
    shifts = [
        1 - one @ states[0] / np.sqrt((one @ one) * (states[0] @ states[0])) for one in states[1:]
    ]
    np.testing.assert_allclose([last.shift, *last.regions, *last.translations], shifts, atol=1e-6)
    assert last.is_complete
    assert not any(one.is_complete for one in first)
    beaten = [(one < last.shift).sum() for one in (last.regions, last.translations)]
    assert last.beaten == tuple(beaten)
    assert last.text == (
        "Knocking out these 2 patches after layer 0 moves the class token more than "
        f"{beaten[0]} of 40 random connected regions of its size and "
        f"{beaten[1]} of 40 translations of itself."
    )
    assert "translations" not in first[0].text  # none of them yet
    assert last.n_tokens == 2
    for one in first:  # what is known early stays
        np.testing.assert_array_equal(one.regions, last.regions[: len(one.regions)])


def test_there_are_fewer_where_the_grid_has_fewer(model):
    one_patch = knock_out(model, PHOTO, 0, patches((1, 1)))
    (*_, last) = one_patch
    assert last.n_translations == 40
    all_but_one = ~patches((3, 4))
    (*_, last) = knock_out(model, PHOTO, 0, all_but_one)
    assert last.n_translations == 40
    stripes = np.zeros((7, 7), dtype=bool)
    stripes[::2] = True  # moved sideways they are the same
    (*_, last) = knock_out(model, PHOTO, 0, stripes)
    assert last.n_translations == 6


def test_it_goes_on_where_it_was_left(model, asked):
    chosen = patches((2, 2), (2, 3), (3, 3))
    *first, whole = knock_out(model, PHOTO, 0, chosen)
    for known in (first[0], whole):
        *_, last = knock_out(model, PHOTO, 0, chosen, known=known)
        for name in ("shift", "regions", "translations"):
            np.testing.assert_allclose(getattr(last, name), getattr(whole, name), atol=1e-6)
        known_sets = 1 + len(known.regions) + len(known.translations)
        assert len(asked[-1]) == 1 + 81 - known_sets  # the photo as it is, and what is missing
        np.testing.assert_array_equal(last.regions[:10], known.regions[:10])


def test_each_piece_is_waited_for(model):
    waited = []
    pieces = list(knock_out(model, PHOTO, 0, patches((1, 1)), waiting=lambda: waited.append(True)))
    assert len(waited) == len(pieces) > 3


@pytest.mark.parametrize(
    ("chosen", "seed", "words"),
    [
        (np.zeros((7, 7), dtype=bool), 0, "No patches"),
        (np.ones((7, 7), dtype=bool), 0, "All patches"),
        (np.zeros(49, dtype=bool), 0, "of a grid"),
        (patches((1, 1)), -1, "from 0 on"),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(model, chosen, seed, words):
    with pytest.raises(at.EvidenceError, match=words):
        knock_out(model, PHOTO, 0, chosen, seed=seed)
    with pytest.raises(at.ModelError, match="no layer follows"):
        knock_out(model, PHOTO, 1, patches((1, 1)))
