"""Several who publish, delete, sweep and read at once, and processes that are killed."""

import errno
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest

from attntopo.publishing.claims import CLAIM_BYTES
from attntopo.publishing.png import decode_png, encode_png
from attntopo.publishing.storage import Storage, StorageError
from attntopo.publishing.store import (
    LEFTOVER_SECONDS,
    PhotoGoneError,
    PhotoStore,
    Published,
    StoreFullError,
)
from tests.harness.published import (
    photo,
    photo_files,
    publish_and_delete,
    run,
)


def when(store: PhotoStore, method: str, file: str, act: Callable[[], object]) -> None:
    """Act once, just before the store first calls a method of its storage with such a file."""
    usual = getattr(store._storage, method)

    def first_act(name: str = "", *rest):
        if re.search(file, name):
            setattr(store._storage, method, usual)
            act()
        return usual(name, *rest)

    setattr(store._storage, method, first_act)


def test_a_photo_published_while_it_is_removed_is_put_back(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())
    theirs: list[Published] = []
    when(store, "remove", r"\.png$", lambda: theirs.append(other.publish(photo())))
    assert not store.delete(mine.name, mine.delete_key)
    assert other.load(mine.name).sha256 == photo().sha256
    assert other.delete(mine.name, theirs[0].delete_key)
    assert not Storage(place).sizes()


def test_a_photo_that_is_put_back_too_late_is_removed_again(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())
    theirs: list[Published] = []
    when(store, "remove", r"\.png$", lambda: theirs.append(other.publish(photo())))
    when(store, "write", r"\.png$", lambda: other.delete(mine.name, theirs[0].delete_key))
    store.delete(mine.name, mine.delete_key)
    assert not Storage(place).sizes()


def test_a_reader_waits_for_a_photo_that_is_put_back(store, place):
    published = store.publish(photo())
    file = f"{published.name}/photo.png"
    data = Storage(place).read(file)
    Storage(place).remove(file)
    thread = threading.Timer(0.1, Storage(place).write, (file, data))
    thread.start()
    try:
        assert store.load(published.name).sha256 == photo().sha256
    finally:
        thread.join()


def test_a_sweep_does_not_break_an_unfinished_publication(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    when(store, "write", r"\.claim$", other.sweep)
    published = store.publish(photo())
    assert other.load(published.name).sha256 == photo().sha256


@pytest.mark.parametrize("file", [r"\.png$", r"\.claim$"])
def test_a_publication_that_fails_is_taken_back(store, place, file):
    def fail():
        raise StorageError("The storage is gone.")

    when(store, "write", file, fail)
    with pytest.raises(StorageError, match="The storage is gone"):
        store.publish(photo())
    assert not Storage(place).sizes()
    store.publish(photo())


def test_a_publication_that_fails_leaves_another_of_the_same_photo(store):
    published = store.publish(photo())
    when(store, "write", r"\.claim$", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.publish(photo())
    assert store.load(published.name).sha256 == photo().sha256
    assert store.delete(published.name, published.delete_key)


def test_threads_that_publish_the_same_photo_make_one_file(place):
    def publish(_turn: int) -> Published:
        return PhotoStore(place, days=1, megabytes=100).publish(photo(5, 200, 200))

    with ThreadPoolExecutor(8) as pool:
        everyone = list(pool.map(publish, range(10)))
    store = PhotoStore(place, days=1, megabytes=100)
    assert len(photo_files(place)) == store.usage().photos == 1
    with ThreadPoolExecutor(8) as pool:
        delete = partial(PhotoStore(place, days=1, megabytes=100).delete, everyone[0].name)
        gone = list(pool.map(delete, [one.delete_key for one in everyone[1:]]))
    assert not any(gone)
    assert store.load(everyone[0].name).sha256 == photo(5, 200, 200).sha256
    assert store.delete(everyone[0].name, everyone[0].delete_key)
    assert not Storage(place).sizes()


def test_threads_that_publish_and_delete_the_same_photo(place):
    turns = 3 if place.startswith("s3") else 30
    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(publish_and_delete, place, turns) for _ in range(6)]:
            future.result()
    assert not Storage(place).sizes()


def test_processes_that_publish_and_delete_the_same_photo(tmp_path):
    code = (
        "import sys; from tests.harness.published import publish_and_delete;"
        "publish_and_delete(sys.argv[1], 60)"
    )
    processes = [run(code, str(tmp_path / "photos")) for _ in range(3)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert not list((tmp_path / "photos").iterdir())


def test_the_quota_holds_when_many_publish_at_once(place):
    size = len(encode_png(photo())) + CLAIM_BYTES
    megabytes = 3.5 * size / 1e6

    def publish(seed: int) -> None:
        with suppress(StoreFullError):
            PhotoStore(place, days=1, megabytes=megabytes).publish(photo(seed))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, range(10)))
    usage = PhotoStore(place, days=1, megabytes=megabytes).usage()
    assert usage.photos <= 3
    assert usage.bytes <= megabytes * 1e6


def test_a_process_killed_while_publishing_leaves_the_store_intact(tmp_path):
    code = (
        "import sys, itertools; from tests.harness.published import *\n"
        "store = PhotoStore(sys.argv[1], days=1, megabytes=1000)\n"
        "for seed in itertools.count(int(sys.argv[2])):\n"
        "    print(store.publish(photo(seed, 300, 300)).name, flush=True)"
    )
    place = tmp_path / "photos"
    confirmed: list[str] = []
    for turn in range(4):
        process = run(code, str(place), str(1000 * turn))
        assert process.stdout is not None
        confirmed.append(process.stdout.readline().strip())
        time.sleep(0.02 + 0.013 * turn)
        process.kill()
        # The last line may be cut off where the process was.
        confirmed += [line for line in process.stdout.read().splitlines() if len(line) == 71]
        process.wait()

    store = PhotoStore(place, days=1, megabytes=1000)
    assert len(confirmed) >= 4
    for file in place.glob("*/photo.png"):
        decode_png(file.read_bytes(), file.parent.name.removeprefix("sha256-"))
    later = PhotoStore(place, days=1, megabytes=1000, now=lambda: time.time() + LEFTOVER_SECONDS)
    later.sweep()
    assert not list(place.glob("*/.*.part"))
    for folder in place.iterdir():
        if not any(folder.iterdir()):  # killed before it wrote anything into it
            continue
        assert f"sha256-{store.load(folder.name).sha256}" == folder.name
    assert set(confirmed) <= {folder.name for folder in place.iterdir()}
    store.publish(photo())


def test_leftovers_are_swept_after_an_hour_and_never_counted(folder_store, tmp_path, clock):
    published = folder_store.publish(photo())
    usage, whole = folder_store.usage(), set(Storage(tmp_path / "photos").sizes())
    leftovers = [tmp_path / "photos" / published.name / f".{i}.part" for i in range(2)]
    for leftover, age in zip(leftovers, (LEFTOVER_SECONDS - 9, LEFTOVER_SECONDS + 9), strict=True):
        leftover.write_bytes(b"half a photo")
        os.utime(leftover, (clock() - age, clock() - age))
    assert folder_store.usage() == usage
    assert set(Storage(tmp_path / "photos").sizes()) == whole
    folder_store.sweep()
    assert [leftover.exists() for leftover in leftovers] == [True, False]


def test_a_photo_that_nobody_claims_is_not_published_and_swept(store, place):
    name = f"sha256-{photo().sha256}"
    Storage(place).write(f"{name}/photo.png", encode_png(photo()))
    with pytest.raises(PhotoGoneError):
        store.load(name)
    other = store.publish(photo(1))
    assert photo_files(place) == [f"{other.name}/photo.png"]


def test_a_claim_whose_photo_is_missing_is_not_published(store, place):
    published = store.publish(photo())
    Storage(place).remove(f"{published.name}/photo.png")
    with pytest.raises(PhotoGoneError):
        store.load(published.name)
    assert store.delete(published.name, published.delete_key)
    assert not Storage(place).sizes()


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
