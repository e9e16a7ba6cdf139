import streamlit as st

from attntopo.models import ModelError
from attntopo.topology import PersistenceError
from attntopo.ui import preset_pictures, session
from attntopo.ui.parts import (
    compare_page,
    controls,
    exports_panel,
    page_head,
    photos_panel,
    sample_pairs,
)
from attntopo.ui.results import (
    compare_panels,
    heads_ahead,
    photo_attention,
    photo_panel,
    scales_of,
    steps,
)
from attntopo.ui.runtime import end_page

view, status = page_head.open_page(
    "Patches of one colour are joined by steps between patches that attend alike. Slide."
)
with st.container(key="wide"):
    preset_pictures.mount(view)
status.say("Starting up …")
sides = session.sides()

try:
    info = session.shared_info(view)
    with steps.analysed_meanwhile(view, sides, status), st.sidebar:
        say_grids = controls.head_controls(view, info, apart=True)
        photos_panel.photo_controls(expanded=False)
        controls.option_controls("tokens", "layout", "color")
    attended = [
        photo_attention.attend_layer(side, view.side(letter), status)
        for side, letter in zip(sides, "ab", strict=True)
    ]
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()
seen = info.seen(attended)
say_grids(seen)

try:
    steps.analyse_both(view, sides, attended, status)
    a, b = (
        photo_panel(letter, view, info, side, attention, status)
        for letter, side, attention in zip("AB", sides, attended, strict=True)
    )
except PersistenceError as error:
    st.error(str(error))
    end_page()
panels = (a, b)
comparison = compare_panels(panels, status)
del attended  # the fragment keeps this page's names, and megabytes with them
status.clear()
whole_run = [True]  # until the fragment has run once


@st.fragment
def follow_the_scale() -> None:
    """Draw all that follows the scale and what is selected; only this runs when they change."""
    now = session.current()
    if not now.has_same_heads(view):  # a photo was chosen on the other
        st.rerun()
    scales = scales_of(now, a.topology, b.topology)
    whole = bool(whole_run and whole_run.pop())
    verdict = sample_pairs.verdict(now, sides, comparison.h0_bottleneck)
    compare_page.linked_view(now, scales, seen, panels, status, verdict, whole)
    now = session.current()  # what a link or a swap had selected may not be there
    with st.container(key="wide-below"):
        sample_pairs.line(now, sides, comparison.h0_bottleneck)
        exports_panel.files(now, scales, info, comparison, panels, status)
        compare_page.selected_token(now, panels)


follow_the_scale()
for side, letter in zip(sides, "ab", strict=True):
    photo_attention.keep_all_layers(side, view.side(letter))
heads_ahead.begin(view, sides, seen)
sample_pairs.begin(view, sides)
