"""Image processors that make pictures of another size than the model was made for."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import attntopo as at
from tests.harness.model_folders import DEIT, DINOV2, TINY, VIT, write_folder

SMALL = {key: value for key, value in TINY.items() if key != "intermediate_size"}
ARCHITECTURES = {
    "ViTModel": (VIT, TINY, 1),
    "DeiTModel": (DEIT, TINY, 2),
    "Dinov2Model": (DINOV2, SMALL | {"patch_size": 16}, 1),
    "Dinov2WithRegistersModel": (DINOV2, SMALL | {"patch_size": 16, "num_register_tokens": 4}, 5),
}
POSITIONS = "embeddings.position_embeddings"


def model_folder(folder: Path, architecture: str, size, **config) -> Path:
    """Write a tiny model whose image processor squashes photos to a size."""
    preprocessor, tiny, _ = ARCHITECTURES[architecture]
    processor = preprocessor | {"size": size, "do_center_crop": False}
    return write_folder(folder, architecture, processor, **{**tiny, **config})


def square(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


def made_for(folder: Path, side: int, copy: Path) -> Path:
    """Copy a model, its positions interpolated by hand to those of a larger picture."""
    shutil.copytree(folder, copy)
    config = json.loads((copy / "config.json").read_text()) | {"image_size": side}
    (copy / "config.json").write_text(json.dumps(config))
    weights = load_file(copy / "model.safetensors")
    own = weights[POSITIONS]
    prefix = 2 if config["model_type"] == "deit" else 1  # registers have no positions
    old = torch.from_numpy(np.moveaxis(own[0, prefix:].numpy().reshape(14, 14, -1), -1, 0))
    new = torch.nn.functional.interpolate(
        old[None],
        size=(side // 16, side // 16),
        mode="bicubic",
        align_corners=False,
        antialias=config["model_type"] == "dinov2_with_registers",
    )
    patches = new[0].flatten(1).T[None]
    weights[POSITIONS] = torch.cat([own[:, :prefix], patches], dim=1).contiguous()
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    return copy


@pytest.mark.parametrize("side", [448, 160])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_positions_are_interpolated(architecture, side, tmp_path):
    n_prefix, grid = ARCHITECTURES[architecture][2], (side // 16, side // 16)
    folder = model_folder(tmp_path / "made for 224", architecture, square(side), image_size=224)
    model = at.load_model(folder)
    assert (model.info.grid, model.info.n_prefix) == (grid, n_prefix)
    attention = model.attend(at.sample("coffee"))
    assert attention.maps.shape[2:] == (n_prefix + grid[0] ** 2,) * 2
    assert (attention.grid, attention.patch_size) == (grid, (16, 16))
    expected = at.load_model(made_for(folder, side, tmp_path / "made for it"))
    assert np.abs(expected.attend(at.sample("coffee")).maps - attention.maps).max() < 1e-6


@pytest.mark.parametrize(
    ("image", "patch", "size", "grid"),
    [
        ([224, 224], [16, 16], 224, (14, 14)),
        ([224, 224], [16, 16], [224, 224], (14, 14)),
        ([224, 224], [16, 16], 448, (28, 28)),
        ([224, 224], 16, 448, (28, 28)),
        ([64, 256], [16, 16], {"height": 64, "width": 256}, (4, 16)),
        ([224, 224], [16, 8], 224, (14, 28)),
    ],
)
def test_sizes_may_be_lists(image, patch, size, grid, tmp_path):
    sizes = {"image_size": image, "patch_size": patch}
    model = at.load_model(model_folder(tmp_path / "lists", "ViTModel", size, **sizes))
    attention = model.attend(at.sample("coffee"))
    assert model.info.grid == attention.grid == grid
    assert attention.patch_size == tuple(np.broadcast_to(patch, 2))
    assert attention.covered_pixels.shape[:2] == attention.input_pixels.shape[:2]


@pytest.mark.parametrize(
    ("architecture", "image", "patch", "size", "sentence"),
    [
        ("ViTModel", [64, 256], 16, square(128), "interpolates only a square grid of square"),
        ("DeiTModel", [224, 224], [16, 8], square(448), "interpolates only a square grid of sq"),
        # 4 x 16 = 8 x 8: it would take them for a square, without a word.
        ("Dinov2Model", [64, 256], 16, {"height": 64, "width": 256}, "only a square grid\\."),
        ("Dinov2WithRegistersModel", [224, 224], [16, 8], square(224), "only a square grid\\."),
        ("ViTModel", 224, 16, square(16), "16 x 16 pixels, .* fewer than two patches of 16 x 16"),
        (
            "ViTModel",
            224,
            16,
            square(1300),
            r"6561 patches: .* in 2 layers would take 1\.0 GB, more",
        ),
        ("Dinov2Model", 224, 16, square(8), "8 x 8 pixels, .* fewer than two patches of 16 x 16"),
    ],
)
def test_what_has_no_positions_is_refused_before_the_weights(
    architecture, image, patch, size, sentence, tmp_path
):
    sizes = {"image_size": image, "patch_size": patch}
    folder = model_folder(tmp_path / "odd", architecture, size, **sizes)
    (folder / "model.safetensors").write_bytes(b"not read")
    for refuse in (at.load_model, at.describe_model):
        with pytest.raises(at.ModelError, match=sentence) as caught:
            refuse(folder)
        assert "\n" not in str(caught.value)


def test_a_network_that_fails_says_so_in_a_sentence(tmp_path, monkeypatch):
    model = at.load_model(model_folder(tmp_path / "tiny", "ViTModel", square(224)))

    def fail(*arguments, **options):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(model.network.embeddings, "forward", fail)
    with pytest.raises(at.ModelError, match="can't be run on a picture of 224 x 224 pixels"):
        model.attend(at.sample("coffee"))


def test_without_a_crop_each_photo_has_a_grid_of_its_own(tmp_path):
    folder = model_folder(tmp_path / "uncropped", "Dinov2Model", {"shortest_edge": 256})
    model = at.load_model(folder)
    grids = [model.attend(at.sample(name)).grid for name in ("rocket", "chelsea")]
    assert grids == [(16, 23), (16, 24)]
