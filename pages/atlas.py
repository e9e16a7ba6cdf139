import streamlit as st

from attntopo.models import ModelError
from attntopo.ui.parts import atlas, compare, controls
from attntopo.ui.results import all_heads, steps
from attntopo.ui.session import frame

view = frame.view().together()
st.markdown("### All layers and heads at once")
compare.explain(
    "Each cell is one attention head. See where two photos differ most, and how the shape of "
    "attention changes with depth; select a cell to open that head in Compare."
)
place = st.empty()
place.info("Starting up …")
sides = frame.sides()

try:
    info = frame.shared_info(view)
    with st.sidebar:
        controls.photo_controls()
        controls.head_controls(view, info)
        controls.option_controls("tokens")
        frame.link()
    attended = [steps.attention(side, view.model, place) for side in sides]
except ModelError as error:
    frame.fall_back(str(error))
frame.worked()
place.empty()

page = all_heads.Heads(view, sides, attended)
del attended
compare.like_for_like(info)
atlas.one_model(frame.current())
atlas.quantity_control(view)
atlas.fill_in(page)
atlas.heat_maps(page)
atlas.by_layer(page)
controls.scale_control(view, info)
atlas.through_depth(page, info)
atlas.table(page)
atlas.downloads(page, info)
