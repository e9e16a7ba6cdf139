"""A source, as it is written on the command line -> the photo files in it."""

import re
import tarfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from attntopo.runs.addresses import full_address, is_on_disk, split_address, stamp_of, told
from attntopo.runs.run_error import RunError

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif")
"""Which files of a folder or an archive are photos."""
_ARCHIVE, _LIST = ".tar", ".txt"
_COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MAGIC = re.compile(r"[*?\[]")
_MOST_IN_RANGE = 1_000_000
_AT_ONCE = 8


@dataclass(frozen=True, order=True)
class PhotoFile:
    """Where the bytes of one photo lie.

    Attributes
    ----------
    name : str
        What the photo is called in the tables: its address; of one in an archive, the archive's
        address, `::`, and the name in there.
    stamp : str
        What changes where the file does: the storage's hash, or its size and time; empty where it
        isn't known.
    address : str
        Of the file, or of the archive.
    size : int, optional
        Of the file, in bytes, where that is known.
    start : int, optional
        Where it begins in an archive, in bytes.
    """

    name: str
    stamp: str
    address: str
    size: int | None = None
    start: int | None = None


def photo_files(source: str, lines: Iterable[str] = ()) -> list[PhotoFile]:
    """List the photos of a source.

    Parameters
    ----------
    source : str
        On any file system that fsspec knows: a folder, with all folders in it; a pattern with `*`,
        `?` or `[…]`; a list of addresses, one a line, in a file that ends in `.txt`, or `-` for
        the lines that are given; an archive of WebDataset that ends in `.tar`, or many,
        `train-{0000..0146}.tar`; one photo. Archives in folders, patterns and lists count, too.
    lines : iterable of str
        What `-` stands for.

    Returns
    -------
    list of PhotoFile
        By name, each once.

    Raises
    ------
    RunError
        If it can't be listed, or there is no photo in it.
    """
    if source == "-":
        listed = _of_lines(lines)
    elif source.endswith(_LIST) and not _MAGIC.search(source):
        listed = _of_lines(_lines_of(source))
    else:
        listed = [one for each in _ranges(source) for one in _of_address(each)]
    photos = {one.name: one for one in _opened(listed)}
    if not photos:
        raise RunError(
            f"There is no photo in {'the list' if source == '-' else source}: photos end in "
            f"{', '.join(PHOTO_ENDINGS)}."
        )
    return [photos[name] for name in sorted(photos)]


def _of_lines(lines: Iterable[str]) -> list[PhotoFile]:
    """Take addresses as they are: of a million in a bucket, asking for each would take hours."""
    addresses = [line.strip() for line in lines]
    named = (one for line in addresses if line for one in _ranges(line))
    return [_of_line(address) for address in named if not address.startswith("#")]


def _of_line(address: str) -> PhotoFile:
    _refuse_compressed(address)
    files, path = split_address(address)
    if is_on_disk(files):
        with suppress(OSError):  # it isn't there: a row in the table of errors says so
            return _listed(files, files.info(path))
    full = full_address(files, path)
    return PhotoFile(full, "", full)


def _lines_of(source: str) -> list[str]:
    files, path = split_address(source)
    with told(f"The list {source} can't be read"):
        return bytes(files.cat_file(path)).decode("utf-8").splitlines()


def _ranges(source: str) -> Iterator[str]:
    """Write out ranges of numbers: `{000..146}` has as many digits as are written."""
    match = _RANGE.search(source)
    if match is None:
        yield source
        return
    first, last = match.groups()
    if not 0 <= int(last) - int(first) < _MOST_IN_RANGE:
        raise RunError(f"{match.group()} is no range of numbers from a smaller to a larger one.")
    for number in range(int(first), int(last) + 1):
        text = str(number).zfill(len(first))
        yield from _ranges(source[: match.start()] + text + source[match.end() :])


def _of_address(source: str) -> list[PhotoFile]:
    _refuse_compressed(source)
    files, path = split_address(source)
    with told(f"{source} can't be listed"):
        if _MAGIC.search(path):
            infos = files.glob(path, detail=True).values()
        elif files.isdir(path):
            infos = files.find(path, detail=True).values()
        elif files.exists(path):
            return [_listed(files, files.info(path))]
        else:
            raise RunError(f"There is nothing at {source}.")
        return [
            _listed(files, info)
            for info in infos
            if info.get("type") != "directory" and _is_wanted(info["name"])
        ]


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((*PHOTO_ENDINGS, _ARCHIVE))


def _refuse_compressed(address: str) -> None:
    if address.lower().endswith(_COMPRESSED):
        raise RunError(
            f"{address} is compressed, so that no photo can be read from the middle of it: please "
            "unpack it to a .tar; photos in it are compressed already."
        )


def _listed(files: Any, info: dict[str, Any]) -> PhotoFile:
    address = full_address(files, info["name"])
    return PhotoFile(address, stamp_of(info), address, info.get("size"))


def _opened(listed: list[PhotoFile]) -> Iterator[PhotoFile]:
    """Put the photos of an archive in its place."""
    archives = [one for one in listed if one.address.lower().endswith(_ARCHIVE)]
    yield from (one for one in listed if not one.address.lower().endswith(_ARCHIVE))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for members in pool.map(_members, archives):
            yield from members


def _members(archive: PhotoFile) -> list[PhotoFile]:
    """List the photos of an archive, reading its headers alone."""
    files, path = split_address(archive.address)
    try:
        with (
            files.open(path, "rb") as file,
            tarfile.open(fileobj=file, mode="r:", ignore_zeros=False) as tar,
        ):
            return [
                PhotoFile(
                    f"{archive.address}::{member.name}",
                    f"{archive.stamp}/{member.offset_data}",
                    archive.address,
                    member.size,
                    member.offset_data,
                )
                for member in tar
                if member.isfile() and member.name.lower().endswith(PHOTO_ENDINGS)
            ]
    except tarfile.TarError as error:
        raise RunError(f"{archive.address} is no tar archive, or damaged.") from error
    except FileNotFoundError as error:
        raise RunError(f"There is nothing at {archive.address}.") from error
    except Exception as error:
        raise RunError(f"{archive.address} can't be read: {error}") from error
