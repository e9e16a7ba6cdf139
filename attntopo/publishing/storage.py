"""Names <-> bytes, in a folder or in object storage; a write is whole or not there at all.

For object storage a bucket is named, `s3://bucket/folder`, and all else is the environment's, as
for any program that speaks S3:

- `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`, or whatever else botocore
  finds by itself, such as `AWS_PROFILE` or the role of the machine;
- `AWS_ENDPOINT_URL_S3` where the storage isn't Amazon's, such as `https://minio.example.org`;
- `FSSPEC_S3`, a JSON object of further arguments of `s3fs.S3FileSystem`, such as
  `{"config_kwargs": {"s3": {"addressing_style": "virtual"}}}`.

The package s3fs must be installed. The bucket must be there; it needs no public access, and the
key needs the rights to list it and to get, put and delete its objects.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_PACKAGES = {"file": "", "local": "", "memory": "", "s3": "s3fs", "s3a": "s3fs"}
"""The protocols whose writes are known to be atomic here, and the packages they need."""

_PART = ".part"
"""How the name of a file ends that isn't whole yet."""
_ATTEMPTS = 20

_TRIES = 2
"""Requests are sent so often by botocore, and that so often by s3fs; both wait a while between."""

_REFUSED = (
    "The storage of published photos refused access: please tell whoever runs this server to look "
    "at its rights or credentials."
)
_FULL = "There is no space left where published photos are stored: please try again later."
_UNREACHABLE = "The storage of published photos can't be used now: please try again later."


class PhotoStoreError(ValueError):
    """Published photos can't do this; the message, for a person, has no places or credentials."""


class StorageError(PhotoStoreError):
    """The storage can't be reached, doesn't allow it, or is full; the cause is chained."""


class Storage:
    """Named bytes in one folder or one prefix of a bucket.

    Several threads, processes and machines can use the same place at the same time; nothing is
    remembered between calls.

    Parameters
    ----------
    place : str or path
        A folder, which is made when something is written; `s3://bucket/folder`; or
        `memory://folder`, which lives as long as the process.

    Raises
    ------
    StorageError
        If it is neither, or the package for it isn't installed. Nothing is reached for yet.
    """

    def __init__(self, place: str | os.PathLike[str]) -> None:
        try:  # Here, as it is a tenth of a second of `import attntopo`, and no need of the library.
            from fsspec.core import split_protocol, url_to_fs
        except ImportError as error:
            raise StorageError(
                'Published photos need the package fsspec: pip install "attntopo[app]".'
            ) from error
        place = os.fspath(place)
        protocol = (split_protocol(place)[0] or "file").lower()
        if protocol not in _PACKAGES or "::" in place:
            raise StorageError(
                "Photos can be kept in a folder or in object storage that speaks S3: please name "
                "the one by its path, the other as s3://bucket/folder."
            )
        # A listing that is remembered wouldn't show what other replicas do.
        options: dict[str, Any] = {"use_listings_cache": False}
        try:
            if _PACKAGES[protocol] == "s3fs":
                options |= _s3_options()
            self._files, root = url_to_fs(place, **options)
        except ImportError as error:
            raise StorageError(
                f"Photos can't be kept in object storage, because the package "
                f"{_PACKAGES[protocol]} isn't installed: please install it, or name a folder."
            ) from error
        self._root = root.rstrip("/")
        self._local = protocol in ("file", "local")
        self._remote = bool(_PACKAGES[protocol])
        if self._remote:
            if not self._root:
                raise StorageError("The bucket is missing: please name it, as s3://bucket/folder.")
            self._files.retries = _TRIES

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Return what there is: the size in bytes of each name, whole ones only.

        Parameters
        ----------
        folder : str
            Only names in this folder; empty for all, which may be one folder deep.
        """
        found = self._find(folder)
        return {name: int(one["size"]) for name, one in found.items() if not name.endswith(_PART)}

    def read(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises
        ------
        FileNotFoundError
            If there is nothing of that name.
        """
        with _told():
            try:
                return self._files.cat_file(self._path(name))
            except FileNotFoundError as error:
                missing = error
        raise missing

    def write(self, name: str, data: bytes) -> None:
        """Put bytes under a name, over what was there: all at once, or not at all.

        Parameters
        ----------
        name : str
            `folder/name`.
        data : bytes
        """
        with _told():
            if self._local:
                _write_file(self._path(name), data)
            else:
                self._files.pipe_file(self._path(name), data)

    def remove(self, name: str) -> None:
        """Remove a name, and its folder on disk with the last; it need not be there."""
        path = self._path(name)
        with _told():
            with suppress(FileNotFoundError):
                self._files.rm_file(path)
            if self._local:
                _remove_folder_if_empty(os.path.dirname(path))

    def remove_leftovers(self, before: float) -> None:
        """Remove what killed processes began to write.

        Parameters
        ----------
        before : float
            Only what was last written to before this time, in seconds since 1970; what is younger
            may still be in the works.
        """
        if not self._local:  # elsewhere what isn't whole has no name
            return
        for name, one in self._find("").items():
            if name.endswith(_PART) and one["mtime"] < before:
                self.remove(name)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _find(self, folder: str) -> dict[str, dict[str, Any]]:
        # By default fsspec takes a local folder that can't be read for an empty one.
        options = {"maxdepth": 2, "on_error": _raise_unless_gone} if self._local else {}
        with _told():
            found = self._files.find(self._path(folder), detail=True, **options)
        start = self._root + "/"
        return {path.removeprefix(start): one for path, one in found.items()}


def _s3_options() -> dict[str, Any]:
    """Make a storage that doesn't answer an error after a minute at most, not after ten."""
    from fsspec.config import conf

    patience = {"retries": {"mode": "standard", "total_max_attempts": _TRIES}}
    return {"config_kwargs": patience | conf.get("s3", {}).get("config_kwargs", {})}


@contextmanager
def _told() -> Iterator[None]:
    """Turn whatever a backend raises into a sentence."""
    try:
        yield
    except Exception as error:  # s3fs lets errors of botocore, aiohttp and asyncio through
        raise StorageError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError) or type(error).__name__ == "NoCredentialsError":
        return _REFUSED
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _FULL
    return _UNREACHABLE


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _write_file(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    for attempt in range(_ATTEMPTS):
        try:
            os.makedirs(folder, exist_ok=True)
            return _replace_file(path, data)
        except (FileNotFoundError, FileExistsError):
            # Another process has just removed the empty folder. (So has it where makedirs finds
            # that there is one, and then that there isn't.)
            if attempt == _ATTEMPTS - 1:
                raise
    return None


def _replace_file(path: str, data: bytes) -> None:
    # In the same folder, so that renaming it stays within one file system.
    part = os.path.join(os.path.dirname(path), f".{secrets.token_hex(16)}{_PART}")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            # Else the name may outlive a power cut, and the bytes not.
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.remove(part)
        raise


def _remove_folder_if_empty(folder: str) -> None:
    with suppress(OSError):  # it isn't empty, or it is gone
        os.rmdir(folder)
