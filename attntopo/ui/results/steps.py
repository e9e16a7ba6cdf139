"""The library's steps as the pages call them: each computed once, its result kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import Comparison, HeadTopology, analyse, compare
from attntopo.attention import Attention
from attntopo.diagrams import Matching, all_matchings
from attntopo.links import View
from attntopo.models import (
    Model,
    ModelError,
    ModelInfo,
    Report,
    StoppedError,
    describe_model,
    given_info,
    load_model,
    models_on_this_machine,
)
from attntopo.settings import settings
from attntopo.topology import Layout, distance_layout
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import shared, warm_up

HeadKey = tuple[str, int, int | str, str, str]
"""Model and commit, layer, head, distance, tokens: all a topology depends on but the photo."""

Slot = Callable[[], AbstractContextManager[None]]
"""What gives a turn at heavy work to whoever it was made for, in any thread."""


@st.cache_data(show_spinner=False, ttl=20)
def model_choices() -> list[str]:
    """Return the models that are offered: all, or those on this machine if downloads are off."""
    warm_up.wait()
    chosen = settings()
    if chosen.downloads:
        return list(shared.offered_models())
    return models_on_this_machine(
        extra_models=chosen.extra_models, max_megabytes=chosen.memory_megabytes
    )


@st.cache_resource(show_spinner=False)
def _descriptions() -> dict[str, ModelInfo]:
    return {}


def describe(model_id: str) -> ModelInfo:
    """Return a model's description, read once.

    Raises
    ------
    ModelError
        If it isn't to be had; the next call asks again.
    """
    warm_up.wait()
    known = _descriptions()
    if model_id not in known:
        if model_id not in shared.offered_models():  # a visitor can't name one
            raise ModelError("There is no such model here.")
        known[model_id] = describe_model(model_id, **settings().model_options)
    return known[model_id]


def model(model_id: str, place: DeltaGenerator) -> Model:
    """Return a loaded model, downloading it under a progress bar if need be.

    Parameters
    ----------
    model_id : str
    place : DeltaGenerator
        An empty element in which the step is named while it runs.

    Raises
    ------
    ModelError
        If the model isn't to be had.
    """

    def make() -> Model:
        return _with_progress(
            lambda report: load_model(model_id, report=report, **settings().model_options),
            f"Loading {label}",
            place,
        )

    label = shared.offered_models()[model_id].label
    return shared.results().get_or_make(
        ("model", "", _model_key(model_id)),
        make,
        lambda: place.info(f"Waiting for {label}, which another visitor is loading …"),
    )


def side_info(side: PhotoInput | None, model_id: str) -> ModelInfo:
    """Return what a side's attention is like: as it was given, else as the model makes it.

    Raises
    ------
    ModelError
        If the model is needed and isn't to be had.
    """
    if side is None or side.given is None:
        return describe(model_id)
    return given_info(side.given)


def attention(side: PhotoInput, model_id: str, place: DeltaGenerator) -> Attention:
    """Return a photo's attention: as it was given, else the model run once."""
    if side.given is not None:
        return side.given

    def make() -> Attention:
        network = model(model_id, place)
        with turn(f"Running the model on {side.photo.name}", place):
            return network.attend(side.photo)

    shared.results().get(("model", "", _model_key(model_id)))  # in use, so that it isn't pushed out
    return shared.results().get_or_make(
        ("attention", *side.key, _model_key(model_id)),
        make,
        lambda: place.info(f"Waiting for {side.photo.name}, which another visitor asked for too …"),
    )


def kept_attention(side: PhotoInput, model_id: str, turn: Slot) -> Attention:
    """Return a photo's attention where no page is drawn: as it is kept, else computed again.

    A session's fragments and downloads ask for it by this. If they held on to attention itself,
    it would stay in memory beside all that is counted.

    Parameters
    ----------
    side : PhotoInput
    model_id : str
    turn : callable
        Gives the turn in which the model is run if need be; none may be held already.
    """
    if side.given is not None:
        return side.given

    def make() -> Attention:
        network: Model = shared.results().get_or_make(
            ("model", "", _model_key(model_id)),
            lambda: load_model(model_id, **settings().model_options),
        )
        with turn():
            return network.attend(side.photo)

    return shared.results().get_or_make(("attention", *side.key, _model_key(model_id)), make)


def own_slot() -> Slot:
    """Return what gives this session turns, in any thread; without a word on the page."""
    visitor = shared.session_key()
    return lambda: shared.queue().slot(visitor)


def head_key(view: View, side: str) -> HeadKey:
    """Return what a side's topology depends on besides its photo."""
    # Nobody is asked here: a model that wasn't described yet made none of the attention.
    choice = view.side(side)
    known = _descriptions().get(choice.model)
    model_key = f"{known.id}@{known.commit}" if known else ""
    return model_key, choice.layer, choice.head, view.distance, view.tokens


def head_keys(view: View) -> tuple[HeadKey, HeadKey]:
    """Return what the topologies of A and of B depend on besides the photos."""
    return head_key(view, "a"), head_key(view, "b")


def depends_on(head: HeadKey, side: PhotoInput) -> HeadKey:
    """Leave the model out where attention was given: another model changes nothing there."""
    return ("", *head[1:]) if side.given else head


def _model_key(model_id: str) -> str:
    return f"{model_id}@{describe(model_id).commit}"


def topology(
    side: PhotoInput, attended: Attention, head: HeadKey, place: DeltaGenerator
) -> HeadTopology:
    """Return a head's topology, computed once.

    Parameters
    ----------
    side : PhotoInput
    attended : Attention
        Of the same photo.
    head : tuple
        From `head_key`.
    place : DeltaGenerator
    """

    def make() -> HeadTopology:
        with turn(f"Measuring distances and persistence of {side.photo.name}", place):
            return analyse(attended, *head[1:])

    return shared.results().get_or_make(("topology", *side.key, *depends_on(head, side)), make)


def layout(side: PhotoInput, head: HeadKey, found: HeadTopology) -> Layout:
    """Return the 3D layout that comes from a head's distances, computed once."""
    return shared.results().get_or_make(
        ("layout", *side.key, *depends_on(head, side)),
        lambda: distance_layout(found.distances),
    )


def comparison(
    sides: tuple[PhotoInput, PhotoInput],
    heads: tuple[HeadKey, HeadKey],
    found: Sequence[HeadTopology],
    place: DeltaGenerator,
) -> Comparison:
    """Return how far apart two topologies are, computed once."""

    def make() -> Comparison:
        with turn("Measuring bottleneck distances", place):
            return compare(*found)

    return shared.results().get_or_make(pair_key("comparison", sides, heads), make)


@dataclass(frozen=True)
class Matchings:
    """All matchings between two heads' diagrams, by name, as a result that is kept."""

    found: dict[str, Matching]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return sum(one.pairs.nbytes + one.costs.nbytes for one in self.found.values())


def matchings(
    sides: tuple[PhotoInput, PhotoInput],
    heads: tuple[HeadKey, HeadKey],
    found: Sequence[HeadTopology],
    place: DeltaGenerator,
) -> Matchings:
    """Return all matchings between two topologies' diagrams, computed once."""

    def make() -> Matchings:
        with turn("Matching the diagrams", place):
            return Matchings(all_matchings(*(one.diagrams for one in found)))

    return shared.results().get_or_make(pair_key("matchings", sides, heads), make)


def pair_key(
    what: str, sides: tuple[PhotoInput, PhotoInput], heads: tuple[HeadKey, HeadKey]
) -> tuple[Any, ...]:
    """Return the key of a result that depends on one head of each of two photos."""
    owner = sides[0].owner or sides[1].owner
    each = [(side.key, *depends_on(head, side)) for side, head in zip(sides, heads, strict=True)]
    return what, owner, *each


@contextmanager
def turn(step: str, place: DeltaGenerator) -> Iterator[None]:
    """Name a step of heavy work, waiting first for this visitor's turn where others are at work.

    Parameters
    ----------
    step : str
    place : DeltaGenerator
        An empty element in which the step is named, and meanwhile the place in the queue. Each
        call of it lets Stop, the next move of a slider, and leaving take effect.
    """

    def waiting(number: int) -> None:
        place.info(f"{step}: waiting for other visitors' work, number {number} in the queue …")

    with shared.queue().slot(shared.session_key(), waiting):
        place.info(f"{step} …")
        yield


class _Load:
    """A load that may download, in a thread of its own."""

    def __init__(self, load: Callable[[Report], Model]) -> None:
        self.bytes: tuple[int, int] | None = None
        self.stop = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self.future = self._pool.submit(load, self._report)
        self._pool.shutdown(wait=False)

    def _report(self, done: int, total: int) -> None:
        self.bytes = (done, total)
        if self.stop.is_set():
            raise StoppedError


def _with_progress(load: Callable[[Report], Model], step: str, place: DeltaGenerator) -> Model:
    """Run a load that may download, and show how far it is."""
    running = _Load(load)
    place.info(f"{step} …")
    try:
        while not wait([running.future], timeout=0.2).done:
            if running.bytes is not None:
                done, total = running.bytes
                text = f"{step}: {done / 1e6:.0f} of {total / 1e6:.0f} MB downloaded"
                place.progress(min(1.0, done / total), text=text)
    finally:
        running.stop.set()  # a visitor who leaves or presses Stop stops the download
    return running.future.result()
