import streamlit as st

from attntopo.models import ModelError
from attntopo.ui import session
from attntopo.ui.parts import atlas, compare, controls
from attntopo.ui.results import all_heads, steps

view = session.view().together()
st.markdown("### All layers and heads at once")
compare.explain(
    "Each cell is one attention head. See where two photos differ most, and how the shape of "
    "attention changes with depth; select a cell to open that head in Compare."
)
place = st.empty()
place.info("Starting up …")
sides = session.sides()

try:
    info = session.shared_info(view)
    with st.sidebar:
        controls.photo_controls()
        controls.head_controls(view, info)
        controls.option_controls("tokens")
        session.draw_link()
    attended = [steps.attention(side, view.model, place) for side in sides]
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()
place.empty()

page = all_heads.Heads(view, sides, attended)
del attended
compare.like_for_like(info)
atlas.one_model(session.current())
atlas.quantity_control(view)
atlas.fill_in(page)
atlas.heat_maps(page)
atlas.by_layer(page)
controls.scale_control(view, info)
atlas.through_depth(page, info)
atlas.table(page)
atlas.downloads(page, info)
