"""The contact sheet: many photos painted with their components, all following one slider.

The browser paints. Photos, and one head on them, come by components of their own (`send`), each
message once, whatever is moved afterwards. What the browser tells Python is one value, `now`: the
scale or share that leads, and what is sorted by; what Python changes itself (a link, Back) it sends
with a revision that has grown.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import streamlit as st

from attntopo.distances import SCALE_STEPS
from attntopo.figures import palette
from attntopo.links import CHOICES, SHARE_STEPS, SHEET_COLUMNS
from attntopo.ui import session
from attntopo.ui.linked.modules import joined_modules, joined_styles
from attntopo.ui.runtime import one_document

_HERE = Path(__file__).parent
_KEY = "contact sheet"
# What the session holds: revision and what the browser is at, and which photo was chosen.
_AT, _CHOSEN = "contact sheet at", "contact sheet chosen"

_component = st.components.v2.component(
    "attntopo_contact_sheet",
    html=(_HERE / "view.html").read_text("utf-8"),
    css=joined_styles(_HERE / "view.css"),
    js=joined_modules(_HERE, "main.js"),
)
_message = st.components.v2.component(
    "attntopo_contact_sheet_message",
    html="<span hidden></span>\n",
    js=joined_modules(_HERE, "message.js"),
)


class SheetPhoto(TypedDict):
    """One photo of the sheet.

    Attributes
    ----------
    id, name : str
    link : str
        What a link to Compare calls it.
    """

    id: str
    name: str
    link: str


class Chosen(TypedDict):
    """What the visitor chose to open.

    Attributes
    ----------
    id : str
        A photo's; one of those that were offered.
    scale, share : float, optional
        At which it was painted.
    """

    id: str
    scale: float | None
    share: float | None


def send(packed: bytes, key: str) -> None:
    """Send photos, or heads, to the sheet; the browser has them already where nothing has changed.

    Parameters
    ----------
    packed : bytes
        From `figures.contact_sheet`.
    key : str
        Another one for each message of a run.
    """
    _message(key=f"sheet {key}", data=packed)


def mount(
    identity: str,
    photos: Sequence[SheetPhoto],
    columns: Sequence[str],
    share: float | None,
    link: Mapping[str, str],
) -> None:
    """Draw the sheet.

    Parameters
    ----------
    identity : str
        Of the heads that are sent, as for `packed_heads`.
    photos : sequence of SheetPhoto
        In the order in which they came.
    columns : sequence of str
        Keys of `SHEET_COLUMNS` that can be sorted by.
    share : float, optional
        The share of merges that leads, in percent; None where the view's scale does.
    link : mapping of str to str
        The query of what is looked at.
    """
    now = _now(share)
    revision, there = st.session_state.get(_AT, (0, None))
    if there != now:
        # The clock grows in every session, and through a reload of the page.
        revision = max(int(time.time() * 1000), revision + 1)
        st.session_state[_AT] = revision, now
    _component(
        key=_KEY,
        data=one_document(
            {
                "of": identity,
                "photos": list(photos),
                "columns": [(key, SHEET_COLUMNS[key]) for key in columns],
                "link": dict(link),
                "letters": palette.LETTERS,
                "palette": palette.BY_LETTER,
                "revision": revision,
                "now": now,
            }
        ),
        on_now_change=_take,
        on_open_change=_take_chosen,
    )


def _now(share: float | None) -> dict[str, Any]:
    view = session.current()
    column, _, way = view.sheet.rpartition("-")
    return {
        "step": None if share is not None else round((view.scale or 0.0) * SCALE_STEPS),
        "share": None if share is None else round(share * SHARE_STEPS),
        "sort": [column, way],
    }


def take_chosen(offered: Sequence[str]) -> Chosen | None:
    """Return the photo that the visitor chose, once, if it is one of those that are offered."""
    chosen: Chosen | None = st.session_state.pop(_CHOSEN, None)
    return chosen if chosen and chosen["id"] in offered else None


def is_chosen() -> bool:
    """Say whether the visitor chose a photo that wasn't taken yet."""
    return _CHOSEN in st.session_state


def _scales(said: Mapping[str, Any]) -> dict[str, float | None] | None:
    """Return scale and share of what the browser says, one of them; None where it says neither."""
    step, share = said.get("step"), said.get("share")
    if type(step) is int and share is None:
        return {"scale": min(max(0, step), 100 * SCALE_STEPS) / SCALE_STEPS, "share": None}
    if type(share) is int and step is None:
        return {"scale": None, "share": min(max(0, share), 100 * SHARE_STEPS) / SHARE_STEPS}
    return None


def _take() -> None:
    """Take what the visitor chose in the browser."""
    said = (st.session_state.get(_KEY) or {}).get("now")
    if not isinstance(said, dict):
        return
    scales, sort = _scales(said), said.get("sort")
    if not isinstance(sort, list) or not all(isinstance(one, str) for one in sort):
        return
    sheet = "-".join(sort)
    if scales is None or sheet not in CHOICES["sheet"]:
        return
    # What can't be taken as it is differs from this afterwards, and so is sent back corrected.
    revision, _ = st.session_state.get(_AT, (0, None))
    there = {"step": said.get("step"), "share": said.get("share"), "sort": sort}
    st.session_state[_AT] = revision, there
    if scales["share"] is not None:
        scales["scale"] = session.current().scale  # it waits
    session.put(**scales, sheet=sheet)


def _take_chosen() -> None:
    said = (st.session_state.get(_KEY) or {}).get("open")
    if isinstance(said, dict) and isinstance(said.get("id"), str):
        scales = _scales(said)
        if scales is not None:
            st.session_state[_CHOSEN] = {"id": said["id"], **scales}
    session.write()
