"""The row of presets as pictures, above the linked view."""

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from PIL import Image

from attntopo.distances import SCALE_STEPS
from attntopo.figures.jpeg import jpeg_url
from attntopo.links import PRESETS, RING, View
from attntopo.photos import sample
from attntopo.ui import session
from attntopo.ui.results import photo_inputs

_HERE = Path(__file__).parent
_KEY = "presets"
_PIXELS = 68  # twice what is shown, for fine screens

_component = st.components.v2.component(
    "attntopo_presets",
    html='<nav class="attntopo-presets"\n aria-label="Views to start from"></nav>',
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
        data={
            "presets": [
                {
                    "label": preset.label,
                    "seen": preset.seen,
                    "query": urlencode(preset.view.to_query()),
                    "picture": _picture(preset.view.a),
                    "shown": view.shows_as(preset.view),
                    "scale": None if preset.view.scale is None else _step(preset.view.scale),
                    "pick": preset.view.selection,
                }
                for preset in PRESETS
            ]
        },
        on_preset_change=_take,
    )


def _step(scale: float) -> int:
    return round(scale * SCALE_STEPS)


def _take() -> None:
    label = (st.session_state.get(_KEY) or {}).get("preset")
    for preset in PRESETS:
        # Where its model isn't to be had, which is said then, the rest is shown as a link shows it.
        if preset.label == label and not session.put(**asdict(preset.view)):
            session.put(**{**asdict(preset.view), "model": View.model})
            session.note("The embedded model is shown instead.")


@st.cache_data(show_spinner=False)
def _picture(name: str) -> str:
    """Return a small square picture of an example, as a data URL."""
    pixels = photo_inputs.ring().photo.pixels if name == RING else sample(name).pixels
    picture = Image.fromarray(pixels)
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    square = picture.crop((left, top, left + edge, top + edge)).resize((_PIXELS, _PIXELS))
    return jpeg_url(square)
