"""The linked view: photos, 1-skeletons, diagrams, curves and slider as one component.

The browser draws and moves all of it by itself. What it tells Python is one value, `view`: which
heads it shows, the step of the scale, what is selected, and from where all of it is looked at; two
values would be two reruns. What Python changes itself (a preset, Back, another head) it sends with
a revision that has grown.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import streamlit as st

from attntopo.distances import SCALE_STEPS
from attntopo.figures.linked import LinkedData
from attntopo.links import NOTHING, SHARE_STEPS, parse_selection, read_display_options
from attntopo.ui import session
from attntopo.ui.linked import answers as answers
from attntopo.ui.linked import evidence as evidence
from attntopo.ui.linked import heads as heads
from attntopo.ui.linked import knock_outs as knock_outs
from attntopo.ui.linked import photos as photos
from attntopo.ui.linked.modules import joined_modules, joined_styles
from attntopo.ui.runtime import one_document

_HERE = Path(__file__).parent
STYLES = tuple(
    _HERE / "styles" / f"{name}.css"
    for name in ("base", "photos", "dock", "panel", "small_screens", "low_windows")
)
"""In this order: what comes later holds."""
KEY = "linked view"
"""The component's, in the session and in the page."""

# What the session holds: what was sent last, and what the browser said last.
_SENT, _SHOWN = "linked view sent", "linked view shown"


# Registered once; its files aren't assets, which would need the app to be installed.
_component = st.components.v2.component(
    "attntopo_linked_view",
    html=(_HERE / "view.html").read_text("utf-8"),
    css=joined_styles(*STYLES),
    js=joined_modules(_HERE),
)


class ShownPhoto(TypedDict):
    """What stands on one side's photo.

    Attributes
    ----------
    options : list of tuple of str
        The photos that can be chosen: the view's name and the label of each.
    chosen : str
        The view's name of the one that is shown.
    refused : str
        Why the last file wasn't taken; empty if it was.
    megabytes : dict
        How large a `photo` and a file of `attention` may be.
    """

    options: list[tuple[str, str]]
    chosen: str
    refused: str
    megabytes: dict[str, float]


def mount(
    head: LinkedData,
    photos: Sequence[ShownPhoto],
    words: tuple[str, str, str],
    whole_run: bool,
) -> None:
    """Draw the linked view.

    Parameters
    ----------
    head : LinkedData
        Sent by `heads.send`. What the browser says of another head's scale comes too late.
    photos : sequence of ShownPhoto
        Of A and B.
    words : tuple of str
        What to keep in mind of the models, what there is to see, and what the distance between
        the photos is worth; empty for nothing.
    whole_run : bool
        Whether the page runs as a whole: the component may be a new one then, which knows nothing.
    """
    now = _now()
    shown = st.session_state.get(_SHOWN, {"now": None, "number": 0})
    sent = st.session_state.get(_SENT)
    # As where Back leads to what was sent before the visitor moved on.
    if sent is None or now != shown["now"] or (whole_run and now != sent["now"]):
        # The clock grows in every session, and through a reload of the page.
        revision = max(int(time.time() * 1000), (sent["revision"] + 1) if sent else 0)
        sent = {"revision": revision, "now": now, "seen": shown["number"]}
        st.session_state[_SENT] = sent
    st.session_state[_SHOWN] = {"now": now, "number": shown["number"]}
    identity = head.identity  # the callback outlives the run, and megabytes with it
    said = dict(zip(("caveats", "seen_here", "verdict"), words, strict=True))
    _component(
        key=KEY,
        data=one_document({"head": head.key, "photos": photos, **said, **sent}),
        on_view_change=lambda: _take(identity),
        on_photo_change=lambda: _take_photo(photos),
    )


def _now() -> dict[str, Any]:
    view = session.current()
    return {
        "step": None if view.scale is None else round(view.scale * SCALE_STEPS),
        "share": None if view.share is None else round(view.share * SHARE_STEPS),
        "pick": view.selection,
        "look": view.display_options(),
    }


def _between(number: int | None, most: int, in_one: int) -> float | None:
    """Bring a whole number between 0 and the most, and into ones; None stays None."""
    return None if number is None else min(max(0, number), most) / in_one


def _take(identity: str) -> None:
    """Take what the visitor chose in the browser."""
    said = (st.session_state.get(KEY) or {}).get("view")
    if not isinstance(said, dict):
        return
    names = ("scale", "share", "pick", "look", "sent")
    step, share, pick, look, number = (said.get(name) for name in names)
    if not (
        isinstance(step, int | None)
        and isinstance(share, int | None)
        and isinstance(number, int)
        and isinstance(look, dict)
        and isinstance(pick, str)
        and (pick == NOTHING or parse_selection(pick))
    ):
        return
    # What can't be taken as it is differs from this afterwards, and so is sent back corrected.
    now, changes = {**_now(), "look": look}, read_display_options(look)
    if said.get("id") == identity:  # of other heads it comes too late
        now |= {"step": step, "share": share, "pick": pick}
        changes |= {
            "scale": _between(step, 100 * SCALE_STEPS, SCALE_STEPS),
            "share": _between(share, 100 * SHARE_STEPS, SHARE_STEPS),
            "selection": pick,
        }
    st.session_state[_SHOWN] = {"now": now, "number": number}
    session.put(**changes)


def _take_photo(photos: Sequence[ShownPhoto]) -> None:
    """Take the photo that the visitor chose on its side, if it is one that was offered."""
    said = (st.session_state.get(KEY) or {}).get("photo")
    if not isinstance(said, dict):
        return
    side, name = said.get("side"), said.get("name")
    if side not in ("a", "b") or not isinstance(name, str):
        return
    if name in dict(photos["ab".index(side)]["options"]):
        session.put(**{side: name})
