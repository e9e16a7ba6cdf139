"""Photo files of all kinds for the tests, and mutations of them; the same for the same seed."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin
from pillow_heif import register_heif_opener

from attntopo.photos.canonical import Photo
from attntopo.photos.decoding import decode_photo
from attntopo.photos.image_files import LARGEST_RATIO, LONGEST_SIDE
from attntopo.photos.refusals import PhotoError

SECRET = "Zanzibar-4711"
"""Stands in names and metadata of the files; must not come out again."""
KINDS = (
    "photo", "empty", "not a photo", "HEIC", "damaged", "rare JPEG", "too many megabytes",
    "too many pixels", "too small", "too narrow", "too slow", "memory", "crash", "no decoder",
)  # fmt: skip
"""What can become of a file: a photo, or one of the refusals."""


def outcome(data: bytes, decode: Callable[[bytes, str], Photo] = decode_photo) -> str:
    """Decode a file, check all that must hold of any, and return which of `KINDS` it came to."""
    try:
        pixels = decode(data, SECRET).pixels
    except PhotoError as refusal:
        check_refusal(refusal)
        return refusal.kind
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert not pixels.flags.writeable
    short, long = sorted(pixels.shape[:2])
    # Sides are rounded once when a photo is scaled down, so that the ratio is met but for that.
    assert 16 <= long <= LONGEST_SIDE
    assert long <= LARGEST_RATIO * (short + 0.5)
    return "photo"


def check_refusal(refusal: PhotoError) -> None:
    """Check that it is a sentence or two for people, and quotes nothing."""
    message = str(refusal)
    assert refusal.kind in KINDS[1:]
    assert message[0].isupper()
    assert message.endswith(".")
    assert len(message) < 160
    assert message.isascii()
    assert message.isprintable()
    assert SECRET not in message
    assert "Error" not in message
    assert "\\x" not in message
    assert refusal.__cause__ is None
    assert refusal.__context__ is None


def memory() -> float:
    """This process's highest memory so far, in MiB; 0 where the system doesn't say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """An RGB image of which no two turns and flips are alike."""
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x + y) % 256], axis=2)
    return Image.fromarray(pixels.astype(np.uint8))


register_heif_opener()  # Pillow then writes HEIC too


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def with_alpha(image: Image.Image) -> Image.Image:
    """The image, transparent on the left and opaque on the right."""
    ramp = np.linspace(0, 255, image.width).astype(np.uint8)
    image = image.convert("RGBA")
    image.putalpha(Image.fromarray(np.broadcast_to(ramp, image.size[::-1]).copy()))
    return image


def tiff(orientation: int, order: str = "<") -> bytes:
    """EXIF that says an orientation, and the secret as the photo's description."""
    text = SECRET.encode() + b"\0"
    header = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 2)
    first = struct.pack(f"{order}HHII", 0x010E, 2, len(text), 38)
    second = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return header + first + second + bytes(4) + text


def exif(orientation: int, order: str = "<") -> bytes:
    return b"Exif\0\0" + tiff(orientation, order)


def exif_bomb(size: int) -> bytes:
    """EXIF whose thousands of entries all point at the same bytes, all of them."""
    entries = b"".join(
        struct.pack("<HHII", tag, 7, size, 8) for tag in range(1, 20_000) if tag != 0x0112
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(entries) // 12)
    return (head + entries + bytes(4)).ljust(size + 8, b"\0")


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(samples: np.ndarray, bits: int, colour: int, *extra: bytes, claims=None) -> bytes:
    """A PNG of whatever Pillow doesn't write: 16 bits a channel, few bits, any chunks.

    `samples` are numbers of `bits` bits, of shape (height, width, channels); `claims` is another
    size for the header.
    """
    height, width, _ = samples.shape
    rows = samples.reshape(height, -1)
    if bits == 16:
        packed = rows.astype(">u2").view(np.uint8)
    else:
        digits = np.unpackbits(rows.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - bits :]
        packed = np.packbits(digits.reshape(height, -1), axis=1)
    body = np.concatenate([np.zeros((height, 1), np.uint8), packed], axis=1).tobytes()
    size = claims or (width, height)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(body, 1))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *extra, pixels, chunk(b"IEND", b"")])


def insert_chunks(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with chunks put in behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def insert_segments(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with segments put in at its start."""
    packed = (struct.pack(">BBH", 255, code, len(body) + 2) + body for code, body in segments)
    return data[:2] + b"".join(packed) + data[2:]


def patch(data: bytes, after: bytes, skip: int, new: bytes) -> bytes:
    """A file with some bytes replaced, which lie a number of bytes after the last such mark."""
    at = data.rindex(after) + len(after) + skip
    return data[:at] + new + data[at + len(new) :]


def frame_size(data: bytes, width: int, height: int) -> bytes:
    """A baseline or progressive JPEG that claims another size."""
    marker = b"\xff\xc2" if b"\xff\xc2" in data else b"\xff\xc0"
    return patch(data, marker, 3, struct.pack(">HH", height, width))


@cache
def valid_files() -> dict[str, bytes]:
    """A valid small file of every kind that strangers have."""
    plain, other = gradient(), gradient(48, 64).rotate(90, expand=True)
    clear, icc, about = with_alpha(plain), profile(), exif(6)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET * 20, zip=True)
    text.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
    deep = np.arange(40 * 40 * 3).reshape(40, 40, 3) * 13
    frames = {"save_all": True, "append_images": [other, plain]}
    return {
        "png": encoded(plain),
        "png alpha": encoded(clear, exif=about, icc_profile=icc, pnginfo=text),
        "png palette": encoded(plain.quantize(16), transparency=bytes(range(0, 256, 16))),
        "png key": encoded(plain, transparency=(0, 0, 0)),
        "png grey": encoded(plain.convert("L")),
        "png bilevel": encoded(plain.convert("1")),
        "png 16": encoded(Image.fromarray(deep[:, :, 0].astype(np.uint16))),
        "png 16 colour": png(deep, 16, 2),
        "png animated": encoded(plain, **frames),
        "jpeg": encoded(plain, "JPEG", exif=about, icc_profile=icc, comment=SECRET.encode()),
        "jpeg progressive": encoded(plain, "JPEG", progressive=True, exif=about),
        "jpeg cmyk": encoded(plain.convert("CMYK"), "JPEG"),
        "jpeg grey": encoded(plain.convert("L"), "JPEG", restart_marker_blocks=2),
        "jpeg many": encoded(plain, "MPO", **frames),
        "webp": encoded(plain, "WEBP", exif=about, icc_profile=icc),
        "webp lossless": encoded(clear, "WEBP", lossless=True, xmp=SECRET.encode()),
        "webp animated": encoded(clear, "WEBP", **frames),
        "avif": encoded(plain, "AVIF", speed=10, exif=about, icc_profile=icc),
        "avif alpha": encoded(clear, "AVIF", speed=10, subsampling="4:4:4"),
        "avif animated": encoded(plain, "AVIF", speed=10, **frames),
        "heic": encoded(plain, "HEIF", exif=about, icc_profile=icc),
        "heic alpha": encoded(clear, "HEIF", chroma=444),
        "heic grey": encoded(plain.convert("L"), "HEIF"),
        "heic 10 bits": encoded(Image.fromarray(deep[:, :, 0].astype(np.uint16)), "HEIF"),
        "heic many": encoded(plain, "HEIF", **frames),
        "heic tiles": encoded(plain.resize((300, 200)), "HEIF", tile_size=128),
    }


_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(seed: int, case: int) -> bytes:
    """A valid file, damaged somehow."""
    rng = np.random.default_rng([seed, case])
    files = list(valid_files().values())
    data = bytearray(files[rng.integers(len(files))])
    for _ in range(int(rng.choice([1, 1, 2, 3, 8]))):
        _MUTATIONS[rng.integers(len(_MUTATIONS))](data, rng, files)
    if data.startswith(b"\x89PNG") and rng.random() < 0.7:
        mend_checksums(data)
    return bytes(data)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """A place in the file, more often in its headers than elsewhere."""
    reach = max(1, len(data) if rng.random() < 0.5 else min(len(data), 400))
    return int(rng.integers(reach))


def _flip(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    if data:
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _set(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    if data:
        data[_place(data, rng)] = int(rng.integers(256))


def _number(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    """An extreme number, as a length or a size might be."""
    at, width = _place(data, rng), int(rng.choice([1, 2, 4]))
    value = _EXTREMES[rng.integers(len(_EXTREMES))] & 256**width - 1
    data[at : at + width] = value.to_bytes(width, "big" if rng.random() < 0.5 else "little")


def _cut(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    del data[_place(data, rng) :]


def _remove(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, 40))]


def _repeat(data: bytearray, rng: np.random.Generator, _files: list[bytes]) -> None:
    at, to = _place(data, rng), _place(data, rng)
    data[to:to] = data[at : at + int(rng.integers(1, 200))]


def _splice(data: bytearray, rng: np.random.Generator, files: list[bytes]) -> None:
    """A piece of another file, of any format."""
    other = bytearray(files[rng.integers(len(files))])
    at, to = _place(other, rng), _place(data, rng)
    length = int(rng.integers(1, 200))
    data[to : to + length] = other[at : at + length]


_MUTATIONS: list[Callable[[bytearray, np.random.Generator, list[bytes]], None]] = [
    _flip, _flip, _set, _set, _number, _number, _cut, _remove, _repeat, _splice,
]  # fmt: skip


def mend_checksums(data: bytearray) -> None:
    """Make a PNG's checksums right, so that what is wrong gets past them."""
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            return
        data[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(data[at + 4 : end])))
        at = end + 4
