"""One photo -> what it is told from others by."""

from __future__ import annotations

import numpy as np

from attntopo import Model, Photo
from attntopo.analysis import analyse
from attntopo.analysis.sample_pairs import deaths_of_heads
from attntopo.attention import MEAN
from attntopo.models import EMBEDDED
from studies.kept import Arrays
from studies.models import attend_with_states
from studies.objects.measure import middle_layer

VERSION = 1
"""To be raised when the numbers change, so that what is kept is computed anew."""
DISTANCE, POINTS = "jensen-shannon", "patches"
SINGLE_HEAD = (10, 0)
"""Of the embedded model: one whose components are often objects."""


def heads_looked_at(model: Model) -> dict[str, tuple[int, int | str]]:
    """Return the heads whose whole diagrams are compared, by their names in the table.

    The mean of heads at two thirds of the depth, and of the embedded model a single head.
    """
    middle = middle_layer(model.info.n_layers)
    heads: dict[str, tuple[int, int | str]] = {f"layer {middle}, mean of heads": (middle, MEAN)}
    if model.info.id == EMBEDDED:
        heads[f"head {SINGLE_HEAD}"] = SINGLE_HEAD
    return heads


def measure(photo: Photo, model: Model) -> Arrays:
    """Compute all that a photo is told from others by.

    Parameters
    ----------
    photo : Photo
    model : Model

    Returns
    -------
    dict of str to ndarray
        `pixels`, as the model sees them, (height, width, 3), uint8; `colour`, their mean, (3,);
        `class_token`, after the last layer, (n_features,), empty where there is none;
        `mean_attention` over all layers and heads, (n_tokens, n_tokens), float32; `received`, how
        much each patch is attended to on average; `deaths` in H0 of all heads,
        (n_layers, n_heads, n_patches - 1); `h0 <head>` and `h1 <head>`, births and deaths,
        (n_bars, 2), for each head of `heads_looked_at`.
    """
    attention, states = attend_with_states(model, photo)
    mean = attention.maps.mean(axis=(0, 1), dtype=np.float64)
    pixels = np.asarray(attention.input_pixels)
    has_class_token = attention.n_prefix > 0 and len(states) > 0
    arrays: Arrays = {
        "pixels": pixels,
        "colour": pixels.reshape(-1, 3).mean(axis=0),
        "class_token": states[-1, 0] if has_class_token else np.empty(0),
        "mean_attention": mean.astype(np.float32),
        "received": mean.mean(axis=0)[attention.n_prefix :],
        "deaths": deaths_of_heads(attention, DISTANCE, POINTS),
    }
    for name, (layer, head) in heads_looked_at(model).items():
        diagrams = analyse(attention, layer, head, DISTANCE, POINTS).diagrams
        finite = diagrams[0][np.isfinite(diagrams[0][:, 1])]
        arrays |= {f"h0 {name}": finite, f"h1 {name}": diagrams[1]}
    return arrays
