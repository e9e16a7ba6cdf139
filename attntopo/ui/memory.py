"""What all sessions share: results kept in memory, turns at heavy work, published photos."""

from __future__ import annotations

import uuid

import streamlit as st

from attntopo.photo_store import PhotoStore
from attntopo.settings import settings
from attntopo.ui.store import Store
from attntopo.ui.turns import Turns


@st.cache_resource(show_spinner=False)
def results() -> Store:
    """Return the store of models, attention and topologies, one for all sessions."""
    return Store(settings().memory_megabytes)


@st.cache_resource(show_spinner=False)
def turns() -> Turns:
    """Return the queue for heavy work, one for all sessions."""
    return Turns(settings().workers)


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


@st.cache_resource(show_spinner=False)
def photo_store() -> PhotoStore:
    """Return where published photos lie, one for all sessions."""
    chosen = settings()
    return PhotoStore(chosen.photos, days=chosen.photos_days, megabytes=chosen.photos_megabytes)
