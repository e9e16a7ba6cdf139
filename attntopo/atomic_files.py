"""Files and folders that are written whole or not at all.

What isn't whole yet lies beside its place, under a name that `is_part` knows. Any number of
processes may write the same at once; of one that is killed this is left, and no more.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PART = re.compile(r"\.[0-9a-f]{32}\.part")
_ATTEMPTS = 20


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes a path's place once all has been written.

    Parameters
    ----------
    path : path
        Of a file, which may be there and is replaced. Its folder is made.

    Yields
    ------
    binary file
        What was written is dropped if anything is raised.

    Raises
    ------
    OSError
        If it can't be written.
    """
    part = _beside(path)
    try:
        with _create(part) as file:
            yield file
            _sync(file)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a folder to write files into, which takes a path's place once all has been written.

    Parameters
    ----------
    path : path
        Of a folder, which must not be there. The folder around it is made.

    Yields
    ------
    Path
        An empty folder. What is in it is dropped if anything is raised.

    Raises
    ------
    OSError
        If it can't be written; also if there is one in its place by now, which then stays.
    """
    part = _beside(path)
    part.mkdir(parents=True)
    try:
        yield part
        for written in part.iterdir():
            with written.open("r+b") as file:
                _sync(file)
        os.rename(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def is_part(path: str | os.PathLike[str]) -> bool:
    """Whether this is the name of something that isn't whole yet, or never will be."""
    return _PART.fullmatch(Path(path).name) is not None


def _beside(path: str | os.PathLike[str]) -> Path:
    # In the same folder, so that renaming it stays within one file system.
    return Path(path).with_name(f".{secrets.token_hex(16)}.part")


def _create(path: Path) -> BinaryIO:
    attempts = _ATTEMPTS
    while True:
        attempts -= 1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
        except (FileNotFoundError, FileExistsError):
            # Another process has just removed the folder, which was empty. (So has it where mkdir
            # finds that there is one, and then that there isn't.)
            if not attempts:
                raise


def _sync(file: BinaryIO) -> None:
    # Else the name may outlive a power cut, and the bytes not.
    file.flush()
    os.fsync(file.fileno())
