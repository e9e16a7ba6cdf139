"""First bytes of a photo file -> its kind; its boxes -> whether it is cut off; EXIF -> orientation.

All else in a file is read by the decoders, in a process with limits.
"""

import struct

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"),
}
_BOXES = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"}
"""Those that pixels lie in, and those that may come before them."""
_MOST_BRANDS = 256
"""Bytes of a file's brands that are looked at."""


def file_kind(data: bytes) -> str | None:
    """Say what kind of photo file this is by its first bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str or None
        `"JPEG"`, `"PNG"`, `"WEBP"`, `"AVIF"` or `"HEIF"`; None if it is none of them.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), _MOST_BRANDS)
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
        # AVIF first: both may begin with the brand of any such file, mif1.
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    return None


def is_cut_off(data: bytes | memoryview) -> bool:
    """Say whether a HEIF file ends before its pixels do.

    Parameters
    ----------
    data : bytes or memoryview
        A file of boxes (ISO/IEC 14496-12). What a phone has put behind them may be anything.
    """
    at = 0
    while at + 16 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if size < 8 or name not in _BOXES:
            return False
        at += size
    return at > len(data)


def orientation(exif: bytes) -> int:
    r"""Read the orientation, and nothing else, from EXIF.

    Pillow's own reader copies every entry first, and thousands may name the same megabytes.

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
