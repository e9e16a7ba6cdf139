"""The only part of the library that knows streamlit."""
