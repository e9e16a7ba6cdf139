"""Bytes of a photo file -> its kind, its EXIF orientation, and the file without metadata.

Only the pixels and the orientation of a stranger's photo are wanted. Pillow reads EXIF, texts,
profiles and animations while it opens a file, warns about and logs what it finds there, and
unpacks compressed text without a bound in time. So they are left out before Pillow sees the file.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from attntopo.photos.avif_headers import frame_sizes, still_without_exif
from attntopo.photos.canonical import PhotoError

_PNG = b"\x89PNG\r\n\x1a\n"
_AVIF_BRANDS = {b"avif", b"avis", b"mif1", b"msf1"}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}

LARGEST_SCANS = 100
"""Most scans of a JPEG: each passes over all pixels, and a few MB have room for 100,000."""
_LARGEST_SEGMENTS = 10_000

_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_JPEG_START, _JPEG_END, _JPEG_SCAN, _JPEG_EXIF = 0xD8, 0xD9, 0xDA, 0xE1
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Tables, and what JFIF and Adobe say about the channels. No others: where Pillow doesn't know a
# segment, it looks for segments inside.
_JPEG_KEPT = {*_JPEG_FRAMES, 0xC4, 0xCC, _JPEG_START, _JPEG_END, _JPEG_SCAN, 0xDB, 0xDD, 0xE0, 0xEE}


@dataclass(frozen=True)
class Stripped:
    """A photo file without its metadata.

    Attributes
    ----------
    data : bytes
        The file: the same pixels, without EXIF where Pillow would read it, and still.
    exif : bytes
        EXIF as it was in the file; empty if there was none, or if it is still in `data`.
    """

    data: bytes
    exif: bytes = b""


def file_kind(data: bytes) -> str | None:
    """Say what kind of photo file this is by its first bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str or None
        `"JPEG"`, `"PNG"`, `"WEBP"` or `"AVIF"`; None if it is none of them.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _AVIF_BRANDS:
        return "AVIF"
    return None


def may_be_heic(data: bytes) -> bool:
    """Whether a file that can't be read calls itself HEIC."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


def strip_metadata(data: bytes, kind: str, max_pixels: float) -> Stripped:
    """Leave out what isn't pixels, so that Pillow doesn't read it.

    Parameters
    ----------
    data : bytes
    kind : str
        What `file_kind` says.
    max_pixels : float
        Most pixels of one frame in an AVIF, whose size in the header need not be that of the
        frames in it; of all its frames together (alpha, tiles) there may be three times as many.

    Returns
    -------
    Stripped
        A WebP keeps its metadata: Pillow copies it, and reads it only when asked.

    Raises
    ------
    PhotoError
        If it would take too long or too much memory to decode, or its kind can't be decoded.
    ValueError, IndexError, struct.error
        If it is damaged. A file that is cut off can also come back cut off.
    """
    if kind == "JPEG":
        return _strip_jpeg(data)
    if kind == "PNG":
        return _strip_png(data)
    if kind == "AVIF":
        sizes = [width * height for width, height in frame_sizes(data)]
        if max(sizes, default=0) > max_pixels or sum(sizes) > 3 * max_pixels:
            raise PhotoError(
                "This photo has more pixels inside than it says, and more than are accepted: "
                "please save it again.",
                "too many pixels",
            )
        return Stripped(still_without_exif(data))
    return Stripped(data)


def orientation(exif: bytes) -> int:
    r"""Read the orientation, and nothing else, from EXIF.

    Parameters
    ----------
    exif : bytes
        With or without its first six bytes `Exif\0\0`; of any quality.

    Returns
    -------
    int
        1 to 8; 1, which is upright, if EXIF is missing, broken or doesn't say.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return 1
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, at)
        for start in range(at + 2, at + 2 + 12 * entries, 12):
            tag, field, count, value = struct.unpack_from(f"{order}HHIH", tiff, start)
            if (tag, field, count) == (0x0112, 3, 1):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass  # cut off
    return 1


def _strip_jpeg(data: bytes) -> Stripped:
    kept, exif, scans = [b"\xff\xd8"], b"", 0
    for marker, start, end in _jpeg_segments(data):
        segment = data[start:end]
        if marker in _JPEG_FRAMES and (segment[4] != 8 or segment[9] not in (1, 3, 4)):
            raise PhotoError(
                "This rare kind of JPEG can't be read here: please save it as an ordinary JPEG.",
                "rare JPEG",
            )
        scans += marker == _JPEG_SCAN
        if scans > LARGEST_SCANS:
            raise PhotoError(
                "This JPEG is built so that it would take very long to read: please save it again.",
                "too slow",
            )
        if marker == _JPEG_EXIF and not exif and segment[4:10] == b"Exif\0\0":
            exif = segment[4:]
        if marker in _JPEG_KEPT:
            kept.append(segment)
    return Stripped(b"".join(kept), exif)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment; of a scan, its compressed data included.

    It ends with the first picture: a phone may have put others, or a film, behind it.
    """
    at = 2
    for _ in range(_LARGEST_SEGMENTS):
        mark = _JPEG_MARKER.search(data, at)
        if mark is None:
            return
        start, marker = mark.start(), mark[1][0]
        if marker in (_JPEG_START, _JPEG_END):
            yield marker, start, start + 2
            if marker == _JPEG_END:
                return
            at = start + 2
            continue
        (length,) = struct.unpack_from(">H", data, start + 2)
        if length < 2:
            raise ValueError("a segment is shorter than its own length")
        at = end = start + 2 + length
        if marker == _JPEG_SCAN:
            after = _JPEG_MARKER.search(data, at)
            at = end = len(data) if after is None else after.start()
        yield marker, start, end
    raise ValueError("more segments than any camera writes")


def _strip_png(data: bytes) -> Stripped:
    kept: list[bytes | bytearray] = [_PNG]
    pixels, exif = bytearray(), b""
    view = memoryview(data)
    at = len(_PNG)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if name == b"IDAT":
            part = view[at + 8 : end - 4]
            if end <= len(data) and zlib.crc32(part, zlib.crc32(name)) != int.from_bytes(
                view[end - 4 : end], "big"
            ):
                raise ValueError("wrong checksum")
            pixels += part
        elif name == b"IEND":
            break
        elif name in (b"IHDR", b"PLTE", b"tRNS"):
            kept.append(bytes(view[at:end]))
        elif name == b"eXIf":
            exif = bytes(view[at + 8 : end - 4])
        at = end
    # In one chunk, because Pillow takes a microsecond or more for each, even an empty one.
    kept += [struct.pack(">I4s", len(pixels), b"IDAT"), pixels]
    kept.append(struct.pack(">I", zlib.crc32(pixels, zlib.crc32(b"IDAT"))))
    kept.append(struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND")))
    return Stripped(b"".join(kept), exif)
