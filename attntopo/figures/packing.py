"""A document of numbers, texts and arrays <-> one block of bytes; the browser's is `unpack.js`.

A key of 16 characters; the length of what follows in 4 bytes; JSON, deflated; then the arrays one
after the other, little-endian, deflated where that makes them smaller. In JSON an array is
`{"at", "bytes", "deflated"}`: where it begins among the arrays, and how many bytes it takes there.
"""

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

KEY_LENGTH = 16
_FAST = 1  # zlib's level: the slower ones save a few percent of such arrays
_SAMPLE = 16_384  # bytes of an array by which it is decided
_WORTHWHILE = 0.95


@dataclass(frozen=True)
class PackedArray:
    """An array as it is sent."""

    data: bytes
    deflated: bool


def packed_array(values: np.ndarray, dtype: Any) -> PackedArray:
    """Pack an array: little-endian, row by row, deflated where that makes it smaller.

    Parameters
    ----------
    values : ndarray
    dtype : dtype
        What the browser reads it as.
    """
    data = np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()
    middle = max(0, len(data) - _SAMPLE) // 2
    sample = data[middle : middle + _SAMPLE]
    if len(zlib.compress(sample, _FAST)) > _WORTHWHILE * len(sample):
        return PackedArray(data, False)
    return PackedArray(zlib.compress(data, _FAST), True)


def packed_planes(values: np.ndarray) -> list[PackedArray]:
    """Pack whole numbers byte by byte: all lowest ones, all next ones, … as far as there are any.

    The lowest of measured ones are noise, which nothing makes smaller; the higher ones are alike.

    Parameters
    ----------
    values : ndarray of int64, shape (n,)
        0 or more.
    """
    n_bytes = max(1, (int(values.max(initial=0)).bit_length() + 7) // 8)
    planes = np.ascontiguousarray(values, dtype="<i8").view(np.uint8).reshape(-1, 8)
    return [packed_array(planes[:, k], np.uint8) for k in range(n_bytes)]


def packed_document(document: dict[str, Any]) -> bytes:
    """Put a document into one block of bytes.

    Parameters
    ----------
    document : dict
        What JSON can hold, and `PackedArray`.

    Returns
    -------
    bytes
        They begin with the document's key, which says what is in it: of equal ones it is equal.

    Raises
    ------
    ValueError
        If a number isn't finite.
    """
    arrays: list[bytes] = []

    def place(array: PackedArray) -> dict[str, Any]:
        arrays.append(array.data)
        begin = sum(map(len, arrays[:-1]))
        return {"at": begin, "bytes": len(array.data), "deflated": array.deflated}

    text = json.dumps(document, separators=(",", ":"), allow_nan=False, default=place)
    head = zlib.compress(text.encode(), _FAST)
    body = b"".join([struct.pack("<I", len(head)), head, *arrays])
    return hashlib.sha256(body).hexdigest()[:KEY_LENGTH].encode() + body


def key_of(packed: bytes) -> str:
    """Return the key that a packed document begins with."""
    return packed[:KEY_LENGTH].decode()
