"""What the Atlas computes of all heads only once somebody asks: offered, watched, stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.ui import session
from attntopo.ui.parts.atlas_page import draw_maps
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import Heads, asked_work
from attntopo.ui.runtime import Key, shared
from attntopo.ui.runtime.background_jobs import GoesOn
from attntopo.wording import counted, duration_text

_ASKED = "asked of all heads"  # what the session holds: the key of what was asked for
_LOOKS_EVERY, _REDRAWN_EVERY = 0.3, 1.5  # seconds


@dataclass(frozen=True)
class AskedOfHeads:
    """What can be asked of all heads.

    Attributes
    ----------
    key : tuple
        Of these photos and this question.
    begin, go_on : str
        What the button says, while nothing is there and when it was stopped.
    help : str
        What it does, in sentences.
    seconds : float
        About how long what is missing takes one core.
    refused : str
        Why it would take too long, in sentences; else empty.
    noun : str
        Of the pieces that are counted.
    count : callable
        Returns how many pieces are there, and how many there are to be.
    say : callable
        Returns what is known so far, in sentences.
    work : callable
        Computes the rest as long as somebody wants it, as a background job.
    """

    key: Key
    begin: str
    go_on: str
    help: str
    seconds: float
    refused: str
    noun: str
    count: Callable[[], tuple[int, int]]
    say: Callable[[], list[str]]
    work: Callable[[GoesOn], str]


def draw_asked(
    page: Heads, asked: AskedOfHeads, place: DeltaGenerator, maps: DeltaGenerator
) -> None:
    """Say what is known, offer what is missing, and compute it if asked.

    To be called when all else on the page is drawn: it waits for what it computes.

    Parameters
    ----------
    page : Heads
    asked : AskedOfHeads
    place : DeltaGenerator
        Where it is said and offered.
    maps : DeltaGenerator
        An element for the heat maps, which fill in meanwhile.
    """
    with place:
        verdict = st.empty()
        _say(asked, verdict)
        done, total = asked.count()
        if done == total:
            return
        if asked.refused:
            explain(asked.refused)
            return
        if st.session_state.get(_ASKED) != asked.key:
            _offer(asked, begun=done > 0)
            return
        with _row():
            # First: the button of before fades at the row's end, and Stop mustn't move with it.
            st.button("Stop", key="stop what is asked", on_click=_ask, args=(None,))
            bar = st.progress(0.0, text="Beginning …")
        failure = _watch(page, asked, bar, verdict, maps)
        if failure:
            st.warning(failure)
    if not failure:
        st.rerun()  # all maps, curves and tables are drawn with it


def _offer(asked: AskedOfHeads, *, begun: bool) -> None:
    label = asked.go_on if begun else asked.begin
    with _row():
        st.button(
            f"{label} (up to {duration_text(asked.seconds)} of one core)",
            help=asked.help,
            on_click=_ask,
            args=(asked.key,),
        )


def _row() -> DeltaGenerator:
    """Return the same row before and after the click: what takes another's place replaces it."""
    return st.container(horizontal=True, vertical_alignment="center")


def _ask(key: Key | None) -> None:
    """Compute this; of None, stop."""
    st.session_state[_ASKED] = key
    session.write()


def _say(asked: AskedOfHeads, verdict: DeltaGenerator) -> None:
    with verdict.container():
        for words in asked.say():
            explain(words)


def _watch(
    page: Heads,
    asked: AskedOfHeads,
    bar: DeltaGenerator,
    verdict: DeltaGenerator,
    maps: DeltaGenerator,
) -> str:
    """Show how far the job is until it is done; return why it can't be, in a sentence."""
    visitor, jobs = shared.session_key(), asked_work.jobs()
    drawn, times, shown = time.monotonic(), 0, _shown(page)
    try:
        while True:
            done, total = asked.count()
            if done == total:
                return ""
            job = jobs.ask(asked.key, visitor, asked.work)
            if job.failure:
                return job.failure
            bar.progress(done / total, f"{done:,} of {counted(total, asked.noun)}")
            time.sleep(_LOOKS_EVERY)
            # Only where there is news: what is redrawn moves what is below it under the pointer.
            if time.monotonic() - drawn > _REDRAWN_EVERY and _shown(page) != shown:
                times += 1
                _say(asked, verdict)
                with maps.container():
                    draw_maps(page, f"asked {times}", selectable=False)
                drawn, shown = time.monotonic(), _shown(page)
    finally:  # also where Stop, or another page, comes up through here
        jobs.leave(asked.key, visitor)


def _shown(page: Heads) -> list[bytes]:
    return [of_side.tobytes() for of_side in page.values(page.quantity).values()]
