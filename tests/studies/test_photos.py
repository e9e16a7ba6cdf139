"""The study of photos: nearest neighbours among versions of photos."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import attntopo as at
from studies.photos import __main__ as study
from studies.photos import report
from studies.photos.distances import (
    CLASS_TOKEN,
    EACH_HEAD,
    PIXELS,
    all_measures,
    bottlenecks_of_heads,
)
from studies.photos.measure import heads_looked_at, measure
from studies.photos.rows import all_rows, nearest_original, nearest_version
from studies.photos.versions import version_names, versions_of


def naive(distances: np.ndarray, n_versions: int, originals_only: bool) -> float:
    right = []
    for one in range(len(distances)):
        if originals_only and one % n_versions == 0:
            continue
        others = [
            other
            for other in range(len(distances))
            if other != one and (not originals_only or other % n_versions == 0)
        ]
        nearest = min(others, key=lambda other: distances[one, other])
        right.append(nearest // n_versions == one // n_versions)
    return float(np.mean(right))


@pytest.mark.parametrize("seed", range(5))
def test_nearest_neighbours_are_those_of_a_plain_search(seed):
    points = np.random.default_rng(seed).normal(size=(20, 3))
    points += np.repeat(np.random.default_rng(seed + 100).normal(size=(5, 3)), 4, axis=0)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    assert nearest_original(distances, 4).mean() == pytest.approx(naive(distances, 4, True))
    assert nearest_version(distances, 4).mean() == pytest.approx(naive(distances, 4, False))


def test_what_says_nothing_is_right_as_often_as_chance():
    nothing = np.zeros((20, 20))
    assert nearest_original(nothing, 4).mean() == pytest.approx(1 / 5)
    assert nearest_version(nothing, 4).mean() == pytest.approx(3 / 19)


def test_versions_are_the_sample_and_altered_copies_the_same_each_time():
    versions = versions_of(1)
    assert len(versions) == len(version_names()) == 7
    assert versions[0].sha256 == at.sample("camera").sha256
    assert len({one.sha256 for one in versions}) == 7
    assert [one.sha256 for one in versions] == [one.sha256 for one in versions_of(1)]


@pytest.fixture(scope="module")
def measured(model):
    return [measure(at.sample(name), model) for name in ("coffee", "camera", "moon")]


def test_distances_are_the_librarys(model, measured):
    heads = tuple(heads_looked_at(model))
    assert heads == ("layer 8, mean of heads", "head (10, 0)")
    measures = all_measures(heads, True)
    first, second = (model.attend(at.sample(name)) for name in ("coffee", "camera"))
    diagrams = [
        at.analyse(one, 8, "mean", "jensen-shannon", "patches").diagrams for one in (first, second)
    ]
    for dimension in (0, 1):
        for name, distance in (
            ("bottleneck", at.bottleneck_distance),
            ("1-Wasserstein", at.wasserstein_distance),
        ):
            matrix = measures[f"H{dimension} {name}, {heads[0]}"](measured)
            assert matrix[0, 1] == matrix[1, 0] == pytest.approx(distance(*diagrams, dimension))
            assert (np.diag(matrix) == 0).all()
    mean = [one.maps.mean(axis=(0, 1)) for one in (first, second)]
    assert measures["mean attention"](measured)[0, 1] == pytest.approx(
        np.linalg.norm(mean[0] - mean[1]), rel=1e-4
    )
    pixels = [one.input_pixels.astype(float) for one in (first, second)]
    assert measures[PIXELS](measured)[0, 1] == pytest.approx(np.linalg.norm(pixels[0] - pixels[1]))
    # The last layer's state of the class token is what the network returns, before its last norm.
    assert measured[0]["class_token"].shape == (384,)
    assert 0 < measures["class token, cosine"](measured)[0, 1] < 2


def test_each_heads_bottleneck_distance_is_that_of_its_own_diagrams(model, measured):
    small = [one | {"deaths": one["deaths"][9:10, 2:4]} for one in measured]
    matrices = bottlenecks_of_heads(small)
    assert matrices.shape == (2, 3, 3)
    diagrams = [
        at.analyse(model.attend(at.sample(name)), 9, 3, "jensen-shannon", "patches").diagrams
        for name in ("coffee", "moon")
    ]
    assert matrices[1, 0, 2] == pytest.approx(at.bottleneck_distance(*diagrams, 0))


def test_rows_compare_with_pixels_and_choose_heads_on_other_photos():
    generator = np.random.default_rng(0)
    n_photos, n_versions = 12, 3
    photo = np.repeat(np.arange(n_photos), n_versions)
    tells = (photo[:, None] != photo).astype(float)
    noise = generator.random((n_photos * n_versions, n_photos * n_versions))
    noise = noise + noise.T
    rows = {
        row["what"]: row
        for row in all_rows(
            {PIXELS: tells, "nothing": noise, EACH_HEAD: np.stack([noise, tells, noise])},
            n_versions,
        )
    }
    assert rows[PIXELS]["mean"] == rows["H0 bottleneck, one head chosen"]["mean"] == 1.0
    assert rows[PIXELS]["difference"] == {"mean": 0, "low": 0, "high": 0}
    nothing = rows["nothing"]
    assert nothing["mean"] < 0.4
    assert nothing["difference"]["high"] < 0
    assert nothing["difference"]["mean"] == pytest.approx(nothing["mean"] - 1)
    assert np.mean(nothing["by_version"]) == pytest.approx(nothing["mean"], abs=1e-3)
    assert (nothing["n_photos"], nothing["n_versions"]) == (12, 24)
    assert "from_class_token" not in nothing
    rows = all_rows({PIXELS: tells, CLASS_TOKEN: noise, "tells": tells}, n_versions)
    assert rows[2]["from_class_token"]["mean"] == pytest.approx(1 - rows[1]["mean"])
    assert rows[2]["from_class_token"]["low"] > 0


def test_tables_and_a_figure_are_written(tmp_path):
    pytest.importorskip("matplotlib")
    n = 18 * 7
    points = np.random.default_rng(1).random((n, 1))
    matrix = np.abs(points - points.T)
    info = SimpleNamespace(id="made up", commit=None)
    studied = SimpleNamespace(model=SimpleNamespace(info=info), label="made up", source="")
    results = study.summary({PIXELS: matrix, "other": matrix}, studied)
    assert json.loads(json.dumps(results)) == results
    text = report.table(results)
    assert f"| other | {results['rows']['samples'][1]['mean']:.3f} [" in text
    report.write_figure(tmp_path, results)
    assert b"<svg" in (tmp_path / "photos.svg").read_bytes()
