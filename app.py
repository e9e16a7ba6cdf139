"""AttnTopo: set-up and navigation, nothing else."""

import streamlit as st

from attntopo.ui.session import frame

frame.load()
page = frame.navigation()
st.set_page_config(page_title=f"{page.title} · AttnTopo", layout="wide")
page.run()
