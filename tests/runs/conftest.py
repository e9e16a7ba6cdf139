"""A tiny model, and workers in this process."""

import pytest

from attntopo.runs import running
from tests.harness.runs import InlineWorkers, write_model
from tests.harness.s3 import s3_address, s3_server  # noqa: F401 - fixtures


@pytest.fixture(scope="package")
def tiny_model(tmp_path_factory) -> str:
    return write_model(tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture
def inline(monkeypatch) -> None:
    monkeypatch.setattr(running, "LocalWorkers", InlineWorkers)
