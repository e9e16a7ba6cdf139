"""The address: read into the session's view."""

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from attntopo.links import View, read_key, read_query, repaired
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
            try:
                view, notes = read_query(query, models.model_choices(), _shared_by_link(query))
            except ModelError as error:
                notes = [str(error)]
    view, replaced = shown_photos.with_what_is_there(view)
    state.show(view, *replaced, *notes)
    if query and not state.says(query, view):
        state.write()


def _shared_by_link(query: dict[str, list[str]]) -> Callable[..., SharedInfo]:
    """Return model id -> what both sides have, one of which may be attention held here."""
    a, b = (query.get(side, [""])[0] for side in "ab")
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
