"""The sample photos' pairs against the long way round, and what is kept on disk."""

from contextlib import contextmanager
from itertools import combinations

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.atlas import heads_of
from attntopo.analysis.sample_pairs import (
    DeathsOnDisk,
    deaths_of_heads,
    deaths_of_photos,
    h0_deaths,
    pair_distances,
)
from tests.harness.metrics import REAL_HEADS, as_distances, random_metric
from tests.harness.synthetic import neighbourly_maps


def finite_h0(distances: at.RowDistances) -> np.ndarray:
    """The deaths of the finite bars in H0, ascending."""
    deaths = at.persistence_diagrams(distances)[0][:, 1]
    return np.sort(deaths[np.isfinite(deaths)])


def bars_of(deaths: np.ndarray) -> np.ndarray:
    return deaths[deaths > 0]


def small_attention(seed: int) -> at.Attention:
    return at.Attention.from_arrays(neighbourly_maps((3, 4), seed=seed), grid=(3, 4), n_prefix=1)


@pytest.mark.parametrize("distance", ["double-softmax", "total-variation"])
def test_the_deaths_of_real_heads_are_those_of_the_diagram(astronaut, distance):
    for layer, head in REAL_HEADS:
        distances = at.row_distances(astronaut.head(layer, head), distance)
        np.testing.assert_array_equal(h0_deaths(distances), finite_h0(distances))


@pytest.mark.parametrize("seed", range(5))
def test_the_deaths_of_tied_distances_are_those_of_the_diagram(seed):
    tied = as_distances(np.round(random_metric(seed) * 2) / 2)  # some points coincide
    assert len(np.unique(tied.values)) < 20
    np.testing.assert_array_equal(bars_of(h0_deaths(tied)), finite_h0(tied))


def test_one_point_has_no_deaths():
    assert h0_deaths(as_distances(np.zeros((1, 1)))).shape == (0,)
    np.testing.assert_array_equal(h0_deaths(as_distances(np.zeros((3, 3)))), [0.0, 0.0])


@pytest.mark.parametrize("tokens", ["all", "patches"])
def test_the_deaths_of_all_heads_are_those_of_each(tokens):
    attention = small_attention(3)
    deaths = deaths_of_heads(attention, "hellinger", tokens)
    points = np.arange(1 if tokens == "patches" else 0, 13)
    assert deaths.shape == (2, 3 + 1, len(points) - 1)
    for layer, head in [*heads_of(attention), (0, "mean"), (1, "mean")]:
        distances = at.row_distances(attention.head(layer, head), "hellinger", points)
        column = 3 if head == "mean" else head
        np.testing.assert_array_equal(deaths[layer, column], h0_deaths(distances))


def test_pair_distances_are_the_bottleneck_distances_of_all_pairs(astronaut, coffee):
    heads = [one.head(*head) for one in (astronaut, coffee) for head in REAL_HEADS]
    heads.append(heads[0])  # the same photo twice
    matrices = [at.row_distances(head, "double-softmax") for head in heads]
    matrices.append(as_distances(np.round(random_metric(1), 1)))  # another number of points
    diagrams = [at.persistence_diagrams(one) for one in matrices]
    expected = sorted(at.bottleneck_distance(a, b, 0) for a, b in combinations(diagrams, 2))
    computed = pair_distances([h0_deaths(one) for one in matrices])
    np.testing.assert_array_equal(computed, expected)
    assert computed[0] == 0


def test_photos_are_read_one_after_the_other_and_others_get_their_turn():
    attended = [small_attention(seed) for seed in range(3)]
    events: list[object] = []

    @contextmanager
    def turn():
        events.append("in")
        yield
        events.append("out")

    of_photos = deaths_of_photos(
        attended.__getitem__, 3, "jensen-shannon", "all", events.append, turn=turn
    )
    assert of_photos.shape == (3, 2, 3 + 1, 12)
    for deaths, attention in zip(of_photos, attended, strict=True):
        np.testing.assert_array_equal(deaths, deaths_of_heads(attention, "jensen-shannon", "all"))
    piece = ["in", "out"] * (1 + 8)  # the forward pass, each head and each mean
    assert events == [*piece, 1, *piece, 2, *piece, 3]


def on_disk(folder, model="m@1", distance="double-softmax", tokens="all", photos=("a", "b")):
    return DeathsOnDisk(folder, model, distance, tokens, photos)


def test_what_was_written_is_read_by_another_process(tmp_path):
    deaths = np.random.default_rng(0).random((2, 3, 4, 5))
    folder = tmp_path / "not there yet"
    assert on_disk(folder).read() is None
    on_disk(folder).write(deaths)
    np.testing.assert_array_equal(on_disk(folder).read(), deaths)
    assert [path.suffix for path in folder.iterdir()] == [".npy"]  # nothing half done beside it


def test_another_key_is_another_file(tmp_path):
    others = [
        on_disk(tmp_path),
        on_disk(tmp_path, model="m@2"),
        on_disk(tmp_path, distance="hellinger"),
        on_disk(tmp_path, tokens="patches"),
        on_disk(tmp_path, photos=("b", "a")),
    ]
    assert len({other.path for other in others}) == len(others)
    others[0].write(np.ones((2, 1, 1, 1)))
    assert all(other.read() is None for other in others[1:])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[:40],
        lambda data: data[:-8],
        lambda data: b"PK\x03\x04" + data,
        lambda data: data.replace(b"'shape': (2, ", b"'shape': (9, "),
        lambda data: data.replace(b"'shape'", b"'shap(("),
        lambda data: data.replace(b"<f8", b"<i8"),
        lambda data: data[:-8] + np.array([np.nan]).tobytes(),
        lambda data: b"no numbers" + data,
    ],
)
def test_a_damaged_file_is_as_none(tmp_path, damage):
    kept = on_disk(tmp_path)
    kept.write(np.ones((2, 3, 4, 5)))
    kept.path.write_bytes(damage(kept.path.read_bytes()))
    assert kept.read() is None
    kept.write(np.ones((2, 3, 4, 5)))
    assert kept.read() is not None


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    kept = on_disk(in_the_way)
    kept.write(np.ones((2, 1, 1, 1)))
    assert kept.read() is None
    (tmp_path / "folder").mkdir()
    blocked = on_disk(tmp_path / "folder")
    blocked.path.mkdir()  # what is to be replaced is a folder
    blocked.write(np.ones((2, 1, 1, 1)))
    assert blocked.read() is None
    assert list((tmp_path / "folder").iterdir()) == [blocked.path]
