import streamlit as st

from attntopo.ui import session
from attntopo.ui.parts import method_page, page_head

page_head.open_page()
with st.sidebar:
    method_page.contents()
with st.container(key="wide"), st.container(width=760):
    st.markdown("### Method: from photo to persistence diagram")
    method_page.summary()
    method_page.paragraphs()
    method_page.honesty()
    method_page.references()
    session.back_to_compare()
