import streamlit as st

from attntopo.ui.parts import sharing
from attntopo.ui.session import frame

frame.view()
st.markdown("### Delete a shared photo")
sharing.deletion()
frame.back_to_compare()
