"""Stores of photos, over a folder, fsspec's memory, and S3 as a real server speaks it."""

import pytest

from attntopo.publishing.store import PhotoStore
from tests.harness.published import BUCKET, Clock
from tests.harness.s3 import s3_address, s3_server  # noqa: F401 - fixtures


@pytest.fixture(params=["folder", "memory", "s3"])
def place(request, tmp_path) -> str:
    if request.param == "folder":
        return str(tmp_path / "photos")
    if request.param == "memory":
        return f"memory://{tmp_path.name}"
    request.getfixturevalue("s3_address")
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(place, clock) -> PhotoStore:
    return PhotoStore(place, days=30, megabytes=100, now=clock)


@pytest.fixture
def folder_store(tmp_path, clock) -> PhotoStore:
    return PhotoStore(tmp_path / "photos", days=30, megabytes=100, now=clock)
