"""What is being done, said in a line of reserved room: nothing on the page moves for it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_OF_THE_RUN = "status line"


class StatusLine:
    """A line in which a step is named while it runs.

    Each call lets Stop, the next move of a slider, and leaving take effect.

    Parameters
    ----------
    slot : DeltaGenerator
        An empty element.
    at_rest : str
        What is said while nothing is done.
    """

    def __init__(self, slot: DeltaGenerator, at_rest: str) -> None:
        self._slot, self._at_rest = slot, at_rest
        st.session_state[_OF_THE_RUN] = self

    def say(self, words: str) -> None:
        """Name the present step; no Markdown."""
        self._slot.text(words)

    def clear(self) -> None:
        """Say what the page is about, as nothing is being done any more."""
        self._slot.markdown(f":small[{self._at_rest}]")


def clear_line() -> None:
    """Clear the session's line, where there is one."""
    line = st.session_state.get(_OF_THE_RUN)
    if line is not None:
        line.clear()
