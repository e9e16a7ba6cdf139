import streamlit as st

from attntopo.ui import session
from attntopo.ui.parts import method

session.view()
with st.container(width=760):
    st.markdown("### Method: from photo to persistence diagram")
    method.paragraphs()
    method.honesty()
    method.references()
session.back_to_compare()
