"""The rows of a run, against the same numbers from the library, photo by photo."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import attntopo as at
from attntopo.analysis import label_map
from attntopo.runs import RunError, RunOptions, run_over_photos
from tests.harness.photos import jpeg
from tests.harness.runs import N_HEADS, errors_at, rows_at, tiny_jpegs

PHOTOS = tiny_jpegs(9)
BAD = {"bad.jpg": b"not a photo", "cut.jpg": jpeg(1)[:900], "empty.jpg": b""}

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("photos")
    for name, data in (PHOTOS | BAD).items():
        (folder / name).write_bytes(data)
    return str(folder)


def attended(model_id: str, name: str, chosen: at.ModelInput | None = None) -> at.Attention:
    model = at.load_model(model_id)
    return model.attend(at.decode_photo(PHOTOS[name], name), chosen or at.ModelInput())


def row_of(rows: pd.DataFrame, name: str, layer: int, head: int | str) -> pd.Series:
    is_it = rows["photo"].str.endswith(f"/{name}") & (rows["layer"] == layer)
    (_, row), *others = rows[is_it & (rows["head"] == head)].iterrows()
    assert not others
    return row


def test_features(folder, tiny_model, tmp_path):
    options = RunOptions(tiny_model, "hellinger", "patches")
    progress = run_over_photos("features", folder, str(tmp_path), options)
    rows = rows_at(tmp_path)
    assert len(rows) == len(PHOTOS) * N_HEADS
    assert progress.n_done == len(PHOTOS | BAD)
    for name, layer, head in (("p0000.jpg", 0, 0), ("p0007.jpg", 1, 2)):
        attention = attended(tiny_model, name)
        topology = at.analyse(attention, layer, head, "hellinger", "patches")
        expected = at.head_features(attention, layer, head, topology.diagrams, 0.2)
        row = row_of(rows, name, layer, head)
        assert list(row.index) == ["photo", "sha256", "layer", "head", *expected]
        # Photos that are run together differ by rounding.
        assert np.allclose(row[list(expected)].astype(float), list(expected.values()), atol=1e-4)
        assert row["sha256"] == at.decode_photo(PHOTOS[name], name).sha256


def test_vectors_of_some_layers(folder, tiny_model, tmp_path):
    options = RunOptions(tiny_model, layers=(1,), heads=(0, 2))
    run_over_photos("vectors", folder, str(tmp_path), options)
    rows = rows_at(tmp_path, "vectors")
    assert len(rows) == 2 * len(PHOTOS)
    topology = at.analyse(attended(tiny_model, "p0003.jpg"), 1, 2, "jensen-shannon")
    grid = at.bound_grid("jensen-shannon", 17)
    row = row_of(rows, "p0003.jpg", 1, 2)
    for name, vector in at.head_vectors(topology.diagrams, grid).items():
        assert np.allclose(row[name].reshape(vector.shape), vector, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", ["square", "photo"])
def test_components(folder, tiny_model, tmp_path, shape):
    chosen = at.ModelInput(64, shape)
    options = RunOptions(tiny_model, input=chosen, layers=(0, 1), heads=("mean", 1, "rollout"))
    run_over_photos("components", folder, str(tmp_path), options)
    rows = rows_at(tmp_path, "components")
    assert len(rows) == 6 * len(PHOTOS)
    attention = attended(tiny_model, "p0002.jpg", chosen)
    for head in ("mean", 1, "rollout"):
        expected = label_map(attention, 1, head)
        row = row_of(rows, "p0002.jpg", 1, str(head))
        assert (row["grid height"], row["grid width"]) == expected.labels.shape
        assert row["labels"].tolist() == expected.labels.ravel().tolist()
        assert row["scale"] == pytest.approx(expected.scale, abs=1e-5)
        assert row["components"] == expected.n_components


def test_components_are_of_the_head_that_nobody_chose(folder, tiny_model, tmp_path):
    run_over_photos("components", folder, str(tmp_path), RunOptions(tiny_model))
    rows = rows_at(tmp_path, "components")
    assert set(zip(rows["layer"], rows["head"], strict=True)) == {(1, "mean")}


def test_each_refused_photo_is_a_row_with_its_sentence(folder, tiny_model, tmp_path):
    options = RunOptions(tiny_model, layers=(0,), heads=(0,))
    source = [f"{folder}/{name}" for name in (*BAD, "p0001.jpg", "nowhere.jpg")]
    run_over_photos("features", "-", str(tmp_path), options, lines=source)
    errors = {name.rpartition("/")[2]: text for name, text in errors_at(tmp_path).items()}
    assert set(errors) == {*BAD, "nowhere.jpg"}
    for name, data in BAD.items():
        with pytest.raises(at.PhotoError) as caught:
            at.decode_photo(data, name)
        assert errors[name] == str(caught.value)
    assert errors["nowhere.jpg"] == "There is no such file."
    assert len(rows_at(tmp_path)) == 1


def test_photos_without_rows_make_a_table_without_rows(folder, tiny_model, tmp_path):
    run_over_photos("features", f"{folder}/bad.jpg", str(tmp_path), RunOptions(tiny_model))
    assert len(rows_at(tmp_path)) == 0
    assert "H0 number of bars" in rows_at(tmp_path)


def test_a_photo_that_the_model_cannot_take_spoils_no_other(folder, tiny_model, tmp_path):
    model = at.load_model(tiny_model)
    with pytest.raises(at.ModelError):  # of one row of patches alone it makes attention
        model.attend(at.decode_photo(PHOTOS["p0000.jpg"], ""), at.ModelInput(64, "none"))
    refused = type(model).prepare

    def prepare(self, photo, *arguments):
        if photo.name.endswith("p0004.jpg"):
            raise at.ModelError("No.")
        return refused(self, photo, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), "prepare", prepare)
        run_over_photos("features", folder, str(tmp_path), RunOptions(tiny_model, layers=(0,)))
    errors = {name.rpartition("/")[2]: text for name, text in errors_at(tmp_path).items()}
    assert errors["p0004.jpg"] == "No."
    assert len(rows_at(tmp_path)) == (len(PHOTOS) - 1) * 3


def test_the_metadata_says_what_the_rows_are_of(folder, tiny_model, tmp_path):
    options = RunOptions(tiny_model, layers=(0,), heads=(0,))
    run_over_photos("features", folder, str(tmp_path), options)
    said = json.loads((tmp_path / "features.json").read_text())
    assert said["about"]["distance"] == "jensen-shannon"
    assert said["about"]["attntopo"] == at.__version__
    assert said["sources"] == [folder]
    assert said["model"]["grid"] == [4, 4]
    assert {"torch", "transformers", "numpy"} <= set(said["versions"])
    for file in (tmp_path / "features").iterdir():
        schema = pq.read_schema(file)
        assert said["columns"] == {field.name: str(field.type) for field in schema}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"layers": (2,)}, "has layers 0 to 1"),
        ({"heads": ("mean",)}, "of mean no rows can be made"),
        ({"heads": (3,)}, "of 3 no rows can be made"),
        ({"distance": "none"}, "no distance called 'none'"),
        ({"tokens": "none"}, "all tokens or patches, not 'none'"),
        ({"input": at.ModelInput(65)}, "doesn't take this input"),
        ({"model": "no/such/model"}, "no/such/model"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_a_sentence(
    folder, tiny_model, tmp_path, options, sentence
):
    with pytest.raises(RunError) as caught:
        run_over_photos(
            "features", folder, str(tmp_path), RunOptions(**({"model": tiny_model} | options))
        )
    assert sentence in str(caught.value)
    assert not list(tmp_path.iterdir())
