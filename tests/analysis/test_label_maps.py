"""Components as maps of labels, against what is painted and against other ways to find them."""

import networkx as nx
import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    LEAST_TOKENS,
    ComponentChoice,
    ComponentError,
    components_by_lifetime,
    label_map,
    share_scale,
)
from attntopo.attention import AttentionError
from tests.harness.synthetic import neighbourly_maps

GRID = (6, 9)


@pytest.fixture(scope="module")
def attention() -> at.Attention:
    return at.Attention.from_arrays(neighbourly_maps(GRID, n_layers=3), GRID, 1)


def partition(labels: np.ndarray) -> list[set[int]]:
    flat = labels.ravel()
    return [set(np.nonzero(flat == k)[0].tolist()) for k in range(1, flat.max(initial=0) + 1)]


def naive_components(distances: at.RowDistances, scale: float, least: int) -> list[set[int]]:
    """Patches of each component of the graph of all pairs no farther apart than the scale."""
    graph = nx.from_numpy_array(distances.values <= scale)
    parts = [part for part in nx.connected_components(graph) if len(part) >= least]
    patches = [{int(distances.tokens[k]) - 1 for k in part} - {-1} for part in parts]
    return sorted(filter(None, patches), key=lambda one: (-len(one), min(one)))


@pytest.mark.parametrize("tokens", ["all", "patches"])
@pytest.mark.parametrize("head", [1, "mean", "rollout"])
@pytest.mark.parametrize("least", [1, 3])
def test_labels_are_the_components_at_a_scale_and_at_a_share(attention, tokens, head, least):
    points = np.arange(tokens == "patches", attention.n_tokens)
    distances = at.row_distances(attention.head(2, head), "hellinger", points)
    tree = at.merge_tree(distances)
    for share in (0.0, 61.25, 90.0, 100.0):
        choice = ComponentChoice(share=share, least_tokens=least)
        labelled = label_map(attention, 2, head, "hellinger", tokens, choice)
        # The next step of the scale, where no merge lies between.
        assert 0 <= labelled.scale - share_scale([tree], share) <= 1e-5 * (1 + 1e-9)
        assert partition(labelled.labels) == naive_components(distances, labelled.scale, least)
        at_scale = ComponentChoice(scale=labelled.scale, least_tokens=least)
        again = label_map(attention, 2, head, "hellinger", tokens, at_scale)
        assert np.array_equal(again.labels, labelled.labels)


def test_by_default_it_is_the_mean_of_heads_at_two_thirds_where_nine_of_ten_have_merged(attention):
    labelled = label_map(attention)
    distances = at.row_distances(attention.maps[2].mean(axis=0, dtype=np.float64), "jensen-shannon")
    merged = (at.merge_tree(distances).lengths <= labelled.scale).mean()
    assert 0.9 <= merged < 0.9 + 2 / attention.n_tokens
    assert partition(labelled.labels) == naive_components(distances, labelled.scale, LEAST_TOKENS)
    assert not labelled.labels.flags.writeable


def test_labels_by_lifetime_are_the_chosen_components(attention):
    distances = at.row_distances(attention.head(1, 0), "jensen-shannon")
    chosen = components_by_lifetime(distances.values, 4)
    labelled = label_map(attention, 1, 0, choice=ComponentChoice(by_lifetime=True, least_tokens=4))
    expected = [set((np.nonzero(one)[0] - 1).tolist()) - {-1} for one in chosen]
    assert sorted(map(sorted, partition(labelled.labels))) == sorted(map(sorted, expected))
    assert labelled.scale is None
    assert len(expected) >= 2


def test_lifetimes_choose_the_clusters_and_leave_out_what_is_alone():
    places = np.array([0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2, 5.3, 40.0])
    chosen = components_by_lifetime(np.abs(places[:, None] - places[None]))
    parts = {tuple(np.nonzero(one)[0].tolist()) for one in chosen}
    assert parts == {(0, 1, 2, 3), (4, 5, 6, 7)}
    assert chosen.sum(axis=1).min() >= LEAST_TOKENS


@pytest.mark.parametrize("n_points", [1, 2, 5])
def test_fewer_than_two_components_have_no_lifetimes(n_points):
    places = np.arange(n_points, dtype=float)
    assert components_by_lifetime(np.abs(places[:, None] - places)).shape == (0, n_points)


def test_the_pixels_of_a_photo_have_their_patches_labels():
    """Patches of 14 pixels cover 252 of 256, and the model saw the middle half of the photo."""
    maps = np.full((1, 1, 324, 324), 1 / 324, dtype=np.float32)
    pixels = np.zeros((256, 256, 3), dtype=np.uint8)
    seen = at.Attention(maps, (18, 18), 0, pixels, (14, 14), (0.25, 0.25, 0.75, 0.75))
    labels = np.arange(1, 325, dtype=np.int32).reshape(18, 18)
    on_photo = at.LabelMap(labels, 0.1, seen.patches_box).on_photo(512, 512)
    # A pixel of the model is one of the photo here, 128 from its border.
    expected = np.zeros((512, 512), dtype=np.int32)
    expected[128 : 128 + 252, 128 : 128 + 252] = labels.repeat(14, axis=0).repeat(14, axis=1)
    assert np.array_equal(on_photo, expected)
    smaller = at.LabelMap(labels, 0.1, seen.patches_box).on_photo(300, 200)
    for row, column in np.random.default_rng(0).integers((300, 200), size=(200, 2)):
        place = (np.array([(row + 0.5) / 300, (column + 0.5) / 200]) - 0.25) * 512 // 14
        inside = ((place >= 0) & (place < 18)).all()
        assert smaller[row, column] == (labels[tuple(place.astype(int))] if inside else 0)


def test_a_processor_that_pads_leaves_patches_outside_the_photo():
    labels = np.array([[1, 2], [3, 4]], dtype=np.int32)
    on_photo = at.LabelMap(labels, 0.1, (-1.0, 0.0, 1.0, 1.0)).on_photo(2, 2)
    assert on_photo.tolist() == [[2, 2], [4, 4]]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scale": 0.1, "share": 90.0}, "one of the three"),
        ({"scale": 0.1, "by_lifetime": True}, "one of the three"),
        ({"scale": -0.1}, "scale"),
        ({"scale": np.nan}, "scale"),
        ({"share": 100.5}, "percent"),
        ({"least_tokens": 0}, "1 or more"),
        ({"by_lifetime": True, "least_tokens": 1}, "2 or more"),
    ],
)
def test_what_is_no_choice_is_refused(wrong, said):
    with pytest.raises(ComponentError, match=said):
        ComponentChoice(**wrong)


def test_the_layer_must_be_named_where_some_are_kept(attention):
    kept = at.Attention(attention.maps[1:], GRID, 1, attention.input_pixels, layers=(1, 2))
    with pytest.raises(AttentionError, match="which"):
        label_map(kept)
    assert np.array_equal(label_map(kept, 2, 0).labels, label_map(attention, 2, 0).labels)
