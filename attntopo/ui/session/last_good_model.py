"""The last model that worked, and the view before the model was changed: what to fall back on."""

import streamlit as st

from attntopo.links import View

_GOOD, _BEFORE = "good model", "view before the model was changed"  # what the session holds


def remember_before(view: View, held: View) -> None:
    """Remember the view that was held, if this one is of another model."""
    if (view.model, view.model_b) != (held.model, held.model_b):
        st.session_state[_BEFORE] = view, held


def remember_good(view: View) -> None:
    """Remember that the models of a view work."""
    st.session_state[_GOOD] = view.model, view.model_b


def good_models() -> tuple[str, str | None]:
    """Return the last models that worked for A and, where it has its own, for B."""
    return st.session_state.get(_GOOD, (View().model, None))


def take_view_before(view: View) -> View | None:
    """Return what was held before the model was changed into this view's, if it worked."""
    changed, before = st.session_state.pop(_BEFORE, (None, None))
    if before is None or changed != view or (before.model, before.model_b) != good_models():
        return None
    return before
