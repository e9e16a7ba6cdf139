"""The first row of every page: name, ways to the pages, what is being done, Copy link."""

import streamlit as st

from attntopo.links import View
from attntopo.ui import session
from attntopo.ui.parts import copy_link
from attntopo.ui.runtime import StatusLine


def open_page() -> tuple[View, StatusLine]:
    """Draw the first row and the notes; the first call on each page.

    Returns
    -------
    View
        All that is on the screen.
    StatusLine
        Where steps that take their time are named.
    """
    view = session.begin_page()
    with st.container(key="nav", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**AttnTopo**", width="content")
        session.page_links()
        with st.container():
            status = StatusLine(st.empty())
        copy_link.draw()
    session.draw_notes()
    return view, status
