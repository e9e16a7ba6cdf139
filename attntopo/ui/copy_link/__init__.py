"""The button "Copy link" and its question, as a component of its own.

The browser copies by itself: at a click the address of what is shown is there already, and a
clipboard may be written only while a click is fresh. What it tells Python is one value, `wish`:
which photos to publish, and a number by which it knows the answer.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from attntopo.ui.runtime import one_document

_HERE = Path(__file__).parent
_KEY = "copy link"


_component = st.components.v2.component(
    "attntopo_copy_link",
    html=(_HERE / "view.html").read_text("utf-8"),
    css=(_HERE / "view.css").read_text("utf-8"),
    js=(_HERE / "copy_link.js").read_text("utf-8"),
)


def mount(data: dict[str, Any], take: Callable[[list[str], int], object]) -> None:
    """Draw the button.

    Parameters
    ----------
    data : dict
        `question`: what is asked before the link is copied, empty for nothing; `publish`: the
        sides that it offers to publish; `as_it_is`: the button that copies without that;
        `answer`: the `number` of the last wish, the `photos` published by side, and an `error`.
    take : callable
        Gets the sides that the visitor wants published, and the wish's number.
    """
    _component(
        key=_KEY,
        data=one_document(data),
        on_wish_change=lambda: _take(take),
        width="content",
    )


def _take(take: Callable[[list[str], int], object]) -> None:
    said = (st.session_state.get(_KEY) or {}).get("wish")
    if not isinstance(said, dict):
        return
    sides, number = said.get("publish"), said.get("number")
    if isinstance(sides, list) and isinstance(number, int):
        take([side for side in "ab" if side in sides], number)
