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

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attntopo.atomic_files import atomic_write, is_part

_ON_DISK, _ON_S3 = ("file", "local"), ("s3", "s3a")
_PROTOCOLS = (*_ON_DISK, "memory", *_ON_S3)
"""Those whose writes are known to be atomic here."""

_TRIES = 2
"""Requests are sent so often by botocore, and that so often by s3fs; both wait a while between."""


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
                'Published photos need the package fsspec: pip install ".[app]" in the clone.'
            ) from error
        place = os.fspath(place)
        protocol = (split_protocol(place)[0] or "file").lower()
        if protocol not in _PROTOCOLS or "::" in place:
            raise StorageError(
                "Photos can be kept in a folder or in object storage that speaks S3: please name "
                "the one by its path, the other as s3://bucket/folder."
            )
        self._on_disk, on_s3 = protocol in _ON_DISK, protocol in _ON_S3
        try:
            # A listing that is remembered wouldn't show what other replicas do.
            self._files, root = url_to_fs(
                place, use_listings_cache=False, **(_s3_options() if on_s3 else {})
            )
        except ImportError as error:
            raise StorageError(
                "Photos can't be kept in object storage, because the package s3fs isn't "
                "installed: please install it, or name a folder."
            ) from error
        self._root = root.rstrip("/")
        if on_s3:
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
        files = self._find(folder)
        return {name: int(one["size"]) for name, one in files.items() if not is_part(name)}

    def read(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises
        ------
        FileNotFoundError
            If there is nothing of that name.
        """
        with _told(FileNotFoundError):
            return bytes(self._files.cat_file(self._path(name)))

    def write(self, name: str, data: bytes) -> None:
        """Put bytes under a name, over what was there: all at once, or not at all.

        Parameters
        ----------
        name : str
            `folder/name`.
        data : bytes
        """
        with _told():
            if self._on_disk:
                with atomic_write(self._path(name)) as file:
                    file.write(data)
            else:
                self._files.pipe_file(self._path(name), data)

    def remove(self, name: str) -> None:
        """Remove a name, and its folder on disk with the last; it need not be there."""
        path = self._path(name)
        with _told(), suppress(FileNotFoundError):
            self._files.rm_file(path)
        if self._on_disk:
            with suppress(OSError):  # it isn't empty, or it is gone
                os.rmdir(os.path.dirname(path))

    def remove_leftovers(self, before: float) -> None:
        """Remove what killed processes began to write.

        Parameters
        ----------
        before : float
            Only what was last written to before this time, in seconds since 1970; what is younger
            may still be in the works.
        """
        if not self._on_disk:  # elsewhere what isn't whole has no name
            return
        for name, one in self._find("").items():
            if is_part(name) and one["mtime"] < before:
                self.remove(name)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _find(self, folder: str) -> dict[str, dict[str, Any]]:
        # By default fsspec takes a local folder that can't be read for an empty one.
        options = {"maxdepth": 2, "on_error": _raise_unless_gone} if self._on_disk else {}
        with _told():
            files = self._files.find(self._path(folder), detail=True, **options)
        start = self._root + "/"
        return {path.removeprefix(start): one for path, one in files.items()}


def _s3_options() -> dict[str, Any]:
    """Make a storage that doesn't answer an error after a minute at most, not after ten."""
    from fsspec.config import conf

    patience = {"retries": {"mode": "standard", "total_max_attempts": _TRIES}}
    return {"config_kwargs": patience | conf.get("s3", {}).get("config_kwargs", {})}


@contextmanager
def _told(*expected: type[Exception]) -> Iterator[None]:
    """Turn whatever a backend raises into a sentence, but for what is expected."""
    try:
        yield
    except expected:
        raise
    except Exception as error:  # s3fs lets errors of botocore, aiohttp and asyncio through
        raise StorageError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError) or type(error).__name__ == "NoCredentialsError":
        return (
            "The storage of published photos refused access: please tell whoever runs this server "
            "to look at its rights or credentials."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "There is no space left where published photos are stored: please try again later."
    return "The storage of published photos can't be used now: please try again later."


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
