import streamlit as st

from attntopo.models import ModelError
from attntopo.ui import session
from attntopo.ui.parts import (
    controls,
    page_head,
    photos_panel,
    stability_controls,
    stability_heads,
    stability_page,
)
from attntopo.ui.results import photo_attention

view, status = page_head.open_page("Perturb a photo: how far does its shape move, and what stays?")
view = view.together()
status.say("Starting up …")
sides = session.sides()

try:
    info = stability_controls.info_of(view)
    with st.sidebar:
        controls.head_controls(view, info)
        photos_panel.photo_controls(expanded=False)
        controls.option_controls("tokens")
    with st.container(key="wide"):
        photo, other = stability_controls.photo_pair(view, sides)
    choice = view.changed(info)[0].side("a")
    attention = photo_attention.attend(photo, choice, status)
except ModelError as error:
    session.fall_back(str(error))
session.remember_model()

clean = stability_controls.clean(view, info, photo, attention, status)
del attention
status.clear()
with st.container(key="wide-below"):
    page = stability_page.Page(view, info, clean, status)
    page.draw()
    heads = stability_heads.Section(view, info, clean, other)
    heads.draw()
    if page.fill_in():
        heads.fill_in(page.beside)
status.clear()
