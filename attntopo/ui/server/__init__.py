"""The server: how it starts, and what of Streamlit is changed or bounded for it."""
