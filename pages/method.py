import streamlit as st

from attntopo.ui import frame

frame.view()
st.title("Method")
