"""What all sessions share: kept results, the queue, the photo decoder, published photos."""

import uuid
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import streamlit as st

from attntopo.effort import SHORT, Effort
from attntopo.models import CatalogueEntry, ModelError, catalogue, find_entry
from attntopo.photos import PhotoDecoder
from attntopo.publishing import PhotoStore
from attntopo.settings import SettingsError, app_settings
from attntopo.threads import give_way
from attntopo.ui.runtime.fair_queue import BACKGROUND, FairQueue
from attntopo.ui.runtime.result_cache import Key, ResultCache

_Result = TypeVar("_Result")


class NoSlotError(Exception):
    """What wasn't to wait for a slot got none; never shown to visitors."""


Slot = Callable[[Effort], AbstractContextManager[None]]
"""What waits for a slot at heavy work that takes so much, and holds it: for whoever it was made
for, in any thread."""

_UPLOADS = "uploads counted"  # what the session holds


def offered_models() -> dict[str, CatalogueEntry]:
    """Return the models that visitors can choose, by id.

    Raises
    ------
    SettingsError
        If one of the configured ones can't be offered.
    """
    try:
        return catalogue(app_settings().extra_models)
    except ModelError as error:
        raise SettingsError(f"ATTNTOPO_MODELS: {error}") from error


def offered_model(model_id: str) -> CatalogueEntry | None:
    """Return a model that visitors can choose, or an untrained twin; None if it isn't offered."""
    return find_entry(model_id, offered_models())


@st.cache_resource(show_spinner=False)
def kept_results() -> ResultCache:
    """Return the cache of models, attention and topologies, one for all sessions."""
    return ResultCache(app_settings().memory_megabytes)


def compute_once(
    key: Key,
    compute: Callable[..., _Result],
    slot: Slot,
    effort: Effort,
    *,
    inputs: Callable[[], tuple[Any, ...]] = tuple,
    waiting: Callable[[], object] | None = None,
) -> _Result:
    """Return a kept result; compute it in a slot where it isn't kept.

    Parameters
    ----------
    key : tuple
        As for `ResultCache.get_or_compute`.
    compute : callable
        The inputs -> the result. In there no other kept result can be asked for.
    slot : callable
    effort : Effort
        What it takes; long work is done in a thread that gives way to others.
    inputs : callable, optional
        Returns the arguments of `compute`: other kept results, which somebody else may be
        computing at this moment. Called before the slot is waited for.
    waiting : callable, optional
        Called now and then while another session is computing it.
    """
    return kept_results().get_or_compute(
        key, lambda: in_slot(compute, slot, effort, inputs), waiting
    )


def in_slot(
    compute: Callable[..., _Result],
    slot: Slot,
    effort: Effort,
    inputs: Callable[[], tuple[Any, ...]] = tuple,
) -> _Result:
    """Compute what isn't kept: the same order as in `compute_once`, inputs first."""
    arguments = inputs()
    with slot(effort):
        return at_its_pace(effort, compute, *arguments)


def at_its_pace(effort: Effort, compute: Callable[..., _Result], *arguments: Any) -> _Result:
    """Compute something in a slot that is held already: what is long gives way to all else."""
    return give_way(compute, *arguments) if effort.is_long else compute(*arguments)


@st.cache_resource(show_spinner=False)
def queue() -> FairQueue:
    """Return the queue for heavy work, one for all sessions."""
    sessions = open_sessions()
    return FairQueue(app_settings().workers, alone=lambda: len(sessions) < 2)


def own_slot() -> Slot:
    """Return what gives this session slots, in any thread; without a word on the page."""
    visitor = session_key()
    return lambda effort: queue().slot(visitor, is_long=effort.is_long)


def slot_at_once() -> Slot:
    """Return what gives this session slots that are free at this moment, in any thread.

    Where none is, it raises `NoSlotError`.
    """
    visitor = session_key()
    return lambda effort: queue().slot(visitor, _give_up, is_long=effort.is_long)


def background_slot(effort: Effort = SHORT) -> AbstractContextManager[None]:
    """Return a slot that comes after all visitors' own work."""
    return queue().slot(BACKGROUND, is_long=effort.is_long)


def idle_slot(tool: str) -> Slot:
    """Return what gives slots that are free at this moment to work that nobody has asked for.

    Where none is, or another piece of work has the tool, it raises `NoSlotError`: a result that
    waits for a slot keeps whoever asks for it from getting one at his own turn.
    """
    return lambda effort: queue().slot(BACKGROUND, _give_up, tool, effort.is_long)


def _give_up(_place: int) -> None:
    raise NoSlotError


@st.cache_resource(show_spinner=False, on_release=PhotoDecoder.close)
def photo_decoder() -> PhotoDecoder:
    """Return what decodes uploaded photos, one for all sessions."""
    chosen = app_settings()
    return PhotoDecoder(
        max_megabytes=chosen.upload_megabytes, max_megapixels=chosen.upload_megapixels
    )


def decoding_slot() -> AbstractContextManager[None]:
    """Wait for a slot and for the decoder, and hold both, for this session."""
    return queue().slot(session_key(), tool="photo decoder")


@st.cache_resource(show_spinner=False)
def open_sessions() -> set[str]:
    """Return the keys of the sessions that are open now."""
    return set()


def _leave(key: str) -> None:
    open_sessions().discard(key)
    kept_results().close(key)


@st.cache_resource(show_spinner=False, scope="session", on_release=_leave)
def session_key() -> str:
    """Return a key of this session alone; what carries it is dropped when the session ends.

    A visitor whose connection broke and came back gets another.
    """
    key = uuid.uuid4().hex
    open_sessions().add(key)
    return key


class SessionUploads:
    """Counts what a session has uploaded, for as long as it holds it.

    It lies beside it in the session's state. That outlives the connection, and so its key: until
    Streamlit has waited long enough for the visitor to come back.
    """

    def __init__(self) -> None:
        self._results, self._owner = kept_results(), uuid.uuid4().hex
        self._held: dict[str, int] = {}
        weakref.finalize(self, self._results.uploads.release, self._owner)

    def reserve(self, what: str, nbytes: int) -> None:
        """Count all that the session has uploaded of a kind, in bytes.

        Parameters
        ----------
        what : str
            Its kind: those of the two sides, the collection, a zip that is being read;
            in the place of what was counted of this kind before.
        nbytes : int

        Raises
        ------
        FullError
            If there is no room for it; what was counted before still is.
        """
        held = {**self._held, what: nbytes}
        self._results.reserve_upload(self._owner, sum(held.values()))
        self._held = held


def session_uploads() -> SessionUploads:
    """Return what counts this session's uploads."""
    if _UPLOADS not in st.session_state:
        st.session_state[_UPLOADS] = SessionUploads()
    return st.session_state[_UPLOADS]


@st.cache_resource(show_spinner=False)
def photo_store() -> PhotoStore:
    """Return where published photos lie, one for all sessions."""
    chosen = app_settings()
    return PhotoStore(chosen.photos, days=chosen.photos_days, megabytes=chosen.photos_megabytes)
