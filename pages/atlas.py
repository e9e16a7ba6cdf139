import streamlit as st

from attntopo.models import ModelError
from attntopo.ui import session
from attntopo.ui.parts import atlas_page, compare_page, controls, page_head
from attntopo.ui.results import all_heads, steps

view, status = page_head.open_page()
view = view.together()
st.markdown("### All layers and heads at once")
compare_page.explain(
    "Each cell is one attention head. See where two photos differ most, and how the shape of "
    "attention changes with depth; select a cell to open that head in Compare."
)
status.say("Starting up …")
sides = session.sides()

try:
    info = session.shared_info(view)
    with st.sidebar:
        controls.photo_controls(expanded=True)
        controls.head_controls(view, info)
        controls.option_controls("tokens")
    attended = [steps.attend(side, view.model, status) for side in sides]
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()
scales = atlas_page.shown_scales(view, info, sides, attended, status)
status.clear()

page = all_heads.Heads(view, sides, attended, scales)
del attended
compare_page.like_for_like(info)
atlas_page.one_model(session.current())
atlas_page.quantity_control(view)
atlas_page.fill_in(page)
atlas_page.heat_maps(page)
atlas_page.by_layer(page)
controls.scale_control(view, info, scales)
atlas_page.through_depth(page, info)
atlas_page.table(page)
atlas_page.download_row(page, info)
