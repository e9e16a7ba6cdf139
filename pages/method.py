import streamlit as st

from attntopo.ui.parts import method
from attntopo.ui.session import frame

frame.view()
with st.container(width=760):
    st.markdown("### Method: from photo to persistence diagram")
    method.paragraphs()
    method.honesty()
    method.references()
frame.back_to_compare()
