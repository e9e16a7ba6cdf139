"""Files and folders that are written whole or not at all, by processes that fail or are killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attntopo.atomic_files import atomic_folder, atomic_write, is_part


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def killed_while(code: str, path) -> None:
    """Run code as a process that is killed (-9) once it says that it is in the middle."""
    program = f"import sys; from attntopo.atomic_files import *; path = sys.argv[1]\n{code}"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "in the middle\n"
    process.kill()
    process.communicate()


def test_a_file_takes_its_place_once_it_is_whole(tmp_path):
    path = tmp_path / "not there yet" / "file"
    with atomic_write(path) as file:
        file.write(b"old")
        assert not path.exists()
    with atomic_write(path) as file:
        file.write(b"n")
        file.flush()
        assert path.read_bytes() == b"old"
        assert sorted(map(is_part, names(path.parent))) == [False, True]
        file.write(b"ew")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == {"file"}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_write_that_fails_leaves_the_old_bytes_and_nothing_beside_them(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write() -> None:
        with atomic_write(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"file"}


def test_a_rename_that_fails_leaves_nothing_beside(tmp_path):
    (tmp_path / "folder" / "full").mkdir(parents=True)
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path / "folder") as file:
        file.write(b"new")
    assert names(tmp_path) == {"folder"}


def test_a_process_killed_while_writing_leaves_the_old_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    killed_while(
        "with atomic_write(path) as file:\n"
        "    file.write(b'new'), file.flush(), print('in the middle', flush=True), input()",
        path,
    )
    assert path.read_bytes() == b"old"
    (leftover,) = names(tmp_path) - {"file"}
    assert is_part(tmp_path / leftover)


@pytest.mark.parametrize("sees_it", [False, True])
def test_a_folder_that_others_remove_while_it_is_empty_is_made_again(
    tmp_path, monkeypatch, sees_it
):
    usual, removed = Path.mkdir, []

    def mkdir(folder, **options):
        usual(folder, **options)
        if len(removed) < 3:
            folder.rmdir()
            removed.append(folder)
            if sees_it:  # as mkdir does where the folder goes while it looks
                raise FileExistsError(folder)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with atomic_write(tmp_path / "folder" / "file") as file:
        file.write(b"whole")
    assert len(removed) == 3
    assert (tmp_path / "folder" / "file").read_bytes() == b"whole"


def test_a_place_that_cannot_be_one_is_not_tried_for_ever(tmp_path):
    (tmp_path / "file").write_bytes(b"not a folder")
    with pytest.raises(FileExistsError), atomic_write(tmp_path / "file" / "file"):
        pass
    assert names(tmp_path) == {"file"}


def test_a_folder_takes_its_place_once_it_is_whole(tmp_path):
    path = tmp_path / "not there yet" / "folder"
    with atomic_folder(path) as folder:
        (folder / "a").write_text("1")
        assert not path.exists()
        (folder / "b").write_text("2")
    assert {one.name: one.read_text() for one in path.iterdir()} == {"a": "1", "b": "2"}
    assert names(path.parent) == {"folder"}


def test_bytes_are_on_the_disk_before_they_have_their_name(tmp_path, monkeypatch):
    synced: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))
    with atomic_folder(tmp_path / "folder") as folder:
        (folder / "a").write_text("1")
        (folder / "b").write_text("2")
    with atomic_write(tmp_path / "file") as file:
        file.write(b"3")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert synced == {path.stat().st_ino for path in files}


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    def write() -> None:
        with atomic_folder(tmp_path / "folder") as folder:
            (folder / "a").write_text("1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert names(tmp_path) == set()


def test_the_first_of_two_folders_stays(tmp_path):
    path = tmp_path / "folder"

    def write(text: str) -> None:
        with atomic_folder(path) as folder:
            (folder / "file").write_text(text)
            if text == "second":
                write("first")

    with pytest.raises(OSError, match="not empty"):
        write("second")
    assert (path / "file").read_text() == "first"
    assert names(tmp_path) == {"folder"}


def test_a_process_killed_while_writing_a_folder_leaves_none_of_its_name(tmp_path):
    killed_while(
        "with atomic_folder(path) as folder:\n"
        "    (folder / 'a').write_text('1'), print('in the middle', flush=True), input()",
        tmp_path / "folder",
    )
    (leftover,) = names(tmp_path)
    assert is_part(leftover)


@pytest.mark.parametrize("name", ["film.part", ".part", f".{'0' * 31}.part", f".{'G' * 32}.part"])
def test_names_of_others_are_not_taken_for_ours(name):
    assert not is_part(name)
