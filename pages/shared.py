import streamlit as st

from attntopo.ui import frame, sharing

frame.view()
st.markdown("### Delete a shared photo")
sharing.deletion()
frame.back_to_compare()
