"""Real attention at other token counts: the embedded model on photos of another size."""

from __future__ import annotations

import numpy as np
import torch

import attntopo as at

SIDES = {197: 196, 257: 224, 577: 336, 785: 392, 1025: 448}
"""Pixels a side, by the number of tokens they make."""


def attention_at(model: at.Model, photo: at.Photo, n_tokens: int) -> at.Attention:
    """Run the embedded model on a photo of another size; it interpolates its positions."""
    side = SIDES[n_tokens]
    size = {"height": side, "width": side}
    pixels = model.processor(images=photo.image(), size=size, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        layers = model.network(pixel_values=pixels, output_attentions=True).attentions
    patches = side // 14
    return at.Attention(
        maps=torch.cat(layers).numpy(),
        grid=(patches, patches),
        n_prefix=1,
        input_pixels=np.asarray(photo.image().resize((side, side))),
    )
