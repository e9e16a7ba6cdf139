"""The row of presets as pictures, above the linked view."""

from dataclasses import asdict
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from PIL import Image

from attntopo.distances import SCALE_STEPS
from attntopo.figures.jpeg import jpeg_url
from attntopo.links import PRESETS, RING, SHARE_STEPS, View
from attntopo.models import ModelError, trained_id
from attntopo.photos import sample
from attntopo.ui import session
from attntopo.ui.results import models, photo_inputs
from attntopo.ui.runtime import one_document, shared

_HERE = Path(__file__).parent
_KEY = "presets"
_REFUSAL = "preset refused"  # what the session holds
_numbers = count(1)
_PIXELS = 68  # twice what is shown, for fine screens

_component = st.components.v2.component(
    "attntopo_presets",
    html='<div class="attntopo-presets">\n<nav aria-label="Views to start from"></nav>'
    '<p role="status"></p></div>',
    css=(_HERE / "presets.css").read_text("utf-8"),
    js=(_HERE / "presets.js").read_text("utf-8"),
    isolate_styles=False,
)


def mount(view: View) -> None:
    """Draw the presets, each as a link with a picture, and mark the one that is shown.

    The browser unmarks it when the scale is moved or something is selected: only the linked view
    hears of that at once.
    """
    _component(
        key=_KEY,
        data=one_document(
            {
                "presets": [
                    {
                        "label": preset.label,
                        "seen": preset.seen,
                        "query": urlencode(preset.view.to_query()),
                        "picture": _picture(preset.view.a),
                        "shown": view.shows_as(preset.view),
                        "scale": _steps(preset.view.scale, SCALE_STEPS),
                        "share": _steps(preset.view.share, SHARE_STEPS),
                        "pick": preset.view.selection,
                        "lacks": _lacks(preset.view),
                    }
                    for preset in PRESETS
                ],
                "refusal": st.session_state.pop(_REFUSAL, None),
            }
        ),
        on_preset_change=_take,
    )


def _steps(value: float | None, in_one: int) -> int | None:
    """Return a scale or a share as the browser counts it."""
    return None if value is None else round(value * in_one)


def _take() -> None:
    label = (st.session_state.get(_KEY) or {}).get("preset")
    for preset in PRESETS:
        if preset.label == label:
            _show(preset.view)


def _show(view: View) -> None:
    """Show a preset; where its model isn't to be had, say so beneath the row and change nothing.

    A link to it shows what it can instead: somebody who follows one has seen nothing yet.
    """
    try:
        session.shared_info(view)
    except ModelError as error:
        # The number tells the browser that the same sentence is said once more.
        st.session_state[_REFUSAL] = {"number": next(_numbers), "reason": str(error)}
        session.write()
        return
    session.put(**asdict(view))


def _lacks(view: View) -> str:
    """Say which model a view needs that isn't on this machine; nothing where all is here."""
    if view.a == view.b == RING or trained_id(view.model) in models.models_here():
        return ""
    entry = shared.offered_model(view.model)
    return f"needs {entry.label if entry else view.model}, which isn't on this machine"


@st.cache_data(show_spinner=False)
def _picture(name: str) -> str:
    """Return a small square picture of an example, as a data URL."""
    pixels = photo_inputs.ring().photo.pixels if name == RING else sample(name).pixels
    picture = Image.fromarray(pixels)
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    square = picture.crop((left, top, left + edge, top + edge)).resize((_PIXELS, _PIXELS))
    return jpeg_url(square)
