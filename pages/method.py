import streamlit as st

from attntopo.ui import frame, method

frame.view()
with st.container(width=760):
    st.markdown("### Method: from photo to persistence diagram")
    method.paragraphs()
    method.honesty()
    method.references()
frame.back_to_compare()
