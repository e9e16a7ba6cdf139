"""Models as the pages need them: which are offered, what each is, each loaded once."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import streamlit as st

from attntopo.links import HeadChoice
from attntopo.models import (
    EMBEDDED,
    Model,
    ModelError,
    ModelInfo,
    ModelInput,
    Report,
    StoppedError,
    describe_model,
    given_info,
    load_model,
    models_on_this_machine,
    trained_id,
)
from attntopo.settings import app_settings
from attntopo.ui.results.attention_budget import layers_kept, one_layer_fits
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import StatusLine, shared, warm_up


@st.cache_data(show_spinner=False, ttl=20)
def model_choices() -> list[str]:
    """Return the models that are offered: all, or those on this machine if downloads are off."""
    return list(shared.offered_models()) if app_settings().downloads else models_here()


@st.cache_data(show_spinner=False, ttl=20)
def models_here() -> list[str]:
    """Return the models that need no download; nobody is asked for the others."""
    warm_up.wait_for_hub()
    chosen = app_settings()
    return models_on_this_machine(
        extra_models=chosen.extra_models, max_megabytes=chosen.memory_megabytes
    )


@st.cache_resource(show_spinner=False)
def _descriptions() -> dict[str, ModelInfo]:
    return {}


def describe(model_id: str) -> ModelInfo:
    """Return a model's description, read once, with those inputs that fit into the memory.

    Raises
    ------
    ModelError
        If it isn't offered, or not to be had; the next call asks again.
    """
    known = _descriptions()
    if model_id not in known:
        if trained_id(model_id) != EMBEDDED:  # whose description is known without its libraries
            warm_up.wait()
        if shared.offered_model(model_id) is None:  # a visitor can't name just any
            raise ModelError("There is no such model here.")
        info = describe_model(model_id, **app_settings().model_options)
        known[model_id] = replace(info, input_sides=_sides_that_fit(info))
    return known[model_id]


def _sides_that_fit(info: ModelInfo) -> tuple[int, ...]:
    return tuple(
        side
        for side in info.input_sides
        if side == info.own_side or one_layer_fits(info.with_input(ModelInput(side)))
    )


def keeps_all_layers(choice: HeadChoice) -> bool:
    """Say whether attention of all layers of a photo is kept at once."""
    return layers_kept(describe(choice.model).with_input(choice.input), choice.layer) is None


def describe_input(photo: PhotoInput | None, model_id: str) -> ModelInfo:
    """Return what a side's attention is like: as it was given, else as the model makes it.

    Raises
    ------
    ModelError
        If the model is needed and isn't to be had.
    """
    if photo is None or photo.given is None:
        return describe(model_id)
    return given_info(photo.given)


def known_version(model_id: str) -> str:
    """Return model and commit; empty of a model that nobody has asked to describe yet."""
    info = _descriptions().get(model_id)
    return f"{info.id}@{info.commit}" if info else ""


def model_key(model_id: str) -> tuple[str, str, str]:
    """Return the key of a loaded model."""
    return "model", "", f"{model_id}@{describe(model_id).commit}"


def is_loaded(model_id: str) -> bool:
    """Say whether a model is in memory; nobody is asked for it."""
    version = known_version(model_id)
    return bool(version) and shared.kept_results().get(("model", "", version)) is not None


def loaded_model(model_id: str, status: StatusLine | None = None) -> Model:
    """Return a loaded model, downloading it if need be.

    Parameters
    ----------
    model_id : str
    status : StatusLine, optional
        Where the step is named while it runs, with a download's progress.

    Raises
    ------
    ModelError
        If the model isn't to be had.
    """
    entry = shared.offered_model(model_id)
    label = entry.label if entry else model_id

    def load(report: Report | None = None) -> Model:
        warm_up.wait()
        return load_model(model_id, report=report, **app_settings().model_options)

    def waiting() -> None:
        if status is not None:
            status.say(f"Waiting for {label}, which another visitor is loading …")

    return shared.kept_results().get_or_compute(
        model_key(model_id),
        load if status is None else lambda: _with_progress(load, f"Loading {label}", status),
        waiting,
    )


def _with_progress(load: Callable[[Report], Model], step: str, status: StatusLine) -> Model:
    """Run a load that may download in a thread of its own, and show how far it is."""
    progress: deque[tuple[int, int]] = deque(maxlen=1)
    stopped = threading.Event()

    def report(done: int, total: int) -> None:
        progress.append((done, total))
        if stopped.is_set():
            raise StoppedError

    pool = ThreadPoolExecutor(max_workers=1)
    loading = pool.submit(load, report)
    pool.shutdown(wait=False)
    status.say(f"{step} …")
    try:
        while not wait([loading], timeout=0.2).done:
            for done, total in list(progress):
                text = f"{step}: {done / 1e6:.0f} of {total / 1e6:.0f} MB downloaded"
                status.say(text)
    finally:
        stopped.set()  # a visitor who leaves or presses Stop stops the download
    return loading.result()
