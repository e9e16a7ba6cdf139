"""The linked view: photos, 1-skeletons, diagrams, curves and slider as one component.

The browser draws and moves all of it by itself. What it tells Python is one value, `view`: which
heads it shows, the step of the scale, and what is selected; two values would be two reruns. What
Python changes itself (a preset, Back, another head) it sends with a revision that has grown.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from attntopo.distances import SCALE_STEPS
from attntopo.pick import parse_pick
from attntopo.ui import frame

_HERE = Path(__file__).parent
_SCRIPTS = ("data", "draw", "photo", "scene", "diagram", "tabs", "words", "main", "panel")
_KEY = "linked view"
# What the session holds: what was sent last, and what the browser said last.
_SENT, _SHOWN = "linked view sent", "linked view shown"


@lru_cache(maxsize=1)
def _sources() -> tuple[str, str, str]:
    script = "\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    return (
        (_HERE / "view.html").read_text("utf-8"),
        (_HERE / "view.css").read_text("utf-8"),
        script,
    )


def _component() -> Any:
    html, css, js = _sources()
    return st.components.v2.component("attntopo_linked_view", html=html, css=css, js=js)


def mount(head: str, identity: str, whole_run: bool) -> None:
    """Draw the linked view.

    Parameters
    ----------
    head : str
        From `figures.linked.linked_data`.
    identity : str
        Its `id`: what the browser says of another head comes too late and counts for nothing.
    whole_run : bool
        Whether the page runs as a whole: the component may be a new one then, which knows nothing.
    """
    view = frame.current()
    now = (round(view.scale * SCALE_STEPS), view.pick)
    shown = st.session_state.get(_SHOWN, (None, None, 0))
    sent = st.session_state.get(_SENT)
    stale = sent is None or (now != (sent["step"], sent["pick"]) if whole_run else now != shown[:2])
    if stale:
        # The clock grows in every session, and through a reload of the page.
        revision = max(int(time.time() * 1000), (sent["revision"] + 1) if sent else 0)
        sent = {"revision": revision, "step": now[0], "pick": now[1], "seen": shown[2]}
        st.session_state[_SENT] = sent
    st.session_state[_SHOWN] = (*now, shown[2])
    assert sent is not None
    _component()(
        key=_KEY,
        data={"head": head, **sent},
        on_view_change=lambda: _take(identity),
    )


def _take(identity: str) -> None:
    """Take what the visitor chose in the browser, if it is about what is shown."""
    said = (st.session_state.get(_KEY) or {}).get("view")
    if not isinstance(said, dict) or said.get("id") != identity:
        return
    step, pick, number = said.get("scale"), said.get("pick"), said.get("sent")
    if not isinstance(step, int) or not isinstance(number, int) or not isinstance(pick, str):
        return
    if pick != "none" and parse_pick(pick) is None:
        return
    step = min(max(0, int(step)), 100 * SCALE_STEPS)
    st.session_state[_SHOWN] = (step, pick, number)
    frame.put(scale=step / SCALE_STEPS, pick=pick)
