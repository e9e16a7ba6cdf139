"""Knocked-out tokens, against a network in which they aren't there at all."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

import attntopo as at
from attntopo.models import class_states
from tests.harness.model_folders import CLIP, DEIT, DINOV2, TINY, VIT, write_folder

DEEP = TINY | {"num_hidden_layers": 4, "image_size": 224}
DINO = {key: value for key, value in DEEP.items() if key != "intermediate_size"}
ARCHITECTURES = {
    "ViTModel": (VIT, DEEP | {"patch_size": 32}),
    "CLIPVisionModel": (CLIP, DEEP | {"patch_size": 32}),
    "DeiTModel": (DEIT, DEEP | {"patch_size": 32}),
    "Dinov2Model": (DINOV2, DINO | {"patch_size": 28}),
    "Dinov2WithRegistersModel": (DINOV2, DINO | {"patch_size": 28, "num_register_tokens": 4}),
}
PHOTO = at.sample("coffee")
LAYER = 1


@pytest.fixture(scope="module", params=ARCHITECTURES)
def networks(request, tmp_path_factory):
    """A model, and the same weights with transformers' own eager attention."""
    folder: Path = tmp_path_factory.mktemp("models") / request.param
    preprocessor, config = ARCHITECTURES[request.param]
    write_folder(folder, request.param, preprocessor, **config)
    eager = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager")
    return at.load_model(folder), eager.eval()


def pixels(model: at.Model) -> torch.Tensor:
    return model.processor(images=PHOTO.image(), return_tensors="pt")["pixel_values"]


def some_sets(model: at.Model, n_sets: int = 20) -> np.ndarray:
    """The first is empty."""
    n_tokens = model.info.n_tokens
    sets = np.random.default_rng(3).random((n_sets, n_tokens)) < 0.2
    sets[:, : model.info.n_prefix] = False
    sets[0] = False
    return sets


def blocks(network) -> list:
    kind = network._can_record_outputs["hidden_states"]
    return [one for one in network.modules() if isinstance(one, kind)]


def attentions(network) -> list:
    kind = network._can_record_outputs["attentions"]
    return [one for one in network.modules() if isinstance(one, kind)]


def test_without_a_mask_all_is_as_it_was_to_the_bit(networks):
    model, eager = networks
    attention = model.attend(PHOTO)
    with torch.inference_mode():
        maps = eager(pixel_values=pixels(model), output_attentions=True).attentions
        states = [one(pixel_values=pixels(model))[0] for one in (eager, model.network)]
    np.testing.assert_array_equal(attention.maps, torch.cat(maps).numpy())
    assert torch.equal(*states)
    next(class_states(model, PHOTO, LAYER, some_sets(model)))
    np.testing.assert_array_equal(model.attend(PHOTO).maps, attention.maps)


def test_it_is_as_if_the_tokens_were_taken_away(networks):
    """Nobody attends to them, so the others become what they are without them."""
    model, eager = networks
    sets = some_sets(model)
    all_states = np.concatenate(list(class_states(model, PHOTO, LAYER, sets)))
    assert len(all_states) == len(sets)
    for out, state in zip(sets, all_states, strict=True):
        hook = blocks(eager)[LAYER + 1].register_forward_pre_hook(
            lambda _block, given, out=out: (given[0][:, torch.from_numpy(~out)], *given[1:])
        )
        try:
            with torch.inference_mode():
                expected = eager(pixel_values=pixels(model)).last_hidden_state[0, 0]
        finally:
            hook.remove()
        np.testing.assert_allclose(state, expected.numpy(), atol=2e-5)
    assert np.abs(all_states[1:] - all_states[0]).max() > 1e-3


def test_no_attention_goes_there(networks):
    model, _ = networks
    sets, heard = some_sets(model)[:7], []
    hooks = [
        one.register_forward_hook(lambda _module, _given, output: heard.append(output[1]))
        for one in attentions(model.network)
    ]
    try:
        list(class_states(model, PHOTO, LAYER, sets))
    finally:
        for hook in hooks:
            hook.remove()
    assert [len(one) for one in heard] == [1, 1, 7, 7]
    assert min(one.min() for one in heard[:2]) > 0
    for maps in heard[2:]:
        assert maps.transpose(1, 3)[torch.from_numpy(sets)].abs().max() == 0
        assert maps.transpose(1, 3)[torch.from_numpy(~sets)].min() > 0
        np.testing.assert_allclose(maps.sum(dim=3).numpy(), 1, atol=1e-5)


def test_what_can_not_be_knocked_out_is_refused_in_a_sentence(networks):
    model, _ = networks
    sets = some_sets(model)
    with pytest.raises(at.ModelError, match="no layer follows"):
        class_states(model, PHOTO, 3, sets)
    with pytest.raises(at.ModelError, match="each of"):
        class_states(model, PHOTO, LAYER, sets[:, 1:])
    with pytest.raises(at.ModelError, match="class token can't"):
        class_states(model, PHOTO, LAYER, ~sets)
    with pytest.raises(at.ModelError, match="takes no input of 225"):
        class_states(model, PHOTO, LAYER, sets, at.ModelInput(225))
