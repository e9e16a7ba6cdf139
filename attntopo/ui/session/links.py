"""The address: read into the session's view."""

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from attntopo.links import View, read_key, read_photos, read_query, repaired
from attntopo.models import ModelError, SharedInfo
from attntopo.ui.results import models
from attntopo.ui.session import shown_photos, state

_PHOTO, _KEY = "photo", "key"  # parameters of a link that deletes a photo; they are no view's
_DELETION = "delete link"  # what the session holds


def load() -> None:
    """Read the address into the session's view, if it says something new."""
    query = state.address_query()
    deletion, _ = repaired(query, (_PHOTO, _KEY))
    if {_PHOTO, _KEY} <= set(deletion):  # whatever else a mail program may add
        name, key = (read_key(deletion[one][0]) for one in (_PHOTO, _KEY))
        st.session_state[_DELETION] = name.lower(), key
        query = {}
    if state.has_view() and (not query or state.says(query, state.current())):
        return
    view = View()
    notes: list[str] = []
    if query:
        with st.spinner("Reading the link …"):
            view, notes = _read(query)
    state.show(view, *notes)
    if query and not state.says(query, view):
        state.write()


def _read(query: dict[str, list[str]]) -> tuple[View, list[str]]:
    """Return what a link shows of what is there, with a note for all that it doesn't."""
    try:
        view, notes = read_query(query, models.model_choices(), _shared_by(*read_photos(query)))
        view, replaced = shown_photos.with_what_is_there(view)
        view, moved = view.changed(state.shared_info(view))  # by what is really shown
    except ModelError as error:
        return View(), [str(error)]
    return view, [*replaced, *notes, *moved]


def _shared_by(a: str, b: str) -> Callable[..., SharedInfo]:
    """Return model id -> what both sides have, one of which may be attention held here."""
    return lambda model, own=None: state.shared_info(
        View(a, b, model, model_b=own, layer_b=0 if own else None, head_b=0 if own else None)
    )


def address(page: str | None = None) -> str:
    """Return the address of a page of this app, or of the present one, without a query."""
    here = (st.context.url or "").split("?")[0]
    if page is None:
        return here
    return f"{here.rstrip('/').removesuffix(state.page()).rstrip('/')}/{page}"


def delete_address(name: str, key: str) -> str:
    """Return the address at which a published photo can be deleted."""
    return f"{address('shared')}?{urlencode({_PHOTO: name, _KEY: key})}"


def delete_link() -> tuple[str, str]:
    """Return the photo and the key that a delete link named; both empty where none was opened."""
    return st.session_state.get(_DELETION, ("", ""))
