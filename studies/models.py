"""Models as studies need them: with their embeddings, and untrained."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np

from attntopo import Attention, Model, Photo
from attntopo.models.info import position_options


def attend_with_embeddings(model: Model, photo: Photo) -> tuple[Attention, np.ndarray]:
    """Run a model on a photo and keep what its layers make of the patches.

    Parameters
    ----------
    model : Model
    photo : Photo

    Returns
    -------
    attention : Attention
        As `model.attend` returns.
    embeddings : ndarray of float64, shape (n_layers, n_patches, n_features)
        Of the patches, after each layer; empty for a network that doesn't return them.

    Raises
    ------
    ModelError
        As `model.attend`.
    """
    attention, states = attend_with_states(model, photo)
    return attention, states[:, attention.n_prefix :]


def attend_with_states(model: Model, photo: Photo) -> tuple[Attention, np.ndarray]:
    """Run a model on a photo and keep what its layers make of all tokens.

    Parameters
    ----------
    model : Model
    photo : Photo

    Returns
    -------
    attention : Attention
        As `model.attend` returns.
    states : ndarray of float64, shape (n_layers, n_tokens, n_features)
        Of the tokens, after each layer; empty for a network that doesn't return them.

    Raises
    ------
    ModelError
        As `model.attend`.
    """
    import torch

    attention, network = model.attend(photo), model.network
    # Once more: where attention alone is wanted, the last layer isn't run to its end.
    pixels = model.processor(images=photo.image(), return_tensors="pt")["pixel_values"]
    size, n_layers = tuple(pixels.shape), model.info.n_layers
    options = position_options(model.info.id, network.config, size, n_layers)
    with torch.inference_mode():
        pixels = pixels.to(network.device)
        answer = network(pixel_values=pixels, output_hidden_states=True, **options)
    states = getattr(answer, "hidden_states", None) or ()
    after = [state[0].double().cpu().numpy() for state in states[1:]]
    return attention, np.array(after) if after else np.empty((0, 0, 0))


def untrained(model: Model, seed: int = 0) -> Model:
    """Return the same architecture with random weights.

    Parameters
    ----------
    model : Model
    seed : int
        What torch's generator begins from; the caller's own generator is left as it was.

    Returns
    -------
    Model
        The same configuration and image processor; weights as transformers draws them at first.
    """
    import torch

    network = model.network
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        drawn = type(network)(copy.deepcopy(network.config))
    return replace(model, network=drawn.to(network.device).eval())
