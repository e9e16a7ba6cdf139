"""Bytes of an AVIF file -> the sizes of the AV1 frames in it; the file as a still one without EXIF.

The size that an AVIF states in its header (`ispe`) is what Pillow says and what the decoder scales
to *after* decoding: a file that states 64 x 48 can hold a frame of 16384 x 16384.

Boxes are those of ISO/IEC 14496-12 and 23008-12, sequence headers those of the AV1 specification,
section 5.5.
"""

import struct
from collections.abc import Iterator

_MOST_ITEMS = 2000
"""Most items: a grid of tiles has some dozens."""
_MOST_BYTES = 100_000_000
"""Most bytes of all items together: those that are the same may lie in one place of the file."""


def frame_sizes(data: bytes) -> list[tuple[int, int]]:
    """Read how large the AV1 frames are, out of their sequence headers.

    Parameters
    ----------
    data : bytes
        An AVIF file.

    Returns
    -------
    list of (int, int)
        Width and height in pixels of the largest frame of each coded image: the picture's, its
        alpha's, tiles', thumbnails'.

    Raises
    ------
    ValueError, struct.error, IndexError
        If the file is damaged.
    """
    meta = _meta(data)
    kinds = {item: kind for item, kind, _ in _item_infos(data, meta)}
    return [
        _largest_frame(payload)
        for item, payload in _payloads(data, meta)
        if kinds.get(item) == b"av01"
    ]


def still_without_exif(data: bytes) -> bytes:
    """Make EXIF and animation unknown to whoever reads the file; no byte moves.

    Rotation and mirroring are boxes of their own in AVIF (`irot`, `imir`) and stay.

    Parameters
    ----------
    data : bytes
        An AVIF file.

    Returns
    -------
    bytes
        The file, with the brand of a still picture: of an animation, the one that stands for it.
    """
    changed = bytearray(data)
    for _, kind, at in _item_infos(data, _meta(data)):
        if kind == b"Exif":
            changed[at : at + 4] = b"skip"
    changed[8:12] = b"avif"
    return bytes(changed)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of each box."""
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        stop = end if size == 0 else start + size
        if not content <= stop <= end:
            raise ValueError("a box is cut off")
        yield name, content, stop
        start = stop


def _meta(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Return where the boxes inside the file's meta box are."""
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"meta":
            return {inner: (at, stop) for inner, at, stop in _boxes(data, start + 4, end)}
    raise ValueError("there is no meta box")


def _item_infos(
    data: bytes, meta: dict[bytes, tuple[int, int]]
) -> Iterator[tuple[int, bytes, int]]:
    """Yield id and kind of each item, and where its kind stands."""
    start, end = meta[b"iinf"]
    start += 6 if data[start] == 0 else 8
    for name, at, _ in _boxes(data, start, end):
        if name == b"infe" and data[at] >= 2:
            (item,) = struct.unpack_from(">H" if data[at] == 2 else ">I", data, at + 4)
            at += 8 if data[at] == 2 else 10
            yield item, data[at : at + 4], at


class _Fields:
    """Big-endian numbers of given widths, one after the other."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def take(self, n_bytes: int) -> int:
        if self.at + n_bytes > self.end:
            raise ValueError("a box is cut off")
        self.at += n_bytes
        return int.from_bytes(self.data[self.at - n_bytes : self.at], "big")


def _payloads(data: bytes, meta: dict[bytes, tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield id and bytes of each item, as the item location box says."""
    fields = _Fields(data, *meta[b"iloc"])
    version = fields.take(1)
    fields.take(3)
    sizes = fields.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version > 0 else 0
    wide = 4 if version > 1 else 2
    n_items = fields.take(wide)
    if n_items > _MOST_ITEMS:
        raise ValueError("more items than any picture has")
    left = _MOST_BYTES
    for _ in range(n_items):
        item = fields.take(wide)
        inside = fields.take(2) & 15 if version > 0 else 0  # 1: in the meta box's own data
        fields.take(2)
        base = fields.take(base_size) + (meta[b"idat"][0] if inside == 1 else 0)
        parts = []
        for _ in range(fields.take(2)):
            fields.take(index_size)
            offset, length = base + fields.take(offset_size), fields.take(length_size)
            parts.append(data[offset : offset + length] if length else data[offset:])
            left -= len(parts[-1])
            if left < 0:
                raise ValueError("items overlap")
        yield item, b"".join(parts)


def _largest_frame(payload: bytes) -> tuple[int, int]:
    """Return the largest frame that any sequence header in a coded image allows."""
    largest, at = (0, 0), 0
    while at < len(payload):
        header = payload[at]
        at += 2 if header & 4 else 1
        size = len(payload) - at
        if header & 2:
            size, at = _leb128(payload, at)
        if header >> 3 & 15 == 1:
            frame = _sequence_size(payload[at : at + min(size, 256)])
            largest = max(largest, frame, key=lambda pair: pair[0] * pair[1])
        at += size
    if not largest[0]:
        raise ValueError("there is no sequence header")
    return largest


def _leb128(payload: bytes, at: int) -> tuple[int, int]:
    """Return a number in the little-endian base 128, and where it ends."""
    value = 0
    for place in range(8):
        value |= (payload[at + place] & 127) << 7 * place
        if payload[at + place] < 128:
            return value, at + place + 1
    raise ValueError("a number is too long")


class _Bits:
    """Numbers of given widths in bits, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, n_bits: int) -> int:
        self.left -= n_bits
        if self.left < 0:
            raise ValueError("a sequence header is cut off")
        return self.value >> self.left & (1 << n_bits) - 1


def _sequence_size(header: bytes) -> tuple[int, int]:
    """Return the largest width and height of a frame that a sequence header allows."""
    bits = _Bits(header)
    bits.take(4)  # profile, still picture
    if bits.take(1):  # reduced still picture header
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    decoder_model, delay_bits = 0, 0
    if bits.take(1):  # timing info
        bits.take(64)
        if bits.take(1):  # equal picture interval, in an exponential-Golomb code
            zeros = 0
            while not bits.take(1):
                zeros += 1
            bits.take(zeros if zeros < 32 else 0)
        decoder_model = bits.take(1)
        if decoder_model:
            delay_bits = bits.take(5) + 1
            bits.take(42)
    display_delays = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if decoder_model and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if display_delays and bits.take(1):
            bits.take(4)
