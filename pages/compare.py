import streamlit as st

from attntopo.models import ModelError
from attntopo.topology import PersistenceError
from attntopo.ui import session
from attntopo.ui.parts import compare_page, controls, exports_panel, sample_pairs
from attntopo.ui.results import compare_panels, photo_panel, steps

view = session.open_page()
st.markdown("### The shape of attention in two photos")
compare_page.explain(
    "A photo is cut into patches (tokens), and from each an attention head, a part of the model, "
    "looks at others. Two are close when it looks at the same places from both: slide the scale "
    "and watch which parts of a photo join up."
)
compare_page.preset_row(view)
place = st.empty()
place.info("Starting up …")
sides = session.sides()

try:
    info = session.shared_info(view)
    with st.sidebar:
        controls.photo_controls()
        controls.head_controls(view, info, apart=True)
        controls.option_controls("tokens", "layout", "color")
    attended = [
        steps.attend(side, view.side(letter).model, place)
        for side, letter in zip(sides, "ab", strict=True)
    ]
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()

try:
    a, b = (
        photo_panel(letter, view, info, side, attention, place)
        for letter, side, attention in zip("AB", sides, attended, strict=True)
    )
except PersistenceError as error:
    place.error(str(error))
    st.stop()
panels = (a, b)
comparison = compare_panels(panels, place)
del attended  # the fragment keeps this page's names, and megabytes with them
place.empty()
whole_run = [True]  # until the fragment has run once


@st.fragment
def follow_the_scale() -> None:
    """Draw all that follows the scale and what is selected; only this runs when they change."""
    view = session.current()
    counts = a.counts(view.scale), b.counts(view.scale)
    compare_page.tiles(comparison, *counts)
    sample_pairs.line(view, sides, comparison.h0_bottleneck)
    compare_page.like_for_like(info)
    compare_page.linked_view(view, info, panels, bool(whole_run and whole_run.pop()))
    rows = exports_panel.numbers(comparison, panels, counts)
    exports_panel.files(view, info, rows, panels)
    session.draw_link()


follow_the_scale()
sample_pairs.begin(view, sides)
