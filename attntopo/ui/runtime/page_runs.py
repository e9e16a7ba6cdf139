"""The runs of a session's pages, and which of them ended before all was drawn."""

from typing import NoReturn

import streamlit as st

from attntopo.ui.runtime import status_line

_RUN, _ENDED_EARLY = "number of the run", "last run that ended early"  # what the session holds


def begin_run() -> None:
    """Count a run of the whole page."""
    st.session_state[_RUN] = this_run() + 1


def this_run() -> int:
    """Return the number of the present run."""
    return int(st.session_state.get(_RUN, 0))


def last_that_ended_early() -> int:
    """Return the number of the last run that `end_page` ended; 0 if there is none.

    What such a run didn't draw the browser has forgotten, while Streamlit still knows its value.
    """
    return int(st.session_state.get(_ENDED_EARLY, 0))


def end_page() -> NoReturn:
    """End the page here: what was being done isn't any more."""
    status_line.clear_line()
    st.session_state[_ENDED_EARLY] = this_run()
    st.stop()
