"""A document of numbers, texts and arrays <-> one block of bytes; the browser's is `unpack.js`.

A key of 16 characters; two lengths in 4 bytes each, little-endian: of JSON, and of JSON and arrays
together; then JSON and the arrays, one after the other, as one deflated stream (RFC 1951). In JSON
an array, whose numbers are little-endian, is `{"at", "bytes"}`: where it begins among the arrays,
and how many bytes it has. Its piece of the stream needs no other, so that it is packed once,
whatever documents it is put in; the browser has one stream to read, in one turn.
"""

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

KEY_LENGTH = 16
_SAMPLE = 16_384  # bytes of an array by which it is decided how it is deflated
_LARGER = 1.05  # by so much a quicker way may make it larger
# zlib's level and strategy; slower ones than the fast one save a few percent.
_STORED = (0, zlib.Z_DEFAULT_STRATEGY)
_FAST = (1, zlib.Z_DEFAULT_STRATEGY)
_QUICKER = (_STORED, (1, zlib.Z_HUFFMAN_ONLY))


@dataclass(frozen=True)
class PackedArray:
    """An array as it is sent: its piece of the deflated stream, and how many bytes that makes."""

    piece: bytes
    n_bytes: int


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
    most = _LARGER * len(_piece(sample, _FAST))
    way = next((way for way in _QUICKER if len(_piece(sample, way)) <= most), _FAST)
    return PackedArray(_piece(data, way), len(data))


def _piece(data: bytes, way: tuple[int, int]) -> bytes:
    """Deflate what comes after whatever and before more; without an end of the stream."""
    deflating = _deflating(way)
    return deflating.compress(data) + deflating.flush(zlib.Z_FULL_FLUSH)


def _deflating(way: tuple[int, int]) -> Any:
    level, strategy = way
    return zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)


_END = _deflating(_STORED).flush()  # of a deflated stream


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
    arrays: list[PackedArray] = []

    def place(array: PackedArray) -> dict[str, int]:
        begin = sum(one.n_bytes for one in arrays)
        arrays.append(array)
        return {"at": begin, "bytes": array.n_bytes}

    text = json.dumps(document, separators=(",", ":"), allow_nan=False, default=place).encode()
    whole = len(text) + sum(one.n_bytes for one in arrays)
    pieces = [_piece(text, _FAST), *(one.piece for one in arrays), _END]
    body = b"".join([struct.pack("<II", len(text), whole), *pieces])
    return hashlib.sha256(body).hexdigest()[:KEY_LENGTH].encode() + body


def key_of(packed: bytes) -> str:
    """Return the key that a packed document begins with."""
    return packed[:KEY_LENGTH].decode()
