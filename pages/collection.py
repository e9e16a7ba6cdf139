import streamlit as st

from attntopo.models import ModelError
from attntopo.ui import session
from attntopo.ui.parts import (
    collection_distances,
    collection_groups,
    collection_intake,
    collection_page,
    collection_sheet,
    controls,
    page_head,
)
from attntopo.ui.results import models
from attntopo.ui.results.collection import Collection

view, status = page_head.open_page("One head on many photos: does it do the same on all of them?")
collection_page.open_chosen(collection_intake.photos_of_view())
view = view.together()
status.say("Starting up …")
sides = session.sides()

try:
    info = collection_page.info_of(view, sides)
    with st.sidebar:
        controls.head_controls(view, info)
        controls.option_controls("tokens")
    models.loaded_model(view.model, status)
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()
status.clear()

with st.container(key="wide"):
    st.markdown("### One head on many photos")
    collection_intake.draw()
    collection_page.about_input(view)
    photos = collection_intake.photos_of_view()
    collection = Collection(view.changed(info)[0], photos)
    sheet = collection_sheet.Sheet(collection, info.sides[0], status)
    sheet.draw()
with st.container(key="wide-below"):
    distances = collection_distances.DistancesSection(collection, info.sides[0])
    groups = collection_groups.GroupsSection(collection, info.sides[0])
    is_last = not (collection.missing or distances.is_waited_for or groups.is_waited_for)
    distances.draw(is_last=is_last)
    groups.draw(is_last=is_last)
sheet.fill_in()
distances.fill_in()
groups.fill_in()
