"""AttnTopo: set-up and navigation, nothing else."""

import streamlit as st

from attntopo.ui import session

page = session.begin()
st.set_page_config(page_title=f"{page.title} · AttnTopo", layout="wide", initial_sidebar_state=280)
page.run()
