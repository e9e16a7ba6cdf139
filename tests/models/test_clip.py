"""CLIP's image tower, with random weights of its true architecture, beside transformers itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from safetensors.numpy import load_file, save_file

import attntopo as at
from tests.harness.model_folders import CLIP, TINY, drop_a_weight, write_folder

TOWER = TINY | {"patch_size": 16, "image_size": 224}
TEXTS = {**TINY, "num_hidden_layers": 1, "vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2}
KINDS = {  # as repositories hold it: alone, with its projection, and beside a tower for texts
    "CLIPVisionModel": TOWER,
    "CLIPVisionModelWithProjection": TOWER | {"projection_dim": 8},
    "CLIPModel": {"vision_config": TOWER, "text_config": TEXTS, "projection_dim": 8},
}
PHOTO = at.sample("chelsea")  # 451 x 300 pixels


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("clip")
    return {name: write_folder(root / name, name, CLIP, **config) for name, config in KINDS.items()}


def own_attention(folder: Path, pixels: torch.Tensor, name: str) -> np.ndarray:
    """What transformers returns when it is asked for attention, by its own class."""
    network = getattr(transformers, name).from_pretrained(folder, attn_implementation="eager")
    tower = network.vision_model if name == "CLIPModel" else network
    with torch.inference_mode():
        return torch.cat(tower(pixel_values=pixels, output_attentions=True).attentions).numpy()


@pytest.mark.parametrize("name", KINDS)
def test_attention_is_that_of_transformers_own_class(name, folders):
    model = at.load_model(folders[name])
    attention = model.attend(PHOTO)
    pixels = model.processor(images=PHOTO.image(), return_tensors="pt")["pixel_values"]
    assert np.array_equal(attention.maps, own_attention(folders[name], pixels, name))
    assert model.info == at.describe_model(folders[name])
    assert (model.info.grid, model.info.prefix) == ((14, 14), ("class token",))
    assert attention.n_tokens == 197


def test_of_a_model_of_images_and_texts_the_image_tower_alone_is_read(folders):
    model = at.load_model(folders["CLIPModel"])
    tower = sum(
        array.nbytes
        for name, array in load_file(folders["CLIPModel"] / "model.safetensors").items()
        if name.startswith("vision_model.")
    )
    assert model.nbytes == tower
    assert not [name for name, _ in model.network.named_modules() if "text" in name]
    twin = at.load_model(f"{folders['CLIPModel']}~untrained")
    assert twin.nbytes == tower


def test_the_true_architecture(tmp_path):
    """ViT-B/16 as OpenAI's configuration has it, 344 MB of random weights."""
    folder = write_folder(tmp_path / "base", "CLIPVisionModel", CLIP, patch_size=16)
    model = at.load_model(folder)
    attention = model.attend(PHOTO)
    pixels = model.processor(images=PHOTO.image(), return_tensors="pt")["pixel_values"]
    assert attention.maps.shape == (12, 12, 197, 197)
    expected = own_attention(folder, pixels, "CLIPVisionModel")
    assert np.array_equal(attention.maps, expected)


def test_its_layernorm_comes_before_the_layers(folders):
    """So that it isn't read as a `vit`: without that norm attention is another."""
    model = at.load_model(folders["CLIPVisionModel"])
    before = model.attend(PHOTO).maps
    with torch.no_grad():
        model.network.pre_layrnorm.weight.mul_(3)
    assert np.abs(model.attend(PHOTO).maps - before).max() > 1e-4


def test_what_it_sees_is_the_middle_of_the_photo(folders):
    """The shorter side to 224 by Pillow's bicubic filter, and the middle square of that."""
    model = at.load_model(folders["CLIPVisionModel"])
    attention = model.attend(PHOTO)
    height, width = PHOTO.pixels.shape[:2]
    resized = Image.fromarray(PHOTO.pixels).resize(
        (224 * width // height, 224), Image.Resampling.BICUBIC
    )
    left = (resized.width - 224) // 2
    expected = np.asarray(resized)[:, left : left + 224]
    assert np.array_equal(attention.input_pixels, expected)
    values = model.processor(images=PHOTO.image(), return_tensors="np")["pixel_values"][0]
    mean, deviation = (np.array(CLIP[name])[:, None, None] for name in ("image_mean", "image_std"))
    normalised = (np.moveaxis(expected, -1, 0) / 255 - mean) / deviation
    assert np.allclose(values, normalised, atol=1e-6)
    box = (left / resized.width, 0, (left + 224) / resized.width, 1)
    assert np.allclose(attention.patches_box, box, atol=2e-3)


def test_a_finer_input_is_the_same_part_of_the_photo(folders):
    model = at.load_model(folders["CLIPVisionModel"])
    own, fine = model.attend(PHOTO), model.attend(PHOTO, at.ModelInput(448))
    assert fine.grid == (28, 28)
    assert np.allclose(fine.patches_box, own.patches_box, atol=2e-3)
    small = np.asarray(Image.fromarray(fine.input_pixels).resize((224, 224), Image.Resampling.BOX))
    assert np.abs(small.astype(float) - own.input_pixels).mean() < 4
    whole = model.attend(PHOTO, at.ModelInput(448, "photo"))
    assert whole.patches_box == (0, 0, 1, 1)


def test_a_tower_that_lacks_a_weight_is_refused(folders, tmp_path):
    folder = write_folder(tmp_path / "lacking", "CLIPVisionModel", CLIP, **TOWER)
    drop_a_weight(folder)
    with pytest.raises(at.ModelError, match="lacks some of its weights"):
        at.load_model(folder)
    texts_alone = write_folder(tmp_path / "texts", "CLIPModel", CLIP, **KINDS["CLIPModel"])
    weights = load_file(texts_alone / "model.safetensors")
    kept = {name: array for name, array in weights.items() if not name.startswith("vision_model.")}
    save_file(kept, texts_alone / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(at.ModelError, match="lacks some of its weights"):
        at.load_model(texts_alone)
