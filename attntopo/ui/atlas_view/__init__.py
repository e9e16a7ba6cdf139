"""The Atlas in pictures: every head as a small painted photo, and a large one through the layers.

The browser paints. Python sends which colour each patch has, all of it whenever more heads are
known; what comes while a page is still being computed goes by a second component (`send_more`), as
one can't be drawn twice in a run, and a new one would begin anew.
"""

import re
from pathlib import Path

import streamlit as st

from attntopo.analysis import Cell
from attntopo.attention import MEAN
from attntopo.ui import session
from attntopo.ui.linked.modules import joined_modules, joined_styles

_HERE = Path(__file__).parent
_KEY = "atlas pictures"
_CHOSEN = "atlas chosen"  # what the session holds
_CELL = re.compile(rf"([0-9]{{1,4}}),([0-9]{{1,4}}|{MEAN})")

_component = st.components.v2.component(
    "attntopo_atlas_view",
    html=(_HERE / "view.html").read_text("utf-8"),
    css=joined_styles(_HERE / "view.css"),
    js=joined_modules(_HERE),
)
_news = st.components.v2.component(
    "attntopo_atlas_news",
    html="<span\nhidden></span>",  # of one line it would be taken for a file's name
    # It may be there before the pictures, which look for it then.
    js="""
export default function tell({ data }) {
  document.attntopoAtlas = data.pictures;
  document.dispatchEvent(new CustomEvent("attntopo-atlas"));
}
""",
)


def mount(pictures: str) -> None:
    """Draw the pictures.

    Parameters
    ----------
    pictures : str
        From `figures.head_pictures.painted_heads`.
    """
    _component(key=_KEY, data={"pictures": pictures}, on_open_change=_take)


def send_more(pictures: str, number: int) -> None:
    """Send what is known by now to the pictures that were drawn in this run.

    Parameters
    ----------
    pictures : str
        As for `mount`, of the same photos, model, distance and scale.
    number : int
        Another one each time.
    """
    _news(key=f"atlas news {number}", data={"pictures": pictures})


def take_chosen() -> Cell | None:
    """Return the head that the visitor chose, once; the head may be "mean"."""
    chosen: Cell | None = st.session_state.pop(_CHOSEN, None)
    return chosen


def _take() -> None:
    said = (st.session_state.get(_KEY) or {}).get("open")
    chosen = _CELL.fullmatch(said) if isinstance(said, str) else None
    if chosen:
        layer, head = chosen.groups()
        st.session_state[_CHOSEN] = int(layer), head if head == MEAN else int(head)
    session.write()
