"""One server for all tests here that need no other settings, as a public demo has them."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.browser import Server


@pytest.fixture(scope="package")
def file_limit() -> int:
    """How many files the server may have open by default: few."""
    return 128


@pytest.fixture(scope="package")
def network_log(tmp_path_factory) -> Path:
    """The file with all that the server tried to reach."""
    return tmp_path_factory.mktemp("network") / "log"


@pytest.fixture(scope="package")
def server(network_log, file_limit) -> Iterator[Server]:
    server = Server(
        module="tests.harness.instrumented_server",
        ATTNTOPO_TEST_NETWORK_LOG=str(network_log),
        ATTNTOPO_DOWNLOADS="off",
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
