from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from attntopo.settings import app_settings


@pytest.fixture(autouse=True)
def app_py_runs_on_every_page(monkeypatch):
    """As in a real server once app.py has run: AppTest would skip it on later runs otherwise."""
    original = PagesManager.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)


@pytest.fixture
def configured(monkeypatch) -> Iterator[Callable[..., None]]:
    """A function that sets variables; everything that was kept is forgotten before and after."""

    def forget() -> None:
        app_settings.cache_clear()
        st.cache_data.clear()
        st.cache_resource.clear()

    def configure(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        forget()

    yield configure
    monkeypatch.undo()
    forget()
