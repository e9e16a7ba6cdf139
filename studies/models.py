"""Models as studies need them: with their embeddings, and untrained."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from attntopo import Attention, Model, Photo


class _Recording:
    """A network that returns its hidden states too, and keeps what it returned last."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.answer: Any = None

    def __call__(self, **inputs: Any) -> Any:
        self.answer = self._network(**inputs, output_hidden_states=True)
        return self.answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


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
    recording = _Recording(model.network)
    attention = replace(model, network=recording).attend(photo)
    states = getattr(recording.answer, "hidden_states", None) or ()
    after = [state[0, attention.n_prefix :].double().cpu().numpy() for state in states[1:]]
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
