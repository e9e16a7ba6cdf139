import streamlit as st

from attntopo.ui import session
from attntopo.ui.parts import page_head, what_holds_page

page_head.open_page()
with st.sidebar:
    what_holds_page.contents()
with st.container(key="wide"), st.container(width=760):
    st.markdown("### What holds, and what doesn't")
    what_holds_page.introduction()
    what_holds_page.draw()
    session.back_to_compare()
