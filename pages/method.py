import streamlit as st

from attntopo.ui import frame, method

frame.view()
with st.container(width=760):
    st.markdown("### Method: from photo to persistence diagram")
    method.paragraphs()
    method.honesty()
    method.references()
st.page_link(frame.pages()["compare"], label="Back to Compare", icon=":material/arrow_back:")
