"""How the bars of two heads rank among draws of nulls, sent as far as they are drawn.

The browser asks for them, and wants them no more, by this component: its part of the page runs
alone then, and again as long as there is more to come.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import streamlit as st

from attntopo.analysis import FEWER_THAN_FOUR, LONGER_THAN, NEVER_ABSORBED
from attntopo.ui.runtime import one_document

_HERE = Path(__file__).parent
_KEY = "evidence"

_component = st.components.v2.component(
    "attntopo_evidence",
    html="<span hidden></span>\n",
    js=(_HERE / "asked_store.js").read_text("utf-8")
    + '\nexport default (component) => carryAsked("evidence", component);\n',
)


class SideEvidence(TypedDict):
    """What is known of one side.

    Attributes
    ----------
    busy : bool
        Whether more is being drawn.
    done, total : int
        How many draws of all nulls there are, and how many there are to be.
    note : str
        Why there are no ranks, in a sentence; else empty.
    about : str
        What exactly is tested, where that isn't one head; else empty.
    nulls : list of dict
        From `figures.linked_evidence.ranked`, the strictest first.
    """

    busy: bool
    done: int
    total: int
    note: str
    about: str
    nulls: list[dict[str, Any]]


Wish = tuple[Literal["ask", "stop"], int]
"""What the browser wants, and of which side."""

_WORDS = {
    "longer": LONGER_THAN,
    "small": FEWER_THAN_FOUR,
    "whole": NEVER_ABSORBED,
}


def send(
    identity: str,
    sides: Sequence[SideEvidence],
    seed: int,
    each: int,
    number: int,
    take: Callable[[Wish], None],
) -> None:
    """Send what is known, and take what the browser wants.

    Parameters
    ----------
    identity : str
        Of the heads, as `LinkedData` has it.
    sides : sequence of SideEvidence
        Of A and B.
    seed, each : int
        Of all draws, and how many there are to be of each null.
    number : int
        Another one each time while there is more to come: the browser asks again then.
    take : callable
    """
    data = {"id": identity, "sides": list(sides), "seed": seed, "each": each}
    data |= {"number": number, **_WORDS}
    _component(
        key=_KEY,
        data=one_document(data),
        on_wish_change=lambda: _take(identity, take),
        on_look_change=lambda: None,
    )


def _take(identity: str, take: Callable[[Wish], None]) -> None:
    said = (st.session_state.get(_KEY) or {}).get("wish")
    if not isinstance(said, dict) or said.get("id") != identity:  # of other heads it comes too late
        return
    act, side = said.get("act"), said.get("side")
    if act in ("ask", "stop") and side in (0, 1):
        take((act, side))
