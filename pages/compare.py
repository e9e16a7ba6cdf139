import streamlit as st

from attntopo.model_info import ModelError
from attntopo.persistence import PersistenceError
from attntopo.ui import cached, compare, controls, frame, sample_pairs, takeaway

view = frame.view()
st.markdown("### The shape of attention in two photos")
compare.explain(
    "Every patch of a photo is a token; two are close when an attention head looks from both at "
    "the same places. Slide the scale and watch which parts of a photo join up."
)
compare.presets(view)
place = st.empty()
place.info("Starting up …")
sides = frame.sides()

try:
    info = frame.shared(view)
    with st.sidebar:
        controls.photo_controls()
        controls.head_controls(view, info)
        controls.option_controls("tokens", "layout", "color")
        frame.link()
    attended = [cached.attention(side, view.model, place) for side in sides]
except ModelError as error:
    frame.fall_back(str(error))
frame.worked()

try:
    found = [
        cached.topology(side, maps, cached.head_key(view), place)
        for side, maps in zip(sides, attended, strict=True)
    ]
except PersistenceError as error:
    place.error(str(error))
    st.stop()
comparison = cached.comparison(sides, cached.head_key(view), found)
place.empty()

a, b = (
    compare.half(letter, view, of_side, side, maps, topology)
    for letter, of_side, side, maps, topology in zip(
        "AB", info.sides, sides, attended, found, strict=True
    )
)
compare.tiles(comparison, a, b)
sample_pairs.line(view, sides, comparison.h0_bottleneck)
compare.like_for_like(info)
compare.scale_control(view, info)
compare.photos(view, (a, b))
compare.curves(view, info, a, b)
compare.diagrams(view, (a, b))
rows = takeaway.numbers(view, comparison, (a, b))
takeaway.files(view, info, rows, (a, b), attended)
sample_pairs.begin(view, sides)
