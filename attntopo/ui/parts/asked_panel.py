"""What a page computes only once somebody asks: offered, watched, stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import asked_work
from attntopo.ui.runtime import Key, shared
from attntopo.ui.runtime.background_jobs import Work
from attntopo.wording import counted, duration_text

_ASKED = "what is asked"  # what the session holds: the keys of what was asked for, by kind
_LOOKS_EVERY = 0.3  # seconds

Count = Callable[[], tuple[int, int]]
"""Returns how many pieces are there, and how many there are to be."""


@dataclass(frozen=True)
class Asked:
    """What can be asked for on a page.

    Attributes
    ----------
    kind : str
        Of the question: a session asks one of each kind at a time.
    key : tuple
        Of what is looked at and this question.
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
    go_on : str
        What the button says when it was stopped.
    help : str, optional
        What it does, in sentences.
    """

    kind: str
    key: Key
    begin: str
    seconds: float
    refused: str
    noun: str
    count: Count
    work: Work
    go_on: str = "Go on"
    help: str | None = None


def is_asked(kind: str, key: Key, count: Count) -> bool:
    """Say whether something was asked for and isn't all there yet."""
    if st.session_state.get(_ASKED, {}).get(kind) != key:
        return False
    done, total = count()
    return done < total


def fill_in(
    asked: Asked, place: DeltaGenerator, on_look: Callable[[], object] | None = None
) -> None:
    """Offer what is missing, and compute it if asked; the page is drawn anew in the end.

    To be called when all else on the page is drawn: it waits for what it computes.

    Parameters
    ----------
    asked : Asked
    place : DeltaGenerator
        Where it is offered.
    on_look : callable, optional
        Called again and again while it is computed.
    """
    done, total = asked.count()
    if done == total:
        return
    with place:
        if asked.refused:
            explain(asked.refused)
            return
        # The same row before and after the click: what takes another's place replaces it.
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.session_state.get(_ASKED, {}).get(asked.kind) != asked.key:
                label = asked.go_on if done else asked.begin
                st.button(
                    f"{label} (up to {duration_text(asked.seconds)} of one core)",
                    key=f"begin {asked.kind}",
                    help=asked.help,
                    on_click=_ask,
                    args=(asked.kind, asked.key),
                )
                return
            # First: the button of before fades at the row's end, and Stop mustn't move with it.
            st.button("Stop", key=f"stop {asked.kind}", on_click=_ask, args=(asked.kind, None))
            bar = st.progress(0.0, text="Beginning …")
        failure = watch_job(asked.key, asked.count, asked.noun, asked.work, bar, on_look)
        if failure:
            st.warning(failure)
            return
    st.rerun()


def _ask(kind: str, key: Key | None) -> None:
    """Compute this; of None, stop."""
    st.session_state.setdefault(_ASKED, {})[kind] = key
    session.write()


def watch_job(
    key: Key,
    count: Count,
    noun: str,
    work: Work,
    bar: DeltaGenerator,
    on_look: Callable[[], object] | None = None,
) -> str:
    """Want a background job, and show how far it is until it is done.

    Parameters
    ----------
    key : tuple
        Of the job.
    count : callable
        Returns how many pieces are there, and how many there are to be.
    noun : str
        Of the pieces.
    work : callable
        Computes what is missing.
    bar : DeltaGenerator
        Of `st.progress`.
    on_look : callable, optional
        Called after each look, when pieces may be new.

    Returns
    -------
    str
        Why it can't be done, in a sentence; empty once it is done.
    """
    visitor, jobs = shared.session_key(), asked_work.jobs()
    try:
        while True:
            done, total = count()
            if done == total:
                return ""
            job = jobs.ask(key, visitor, work)
            if job.failure:
                return job.failure
            bar.progress(done / total, f"{done:,} of {counted(total, noun)}")
            time.sleep(_LOOKS_EVERY)
            if on_look:
                on_look()
    finally:  # also where Stop, or another page, comes up through here
        jobs.leave(key, visitor)
