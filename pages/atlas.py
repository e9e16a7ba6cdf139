import streamlit as st

from attntopo.models import ModelError
from attntopo.ui import session
from attntopo.ui.parts import (
    atlas_asked,
    atlas_downloads,
    atlas_evidence,
    atlas_page,
    atlas_pairs,
    atlas_pictures,
    compare_page,
    controls,
    page_head,
    photos_panel,
)
from attntopo.ui.results import all_heads, photo_attention

view, status = page_head.open_page(
    "A picture is a head: one colour hangs together by steps between patches that attend alike."
)
view = view.together()
wide = st.container(key="wide")
with wide:
    st.markdown("### All layers and heads at once")
status.say("Starting up …")
sides = session.sides()

try:
    info = session.shared_info(view)
    with st.sidebar:
        photos_panel.photo_controls(expanded=True)
        say_grids = controls.head_controls(view, info)
        controls.option_controls("tokens")
    choice = view.changed(info)[0].side("a")
    attended = [photo_attention.attend(side, choice, status) for side in sides]
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()
scales = atlas_page.shown_scales(view, info, sides, attended, status)
status.clear()

seen = info.seen(attended)
say_grids(seen)
page = all_heads.Heads(view, sides, info, attended, scales)
del attended
atlas_pictures.open_chosen(page)

with wide:
    compare_page.draw_caveats(seen)
    if seen.heads_left_out:
        compare_page.explain(seen.heads_left_out)
    atlas_page.one_model(session.current())
    progress = atlas_pictures.scale_choice(view, info, scales)
    atlas_pictures.draw(page)
    atlas_page.quantity_control(view, info, scales)
    verdict = st.container()
    across, beneath = atlas_page.places(page)
    with across:
        maps = st.empty()
    atlas_page.fill_in(page, progress, maps)
    with maps.container():
        atlas_page.heat_maps(page)
    question = None
    if page.quantity.of_nulls:
        question = atlas_evidence.asked_of_nulls(page)
    if page.quantity.of_pairs:
        question = atlas_pairs.asked_of_pairs(page)
    with beneath:
        atlas_page.by_layer(page, not page.missing and (question is None or question.is_whole()))
    depth, heads = st.tabs(["Through depth: CROCKER plots", "All heads: table"])
    with depth:
        atlas_page.through_depth(page, info)
    with heads:
        atlas_page.table(page)
    atlas_downloads.download_row(page, info)
    if question is not None:
        atlas_asked.draw_asked(page, question, verdict, maps)
