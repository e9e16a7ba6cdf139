"""Models as studies need them: with their untrained twins, and their embeddings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from attntopo import Attention, Model, Photo, load_model
from attntopo.models import EMBEDDED, OWN_INPUT, untrained_id
from studies import clip_weights

CLIP = "clip"
"""What a study calls CLIP's image tower, whose weights need no hub."""


@dataclass(frozen=True, eq=False)
class StudiedModel:
    """A model that is studied, beside its untrained twin.

    Attributes
    ----------
    model, twin : Model
    label : str
        What tables call it.
    source : str
        Where its weights are from, where that has to be said.
    """

    model: Model
    twin: Model
    label: str
    source: str = ""


def studied_model(name: str) -> StudiedModel:
    """Load a model and its untrained twin.

    Parameters
    ----------
    name : str
        As for `load_model`, or `clip`: see `studies.clip_weights`.

    Raises
    ------
    ModelError
        If it isn't to be had.
    """
    if name != CLIP:
        return StudiedModel(load_model(name), load_model(untrained_id(name)), name)
    folder = clip_weights.clip_folder()
    # By its name alone: results are published, and the folder's path has no place in them.
    model, twin = (
        load_model(model_id, extra_models=[str(folder)])
        for model_id in (folder.name, untrained_id(folder.name))
    )
    info = replace(model.info, commit=clip_weights.ONNX_SHA256)
    return StudiedModel(replace(model, info=info), twin, clip_weights.LABEL, clip_weights.SOURCE)


def published_name(study: str, name: str) -> str:
    """Return what a model's published results of a study are called; empty for none."""
    return {EMBEDDED: study, CLIP: f"{study}-{CLIP}"}.get(name, "")


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
    attention, network = model.attend(photo), model.network
    # Once more: where attention alone is wanted, the last layer isn't run to its end.
    made = model.prepare(photo, OWN_INPUT, model.info.n_layers)
    with model.running(made):
        answer = network(output_hidden_states=True, **made.arguments)
    states = getattr(answer, "hidden_states", None) or ()
    after = [state[0].double().cpu().numpy() for state in states[1:]]
    return attention, np.array(after) if after else np.empty((0, 0, 0))
