"""Downloads: made when they are asked for, in slots of the queue for heavy work.

Streamlit runs what makes them in a few threads that all visitors share, in the order of the
requests and whether or not anybody still waits. So a session has few of them at a time, each works
within slots of its visitor, and none is made for one who has left.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attntopo.effort import Effort
from attntopo.ui.runtime import Slot, shared

_Data = TypeVar("_Data", bytes, str)

MOST = 2
"""Most downloads of one session that are being made or wait at the same time."""


_PLACES = "downloads under way"  # what the session holds
_MIME = {"CSV": "text/csv", "NPZ": "application/octet-stream", "HTML": "text/html"}


class DownloadError(RuntimeError):
    """A download isn't made; the message says why in a sentence."""


def deferred(make: Callable[[Slot], _Data]) -> Callable[[], _Data]:
    """Return what makes a download when it is asked for; to be called while the page is drawn.

    Parameters
    ----------
    make : callable
        Gets what gives a slot, and does all heavy work in slots of it. It must not hold on to
        attention: see `photo_attention.kept_attention`.

    Returns
    -------
    callable
        Without arguments. Raises DownloadError where the session has too many under way already,
        or has left.
    """
    # The threads that run it know of no session.
    visitor, context = shared.session_key(), get_script_run_ctx()
    places = st.session_state.setdefault(_PLACES, threading.BoundedSemaphore(MOST))
    session = context.session_id if context else ""

    def stay(_place: int = 0) -> None:
        if runtime.exists() and not runtime.get_instance().is_active_session(session):
            raise DownloadError("The visitor who asked for this download has left.")

    def slot(effort: Effort) -> AbstractContextManager[None]:
        return shared.queue().slot(visitor, stay, is_long=effort.is_long)

    def made() -> _Data:
        if not places.acquire(blocking=False):
            raise DownloadError(f"This session waits for {MOST} downloads already.")
        try:
            stay()
            return make(slot)
        finally:
            places.release()

    return made


def in_one(
    compute: Callable[..., _Data],
    effort: Effort,
    inputs: Callable[[Slot], tuple[Any, ...]] = lambda _: (),
) -> Callable[[Slot], _Data]:
    """Return what makes a download as a whole in one slot.

    Parameters
    ----------
    compute : callable
        The inputs -> the file.
    effort : Effort
        What it takes.
    inputs : callable, optional
        Gets what gives a slot, and returns kept results, before the download's own slot.
    """
    return lambda slot: shared.in_slot(compute, slot, effort, lambda: inputs(slot))


def button(
    label: str, name: str, kind: str, make: Callable[[Slot], _Data], note: str | None = None
) -> None:
    """Draw a download.

    Parameters
    ----------
    label : str
        Of the button; the kind is said behind it.
    name : str
        Of the file, without its ending.
    kind : {"CSV", "NPZ", "HTML"}
    make : callable
        As for `deferred`.
    note : str, optional
        What is said beside it.
    """
    st.download_button(
        f"{label} ({kind})",
        deferred(make),
        file_name=f"{name}.{kind.lower()}",
        mime=_MIME[kind],
        on_click="ignore",  # no rerun, which would take the next download away
        help=note,
    )
