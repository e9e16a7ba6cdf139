"""Long work that visitors ask for: the jobs that do it, and what is too long for a page."""

from dataclasses import replace

import streamlit as st

from attntopo.effort import Effort
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.background_jobs import BackgroundJobs
from attntopo.wording import duration_text

MOST_SECONDS = 1800.0  # of one core


@st.cache_resource(show_spinner=False)
def jobs() -> BackgroundJobs:
    """Return the jobs that compute what was asked for, one registry for all sessions."""
    sessions = shared.open_sessions()
    return BackgroundJobs(sessions.__contains__)


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
