"""Inputs of other sizes and shapes: grids, positions, and which patch of a photo a token is of."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import attntopo as at
from attntopo.models import MOST_TOKENS
from attntopo.models.model_input import photo_grid, sides_for
from tests.harness.model_folders import CLIP, DEIT, DINOV2, TINY, VIT, write_folder

SMALL = {key: value for key, value in TINY.items() if key != "intermediate_size"}
REGISTERS = {"num_register_tokens": 4}
ARCHITECTURES = {  # preprocessor, configuration, prefix tokens
    "ViTModel": (VIT, TINY | {"patch_size": 16, "image_size": 224}, 1),
    "DeiTModel": (DEIT, TINY | {"patch_size": 16, "image_size": 224}, 2),
    "Dinov2Model": (DINOV2, SMALL | {"patch_size": 14, "image_size": 518}, 1),
    "Dinov2WithRegistersModel": (
        DINOV2,
        SMALL | REGISTERS | {"patch_size": 14, "image_size": 224},
        5,
    ),
    "CLIPVisionModel": (CLIP, TINY | {"patch_size": 16, "image_size": 224}, 1),
}
SIDES = {16: (224, 336, 448, 512), 14: (224, 336, 448, 518)}
PHOTO = at.sample("chelsea")  # 451 x 300 pixels


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, at.Model]:
    folder: Path = tmp_path_factory.mktemp("models")
    return {
        name: at.load_model(write_folder(folder / name, name, preprocessor, **config))
        for name, (preprocessor, config, _) in ARCHITECTURES.items()
    }


@pytest.fixture(params=ARCHITECTURES)
def model(request, models) -> at.Model:
    return models[request.param]


def embedded(model: at.Model, photo: at.Photo, chosen: at.ModelInput) -> tuple:
    """What the model is run on, what its embeddings are, and its attention."""
    seen = []
    hook = model.network.embeddings.register_forward_hook(
        lambda _module, arguments, options, output: seen.append(
            (arguments[0] if arguments else options["pixel_values"], output)
        ),
        with_kwargs=True,
    )
    try:
        attention = model.attend(photo, chosen, layers=[0])
    finally:
        hook.remove()
    ((pixels, embeddings),) = seen
    return pixels, embeddings[0], attention


def test_sides_that_can_be_chosen(model):
    info, patch = model.info, model.info.patch
    last = 504 if info.n_prefix == 5 else SIDES[patch][-1]  # 37 x 37 and five more are too many
    assert info.input_sides == (*SIDES[patch][:-1], last)
    assert info.own_side == 224


@pytest.mark.parametrize("side", [None, 224, 336, 448, "last"])
def test_grids_and_numbers_of_tokens(model, side):
    side = model.info.input_sides[-1] if side == "last" else side
    n_prefix, across = model.info.n_prefix, (side or 224) // model.info.patch
    for shape in ("square", "photo"):
        chosen = at.ModelInput(side, shape)
        attention = model.attend(PHOTO, chosen, layers=[1])
        rows, columns = attention.grid
        assert attention.maps.shape == (1, 3, attention.n_tokens, attention.n_tokens)
        assert attention.n_tokens == n_prefix + rows * columns <= MOST_TOKENS
        assert attention.input_pixels.shape == (
            rows * model.info.patch,
            columns * model.info.patch,
            3,
        )
        assert model.info.with_input(chosen, PHOTO.pixels.shape[:2]).grid == attention.grid
        if shape == "square":
            assert attention.grid == (across, across)
        else:
            assert attention.patches_box == (0, 0, 1, 1)
            height, width = PHOTO.pixels.shape[:2]
            assert rows == round(across * (height / width) ** 0.5)
            assert abs(columns - rows * width / height) < 1 + width / height / 2


def test_by_default_it_is_what_the_image_processor_makes_to_the_bit(model):
    """As transformers itself returns it, and as it was before inputs could be chosen."""
    pixels = model.processor(images=PHOTO.image(), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        expected = model.network(pixel_values=pixels, output_attentions=True).attentions
    for chosen in (at.ModelInput(), at.ModelInput(224)):
        assert np.array_equal(model.attend(PHOTO, chosen).maps, torch.cat(expected).numpy())


@pytest.mark.parametrize("shape", ["square", "photo"])
@pytest.mark.parametrize("side", [None, 336, 448])
def test_positions_are_interpolated_as_by_hand(model, side, shape):
    pixels, embeddings, attention = embedded(model, PHOTO, at.ModelInput(side, shape))
    is_clip = model.network.config.model_type == "clip_vision_model"
    parts = model.network.embeddings
    own = parts.position_embedding.weight[None] if is_clip else parts.position_embeddings
    own = own.detach()
    n_own = 2 if model.network.config.model_type == "deit" else 1  # registers have no positions
    n = round((own.shape[1] - n_own) ** 0.5)
    positions = torch.nn.functional.interpolate(
        own[:, n_own:].reshape(1, n, n, -1).permute(0, 3, 1, 2),
        size=attention.grid,
        mode="bicubic",
        align_corners=False,
        antialias=model.network.config.model_type == "dinov2_with_registers",
    )
    if attention.grid == (n, n):
        positions = own[:, n_own:].reshape(1, n, n, -1).permute(0, 3, 1, 2)
    projection = parts.patch_embedding if is_clip else parts.patch_embeddings.projection
    patches = torch.nn.functional.conv2d(
        pixels, projection.weight, projection.bias, stride=model.info.patch
    )
    assert patches.shape[2:] == attention.grid
    expected = (patches + positions).detach().flatten(2)[0].T
    assert torch.allclose(embeddings[model.info.n_prefix :], expected, atol=1e-5)


@pytest.mark.parametrize("shape", ["square", "photo"])
@pytest.mark.parametrize("side", [None, 448])
def test_a_bright_square_in_a_patch_of_the_input_changes_that_token_alone(model, side, shape):
    pixels, _, attention = embedded(model, PHOTO, at.ModelInput(side, shape))
    options = {} if "dinov2" in model.network.config.model_type else {"interpolate_pos_encoding": 1}
    patch, (rows, columns) = model.info.patch, attention.grid
    for row, column in ((0, 0), (2, columns - 1), (rows - 1, 3)):
        bright = pixels.clone()
        bright[0, :, row * patch : (row + 1) * patch, column * patch : (column + 1) * patch] += 5
        with torch.inference_mode():
            before, after = (model.network.embeddings(one, **options) for one in (pixels, bright))
        (changed,) = np.nonzero((before != after).any(-1)[0].numpy())
        assert changed.tolist() == [model.info.n_prefix + row * columns + column]


@pytest.mark.parametrize("name", ["chelsea", "astronaut"])
@pytest.mark.parametrize("shape", ["square", "photo"])
@pytest.mark.parametrize("side", [None, 448])
def test_a_bright_square_in_a_cell_of_the_photo_changes_its_token_mostly(model, side, shape, name):
    photo, chosen = at.sample(name), at.ModelInput(side, shape)
    _, before, attention = embedded(model, photo, chosen)
    (rows, columns), (left, top, right, bottom) = attention.grid, attention.patches_box
    height, width = photo.pixels.shape[:2]
    for row, column in ((1, 1), (rows // 2, columns - 2), (rows - 2, 4)):
        x = np.rint(width * (left + (right - left) * np.arange(column, column + 2) / columns))
        y = np.rint(height * (top + (bottom - top) * np.arange(row, row + 2) / rows))
        pixels = photo.pixels.copy()
        pixels[int(y[0]) : int(y[1]), int(x[0]) : int(x[1])] ^= 128
        _, after, _ = embedded(model, at.Photo(pixels, "with a square"), chosen)
        changes = (after - before).norm(dim=1).numpy()
        token = model.info.n_prefix + row * columns + column
        assert np.argmax(changes) == token
        assert changes[token] ** 2 > 0.8 * (changes**2).sum()


def test_a_photo_of_whole_patches_is_seen_as_it_is(model):
    patch = model.info.patch
    pixels = np.random.default_rng(0).integers(0, 256, (9 * patch, 22 * patch, 3), dtype=np.uint8)
    photo = at.Photo(pixels, "noise")
    attention = model.attend(photo, at.ModelInput(None, "photo"), layers=[0])
    assert attention.grid == ((9, 22) if patch == 16 else (10, 25))
    if patch == 16:
        assert np.array_equal(attention.input_pixels, pixels)


def test_layers_that_are_kept(model):
    chosen = at.ModelInput(336, "photo")
    whole = model.attend(PHOTO, chosen)
    one = model.attend(PHOTO, chosen, layers=[1])
    assert one.layers == (1,)
    assert one.maps.nbytes == whole.maps.nbytes / 2
    for head in (2, "mean"):
        assert np.array_equal(one.head(1, head), whole.head(1, head))
    with pytest.raises(at.AttentionError, match=r"layer 0 isn't kept here: only that of 1 is\."):
        one.head(0, 0)
    with pytest.raises(at.AttentionError, match="Rollout up to layer 1 needs all layers up to it"):
        one.head(1, "rollout")
    with_rollout = model.attend(PHOTO, chosen, layers=[1], rollout=True)
    assert np.array_equal(with_rollout.head(1, "rollout"), whole.head(1, "rollout"))
    assert with_rollout.nbytes == one.nbytes + 8 * one.n_tokens**2
    first = model.attend(PHOTO, chosen, layers=[0])
    assert np.array_equal(first.head(0, "rollout"), whole.head(0, "rollout"))


def test_nothing_is_run_after_the_last_layer_that_is_kept(model):
    ran = []
    attention = model.network._can_record_outputs["attentions"]
    last = [one for one in model.network.modules() if isinstance(one, attention)][-1]
    hook = last.register_forward_pre_hook(lambda *_: ran.append(1))
    model.attend(PHOTO, layers=[0])
    assert not ran
    model.attend(PHOTO, layers=[1])
    assert ran
    hook.remove()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"input": at.ModelInput(300)}, r"no input of 300 pixels: it takes 224, 336, 448, 5\d\d,"),
        ({"input": at.ModelInput(1024)}, "no input of 1024 pixels"),
        ({"input": at.ModelInput(224, "round")}, "one of square, photo, not 'round'"),
        ({"layers": [2]}, "has layers 0 to 1"),
        ({"layers": []}, "has layers 0 to 1"),
    ],
)
def test_what_cannot_be_had_is_refused_in_a_sentence(model, options, sentence):
    with pytest.raises(at.ModelError, match=sentence):
        model.attend(PHOTO, **options)


@pytest.mark.parametrize(
    ("architecture", "preprocessor", "config"),
    [
        ("ViTModel", VIT | {"size": {"height": 64, "width": 256}}, {"image_size": [64, 256]}),
        ("ViTModel", VIT, {"patch_size": [16, 8]}),
        ("Dinov2Model", DINOV2 | {"do_center_crop": False}, {}),
    ],
)
def test_models_with_odd_inputs_take_their_own_alone(architecture, preprocessor, config, tmp_path):
    _, tiny, _ = ARCHITECTURES[architecture]
    model = at.load_model(
        write_folder(tmp_path / "odd", architecture, preprocessor, **(tiny | config))
    )
    assert model.info.input_sides == ()
    for chosen in (at.ModelInput(224), at.ModelInput(None, "photo")):
        with pytest.raises(at.ModelError, match="takes the input alone that its own"):
            model.attend(PHOTO, chosen)
        assert model.info.with_input(chosen) == model.info


@given(st.integers(2, 37), st.integers(1, 3000), st.integers(1, 3000), st.sampled_from([1, 2, 5]))
def test_grids_of_photos(patches, height, width, n_prefix):
    rows, columns = photo_grid(patches, height, width, n_prefix)
    assert photo_grid(patches, width, height, n_prefix) == (columns, rows)
    n_patches = rows * columns
    assert min(rows, columns) >= 1
    assert 2 <= n_patches <= max(MOST_TOKENS - n_prefix, patches**2)
    exact = np.sort([patches * (height / width) ** 0.5, patches * (width / height) ** 0.5])
    got = sorted((rows, columns))
    assert got[0] == max(1, round(exact[0]))
    if got[0] >= 3:  # as large as the square, but for rounding and for the bound
        assert abs(n_patches - patches**2) <= (got[0] + got[1]) / 2 + max(got)
    if (height, width) == (width, height):
        assert rows == columns == patches


@given(st.integers(1, 600), st.integers(1, 40), st.integers(0, 20))
def test_sides_for_any_patch(patch, own_patches, n_prefix):
    own = patch * own_patches
    sides = sides_for(patch, own, n_prefix)
    assert own in sides
    assert list(sides) == sorted(set(sides))
    for side in set(sides) - {own}:
        assert side % patch == 0
        assert side <= 518
        assert 4 <= (side // patch) ** 2 <= MOST_TOKENS - n_prefix
