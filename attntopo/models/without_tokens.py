"""What the class token becomes, and what where from some layer on nobody attends to some tokens."""

from collections.abc import Generator

import numpy as np

from attntopo.models.batches import MadeInput
from attntopo.models.info import ModelError, ModelInfo
from attntopo.models.knocking_out import knocked_out
from attntopo.models.model_input import OWN_INPUT, ModelInput
from attntopo.models.network import Model
from attntopo.photos import Photo

_MOST_TOGETHER = 16
PIECE_MEGABYTES = 100
"""Most memory of what is computed together, in 10^6 bytes, where more than one set fits."""
_MATRICES = 3  # scores, with the mask, and after the softmax


def class_token_state(model: Model, photo: Photo, input: ModelInput = OWN_INPUT) -> np.ndarray:
    """Run a model and return what the class token becomes: the photo's embedding.

    Parameters
    ----------
    model : Model
    photo : Photo
    input : ModelInput
        As for `Model.attend`.

    Returns
    -------
    ndarray of float32, shape (width,)
        After the last layer and its normalisation.

    Raises
    ------
    ModelError
        If the model has no class token, or as for `Model.attend`.
    """
    _check_class_token(model.info)
    made = model.prepare(photo, input, 0)
    with model.running(made):
        state = model.network(**made.arguments).last_hidden_state[0, 0]
    return np.asarray(state.float().cpu().numpy())


def class_states(
    model: Model, photo: Photo, layer: int, sets: np.ndarray, input: ModelInput = OWN_INPUT
) -> Generator[np.ndarray, None, None]:
    """Run a model while, after a layer, no token attends to those of a set.

    Parameters
    ----------
    model : Model
    photo : Photo
    layer : int
        The last layer that is as ever, counted from 0; not the model's last.
    sets : ndarray of bool, shape (n_sets, n_tokens)
        The tokens that are knocked out, the class token never.
    input : ModelInput
        As for `Model.attend`.

    Returns
    -------
    generator of ndarray of float32, shape (n, width)
        The class token's last state without the next n sets: as many as fit into 100 MB.

    Raises
    ------
    ModelError
        At once, if the model has no class token, no layer follows, the sets don't fit the tokens,
        or as for `Model.attend`.
    """
    made = model.prepare(photo, input, 0)
    n_tokens = model.info.n_prefix + made.grid[0] * made.grid[1]
    check_layer(model.info, layer)
    _check_sets(sets, n_tokens)
    each = _MATRICES * 4 * model.info.n_heads * n_tokens**2
    together = max(1, min(_MOST_TOGETHER, int(1e6 * PIECE_MEGABYTES / each)))
    begins = range(0, len(sets), together)
    return _run(model, made, layer + 1, [sets[begin : begin + together] for begin in begins])


def _run(
    model: Model, made: MadeInput, first_layer: int, batches: list[np.ndarray]
) -> Generator[np.ndarray, None, None]:
    import torch

    for batch in batches:
        knocked = torch.from_numpy(batch).to(made.pixel_values.device)
        with model.running(made), knocked_out(model.network, first_layer, knocked):
            states = model.network(**made.arguments).last_hidden_state[:, 0]
        yield states.float().cpu().numpy()


def check_layer(info: ModelInfo, layer: int) -> None:
    """Make sure that tokens can be knocked out of a model after a layer.

    Parameters
    ----------
    info : ModelInfo
    layer : int
        Counted from 0.

    Raises
    ------
    ModelError
        If the model has no class token, or no layer follows.
    """
    _check_class_token(info)
    if not 0 <= layer < info.n_layers - 1:
        raise ModelError(
            f"After layer {layer} of {info.id} no layer follows in which tokens could be knocked "
            f"out: its layers are 0 to {info.n_layers - 1}."
        )


def _check_class_token(info: ModelInfo) -> None:
    if "class token" not in info.prefix[:1]:
        raise ModelError(f"{info.id} has no class token, and that is what is looked at.")


def _check_sets(sets: np.ndarray, n_tokens: int) -> None:
    if sets.ndim != 2 or sets.shape[1] != n_tokens or sets.dtype != bool:
        raise ModelError(f"A set of tokens says True or False of each of {n_tokens} tokens.")
    if sets[:, 0].any():
        raise ModelError("The class token can't be knocked out: it is what is looked at.")
