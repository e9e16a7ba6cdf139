"""Types and shapes in which frameworks have attention."""

import ml_dtypes
import numpy as np
import pytest
import torch

import attntopo as at
from attntopo.attention import normalised_rows
from tests.harness.synthetic import neighbourly_maps

GRID = (3, 4)
MAPS = neighbourly_maps(GRID)


class NumbersOnly:
    """Stands for a framework that hands NumPy the bits of its bfloat16 as whole numbers."""

    dtype = "framework.bfloat16"
    shape = MAPS.shape

    def __array__(self, dtype=None, copy=None):
        return MAPS.astype(ml_dtypes.bfloat16).view(np.uint16)


BRAIN_FLOATS = {
    "torch": lambda: torch.tensor(MAPS).bfloat16(),
    "torch, with a gradient": lambda: torch.tensor(MAPS, requires_grad=True).bfloat16(),
    "torch, a layer each": lambda: tuple(torch.tensor(MAPS).bfloat16()[:, None]),
    "ml_dtypes, as JAX has it": lambda: MAPS.astype(ml_dtypes.bfloat16),
    "not in order": lambda: np.asfortranarray(MAPS.astype(ml_dtypes.bfloat16)),
    "a head each": lambda: [list(layer) for layer in MAPS.astype(ml_dtypes.bfloat16)],
    "two bytes": lambda: MAPS.astype(ml_dtypes.bfloat16).view("V2"),
    "whole numbers": NumbersOnly,
}


@pytest.mark.parametrize("name", BRAIN_FLOATS)
def test_bfloat16_of_any_framework(name):
    expected = torch.tensor(MAPS).bfloat16().float().numpy()
    taken = at.Attention.from_arrays(BRAIN_FLOATS[name](), GRID, 1)
    assert taken.maps.dtype == np.float32
    assert (taken.maps == expected).all()


@pytest.mark.parametrize("name", ["torch", "ml_dtypes, as JAX has it", "two bytes"])
def test_one_heads_rows_may_be_bfloat16_too(name):
    head = BRAIN_FLOATS[name]()[1, 2]
    expected = torch.tensor(MAPS[1, 2]).bfloat16().double().numpy()
    assert np.array_equal(normalised_rows(head), expected / expected.sum(axis=1, keepdims=True))


COARSE = [
    "float8_e4m3fn",
    "float8_e5m2",
    "float8_e4m3b11fnuz",
    "float8_e8m0fnu",
    "float6_e2m3fn",
    "float4_e2m1fn",
]


@pytest.mark.parametrize("name", COARSE)
def test_float8_is_refused_in_a_sentence(name):
    rows = np.eye(13, dtype=np.float32)  # distributions even so
    given = [rows.astype(getattr(ml_dtypes, name))]
    if hasattr(torch, name):
        given.append(torch.tensor(rows).to(getattr(torch, name)))
    for one in (*given, given):
        with pytest.raises(at.AttentionError, match=r"float8, .* is too coarse"):
            at.Attention.from_arrays(one, GRID, 1)


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
def test_what_transformers_return_is_taken_as_it_is(implementation):
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, image_size=64)
    network = ViTModel._from_config(config, attn_implementation=implementation)
    outputs = network(torch.zeros(1, 3, 64, 64), output_attentions=implementation == "eager")
    if implementation == "eager":
        taken = at.Attention.from_arrays(outputs.attentions, (4, 4), 1)
        expected = [layer[0].detach().numpy() for layer in outputs.attentions]
        assert (taken.maps == np.stack(expected)).all()
    else:
        with pytest.raises(at.AttentionError, match='attn_implementation="eager"'):
            at.Attention.from_arrays(outputs.attentions, (4, 4), 1)
