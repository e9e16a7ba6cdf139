import streamlit as st

from attntopo.ui import session
from attntopo.ui.parts import page_head, sharing

page_head.open_page()
st.markdown("### Delete a shared photo")
sharing.deletion()
session.back_to_compare()
