"""Addresses that fsspec knows -> bytes, read in parts, and written whole or not at all."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from attntopo.atomic_files import atomic_write, is_part
from attntopo.runs.run_error import RunError, StorageGoneError

_Answer = TypeVar("_Answer")

_WAITS = (0.2, 1.0, 3.0)
"""Seconds between the attempts to read or write; after the last the storage is taken for gone."""
_ON_DISK = ("file", "local")
_ATOMIC = ("s3", "s3a", "gs", "gcs", "abfs", "az", "memory")
"""Where an object is there once all of it is: a put that breaks off leaves what was."""
_CONTENT = ("ETag", "etag", "md5Hash", "content_md5")
_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "created")


def split_address(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path there.

    Parameters
    ----------
    address : str
        A path, or `s3://bucket/folder`, or whatever else fsspec knows.

    Raises
    ------
    RunError
        If fsspec doesn't know it, or needs a package that isn't installed.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise RunError('Runs need packages more: pip install ".[runs]" in the clone.') from error
    try:
        files, path = url_to_fs(address, use_listings_cache=False)
    except ImportError as error:
        raise RunError(f"{address} can't be opened: {error}") from error
    except ValueError as error:
        raise RunError(f"{address} is no address that can be opened: {error}") from error
    return files, str(path).rstrip("/") or "/"


def full_address(files: Any, path: str) -> str:
    """Return the address by which another process finds a path: a plain path on disk."""
    return path if is_on_disk(files) else str(files.unstrip_protocol(path))


def is_on_disk(files: Any) -> bool:
    """Whether a file system is the machine's own."""
    return bool(set(_protocols(files)) & set(_ON_DISK))


def _protocols(files: Any) -> tuple[str, ...]:
    protocol = files.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def stamp_of(info: dict[str, Any]) -> str:
    """Return what changes where a file does: the storage's hash, or else its size and time.

    Parameters
    ----------
    info : dict
        What fsspec says of a file.
    """
    for name in _CONTENT:
        if info.get(name):
            return str(info[name]).strip('"')
    changed = next((str(info[name]) for name in _CHANGED if info.get(name)), "")
    return f"{info.get('size', '')}:{changed}"


def read_bytes(
    address: str, start: int | None = None, length: int | None = None, patient: bool = True
) -> bytes:
    """Read a file, or a part of it, trying again where that fails.

    Parameters
    ----------
    address : str
    start, length : int, optional
        Where the part begins, and its length, in bytes.
    patient : bool
        Whether it is tried again where it fails.

    Raises
    ------
    FileNotFoundError, PermissionError, IsADirectoryError
        If there is no such file, or it may not be read.
    StorageGoneError
        If it can't be read after a few attempts.
    """
    files, path = split_address(address)
    end = None if start is None or length is None else start + length

    def read() -> bytes:
        return bytes(files.cat_file(path, start=start, end=end))

    return _patiently(read, f"{address} can't be read", patient)


def write_bytes(address: str, data: bytes) -> None:
    """Put bytes at an address, over what was there: all at once, or not at all.

    Parameters
    ----------
    address : str
    data : bytes

    Raises
    ------
    StorageGoneError
        If they can't be written after a few attempts, or there is no space left.
    """
    files, path = split_address(address)

    def write() -> None:
        if is_on_disk(files):
            with atomic_write(path) as file:
                file.write(data)
        elif set(_protocols(files)) & set(_ATOMIC):
            files.pipe_file(path, data)
        else:
            _write_and_move(files, path, data)

    try:
        _patiently(write, f"{address} can't be written")
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise StorageGoneError(f"{address} can't be written: {_reason(error)}.") from error


def _write_and_move(files: Any, path: str, data: bytes) -> None:
    folder, _, name = path.rpartition("/")
    part = f"{folder}/.{name}.tmp-{os.getpid()}"
    files.makedirs(folder, exist_ok=True)
    files.pipe_file(part, data)
    files.mv(part, path)


def sizes_in(address: str) -> dict[str, int]:
    """List the files in a folder, whole ones only, with their sizes in bytes.

    Parameters
    ----------
    address : str
        A folder that isn't there has none.

    Raises
    ------
    StorageGoneError
        If it can't be listed.
    """
    files, path = split_address(address)

    def entries() -> dict[str, int]:
        try:
            infos = files.ls(path, detail=True)
        except FileNotFoundError:
            return {}
        named = {info["name"].rstrip("/").rpartition("/")[2]: info for info in infos}
        return {name: int(info["size"] or 0) for name, info in sorted(named.items())}

    sizes = _patiently(entries, f"{address} can't be listed")
    return {
        name: size
        for name, size in sizes.items()
        if name and not name.startswith(".") and not is_part(name)
    }


def remove_leftovers(address: str, older_than: float = 3600.0) -> None:
    """Remove what killed processes began to write in a folder on disk.

    Parameters
    ----------
    address : str
    older_than : float
        In seconds: what is younger may still be in the works.
    """
    files, path = split_address(address)
    if not is_on_disk(files) or not os.path.isdir(path):
        return
    for entry in os.scandir(path):
        if is_part(entry.name) and entry.stat().st_mtime < time.time() - older_than:
            os.unlink(entry.path)


def _patiently(act: Callable[[], _Answer], otherwise: str, patient: bool = True) -> _Answer:
    """Do something of a storage, again after a while where it fails."""
    for wait in (*(_WAITS if patient else ()), None):
        try:
            return act()
        except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError):
            raise
        except Exception as error:  # backends let errors of botocore, aiohttp and others through
            if wait is None or _is_full(error):
                raise StorageGoneError(f"{otherwise}: {_reason(error)}.") from error
            time.sleep(wait)
    raise AssertionError


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
    )


def _reason(error: Exception) -> str:
    """Say why in a few words, on one line."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = " ".join(words.split()).rstrip(".") or type(error).__name__
    return line if len(line) <= 200 else line[:200] + "…"


@contextmanager
def told(otherwise: str) -> Iterator[None]:
    """Turn whatever a backend raises while it lists into a StorageGoneError."""
    try:
        yield
    except RunError:
        raise
    except Exception as error:
        raise StorageGoneError(f"{otherwise}: {_reason(error)}.") from error
