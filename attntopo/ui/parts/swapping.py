"""A and B change places, and what is selected stays selected."""

from typing import Any

import numpy as np
import streamlit as st

from attntopo.links import NOTHING, View, parse_selection, swapped
from attntopo.ui import session
from attntopo.ui.results import Panels, match_panels
from attntopo.ui.runtime import StatusLine

# What the session holds: the pair of bars that was selected, and the view after the swap.
_PAIR = "pair selected before the swap"


def swap() -> None:
    """Swap the photos, with each one's own head, camera and selection; a button's callback."""
    view = session.current()
    changes: dict[str, Any] = {
        "a": view.b,
        "b": view.a,
        "camera_a": view.camera_b,
        "camera_b": view.camera_a,
        "shown": {"a": "b", "b": "a"}[view.shown],
        "selection": swapped(view.selection),
    }
    if view.b_has_own_head:
        for name in ("model", "layer", "head"):
            changes |= {name: getattr(view, f"{name}_b"), f"{name}_b": getattr(view, name)}
    selected = parse_selection(view.selection)
    if session.put(**changes) and selected and selected.kind == "pair":
        st.session_state[_PAIR] = view.selection, session.current()


def select_pair_again(panels: Panels, status: StatusLine) -> None:
    """Select the pair that was selected before a swap, or say that there is none such any more."""
    text, then = st.session_state.pop(_PAIR, (NOTHING, None))
    now: View = session.current()
    selected = parse_selection(text)
    if selected is None or then is None or now.selection != NOTHING or not now.has_same_heads(then):
        return
    bars = match_panels(panels[::-1], status)[selected.matching].pairs[selected.number]
    pairs = match_panels(panels, status)[selected.matching].pairs
    (numbers,) = np.nonzero((pairs == bars[::-1]).all(axis=1))
    if len(numbers):
        session.put(selection=f"pair-{selected.matching}-{numbers[0]}")
    else:
        st.warning(
            "The two bars that were selected aren't partners in the matching the other way round: "
            "of several that cost the same it is another. Nothing is selected."
        )
