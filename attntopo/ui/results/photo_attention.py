"""The attention of photos as the pages get it: a model run once, and what it made kept."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np
from cachetools import LRUCache

from attntopo.attention import ROLLOUT, Attention
from attntopo.effort import Effort
from attntopo.links import HeadChoice
from attntopo.models import (
    OWN_INPUT,
    Model,
    ModelError,
    ModelInfo,
    ModelInput,
    attention_effort,
)
from attntopo.ui.results import asked_work, models, ready_attention
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Key, Slot, StatusLine, named_slot, shared
from attntopo.ui.runtime.background_jobs import GoesOn

_STILL, _LOOKS_UP_EVERY = 8.0, 0.5  # seconds
_filling_in, _noting = threading.Lock(), threading.Lock()
_last_runs: LRUCache[Key, float] = LRUCache(maxsize=1000)
"""When a page that shows such attention was last run."""
_MOST_BYTES_AT_FIRST = 1e8
"""All layers' attention up to so much is kept before a first picture, more of it afterwards."""


def attend(photo: PhotoInput, choice: HeadChoice, status: StatusLine) -> Attention:
    """Return a photo's attention in the layer that is looked at, for a page that will wait.

    The model is run once. All layers that are kept, see `layers_kept`, come along only where they
    are needed: for rollout, and in attention that was given, which the session holds anyway. A page
    that waits for other visitors' work would hold them beside all that is counted.
    """
    return _attend(photo, choice, kept_layers(photo, choice), status)


def attend_layer(photo: PhotoInput, choice: HeadChoice, status: StatusLine) -> Attention:
    """Return the same, for a page that shows one layer at first.

    Where all layers take long to be kept, that layer is kept alone; see `keep_all_layers`.
    """
    return _attend(photo, choice, _layers_at_first(photo, choice), status)


def _attend(
    photo: PhotoInput, choice: HeadChoice, layers: tuple[int, ...] | None, status: StatusLine
) -> Attention:
    name = photo.photo.name
    attention = _attention(
        photo,
        choice,
        layers,
        lambda: (models.loaded_model(choice.model, status),),
        partial(named_slot, f"Running the model on {name}", status),
        lambda: status.say(f"Waiting for {name}, which another visitor asked for too …"),
    )
    return attention if photo.given is not None else _looked_at(photo, choice, attention)


def _looked_at(photo: PhotoInput, choice: HeadChoice, attention: Attention) -> Attention:
    """Return attention of the layer that is looked at alone, but all of it for rollout.

    A copy of the layer is kept, for each run of a page asks for it: one a photo.
    """
    if choice.head == ROLLOUT or tuple(attention.kept_layers) == (choice.layer,):
        return attention
    results = shared.kept_results()
    for layer in attention.kept_layers:
        if layer != choice.layer:
            results.forget(_attention_key(photo, choice, (layer,)))
    return results.get_or_compute(
        _attention_key(photo, choice, (choice.layer,)), lambda: attention.of_layer(choice.layer)
    )


def keep_all_layers(photo: PhotoInput, choice: HeadChoice) -> None:
    """Let the other layers be kept too, where `attend_layer` kept one alone.

    A photo's after the other's, and once its page has been still for a while: who moves something
    would have to wait for it. To be called at each run of a page.
    """
    layers = kept_layers(photo, choice)
    if _layers_at_first(photo, choice) == layers:
        return
    key = _attention_key(photo, choice, layers)
    with _noting:
        _last_runs[key] = time.monotonic()

    def is_still() -> bool:
        with _noting:
            return time.monotonic() - _last_runs.get(key, 0.0) >= _STILL

    def work(goes_on: GoesOn) -> str:
        while goes_on():
            with _filling_in:
                if is_still():
                    with suppress(ModelError):  # said where somebody waits for it
                        kept_attention(photo, choice, shared.background_slot)
                    break
            time.sleep(_LOOKS_UP_EVERY)
        return ""

    asked_work.jobs().ask(("all layers", *key), shared.session_key(), work)


def kept_head(photo: PhotoInput, choice: HeadChoice, slot: Slot) -> np.ndarray:
    """Return the head's attention; the model is run in a slot if need be."""
    layers = _layers_at_first(photo, choice)
    attention = _attention(photo, choice, layers, lambda: _model_of(choice), slot)
    return attention.head(choice.layer, choice.head)


def kept_attention(photo: PhotoInput, choice: HeadChoice, slot: Slot) -> Attention:
    """Return the same where no page is drawn: as it is kept, else computed again.

    A session's fragments and downloads ask for it by this. If they held on to attention itself,
    it would stay in memory beside all that is counted.

    Parameters
    ----------
    photo : PhotoInput
    choice : HeadChoice
    slot : callable
        Gives the slot in which the model is run if need be.
    """
    layers = kept_layers(photo, choice)
    return _attention(photo, choice, layers, lambda: _model_of(choice), slot)


def kept_layers(photo: PhotoInput, choice: HeadChoice) -> tuple[int, ...] | None:
    """Say of which layers `kept_attention` returns attention; None for all."""
    if photo.given is not None:
        return photo.given.layers
    return layers_kept(model_info(photo, choice), choice.layer, choice.head == ROLLOUT)


def kept_bytes(photo: PhotoInput, choice: HeadChoice) -> int:
    """Say how many bytes the maps take that `kept_attention` returns."""
    if photo.given is not None:
        return photo.given.maps.nbytes
    info, layers = model_info(photo, choice), kept_layers(photo, choice)
    return info.layer_bytes * (info.n_layers if layers is None else len(layers))


def model_effort(photo: PhotoInput, choice: HeadChoice) -> Effort:
    """Estimate what a run of the model on a photo takes."""
    return attention_effort(model_info(photo, choice))


def model_info(photo: PhotoInput, choice: HeadChoice) -> ModelInfo:
    """Return what a model makes of a photo."""
    size = photo.photo.pixels.shape[:2]
    return models.describe(choice.model).with_input(choice.input, size)


def found_attention(photo: PhotoInput, choice: HeadChoice) -> Attention | None:
    """Return what `attend_layer` would where it is kept already, else None."""
    if photo.given is not None:
        return photo.given
    layers = _layers_at_first(photo, choice)
    attention = shared.kept_results().get(_attention_key(photo, choice, layers))
    return attention and _looked_at(photo, choice, attention)


def _layers_at_first(photo: PhotoInput, choice: HeadChoice) -> tuple[int, ...] | None:
    """Say of which layers attention is kept before a first picture."""
    layers = kept_layers(photo, choice)
    if photo.given is not None or layers is not None:
        return layers
    at_once = choice.head == ROLLOUT or kept_bytes(photo, choice) <= _MOST_BYTES_AT_FIRST
    is_kept = shared.kept_results().get(_attention_key(photo, choice, None)) is not None
    return None if at_once or is_kept else (choice.layer,)


def _attention_key(
    photo: PhotoInput, choice: HeadChoice, layers: tuple[int, ...] | None
) -> tuple[object, ...]:
    version = models.model_key(choice.model)[-1]
    return ("attention", *photo.key, version, *_asked_of_model(choice, layers))


def _asked_of_model(
    choice: HeadChoice, layers: tuple[int, ...] | None
) -> tuple[ModelInput, tuple[int, ...] | None, bool]:
    return choice.input, layers, choice.head == ROLLOUT and layers is not None


def _model_of(choice: HeadChoice) -> tuple[Model]:
    return (models.loaded_model(choice.model),)


def _attention(
    photo: PhotoInput,
    choice: HeadChoice,
    layers: tuple[int, ...] | None,
    model: Callable[[], tuple[Model]],
    slot: Slot,
    waiting: Callable[[], object] | None = None,
) -> Attention:
    if photo.given is not None:
        return photo.given
    model_key = models.model_key(choice.model)
    shared.kept_results().get(model_key)  # in use, so that it isn't pushed out
    info, what = model_info(photo, choice), _asked_of_model(choice, layers)
    key = _attention_key(photo, choice, layers)

    def compute() -> Attention:
        return shared.compute_once(
            key,
            lambda network: network.attend(photo.photo, *what),
            slot,
            attention_effort(info),
            inputs=model,
            waiting=waiting,
        )

    first = ready_attention.is_first(photo, choice.model) and what == (OWN_INPUT, None, False)
    if not first or shared.kept_results().get(key) is not None:
        return compute()

    def check() -> Attention:
        network = models.loaded_model(choice.model)
        with shared.background_slot():
            return network.attend(photo.photo)

    lasting_key = ("attention", *photo.lasting_key, model_key[-1])
    ready = ready_attention.read(lasting_key, check)
    if ready is not None:
        return shared.kept_results().get_or_compute(key, lambda: ready)
    attention = compute()
    ready_attention.keep(lasting_key, attention)
    return attention
