"""A server, a browser, and a visitor for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Visitor, chromium, serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    found = Visitor(browser)
    yield found
    found.close()
