"""Bytes of a zip -> the files in it that may be photos, one after the other.

Nothing is written to disk, and names lead nowhere: a file's name is only what it is called. What a
zip says of itself is believed only where that makes it refused sooner: entries are counted before
its directory is read, and bytes while they are unpacked.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from attntopo.photos.refusals import PhotoError

MOST_ENTRIES = 1000
"""Files and folders that a zip may have."""
_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")  # of a zip with files in it, and of an empty one
_ENTRY = b"PK\x01\x02"  # what each entry of a zip's directory begins with
_LONGEST_NAME = 255  # as on most disks
_LONGEST_SHOWN = 60
_AT_ONCE = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others may ask for gigabytes
_BESIDE_PHOTOS = re.compile(r"(^|/)(__MACOSX/|\.[^./\\]|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_ENCRYPTED = 0x1
_DAMAGED_WITHIN = "It is damaged within the zip: please make that again."
_NESTED = "It is a zip within a zip, which isn't opened: please choose it by itself."
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
"""What reading a damaged entry raises."""


@dataclass(frozen=True)
class ArchivedFile:
    """A file of a zip, unpacked or refused.

    Attributes
    ----------
    name : str
        Fit to be shown: without folders, printable, and not long.
    data : bytes
        Empty where it was refused.
    refusal : str
        Why it isn't unpacked, in a sentence; else empty.
    """

    name: str
    data: bytes = b""
    refusal: str = ""


def is_archive(data: bytes) -> bool:
    """Say whether a file is a zip, by how it begins."""
    return data.startswith(_BEGINS)


def shown_name(name: str) -> str:
    """Return a file's name as it can be shown: without folders, printable, and not long."""
    last = re.split(r"[/\\]", name)[-1]
    plain = " ".join("".join(one if one.isprintable() else " " for one in last).split())
    if len(plain) > _LONGEST_SHOWN:
        plain = f"{plain[: _LONGEST_SHOWN - 9]}…{plain[-8:]}"
    return plain or "a file without a name"


def archived_files(
    data: bytes, *, max_megabytes: float, max_total_megabytes: float
) -> Iterator[ArchivedFile]:
    """Unpack a zip, a file at a time.

    Parameters
    ----------
    data : bytes
    max_megabytes : float
        Largest file in it, unpacked.
    max_total_megabytes : float
        Of all files in it together, unpacked: photos hardly get smaller in a zip.

    Yields
    ------
    ArchivedFile
        In the order of the zip, but for folders and what systems add to them (`__MACOSX`, files
        whose name begins with a dot). A file that is itself a zip, is encrypted, is too large, is
        damaged, or has a name that no photo has, is refused, and the others go on.

    Raises
    ------
    PhotoError
        If the zip is none or damaged, has too many entries, or unpacks to too much; what was
        yielded before that remains.
    """
    left = max_total_megabytes * 1e6
    with _entries(data) as entries:
        for entry in entries.infolist():
            if entry.is_dir() or _BESIDE_PHOTOS.search(entry.filename):
                continue
            name, refusal = shown_name(entry.filename), _refusal(entry)
            if refusal:
                yield ArchivedFile(name, refusal=refusal)
                continue
            most = min(max_megabytes * 1e6, left)
            try:
                content, n_bytes = _content(entries, entry, most)
            except _UNREADABLE:
                yield ArchivedFile(name, refusal=_DAMAGED_WITHIN)
                continue
            left -= n_bytes
            if content is None and most < max_megabytes * 1e6:
                raise PhotoError(
                    f"This zip unpacks to more than {max_total_megabytes:g} MB, which zips of "
                    "photos don't: please choose the photos themselves.",
                    "zip bomb",
                )
            if content is None:
                refusal = f"It has more than the {max_megabytes:g} MB that are accepted."
            elif is_archive(content):
                refusal = (
                    "It is a zip within a zip, which isn't opened: please choose it by itself."
                )
            yield ArchivedFile(name, b"" if refusal else content or b"", refusal)


def _entries(data: bytes) -> zipfile.ZipFile:
    # The directory is read whole, whatever a zip says of its length: so what can be an entry is
    # counted first.
    if data.count(_ENTRY) > MOST_ENTRIES:
        raise PhotoError(
            f"This zip has more than {MOST_ENTRIES:,} entries: please choose fewer photos.",
            "zip entries",
        )
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # whatever hostile bytes make its reader raise
        raise _damaged() from error


def _damaged() -> PhotoError:
    return PhotoError("This zip is damaged or cut off: please make it again.", "zip damaged")


def _content(
    entries: zipfile.ZipFile, entry: zipfile.ZipInfo, most: float
) -> tuple[bytes | None, int]:
    """Unpack an entry; None where it is larger. Also returns how many bytes were unpacked."""
    if entry.file_size > most:
        return None, 0
    pieces: list[bytes] = []
    length = 0
    with entries.open(entry) as file:
        while piece := file.read(_AT_ONCE):
            pieces.append(piece)
            length += len(piece)
            if length > most:
                return None, length
    return b"".join(pieces), length


def _refusal(entry: zipfile.ZipInfo) -> str:
    """Say why an entry isn't opened, by what the zip says of it; nothing where it is."""
    name = entry.filename
    parts = re.split(r"[/\\]", name)
    if len(name) > _LONGEST_NAME or not name.isprintable() or ".." in parts or not parts[0]:
        return "Its name is none that a photo has: please name it plainly."
    if entry.flag_bits & _ENCRYPTED:
        return "It is encrypted: please make the zip without a password."
    if entry.compress_type not in _METHODS:
        return "It is compressed in a way that isn't read here: please make an ordinary zip."
    return ""
