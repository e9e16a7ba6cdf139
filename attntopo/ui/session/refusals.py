"""Why something that a visitor wanted of one side couldn't be done, as long as that side is shown.

A refusal leaves everything as it was: the photo, the view, the address.
"""

import streamlit as st

from attntopo.ui.session import state

_REFUSED = "refused"  # what the session holds: by what was wanted and side


def refuse(what: str, side: str, reason: str) -> None:
    """Keep the sentence that says why, and leave all as it is."""
    shown = getattr(state.current(), side)
    st.session_state.setdefault(_REFUSED, {})[what, side] = reason, shown
    state.write()


def forget_refusal(what: str, side: str) -> None:
    """Forget what was refused before: it is tried again."""
    st.session_state.get(_REFUSED, {}).pop((what, side), None)


def refusal(what: str, side: str) -> str:
    """Return the sentence, if the last attempt with what is shown was refused; else nothing."""
    reason, shown = st.session_state.get(_REFUSED, {}).get((what, side), ("", ""))
    return reason if shown == getattr(state.current(), side) else ""


def draw_refusal(what: str, side: str) -> None:
    """Show the sentence, if the last attempt with what is shown was refused."""
    if reason := refusal(what, side):
        st.error(reason)
