"""Runs that go on where they stopped, in this process: storage that fails, photos that change."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fsspec
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from attntopo.runs import RunError, RunOptions, addresses, run_over_photos
from attntopo.runs.run_error import StorageGoneError
from tests.harness.photo_server import PhotoServer
from tests.harness.photos import jpeg
from tests.harness.published import BUCKET
from tests.harness.runs import errors_at, rows_at, tiny_jpegs

PHOTOS = tiny_jpegs(24)

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, data in PHOTOS.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def options(tiny_model) -> RunOptions:
    return RunOptions(tiny_model, layers=(1,), heads=(0,))


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(addresses, "_WAITS", (0.01, 0.1, 0.5))


def run(source, out, options, **more):
    return run_over_photos("features", str(source), str(out), options, **more)


class StoppedError(Exception):
    pass


def stop_after(n: int):
    """Stop a run after so many photos, as Ctrl-C does."""

    def report(progress):
        if progress.n_done >= n:
            raise StoppedError

    return report


def test_what_is_done_is_not_done_again(folder, tmp_path, options):
    whole = run(folder, tmp_path / "whole", options)
    with suppress(StoppedError):
        run(folder, tmp_path / "out", options, report=stop_after(10))
    names = set(os.listdir(tmp_path / "out/features"))
    assert 0 < len(names) < len(os.listdir(tmp_path / "whole/features"))
    assert errors_at(tmp_path / "out") == {}
    progress = run(folder, tmp_path / "out", options)
    assert 0 < progress.n_before < len(PHOTOS) == progress.n_done == whole.n_done
    pd.testing.assert_frame_equal(rows_at(tmp_path / "out"), rows_at(tmp_path / "whole"))
    assert set(os.listdir(tmp_path / "out/features")) == set(
        os.listdir(tmp_path / "whole/features")
    )
    assert run(folder, tmp_path / "out", options).seconds == {}


def test_photos_that_come_are_added_and_those_that_change_replaced(folder, tmp_path, options):
    run(folder, tmp_path / "out", options)
    before = rows_at(tmp_path / "out").set_index("photo")
    (folder / "p0100.jpg").write_bytes(jpeg(100, (80, 60)))
    (folder / "p0003.jpg").write_bytes(jpeg(101, (80, 60)))
    progress = run(folder, tmp_path / "out", options)
    assert progress.n_before == len(PHOTOS) - 1
    after = rows_at(tmp_path / "out").set_index("photo")
    assert after.index.is_unique
    assert set(after.index) - set(before.index) == {str(folder / "p0100.jpg")}
    changed = after.loc[before.index, "sha256"] != before["sha256"]
    assert list(before.index[changed]) == [str(folder / "p0003.jpg")]


def test_another_source_is_added(folder, tmp_path, options):
    run(f"{folder}/p000*.jpg", tmp_path / "out", options)
    assert run(folder, tmp_path / "out", options).n_before == 10
    run("-", tmp_path / "out", options, lines=[str(folder / "p0001.jpg")])
    assert len(rows_at(tmp_path / "out")) == len(PHOTOS)


def test_refused_photos_are_tried_again_when_asked_for(folder, tmp_path, options):
    bad = folder / "bad.jpg"
    bad.write_bytes(b"no photo")
    (folder / "worse.jpg").write_bytes(b"no photo either")
    lines = [str(path) for path in folder.iterdir()]
    run("-", tmp_path / "out", options, lines=lines)
    assert len(errors_at(tmp_path / "out")) == 2
    # As a storage that says nothing of when a file changed.
    stat = bad.stat()
    bad.write_bytes(jpeg(200, (80, 60)))
    os.utime(bad, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    progress = run(folder, tmp_path / "out", options, retry_errors=True)
    assert progress.n_before == len(PHOTOS)
    assert set(errors_at(tmp_path / "out")) == {str(folder / "worse.jpg")} == set(progress.refused)
    rows = rows_at(tmp_path / "out")
    assert rows["photo"].is_unique
    assert len(rows) == len(PHOTOS) + 1


@pytest.mark.parametrize(
    ("other", "sentence"),
    [({"distance": "hellinger"}, "distance: jensen-shannon there, hellinger now"),
     ({"layers": (0,)}, "layers: 1 there, 0 now")],
)  # fmt: skip
def test_an_address_holds_one_run(folder, tmp_path, options, other, sentence):
    run(folder, tmp_path / "out", options)
    with pytest.raises(RunError) as caught:
        run(folder, tmp_path / "out", RunOptions(**(vars(options) | other)))
    assert sentence in str(caught.value)


def test_other_weights_in_the_same_folder_are_another_run(folder, tmp_path, options, monkeypatch):
    run(folder, tmp_path / "out", options)
    weights = Path(options.model, "model.safetensors")
    data = weights.read_bytes()
    try:
        weights.write_bytes(data[:-4] + b"\0\0\0\0")
        with pytest.raises(RunError, match="commit: "):
            run(folder, tmp_path / "out", options)
    finally:
        weights.write_bytes(data)


# --- storage ----------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "s3"])
def storage(request, tmp_path) -> str:
    if request.param == "memory":
        return f"memory://{tmp_path.name}"
    request.getfixturevalue("s3_address")
    return f"s3://{BUCKET}/runs/{tmp_path.name}"


def test_photos_and_tables_elsewhere(folder, tmp_path, options, storage):
    files, path = fsspec.url_to_fs(storage)
    for name, data in PHOTOS.items():
        files.pipe_file(f"{path}/photos/{name}", data)
    out = f"{storage}/out"
    with suppress(StoppedError):
        run(f"{storage}/photos", out, options, report=stop_after(8))
    assert run(f"{storage}/photos", out, options).n_before >= 8
    run(folder, tmp_path / "whole", options)
    names = ["photo"]
    files.get(f"{path}/out", str(tmp_path / "copy"), recursive=True)
    here, there = rows_at(tmp_path / "whole"), rows_at(tmp_path / "copy")
    pd.testing.assert_frame_equal(here.drop(columns=names), there.drop(columns=names))


class Flaky(MemoryFileSystem):
    """Fails at every third thing that is asked of it."""

    protocol = "flaky"
    store: dict = {}  # noqa: RUF012
    n_asked = 0

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("flaky://", "memory://"))

    def _ask(self) -> None:
        type(self).n_asked += 1
        if self.n_asked % 3 == 0:
            raise OSError("connection reset")

    def cat_file(self, *arguments, **more):
        self._ask()
        return super().cat_file(*arguments, **more)

    def pipe_file(self, *arguments, **more):
        self._ask()
        return super().pipe_file(*arguments, **more)

    def ls(self, *arguments, **more):
        self._ask()
        return super().ls(*arguments, **more)


def test_a_storage_that_fails_now_and_then(folder, tmp_path, options, impatient):
    fsspec.register_implementation("flaky", Flaky, clobber=True)
    run(folder, "flaky://tables/out", options)
    assert Flaky.n_asked > 3
    run(folder, tmp_path / "whole", options)
    for path, file in Flaky.store.items():
        target = tmp_path / "copy" / path.strip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.getvalue())
    pd.testing.assert_frame_equal(
        rows_at(tmp_path / "copy/tables/out"), rows_at(tmp_path / "whole")
    )


def test_a_network_that_is_lost_refuses_no_photo(tmp_path, options, impatient):
    with PhotoServer(PHOTOS) as server:

        def lose(progress):
            server.fails = progress.n_done >= 8

        with pytest.raises(StorageGoneError, match="can't be read"):
            run("-", tmp_path / "out", options, lines=server.addresses, report=lose)
        assert errors_at(tmp_path / "out") == {}
        server.fails = False
        progress = run("-", tmp_path / "out", options, lines=server.addresses)
        assert 8 <= progress.n_before < len(PHOTOS)
        assert sorted(rows_at(tmp_path / "out")["photo"]) == sorted(server.addresses)


def test_one_file_that_cannot_be_read_is_refused(folder, tmp_path, options, impatient, monkeypatch):
    read = addresses.read_bytes

    def broken(address, *arguments, **more):
        if address.endswith("p0005.jpg"):
            raise StorageGoneError(f"{address} can't be read: Input/output error.")
        return read(address, *arguments, **more)

    monkeypatch.setattr("attntopo.runs.piece_work.read_bytes", broken)
    run(folder, tmp_path / "out", options)
    name = str(folder / "p0005.jpg")
    assert errors_at(tmp_path / "out") == {name: f"{name} can't be read: Input/output error."}


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """A disk that is full as soon as a file has so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(folder, tmp_path, options):
    run(folder, tmp_path / "whole", options)
    with suppress(StoppedError):
        run(folder, tmp_path / "out", options, report=stop_after(8))
    before = {path: path.read_bytes() for path in (tmp_path / "out/features").iterdir()}
    # Which photos are a piece, and how large its file is, follows from where they lie.
    smallest = min(path.stat().st_size for path in (tmp_path / "whole/features").iterdir())
    with files_of_at_most(smallest - 1), pytest.raises(StorageGoneError, match="File too large"):
        run(folder, tmp_path / "out", options)
    assert {path: path.read_bytes() for path in (tmp_path / "out/features").iterdir()} == before
    run(folder, tmp_path / "out", options)
    pd.testing.assert_frame_equal(rows_at(tmp_path / "out"), rows_at(tmp_path / "whole"))


def test_a_file_that_is_cut_off_is_done_again(folder, tmp_path, options):
    run(folder, tmp_path / "out", options)
    expected = rows_at(tmp_path / "out")
    file = next((tmp_path / "out/features").iterdir())
    file.write_bytes(file.read_bytes()[:-100])
    assert run(folder, tmp_path / "out", options).n_before < len(PHOTOS)
    pd.testing.assert_frame_equal(rows_at(tmp_path / "out"), expected)


def test_what_killed_processes_began_to_write_is_removed(folder, tmp_path, options):
    run(folder, tmp_path / "out", options)
    left = tmp_path / "out/features" / f".{'0' * 32}.part"
    left.write_bytes(b"half")
    run(folder, tmp_path / "out", options)
    assert left.exists()  # it may be another process's
    os.utime(left, (0, 0))
    run(folder, tmp_path / "out", options)
    assert not left.exists()
