"""Photos that are run together, against the same photos one by one."""

import functools

import numpy as np
import pytest
import torch

import attntopo as at
from attntopo.models.batches import photos_together
from attntopo.models.model_input import OWN_INPUT
from tests.harness.model_folders import CLIP, DEIT, DINOV2, TINY, VIT, write_folder, write_tiny

SMALL = {key: value for key, value in TINY.items() if key != "intermediate_size"}
ARCHITECTURES = {
    "ViTModel": (VIT, TINY | {"patch_size": 32, "image_size": 224}),
    "DeiTModel": (DEIT, TINY | {"patch_size": 32, "image_size": 224}),
    "CLIPVisionModel": (CLIP, TINY | {"patch_size": 32, "image_size": 224}),
    "Dinov2WithRegistersModel": (
        DINOV2,
        SMALL | {"patch_size": 28, "image_size": 224, "num_register_tokens": 4},
    ),
}
PHOTOS = [at.sample(name) for name in ("coffee", "camera", "rocket", "chelsea", "coins")]


@pytest.fixture
def tiny(tmp_path) -> at.Model:
    return at.load_model(write_tiny(tmp_path))


@pytest.fixture
def sizes_run(monkeypatch):
    """How many photos each run of a network was of."""
    sizes: list[int] = []

    def watch(model: at.Model, most: int | None = None) -> list[int]:
        forward = type(model.network).forward

        @functools.wraps(forward)  # transformers reads its parameters
        def watched(network, pixel_values, *arguments, **options):
            sizes.append(len(pixel_values))
            if most is not None and len(pixel_values) > most:
                raise torch.OutOfMemoryError("no memory left")
            return forward(network, pixel_values, *arguments, **options)

        monkeypatch.setattr(type(model.network), "forward", watched)
        return sizes

    return watch


def assert_as_attend(many: list[at.Attention], model: at.Model, photos, *arguments, **options):
    assert len(many) == len(photos)
    for attention, photo in zip(many, photos, strict=True):
        alone = model.attend(photo, *arguments, **options)
        assert np.abs(attention.maps - alone.maps).max() < 1e-5
        assert np.array_equal(attention.input_pixels, alone.input_pixels)
        for name in ("grid", "n_prefix", "patch_size", "photo_box", "layers"):
            assert getattr(attention, name) == getattr(alone, name)
        assert attention.rollouts.keys() == alone.rollouts.keys()
        for layer, rows in alone.rollouts.items():
            assert np.abs(attention.rollouts[layer] - rows).max() < 1e-5


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_random_weights(architecture, tmp_path, sizes_run):
    preprocessor, config = ARCHITECTURES[architecture]
    model = at.load_model(write_folder(tmp_path / "m", architecture, preprocessor, **config))
    sizes = sizes_run(model)
    many = list(model.attend_many(PHOTOS))
    assert sizes == [len(PHOTOS)]
    assert_as_attend(many, model, PHOTOS)


def test_the_embedded_model(model, coffee):
    many = list(model.attend_many([at.sample("rocket"), at.sample("coffee")], layers=[3, 9]))
    for layer in (3, 9):
        for head in range(6):
            own = coffee.head(layer, head)
            assert np.abs(many[1].head(layer, head) - own).max() < 1e-5
    assert np.abs(many[0].maps - many[1].maps).max() > 0.1


def test_layers_rollout_and_photos_of_their_own_shape(tiny, sizes_run):
    photos = [PHOTOS[0], PHOTOS[0], PHOTOS[1], PHOTOS[0]]
    sizes = sizes_run(tiny)
    options = {"layers": [1], "rollout": True}
    chosen = at.ModelInput(224, "photo")
    many = list(tiny.attend_many(photos, chosen, **options))
    assert sizes == [2, 1, 1]  # in order, so that the last waits for the one before
    assert_as_attend(many, tiny, photos, chosen, **options)


def test_what_is_dropped_of_one_photo_is_not_kept_for_another(tiny):
    first, second = tiny.attend_many(PHOTOS[:2])
    base = lambda array: array if array.base is None else base(array.base)  # noqa: E731
    assert base(first.maps) is not base(second.maps)
    assert base(first.maps).nbytes == first.maps.nbytes


def test_no_more_together_than_memory_allows(tiny, sizes_run):
    one = tiny.prepare(PHOTOS[0], OWN_INPUT, 2)
    kept = sum(attention.maps.nbytes for attention in tiny.attend_many(PHOTOS[:3])) / 1e6
    most = photos_together(tiny.network, one, 1, 2, False, 3 * kept)
    assert 1 <= most < 9  # attention of nine alone would fill it
    assert photos_together(tiny.network, one, 1, 2, True, 3 * kept) <= most
    sizes = sizes_run(tiny)
    assert len(list(tiny.attend_many(PHOTOS, max_megabytes=0.001))) == len(PHOTOS)
    assert sizes == [1] * len(PHOTOS)


def test_photos_are_taken_as_they_are_needed(tiny):
    taken = []
    photos = (taken.append(n) or PHOTOS[0] for n in range(10))
    one = tiny.prepare(PHOTOS[0], OWN_INPUT, 2)
    fits_two = next(
        megabytes
        for megabytes in np.arange(0.1, 100, 0.1)
        if photos_together(tiny.network, one, 1, 2, False, megabytes) == 2
    )
    many = tiny.attend_many(photos, max_megabytes=fits_two)
    assert taken == []
    next(many)
    assert len(taken) == 3  # two, and the one that doesn't fit beside them


def test_out_of_memory_it_is_tried_by_halves(tiny, sizes_run):
    sizes = sizes_run(tiny, most=2)
    many = list(tiny.attend_many(PHOTOS))
    assert sizes == [5, 2, 3, 1, 2]
    assert_as_attend(many, tiny, PHOTOS)


def test_a_photo_that_is_too_much_alone_is_refused(tiny, sizes_run):
    sizes_run(tiny, most=0)
    with pytest.raises(at.ModelError, match="can't be run on a picture of 224 x 224 pixels"):
        list(tiny.attend_many(PHOTOS[:2]))


def test_layers_that_are_not_there_are_refused_at_once(tiny):
    with pytest.raises(at.ModelError, match="layers 0 to 1"):
        tiny.attend_many(PHOTOS, layers=[2])
