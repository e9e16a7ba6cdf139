"""Two servers and one browser for all tests here, and a visitor for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.harness.app import waits_for
from tests.harness.browser import Server, Visitor, chromium
from tests.harness.hub_server import HubServer
from tests.harness.model_folders import DINO, write_folder, write_tiny


@pytest.fixture(scope="package")
def folders(tmp_path_factory) -> Path:
    """Where the models are that both servers have, and those of the hub."""
    folder = tmp_path_factory.mktemp("models")
    write_tiny(folder)
    size = {"hidden_size": 384, "num_hidden_layers": 3, "num_attention_heads": 6}
    small = folder / "hub" / "facebook" / "dino-vits16"
    write_folder(small, "ViTModel", DINO, **size, intermediate_size=1536)
    return folder


@pytest.fixture(scope="package")
def closed_gate(tmp_path_factory) -> Path:
    """The file by which `gate` is closed."""
    return tmp_path_factory.mktemp("gate") / "closed"


@pytest.fixture(scope="package")
def server(folders, closed_gate) -> Iterator[Server]:
    with Server(
        module="tests.harness.instrumented_server",
        ATTNTOPO_STATUS_SECONDS="0.1",
        ATTNTOPO_MODELS=str(folders / "tiny"),
        ATTNTOPO_TEST_GATE=str(closed_gate),
    ) as running:
        yield running


@pytest.fixture
def gate(server, closed_gate) -> Iterator[Path]:
    """A file: until it is deleted, the first server gets a little way with long work, and waits.

    What other tests have had computed isn't computed again: a test with it needs a view that no
    other has.
    """
    waits_for(server.is_idle)
    closed_gate.touch()
    yield closed_gate
    closed_gate.unlink(missing_ok=True)


@pytest.fixture(scope="package")
def address(server: Server) -> str:
    return server.address


@pytest.fixture(scope="package")
def hub(folders) -> Iterator[HubServer]:
    """The hub that the other server reaches, with one small model."""
    with HubServer(folders / "hub") as running:
        yield running


@pytest.fixture(scope="package")
def other_server(folders, hub) -> Iterator[Server]:
    """One that knows nothing of what was done on the first.

    It takes uploads from within other sites' frames, and reaches a hub.
    """
    with Server(
        ATTNTOPO_MODELS=str(folders / "tiny"),
        HF_ENDPOINT=hub.address,
        HF_HOME=str(folders / "home"),
        STREAMLIT_SERVER_XSRF_COOKIE_SAME_SITE="none",
    ) as running:
        yield running


@pytest.fixture(scope="package")
def other_address(other_server: Server) -> str:
    return other_server.address


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
