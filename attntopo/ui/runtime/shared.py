"""What all sessions share: results kept in memory, turns at heavy work, published photos."""

from __future__ import annotations

import uuid
import weakref

import streamlit as st

from attntopo.models import CatalogueEntry, ModelError, catalogue
from attntopo.publishing import PhotoStore
from attntopo.settings import SettingsError, settings
from attntopo.ui.runtime.fair_queue import FairQueue
from attntopo.ui.runtime.result_cache import ResultCache

_BROUGHT = "brought"  # what the session holds


def offered_models() -> dict[str, CatalogueEntry]:
    """Return the models that visitors can choose, by id.

    Raises
    ------
    SettingsError
        If one of the configured ones can't be offered.
    """
    try:
        return catalogue(settings().extra_models)
    except ModelError as error:
        raise SettingsError(f"ATTNTOPO_MODELS: {error}") from error


@st.cache_resource(show_spinner=False)
def results() -> ResultCache:
    """Return the store of models, attention and topologies, one for all sessions."""
    return ResultCache(settings().memory_megabytes)


@st.cache_resource(show_spinner=False)
def queue() -> FairQueue:
    """Return the queue for heavy work, one for all sessions."""
    sessions = open_sessions()
    return FairQueue(settings().workers, alone=lambda: len(sessions) < 2)


@st.cache_resource(show_spinner=False)
def open_sessions() -> set[str]:
    """Return the keys of the sessions that are open now."""
    return set()


def _leave(key: str) -> None:
    open_sessions().discard(key)
    results().close(key)


@st.cache_resource(show_spinner=False, scope="session", on_release=_leave)
def session_key() -> str:
    """Return a key of this session alone; what carries it is dropped when the session ends.

    A visitor whose connection broke and came back gets another.
    """
    key = uuid.uuid4().hex
    open_sessions().add(key)
    return key


class Brought:
    """Counts what a session has brought, for as long as it holds it.

    It lies beside it in the session's state. That outlives the connection, and so its key: until
    Streamlit has waited long enough for the visitor to come back.
    """

    def __init__(self) -> None:
        self._store, self._owner = results(), uuid.uuid4().hex
        weakref.finalize(self, self._store.gone, self._owner)

    def count(self, nbytes: int) -> None:
        """Count all that the session has brought, in bytes.

        Parameters
        ----------
        nbytes : int

        Raises
        ------
        FullError
            If there is no room for it; what was counted before still is.
        """
        self._store.bring(self._owner, nbytes)


def brought() -> Brought:
    """Return what counts this session's uploads."""
    if _BROUGHT not in st.session_state:
        st.session_state[_BROUGHT] = Brought()
    found: Brought = st.session_state[_BROUGHT]
    return found


@st.cache_resource(show_spinner=False)
def photo_store() -> PhotoStore:
    """Return where published photos lie, one for all sessions."""
    chosen = settings()
    return PhotoStore(chosen.photos, days=chosen.photos_days, megabytes=chosen.photos_megabytes)
