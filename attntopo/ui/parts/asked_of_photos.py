"""What the Collection page computes only once somebody asks: offered, watched, stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import asked_work
from attntopo.ui.runtime import Key, Slot, shared
from attntopo.ui.runtime.background_jobs import GoesOn
from attntopo.wording import counted, duration_text

_ASKED = "asked of photos"  # what the session holds: the keys of what was asked for, by kind
_LOOKS_EVERY = 0.3  # seconds


@dataclass(frozen=True)
class AskedOfPhotos:
    """What can be asked of a collection.

    Attributes
    ----------
    kind : str
        Of the question: a session asks one of each kind at a time.
    key : tuple
        Of these photos and this question.
    begin : str
        What the button says while nothing is there.
    seconds : float
        About how long what is missing takes one core.
    refused : str
        Why it would take too long, in sentences; else empty.
    noun : str
        Of the pieces that are counted.
    count : callable
        Returns how many pieces are there, and how many there are to be.
    work : callable
        Computes the rest as long as somebody wants it, as a background job.
    """

    kind: str
    key: Key
    begin: str
    seconds: float
    refused: str
    noun: str
    count: Callable[[], tuple[int, int]]
    work: Callable[[Slot, GoesOn], str]


def is_asked(kind: str, key: Key, count: Callable[[], tuple[int, int]]) -> bool:
    """Say whether something was asked for and isn't all there yet."""
    if st.session_state.get(_ASKED, {}).get(kind) != key:
        return False
    done, total = count()
    return done < total


def fill_in(asked: AskedOfPhotos, place: DeltaGenerator) -> None:
    """Offer what is missing, and compute it if asked; the page is drawn anew in the end.

    To be called when all else on the page is drawn: it waits for what it computes.

    Parameters
    ----------
    asked : AskedOfPhotos
    place : DeltaGenerator
        Where it is offered.
    """
    done, total = asked.count()
    if done == total:
        return
    with place:
        if asked.refused:
            explain(asked.refused)
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.session_state.get(_ASKED, {}).get(asked.kind) != asked.key:
                label = "Go on" if done else asked.begin
                st.button(
                    f"{label} (up to {duration_text(asked.seconds)} of one core)",
                    key=f"begin {asked.kind}",
                    on_click=_ask,
                    args=(asked.kind, asked.key),
                )
                return
            st.button("Stop", key=f"stop {asked.kind}", on_click=_ask, args=(asked.kind, None))
            bar = st.progress(0.0, text="Beginning …")
        failure = _watch(asked, bar)
        if failure:
            st.warning(failure)
            return
    st.rerun()


def _ask(kind: str, key: Key | None) -> None:
    """Compute this; of None, stop."""
    st.session_state.setdefault(_ASKED, {})[kind] = key
    session.write()


def _watch(asked: AskedOfPhotos, bar: DeltaGenerator) -> str:
    """Show how far the job is until it is done; return why it can't be, in a sentence."""
    visitor, jobs, slot = shared.session_key(), asked_work.jobs(), shared.own_slot()
    try:
        while True:
            done, total = asked.count()
            if done == total:
                return ""
            job = jobs.ask(asked.key, visitor, lambda goes_on: asked.work(slot, goes_on))
            if job.failure:
                return job.failure
            bar.progress(done / total, f"{done:,} of {counted(total, asked.noun)}")
            time.sleep(_LOOKS_EVERY)
    finally:  # also where Stop, or another page, comes up through here
        jobs.leave(asked.key, visitor)
