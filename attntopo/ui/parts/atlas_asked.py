"""What the Atlas computes of all heads once somebody asks, said and drawn as it comes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.ui.parts import asked_panel
from attntopo.ui.parts.asked_panel import Asked
from attntopo.ui.parts.atlas_page import draw_maps
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import Heads

KIND = "of all heads"
"""As what it is asked: one question of all heads at a time."""
_REDRAWN_EVERY = 1.5  # seconds


@dataclass(frozen=True)
class AskedOfHeads:
    """What can be asked of all heads.

    Attributes
    ----------
    asked : Asked
    say : callable
        Returns what is known so far, in sentences.
    """

    asked: Asked
    say: Callable[[], list[str]]

    def is_whole(self) -> bool:
        """Say whether it is known of all heads."""
        done, total = self.asked.count()
        return done == total


def draw_asked(
    page: Heads, question: AskedOfHeads, place: DeltaGenerator, maps: DeltaGenerator
) -> None:
    """Say what is known, offer what is missing, and compute it if asked.

    To be called when all else on the page is drawn: it waits for what it computes.

    Parameters
    ----------
    page : Heads
    question : AskedOfHeads
    place : DeltaGenerator
        Where it is said and offered.
    maps : DeltaGenerator
        An element for the heat maps, which fill in meanwhile.
    """
    with place:
        verdict = st.empty()
    _say(question, verdict)
    drawn, times, shown = time.monotonic(), 0, _shown(page)

    def redraw() -> None:
        nonlocal drawn, times, shown
        # Only where there is news: what is redrawn moves what is below it under the pointer.
        if time.monotonic() - drawn > _REDRAWN_EVERY and _shown(page) != shown:
            times += 1
            _say(question, verdict)
            with maps.container():
                draw_maps(page, f"asked {times}", selectable=False)
            drawn, shown = time.monotonic(), _shown(page)

    asked_panel.fill_in(question.asked, place, redraw)


def _say(question: AskedOfHeads, verdict: DeltaGenerator) -> None:
    with verdict.container():
        for words in question.say():
            explain(words)


def _shown(page: Heads) -> list[bytes]:
    return [of_side.tobytes() for of_side in page.values(page.quantity).values()]
