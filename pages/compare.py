import streamlit as st

from attntopo.analysis import count
from attntopo.figures.diagram import shared_end
from attntopo.figures.tokens import token_grid
from attntopo.layout import spring_layout
from attntopo.models import ModelError
from attntopo.skeleton import skeleton_at
from attntopo.ui import cached, compare, controls, frame

view = frame.view()
st.markdown("### The shape of attention in two photos")
st.caption(
    "Every patch is a point; two are close when an attention head looks from both at the same "
    "places. Slide the scale and watch which parts of a photo join up."
)
compare.presets(view)
place = st.empty()
place.info("Starting up …")
sides = frame.sides()

try:
    place.info("Reading the model's configuration …")
    info = cached.describe(view.model)
    with st.sidebar:
        controls.photo_controls()
        controls.head_controls(view, info)
        controls.option_controls()
        frame.link()
    attended = [cached.attention(side, view.model, place) for side in sides]
except ModelError as error:
    frame.fall_back(str(error))
frame.worked()

head = (view.model, view.layer, view.head, view.distance, view.tokens)
found = [
    cached.topology(side, maps, head, place) for side, maps in zip(sides, attended, strict=True)
]
comparison = cached.comparison(sides, head, found)
skeletons = [skeleton_at(one.distances, one.tree, view.scale) for one in found]
counts = [count(one, skeleton) for one, skeleton in zip(found, skeletons, strict=True)]
place.empty()

compare.tiles(comparison, *counts)
compare.curves(view, info, *found)
compare.scale_control(view, info)
end = shared_end(found[0].diagrams, found[1].diagrams, view.scale)
for letter, column, side, maps, one, skeleton, counted in zip(
    "AB", st.columns(2, gap="large"), sides, attended, found, skeletons, counts, strict=True
):
    tokens = token_grid(maps.input_pixels, maps.grid, info.prefix, one.distances.tokens)
    layout = spring_layout(skeleton) if view.layout == "spring" else cached.layout(side, head, one)
    with column:
        compare.side(letter, view, tokens, skeleton, layout, one, counted, end)
compare.notes_on_colours(view)
compare.numbers(view, info, comparison, *counts)
