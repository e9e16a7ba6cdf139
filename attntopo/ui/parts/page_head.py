"""The first row of every page: name, ways to the pages, what is being done, Copy link."""

from pathlib import Path

import streamlit as st

from attntopo.links import View
from attntopo.ui import session
from attntopo.ui.parts import copy_link
from attntopo.ui.results import ready_attention
from attntopo.ui.runtime import StatusLine

_STYLE = (Path(__file__).parent / "page_head.css").read_text("utf-8")


def open_page(at_rest: str = "") -> tuple[View, StatusLine]:
    """Draw the first row and the notes; the first call on each page.

    Parameters
    ----------
    at_rest : str
        What the page is about, said in the first row while nothing is done.

    Returns
    -------
    View
        All that is on the screen.
    StatusLine
        Where steps that take their time are named.
    """
    view = session.begin_page()
    st.html(f"<style>{_STYLE}</style>")
    with st.container(key="nav", horizontal=True, vertical_alignment="center", gap="xsmall"):
        with st.container(
            key="name", horizontal=True, wrap=False, width="content", vertical_alignment="center"
        ):
            st.markdown("**AttnTopo**", width="content")
            with st.container(key="about", width="content"):
                st.markdown(":small[The topology of ViT attention]", width="content")
        with st.container(key="pages", horizontal=True, wrap=False, width="content", gap="xsmall"):
            session.page_links()
        with st.container(
            key="status",
            horizontal=True,
            wrap=False,
            horizontal_alignment="right",
            vertical_alignment="center",
        ):
            status = StatusLine(st.empty(), at_rest)
            copy_link.draw()
    session.draw_notes()
    if ready_attention.is_watched():
        _draw_anew_when_replaced(ready_attention.checks().replaced)
    return view, status


@st.fragment(run_every=2)
def _draw_anew_when_replaced(replaced: int) -> None:
    """Draw the page anew once what it shows turned out to be of other numbers."""
    if ready_attention.checks().replaced != replaced:
        session.note(
            "The numbers that lay ready from an earlier start weren't this machine's any "
            "more: these are computed anew."
        )
        st.rerun()
