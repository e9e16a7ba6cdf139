"""One server and one browser for all tests here, and a visitor for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.harness.browser import Server, Visitor, chromium


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    server = Server(ATTNTOPO_STATUS_SECONDS="0.1")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def address(server: Server) -> str:
    return server.address


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser)
    yield visitor
    visitor.close()
