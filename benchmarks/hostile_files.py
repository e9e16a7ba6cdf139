"""The worst files that the upload limits allow: attention without structure, collections."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

_HEADS = 2
_PHOTOS = 200  # as many as a collection takes


def _random(n: int, generator: np.random.Generator) -> np.ndarray:
    return generator.random((_HEADS, n, n))


def _one_hot(n: int, generator: np.random.Generator) -> np.ndarray:
    return np.stack([np.eye(n)[generator.permutation(n)] for _ in range(_HEADS)])


def _uniform(n: int, _: np.random.Generator) -> np.ndarray:
    return np.ones((_HEADS, n, n))


def _two_values(n: int, generator: np.random.Generator) -> np.ndarray:
    return 1.0 + generator.integers(0, 2, (_HEADS, n, n))


ROWS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "random": _random,
    "one-hot, all distances equal": _one_hot,
    "uniform, all distances 0": _uniform,
    "of two values": _two_values,
}
"""Attention without structure, by what its rows are: each gives many loops, ties, or neither."""


def hostile_rows(kind: str, n_tokens: int, seed: int) -> np.ndarray:
    """Make attention without structure: float32 of shape (heads, tokens, tokens)."""
    rows = ROWS[kind](n_tokens, np.random.default_rng(seed)).astype(np.float32)
    return rows / rows.sum(axis=-1, keepdims=True)


def hostile_file(kind: str, n_tokens: int, seed: int) -> bytes:
    """Make an NPZ file of it."""
    file = io.BytesIO()
    np.savez(
        file,
        maps=hostile_rows(kind, n_tokens, seed)[None],
        grid=np.array([1, n_tokens - 1]),
        n_prefix=np.int64(1),
    )
    return file.getvalue()


def hostile_collections() -> dict[str, dict[str, bytes]]:
    """Make what is dropped on a collection, by what it is: files by name, all at once."""
    return {
        "a zip bomb": {"bomb.zip": _zipped(200, bytes(9_000_000))},
        "a zip of 10,000 files": {"many.zip": _zipped(10_000, b"no photo")},
        f"{_PHOTOS} photos of 40 megapixels": _plain_photos(_PHOTOS),
    }


def _zipped(number: int, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in range(number):
            archive.writestr(f"{one}.jpg", data)
    return file.getvalue()


def _plain_photos(number: int) -> dict[str, bytes]:
    """Make PNG files of one colour each, of as many pixels as a photo may have."""
    file, photo = io.BytesIO(), Image.new("P", (8000, 5000))
    photo.putpalette([0, 0, 0, 255, 255, 255])
    photo.save(file, "PNG", bits=1)
    data = file.getvalue()
    begin = data.index(b"PLTE")
    end = begin + 4 + int.from_bytes(data[begin - 4 : begin])
    files = {}
    for one in range(number):
        palette = b"PLTE" + bytes([one, 255 - one, 99]) + data[begin + 7 : end]
        checked = palette + zlib.crc32(palette).to_bytes(4)
        files[f"{one}.png"] = data[:begin] + checked + data[end + 4 :]
    return files
