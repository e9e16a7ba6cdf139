"""Storage that is somewhere else, or doesn't work."""

import errno
import json
import os
import re
from collections.abc import Iterator

import pytest
from fsspec.config import conf, set_conf_env

from attntopo.publishing.storage import Storage, StorageError
from attntopo.publishing.store import PhotoStore
from tests.harness.published import (
    BUCKET,
    SECRET,
    photo,
    run,
)


def refusals(store: PhotoStore, name: str = "sha256-" + "0" * 64) -> list[StorageError]:
    """What each method raises, when none can work."""
    raised = []
    for ask in (
        lambda: store.load(name),
        lambda: store.publish(photo()),
        lambda: store.delete(name, "key"),
        store.usage,
        store.sweep,
    ):
        with pytest.raises(StorageError) as caught:
            ask()
        raised.append(caught.value)
    return raised


def assert_discreet(errors: list[StorageError], sentence: str) -> None:
    """It says so in a sentence, and tells the cause to the log only."""
    for error in errors:
        assert sentence in str(error)
        assert not re.search(f"/|bucket|127.0.0.1|{SECRET}", str(error))
        assert error.__cause__ is not None


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(folder_store, monkeypatch):
    published = folder_store.publish(photo())

    def deny(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", deny)
    assert_discreet(refusals(folder_store, published.name), "rights or credentials")


def test_a_place_that_is_a_file_is_said_to_be_unusable(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError) as caught:
        PhotoStore(tmp_path / "file", days=1, megabytes=1).publish(photo())
    assert_discreet([caught.value], "can't be used now")


def test_a_bucket_that_is_missing_is_not_taken_for_an_empty_one(s3_address):
    store = PhotoStore("s3://missing-bucket/photos", days=1, megabytes=1)
    assert_discreet(refusals(store), "can't be used now")


@pytest.fixture
def new_connections(s3_address) -> Iterator[None]:
    """S3's file systems are made anew, by the environment of the test."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_server_that_does_not_answer(new_connections, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    store = PhotoStore(f"s3://{BUCKET}/photos", days=1, megabytes=1)
    with pytest.raises(StorageError) as caught:
        store.usage()
    assert_discreet([caught.value], "can't be used now")


def test_credentials_that_are_missing(new_connections, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    assert_discreet(
        refusals(PhotoStore(f"s3://{BUCKET}/photos", days=1, megabytes=1)), "rights or credentials"
    )


def test_a_replica_sees_at_once_what_another_does(s3_address, tmp_path):
    place = f"s3://{BUCKET}/{tmp_path.name}"
    store = PhotoStore(place, days=1, megabytes=100)
    assert store.usage() == (0, 0)
    code = (
        "import sys; from tests.harness.published import *\n"
        "store = PhotoStore(sys.argv[1], days=1, megabytes=100)\n"
        "print(store.publish(photo(7)).delete_key)"
    )
    answer, _ = run(code, place).communicate(timeout=60)
    assert store.load(f"sha256-{photo(7).sha256}").sha256 == photo(7).sha256
    assert store.delete(f"sha256-{photo(7).sha256}", answer.strip())


def test_more_options_come_from_the_environment_of_fsspec(monkeypatch):
    asked = {"s3": {"addressing_style": "virtual"}, "read_timeout": 3}
    monkeypatch.setitem(conf, "s3", {})
    set_conf_env(conf, {"FSSPEC_S3": json.dumps({"config_kwargs": asked})})
    options = Storage("s3://bucket/folder")._files.config_kwargs
    assert options.items() >= asked.items()
    assert options["retries"]["total_max_attempts"] == 2


def test_a_write_that_fails_halfway_leaves_the_old_bytes(tmp_path, monkeypatch):
    storage = Storage(tmp_path)
    storage.write("folder/file", b"old")

    def fail(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="no space left") as caught:
        storage.write("folder/file", b"new")
    assert str(tmp_path) not in str(caught.value)
    assert storage.read("folder/file") == b"old"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]
