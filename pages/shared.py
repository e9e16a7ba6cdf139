import streamlit as st

from attntopo.ui import frame, sharing

frame.view()
st.markdown("### Delete a shared photo")
sharing.deletion()
st.page_link(frame.pages()["compare"], label="Back to Compare", icon=":material/arrow_back:")
