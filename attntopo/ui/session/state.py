"""The View that the session holds: the one truth about what is on the screen.

It lies under one plain session-state key. Widgets are set from it before they are drawn, and change
it through a callback; the query string is written from it and read into it.
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from attntopo.links import View
from attntopo.models import ModelError, ModelInfo, ModelInput, SharedInfo
from attntopo.ui.results import models
from attntopo.ui.results.photo_inputs import given_input, photo_size

# What the session holds.
_VIEW, _NOTES, _PAGE = "view", "notes", "page"
_BEFORE = "view before the model or its input was changed"


def has_view() -> bool:
    """Say whether the session holds a view: app.py has run, then."""
    return _VIEW in st.session_state


def current() -> View:
    """Return the view as it is now, within callbacks too."""
    return st.session_state[_VIEW]


def show(view: View, *notes: str) -> None:
    """Make this the view, with sentences for the top of the page; the address stays as it is."""
    st.session_state[_VIEW] = view
    note(*notes)


def note(*texts: str) -> None:
    """Keep sentences that the next page shows at its top."""
    if texts:
        st.session_state.setdefault(_NOTES, []).extend(texts)


def take_notes() -> list[str]:
    """Return the sentences that were kept, and forget them."""
    return list(st.session_state.pop(_NOTES, []))


def address_query() -> dict[str, list[str]]:
    """Return the address's parameters."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def says(query: dict[str, list[str]], view: View) -> bool:
    """Say whether the address's parameters are a view's own."""
    return query == {name: [value] for name, value in view.to_query().items()}


def write() -> None:
    """Write the view into the address; the callback of every widget without one of its own."""
    if has_view():
        st.query_params.from_dict(current().to_query())


def put(**changes: Any) -> bool:
    """Change the view, note what had to be moved, and write the address.

    Returns
    -------
    bool
        Whether it was changed; a model that isn't to be had leaves it as it was, with a note.
    """
    held = current()
    try:
        info = shared_info(replace(held, **changes))
    except ModelError as error:
        note(str(error))
        write()
        return False
    view, notes = held.changed(info, **changes)
    if model_runs(view) != model_runs(held):
        st.session_state[_BEFORE] = view, held
    show(view, *notes)
    write()
    return True


def take_view_before() -> View | None:
    """Return the view before the model or its input was changed into the present one, once."""
    changed, held = st.session_state.pop(_BEFORE, (None, None))
    return held if changed == current() else None


def shared_info(view: View) -> SharedInfo:
    """Return what both sides of a view have, with the patch grids of its input.

    Raises
    ------
    ModelError
        If a side needs the model, and it isn't to be had.
    """
    return SharedInfo(tuple(_side_info(view, side) for side in "ab"))


def _side_info(view: View, side: str) -> ModelInfo:
    info = models.describe_input(given_input(view, side), view.side(side).model)
    size = photo_size(view, side) if view.shape == "photo" else None
    return info.with_input(view.model_input, size)


def model_runs(view: View) -> tuple[str, str | None, ModelInput]:
    """Return the models of A and of B, and what they are given."""
    return view.model, view.model_b, view.model_input


def page() -> str:
    """Return the path of the page that is shown; empty for home."""
    return str(st.session_state.get(_PAGE, ""))


def set_page(path: str) -> bool:
    """Remember which page is shown; say whether it was another one before."""
    moved: bool = st.session_state.get(_PAGE) != path
    st.session_state[_PAGE] = path
    return moved
