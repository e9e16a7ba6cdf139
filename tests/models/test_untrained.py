"""Untrained twins: the weights that transformers draws by itself after a seed, and no others."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

import attntopo as at
from attntopo.models import catalogue, find_entry, trained_id, untrained_id
from tests.harness.model_folders import CLIP, DEIT, DINOV2, TINY, VIT, write_folder

SMALL = {key: value for key, value in TINY.items() if key != "intermediate_size"}
ARCHITECTURES = {
    "ViTModel": (VIT, TINY),
    "DeiTModel": (DEIT, TINY),
    "Dinov2Model": (DINOV2, SMALL | {"patch_size": 14, "image_size": 518}),
    "Dinov2WithRegistersModel": (DINOV2, SMALL | {"patch_size": 14, "image_size": 224}),
    "CLIPVisionModel": (CLIP, TINY | {"patch_size": 16}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_folder(tmp_path_factory.mktemp("twin") / "tiny", "ViTModel", VIT, **TINY)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_are_those_that_transformers_draws(architecture, tmp_path):
    preprocessor, config = ARCHITECTURES[architecture]
    folder = write_folder(tmp_path / "tiny", architecture, preprocessor, **config)
    before = torch.random.get_rng_state()
    twin = at.load_model(f"{folder}~untrained")
    assert torch.equal(torch.random.get_rng_state(), before)
    network_class = getattr(transformers, architecture)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        expected = network_class(network_class.config_class(**config)).state_dict()
    drawn = twin.network.state_dict()
    assert drawn.keys() == expected.keys()
    assert all(torch.equal(drawn[name], expected[name]) for name in expected)
    assert not twin.network.training
    model = at.load_model(folder)
    photo = at.sample("coffee")
    own, trained = twin.attend(photo), model.attend(photo)
    assert np.array_equal(own.input_pixels, trained.input_pixels)
    assert own.maps.shape == trained.maps.shape


def test_it_differs_from_the_model_and_says_so(model):
    twin = at.load_model("embedded~untrained")
    photo = at.sample("coffee")
    assert np.abs(twin.attend(photo).maps - model.attend(photo).maps).max() > 0.1
    assert twin.nbytes == model.nbytes
    assert at.describe_model("embedded~untrained") == twin.info
    assert twin.info.weights.endswith("torch.manual_seed(0)")
    assert twin.info.commit == model.info.weights == ""


def test_no_weights_are_read_and_none_of_another_kind_are_drawn(folder, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(folder, bare)
    (bare / "model.safetensors").unlink()
    config = json.loads((bare / "config.json").read_text())
    (bare / "config.json").write_text(json.dumps(config | {"dtype": "bfloat16"}))
    twin, other = at.load_model(f"{bare}~untrained"), at.load_model(f"{folder}~untrained")
    assert {one.dtype for one in twin.network.parameters()} == {torch.float32}
    photo = at.sample("coffee")
    assert np.array_equal(twin.attend(photo).maps, other.attend(photo).maps)
    with pytest.raises(at.ModelError, match="no weights as safetensors"):
        at.load_model(bare)


def test_it_counts_as_much_as_it_takes(folder):
    megabytes = at.load_model(f"{folder}~untrained").nbytes / 1e6
    at.load_model(f"{folder}~untrained", max_megabytes=megabytes)
    with pytest.raises(at.ModelError, match="MB of weights, more than"):
        at.load_model(f"{folder}~untrained", max_megabytes=0.99 * megabytes)


def test_twins_and_models_made_at_once_are_as_if_made_alone(folder):
    """Each takes its numbers from torch's one generator: a model its pooler's."""
    ids = [f"{folder}~untrained", str(folder)] * 3
    alone = at.load_model(ids[0]).network.state_dict()
    made: dict[int, at.Model] = {}

    def make(number: int) -> None:
        made[number] = at.load_model(ids[number])

    threads = [threading.Thread(target=make, args=(number,)) for number in range(len(ids))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(0, len(ids), 2):
        drawn = made[number].network.state_dict()
        assert all(torch.equal(drawn[name], alone[name]) for name in alone)


def test_each_model_of_the_catalogue_has_one():
    known = catalogue()
    for model_id, entry in known.items():
        twin = find_entry(untrained_id(model_id), known)
        assert twin.label == f"{entry.label}, untrained"
        assert trained_id(twin.id) == model_id
        assert find_entry(model_id, known) == entry
    assert find_entry("nowhere~untrained", known) is None


@pytest.mark.parametrize("name", ["nowhere~untrained", "embedded~untrained~untrained"])
def test_of_what_is_no_model_there_is_no_twin(name):
    with pytest.raises(at.ModelError, match="There is no model"):
        at.load_model(name)


def test_no_folder_has_a_twins_name(tmp_path):
    (tmp_path / "mine~untrained").mkdir()
    with pytest.raises(at.ModelError, match="the untrained twin of 'mine' is called"):
        catalogue([str(tmp_path / "mine~untrained")])
