"""Downloads: made when they are asked for, in slots of the queue for heavy work.

Streamlit runs what makes them in a few threads that all visitors share, in the order of the
requests and whether or not anybody still waits. So a session has few of them at a time, each works
within slots of its visitor, and none is made for one who has left.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from attntopo.ui.runtime import Slot, shared

_Data = TypeVar("_Data", bytes, str)

MOST = 2
"""Most downloads of one session that are being made or wait at the same time."""


class DownloadError(RuntimeError):
    """A download isn't made; the message says why in a sentence."""


class _Places:
    """How many downloads each session has asked for that aren't there yet."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, visitor: str) -> Iterator[None]:
        """Hold one of a session's places; DownloadError where none is left, without waiting."""
        with self._lock:
            if self._taken[visitor] >= MOST:
                raise DownloadError(f"This session waits for {MOST} downloads already.")
            self._taken[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[visitor] -= 1
                self._taken += Counter()  # forgets those who have none


@st.cache_resource(show_spinner=False)
def _places() -> _Places:
    return _Places()


def deferred(make: Callable[[Slot], _Data]) -> Callable[[], _Data]:
    """Return what makes a download when it is asked for; to be called while the page is drawn.

    Parameters
    ----------
    make : callable
        Gets what gives a slot, and does all heavy work in slots of it. It must not hold on to
        attention: see `steps.kept_attention`.

    Returns
    -------
    callable
        Without arguments. Raises DownloadError where the session has too many under way already,
        or has left.
    """
    # The threads that run it know of no session.
    visitor, context, places = shared.session_key(), get_script_run_ctx(), _places()
    session = context.session_id if context else ""

    def stay(_place: int = 0) -> None:
        if runtime.exists() and not runtime.get_instance().is_active_session(session):
            raise DownloadError("The visitor who asked for this download has left.")

    def slot() -> AbstractContextManager[None]:
        return shared.queue().slot(visitor, stay)

    def made() -> _Data:
        with places.take(visitor):
            stay()
            return make(slot)

    return made


def in_one(
    compute: Callable[..., _Data], inputs: Callable[[Slot], tuple[Any, ...]] = lambda _: ()
) -> Callable[[Slot], _Data]:
    """Return what makes a download as a whole in one slot.

    Parameters
    ----------
    compute : callable
        The inputs -> the file.
    inputs : callable, optional
        Gets what gives a slot, and returns kept results, before the download's own slot.
    """
    return lambda slot: shared.in_slot(compute, slot, lambda: inputs(slot))


def csv_button(label: str, name: str, make: Callable[[Slot], str]) -> None:
    """Draw a download of a CSV file; what makes it is as for `deferred`."""
    button(f"{label} (CSV)", f"attntopo-{name}.csv", "text/csv", make)


def npz_button(
    label: str, name: str, make: Callable[[Slot], bytes], note: str | None = None
) -> None:
    """Draw a download of an NPZ file; what makes it is as for `deferred`."""
    button(f"{label} (NPZ)", f"attntopo-{name}.npz", "application/octet-stream", make, note)


def button(
    label: str, name: str, kind: str, make: Callable[[Slot], _Data], note: str | None = None
) -> None:
    """Draw a download.

    Parameters
    ----------
    label, name, kind : str
        Of the button, the file, and the file's type.
    make : callable
        As for `deferred`.
    note : str, optional
        What is said beside it.
    """
    st.download_button(
        label,
        deferred(make),
        file_name=name,
        mime=kind,
        on_click="ignore",  # no rerun, which would take the next download away
        help=note,
    )
