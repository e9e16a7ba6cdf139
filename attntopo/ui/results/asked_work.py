"""Long work that visitors ask for: the jobs that do it, and what is too long for a page."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from attntopo.analysis import for_heads
from attntopo.effort import Effort
from attntopo.settings import app_settings
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.background_jobs import BackgroundJobs, GoesOn
from attntopo.wording import duration_text

_Piece = TypeVar("_Piece")

MOST_SECONDS = 1800.0  # of one core


@st.cache_resource(show_spinner=False)
def jobs() -> BackgroundJobs:
    """Return the jobs that compute what was asked for, one registry for all sessions."""
    sessions = shared.open_sessions()
    return BackgroundJobs(sessions.__contains__)


def do_each(work: Callable[[_Piece], object], pieces: Iterable[_Piece], goes_on: GoesOn) -> None:
    """Do the pieces of a job in as many threads as there are slots, while somebody wants it.

    Parameters
    ----------
    work : callable
        Does one piece; it has to ask `goes_on` itself where it may have waited.
    pieces : iterable
        Each once.
    goes_on : callable
        Asked after each piece; what hasn't begun then is dropped.
    """
    with closing(for_heads(work, pieces, app_settings().workers)) as results:
        for _ in results:
            if not goes_on():
                break


def in_all(effort: Effort, number: int = 1) -> Effort:
    """Return what so many pieces take, one after the other; refused if it is too long here."""
    seconds = effort.seconds * number
    return replace(effort, seconds=seconds, refused=seconds > MOST_SECONDS)


def refusal(effort: Effort, what: str, library: str) -> str:
    """Say that it would take too long here; nothing where it wouldn't."""
    if not effort.refused:
        return ""
    return (
        f"{what} would take up to {duration_text(effort.seconds)} of a core, which is too long for "
        f"this page. The library's {library} computes it."
    )
