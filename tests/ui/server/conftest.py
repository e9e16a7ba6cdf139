"""One server for all tests here that need no other settings, as a public demo has them."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.browser import Server
from tests.harness.model_folders import write_tiny
from tests.harness.probing_session import ALL_MB, FILE_MB


@pytest.fixture(scope="package")
def file_limit() -> int:
    """How many files the server may have open by default: few."""
    return 128


@pytest.fixture(scope="package")
def network_log(tmp_path_factory) -> Path:
    """The file with all that the server tried to reach."""
    return tmp_path_factory.mktemp("network") / "log"


@pytest.fixture(scope="package")
def failure(network_log) -> Path:
    """While this file is there, the server fails with what it says."""
    return network_log.with_name("failure")


@pytest.fixture(scope="package")
def server(network_log, failure, file_limit) -> Iterator[Server]:
    tiny = write_tiny(network_log.parent)
    server = Server(
        module="tests.harness.instrumented_server",
        ATTNTOPO_TEST_NETWORK_LOG=str(network_log),
        ATTNTOPO_TEST_FAILURE=str(failure),
        ATTNTOPO_DOWNLOADS="off",
        ATTNTOPO_MODELS=str(tiny),
        ATTNTOPO_STATUS_SECONDS="0.1",
        ATTNTOPO_PHOTOS=str(network_log.with_name("photos")),
        HF_ENDPOINT="http://hub.invalid",
    )
    default = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit, default[1]))  # which it inherits
    try:
        server.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, default)
    yield server
    server.stop()


@pytest.fixture(scope="package")
def small_server(tmp_path_factory, failure) -> Iterator[Server]:
    """One with little memory that forgets visitors soon, and tells them all of its errors."""
    with Server(
        tmp_path_factory.mktemp("small") / "log",
        "tests.harness.instrumented_server",
        ATTNTOPO_TEST_LIVE_METRICS="on",
        ATTNTOPO_TEST_FAILURE=str(failure),
        ATTNTOPO_DOWNLOADS="off",
        ATTNTOPO_MEMORY_MB=str(4 * ALL_MB),
        ATTNTOPO_UPLOAD_MB=str(FILE_MB),
        ATTNTOPO_ATTENTION_MB=str(FILE_MB),
        ATTNTOPO_STATUS_SECONDS="0.1",
        STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="8",
        STREAMLIT_CLIENT_SHOW_ERROR_DETAILS="full",
    ) as running:
        yield running
