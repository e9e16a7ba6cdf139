"""Several who publish, delete, sweep and read at once, and processes that are killed."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from attntopo.publishing.png import decode_png, encode_png
from attntopo.publishing.storage import Storage, StorageError
from attntopo.publishing.store import (
    LEFTOVER_SECONDS,
    PhotoGoneError,
    PhotoStore,
    Published,
    StoreFullError,
)
from tests.harness.published import photo, publish_and_delete, run, when


def test_a_photo_published_while_another_publication_is_deleted_stays(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())
    theirs: list[Published] = []
    when(store, "remove", r"\.png$", lambda: theirs.append(other.publish(photo())))
    assert not store.delete(mine.name, mine.delete_key)
    assert other.load(mine.name).sha256 == photo().sha256
    assert other.delete(mine.name, theirs[0].delete_key)
    assert not Storage(place).sizes()


def test_of_two_who_delete_the_same_photo_at_once_nothing_is_left(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine, theirs = store.publish(photo()), store.publish(photo())
    when(store, "remove", r"\.png$", lambda: other.delete(mine.name, theirs.delete_key))
    assert store.delete(mine.name, mine.delete_key)
    assert not Storage(place).sizes()


def test_the_same_delete_link_pressed_twice_at_once_deletes(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())
    when(store, "remove", r"\.png$", lambda: other.delete(mine.name, mine.delete_key))
    assert store.delete(mine.name, mine.delete_key)
    assert not Storage(place).sizes()


def test_a_reader_whose_file_is_deleted_takes_another(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())

    def publish_and_delete_the_first():
        other.publish(photo())
        other.delete(mine.name, mine.delete_key)

    when(store, "read", r"\.png$", publish_and_delete_the_first)
    assert store.load(mine.name).sha256 == photo().sha256


def test_a_reader_whose_only_file_is_deleted_or_expires_meanwhile_is_told(store, place, clock):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    mine = store.publish(photo())
    when(store, "read", r"\.png$", lambda: other.delete(mine.name, mine.delete_key))
    with pytest.raises(PhotoGoneError):
        store.load(mine.name)
    mine = store.publish(photo())

    def expire():
        clock.time = mine.expires
        other.sweep()

    when(store, "read", r"\.png$", expire)
    with pytest.raises(PhotoGoneError):
        store.load(mine.name)


def test_a_reader_does_not_look_for_ever_for_a_file_that_is_only_a_name(folder_store, tmp_path):
    name = folder_store.publish(photo()).name
    (file,) = (tmp_path / "photos" / name).iterdir()
    file.unlink()
    file.symlink_to(tmp_path / "nowhere")
    with pytest.raises(PhotoGoneError):
        folder_store.load(name)


def test_what_is_being_written_is_neither_shown_nor_counted_nor_swept(
    folder_store, tmp_path, clock, monkeypatch
):
    other = PhotoStore(tmp_path / "photos", days=30, megabytes=100, now=clock)
    usual, looked = os.replace, []

    def look_first(part, whole):
        clock.time = os.stat(part).st_mtime + LEFTOVER_SECONDS - 1
        assert Path(part).read_bytes() == encode_png(photo())
        assert other.usage() == (0, 0)
        assert other.sweep() == 0
        with pytest.raises(PhotoGoneError):
            other.load(f"sha256-{photo().sha256}")
        looked.append(whole)
        usual(part, whole)

    clock.time = time.time()
    monkeypatch.setattr(os, "replace", look_first)
    published = folder_store.publish(photo())
    assert len(looked) == 1
    assert other.load(published.name).sha256 == photo().sha256


def fail():
    raise StorageError("The storage is gone.")


def test_a_publication_that_cannot_be_written_leaves_nothing(store, place):
    when(store, "write", r"\.png$", fail)
    with pytest.raises(StorageError, match="The storage is gone"):
        store.publish(photo())
    assert not Storage(place).sizes()
    store.publish(photo())


def test_a_publication_that_cannot_be_confirmed_is_taken_back(store, place):
    # Once it has been written, the next listing fails.
    when(store, "write", r"\.png$", lambda: when(store, "sizes", "", fail))
    with pytest.raises(StorageError, match="The storage is gone"):
        store.publish(photo())
    assert not Storage(place).sizes()
    store.publish(photo())


def test_a_publication_that_fails_leaves_another_of_the_same_photo(store):
    published = store.publish(photo())
    when(store, "write", r"\.png$", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.publish(photo())
    assert store.load(published.name).sha256 == photo().sha256
    assert store.delete(published.name, published.delete_key)


def test_threads_that_publish_the_same_photo_have_a_file_each(place):
    def publish(_turn: int) -> Published:
        return PhotoStore(place, days=1, megabytes=100).publish(photo(5, 200, 200))

    with ThreadPoolExecutor(8) as pool:
        everyone = list(pool.map(publish, range(10)))
    store = PhotoStore(place, days=1, megabytes=100)
    assert len(Storage(place).sizes()) == 10
    assert store.usage().photos == 1
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
    size = len(encode_png(photo()))
    megabytes = 3.5 * size / 1e6

    def publish(seed: int) -> None:
        with suppress(StoreFullError):
            PhotoStore(place, days=1, megabytes=megabytes).publish(photo(seed))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, range(10)))
    usage = PhotoStore(place, days=1, megabytes=megabytes).usage()
    assert usage.photos <= 3
    assert usage.bytes <= megabytes * 1e6


def lines_until_killed(code: str, n_lines: int, *arguments: str) -> list[str]:
    """What a process prints that is killed (-9) after so many lines, wherever it then is."""
    process = run(code, *arguments)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(n_lines)]
    process.kill()
    lines += process.stdout.readlines()
    process.wait()
    return [line.strip() for line in lines if line.endswith("\n")]  # the last may be cut off


def test_a_process_killed_while_publishing_leaves_the_store_intact(tmp_path):
    code = (
        "import sys, itertools; from tests.harness.published import *\n"
        "store = PhotoStore(sys.argv[1], days=1, megabytes=1000)\n"
        "for seed in itertools.count(int(sys.argv[2])):\n"
        "    print(store.publish(photo(seed, 300, 300)).name, flush=True)"
    )
    place = tmp_path / "photos"
    confirmed = [
        name
        for turn in range(4)
        for name in lines_until_killed(code, 1 + turn, str(place), str(1000 * turn))
    ]
    store = PhotoStore(place, days=1, megabytes=1000)
    assert len(confirmed) >= 10
    for file in place.glob("*/*.png"):
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


def test_a_process_killed_while_deleting_brings_nothing_back(tmp_path):
    code = (
        "import sys, itertools; from tests.harness.published import *\n"
        "store = PhotoStore(sys.argv[1], days=1, megabytes=1000)\n"
        "for seed in itertools.count(int(sys.argv[2])):\n"
        "    kept, gone = store.publish(photo(0)), store.publish(photo(seed))\n"
        "    store.publish(photo(0))\n"
        "    store.delete(gone.name, gone.delete_key), store.delete(kept.name, kept.delete_key)\n"
        "    print(gone.name, kept.delete_key, flush=True)"
    )
    place = tmp_path / "photos"
    deleted = [
        line.split()
        for turn in range(3)
        for line in lines_until_killed(code, 1 + turn, str(place), str(1000 * turn + 1))
    ]
    store = PhotoStore(place, days=1, megabytes=1000)
    assert len(deleted) >= 6
    for name, key in deleted:
        with pytest.raises(PhotoGoneError):
            store.load(name)
        assert not store.is_live(Published(f"sha256-{photo(0).sha256}", key, 0))
    assert store.load(f"sha256-{photo(0).sha256}").sha256 == photo(0).sha256


def test_leftovers_are_swept_after_an_hour_and_never_counted(folder_store, tmp_path, clock):
    published = folder_store.publish(photo())
    usage, whole = folder_store.usage(), set(Storage(tmp_path / "photos").sizes())
    leftovers = [tmp_path / "photos" / published.name / f".{i * 32}.part" for i in "0f"]
    for leftover, age in zip(leftovers, (LEFTOVER_SECONDS - 9, LEFTOVER_SECONDS + 9), strict=True):
        leftover.write_bytes(b"half a photo")
        os.utime(leftover, (clock() - age, clock() - age))
    assert folder_store.usage() == usage
    assert set(Storage(tmp_path / "photos").sizes()) == whole
    folder_store.sweep()
    assert [leftover.exists() for leftover in leftovers] == [True, False]
