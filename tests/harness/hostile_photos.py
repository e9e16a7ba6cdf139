"""Photo files that are legal but rare, or made to hurt, each with what must become of it."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from tests.harness.photo_corpus import (
    SECRET,
    chunk,
    encoded,
    exif_bomb,
    frame_size,
    gradient,
    insert_chunks,
    insert_segments,
    patch,
    png,
    valid_files,
    with_alpha,
)

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "HEIF")
_EMPTY_PIXEL = np.zeros((48, 64, 1), np.uint8)


def refused() -> dict[str, tuple[bytes, str]]:
    """Files that are refused, and the kind of refusal of each."""
    files = {
        "no bytes": (b"", "empty"),
        "zeros": (bytes(5000), "not a photo"),
        "a text": (SECRET.encode() * 99, "not a photo"),
        "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a photo"),
        "HEIC without a picture": (b"\0\0\0\x18ftypheic" + bytes(200), "damaged"),
        "HEIF without a picture": (b"\0\0\0\x18ftypmif1" + bytes(200), "damaged"),
        "HEIC of a codec that isn't there": (_other_codec(), "HEIC"),
        "no pixels": (insert_chunks(encoded(gradient()))[:33], "damaged"),
        "JPEG of 12 bits": (_twelve_bits(), "rare JPEG"),
    }
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "JPEG2000"):
        files[f"{kind} called a photo"] = encoded(gradient(), kind), "not a photo"
    for name, data in valid_files().items():
        if "animated" in name or "many" in name:
            continue  # the first frame may be whole
        cuts = {fraction: len(data) * fraction // 10 for fraction in (3, 6)} | {"end": _end(data)}
        files |= {f"{name} cut off at {at}": (data[:n], "damaged") for at, n in cuts.items()}
    for name, data in huge_headers().items():
        files[f"{name} with a huge header"] = data, "too many pixels"
    for width, height, why in (
        (1, 1, "too small"),
        (1, 5000, "too small"),
        (5000, 1, "too small"),
        (15, 15, "too small"),
        (16, 129, "too narrow"),
        (16, 5000, "too narrow"),
    ):
        image = Image.new("RGB", (width, height))
        kinds = FORMATS if max(width, height) < 200 else FORMATS[:-1]  # x265 makes no such line
        files |= {f"{kind} {width}x{height}": (encoded(image, kind), why) for kind in kinds}
    return files


def lies() -> dict[str, bytes]:
    """Files that hold something else than they say, without harm."""
    return {
        "wrong checksum": _wrong_checksum(),
        "JPEG of many scans": scan_bomb(200),
        "AVIF that claims less than it has": lying_avif(7000, 6000),
    }


def bombs() -> dict[str, bytes]:
    """Bombs in parts of files that aren't pixels."""
    plain, jpeg = encoded(gradient()), encoded(gradient(), "JPEG")
    zeros, not_utf8 = (zlib.compress(byte * 1_000_000, 9) for byte in (b"\0", b"\xff"))
    text = chunk(b"iTXt", b"key\0\1\0\0\0" + not_utf8)
    named = chunk(b"zTXt", b"Comment\0\0" + zeros)
    bomb = exif_bomb(3_000_000)
    segments = [(0xE1, b"Exif\0\0" + bomb[at : at + 60_000]) for at in range(0, len(bomb), 60_000)]
    hidden = insert_segments(b"12", (0xE1, b"Exif\0\0II*\0"))[2:]
    huge = struct.pack(">II", 2**31, 0)
    return {
        "4 GB of texts that aren't UTF-8": insert_chunks(plain, *[text] * 4000),
        "compressed texts": insert_chunks(plain, *[named] * 4000),
        "profiles": insert_chunks(plain, *[chunk(b"iCCP", b"p\0\0" + zeros)] * 4000),
        "a profile of another kind": insert_chunks(plain, chunk(b"iCCP", b"p\0\7" + zeros)),
        "700,000 empty chunks": insert_chunks(plain, *[chunk(b"prVt", b"")] * 700_000),
        "700,000 empty pieces": insert_chunks(plain, *[chunk(b"IDAT", b"")] * 700_000),
        "2 billion frames": insert_chunks(plain, chunk(b"acTL", huge)),
        "frames out of order": insert_chunks(plain, chunk(b"fcTL", bytes([9] * 26))),
        "more pixels than there are": _too_much(),
        "EXIF in a PNG": insert_chunks(plain, chunk(b"eXIf", bomb)),
        "EXIF in a JPEG": insert_segments(jpeg, *segments),
        "EXIF in a segment of no known kind": insert_segments(jpeg, (0xF7, hidden)),
        "EXIF in a WebP": encoded(gradient(), "WEBP", exif=bomb),
        "EXIF in an AVIF": _avif_with(bomb),
        "5 MB between segments": jpeg[:20] + bytes(5_000_000) + jpeg[20:],
        "5 MB behind the end": jpeg + bytes(5_000_000),
    }


def huge_headers() -> dict[str, bytes]:
    """Small files that claim to be hundreds or thousands of megapixels."""
    image = gradient()
    square = encoded(gradient(64, 64), "HEIF")  # others are cropped to their size
    lossless = encoded(image, "WEBP", lossless=True)
    extended = encoded(with_alpha(image), "WEBP", exif=b"II*\0")
    return {
        "PNG": png(_EMPTY_PIXEL, 8, 0, claims=(60_000, 60_000)),
        "PNG of 100 megapixels": png(_EMPTY_PIXEL, 8, 0, claims=(10_000, 10_000)),
        "JPEG": frame_size(encoded(image, "JPEG"), 65_500, 65_500),
        "progressive JPEG": frame_size(encoded(image, "JPEG", progressive=True), 65_500, 65_500),
        "WebP": patch(encoded(image, "WEBP"), b"\x9d\x01\x2a", 0, b"\xff\x3f\xff\x3f"),
        "lossless WebP": patch(lossless, b"VP8L", 5, b"\xff\xff\xff\x0f"),
        "WebP with metadata": patch(extended, b"VP8X", 8, b"\xff\xff\xff\xff\xff\xff"),
        "AVIF": patch(encoded(image, "AVIF"), b"ispe", 4, struct.pack(">II", 12_000, 12_000)),
        "HEIC": patch(square, b"ispe", 4, struct.pack(">II", 12_000, 12_000)),
    }


def lying_avif(width: int, height: int) -> bytes:
    """An AVIF that says 64 x 48, and holds a frame of another size."""
    data = encoded(Image.new("L", (width, height)), "AVIF", speed=10)
    return patch(data, b"ispe", 4, struct.pack(">II", 64, 48))


def scan_bomb(n_scans: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A progressive JPEG whose last scan, of a few bytes, comes again and again."""
    data = encoded(Image.new("L", size, 128), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * n_scans + b"\xff\xd9"


def _too_much() -> bytes:
    """A PNG whose pixels are followed by a gigabyte of zeros."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    # After a full flush the same bytes are packed the same way again.
    pixels, megabyte = (
        packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
        for size in (48 * 65, 1_000_000)
    )
    checksum = (48 * 65 + 1_000_000_000) % 65_521 << 16 | 1  # Adler-32 of so many zeros
    packed = b"\x78\xda" + pixels + megabyte * 1000 + packer.flush() + checksum.to_bytes(4, "big")
    data = png(_EMPTY_PIXEL, 8, 0)
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _avif_with(exif: bytes) -> bytes:
    """An AVIF with EXIF that Pillow doesn't read while writing it."""
    place = (b"II*\0" + struct.pack("<IHI", 8, 0, 0)).ljust(len(exif), b"-")
    return encoded(gradient(), "AVIF", exif=place).replace(place, exif)


def _wrong_checksum() -> bytes:
    data = bytearray(encoded(gradient()))
    data[data.index(b"IEND") - 5] ^= 1
    return bytes(data)


def _other_codec() -> bytes:
    """A HEIC whose picture is said to be of VVC."""
    return encoded(gradient(), "HEIF").replace(b"hvc1", b"vvc1").replace(b"hvcC", b"vvcC")


def _twelve_bits() -> bytes:
    return patch(encoded(gradient(), "JPEG"), b"\xff\xc0", 2, b"\x0c")


def _end(data: bytes) -> int:
    """Where to cut so that the last of the pixels are missing."""
    if data.startswith(b"\x89PNG"):
        return data.rindex(b"IDAT") + 20
    if data.startswith(b"\xff\xd8"):
        return data.index(b"\xff\xda") + 20
    return len(data) - 20


def large_photo(name: str, width: int = 7200, height: int = 5500) -> bytes:
    """One of the files that take most memory to decode: by default of 40 megapixels."""
    ramp = np.broadcast_to((np.arange(width) * 9).astype(np.uint16), (height, width))
    grey = Image.fromarray((ramp >> 8).astype(np.uint8))
    if name == "PNG of 16 bits":
        return encoded(Image.fromarray(ramp.copy()), compress_level=1, transparency=0)
    if name == "PNG RGB with a transparent colour":
        return encoded(grey.convert("RGB"), compress_level=1, transparency=(0, 0, 0))
    if name == "PNG turned":
        turned = Image.Exif()
        turned[0x0112] = 6
        return encoded(grey.convert("RGB"), compress_level=1, exif=turned)
    if name == "JPEG":
        return encoded(grey.convert("CMYK"), "JPEG", progressive=True, subsampling=0)
    clear = grey.convert("RGBA")
    clear.putalpha(grey)
    if name == "PNG RGBA":
        return encoded(clear, compress_level=1)
    if name == "HEIF":
        quick = {"preset": "ultrafast"}  # how hard it looks for a small file, no more
        return encoded(clear, "HEIF", chroma=444, quality=40, enc_params=quick)
    if name == "WEBP":
        return encoded(clear, "WEBP", lossless=True, quality=0, method=0)
    return encoded(clear, "AVIF", subsampling="4:4:4", quality=50, speed=10)


def stored_as(upright: np.ndarray, orientation: int) -> Image.Image:
    """What a camera stores that is held so: the inverse of what the tag asks for."""
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    return Image.fromarray(np.ascontiguousarray(stored))


def second_frame_differs(kind: str) -> tuple[bytes, np.ndarray]:
    """An animation from red to blue, and its first frame."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if kind == "WEBP" else {}
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=90, **options)
    return buffer.getvalue(), np.asarray(frames[0])
