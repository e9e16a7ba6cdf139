"""Bytes of a photo file -> the canonical photo; the sample photos.

The canonical photo is RGB, 8 bits a channel, upright, opaque, its longest side at most 1024
pixels. It is what the model's image processor gets and what every number is exact from.
"""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from attntopo.photo_file import PhotoError, file_kind, may_be_heic, orientation, strip_metadata

LONGEST_SIDE = 1024
"""Longest side of a canonical photo, in pixels."""
SHORTEST_SIDE = 16
"""Least shorter side of a photo that is accepted, in pixels."""
LARGEST_RATIO = 8
"""Largest ratio of the sides that is accepted."""

SAMPLES = (
    "astronaut",
    "camera",
    "coffee",
    "chelsea",
    "rocket",
    "coins",
    "hubble_deep_field",
    "immunohistochemistry",
    "retina",
    "moon",
    "page",
    "text",
    "brick",
    "grass",
    "gravel",
    "horse",
    "logo",
    "colorwheel",
)
"""Names of the sample photos: those that lie in scikit-image's wheel."""

_LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.Lock()
"""Held while a photo is decoded: a large one takes hundreds of megabytes for a second."""
_TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo of an EXIF orientation upright."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A canonical photo.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        RGB, read-only.
    name : str
        What to call it on the page.
    """

    pixels: np.ndarray
    name: str

    @cached_property
    def sha256(self) -> str:
        """Content hash: of the size and the pixels, not of the name."""
        height, width = self.pixels.shape[:2]
        digest = hashlib.sha256(f"{width}x{height}:".encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """Memory of the pixels, in bytes."""
        return self.pixels.nbytes

    def image(self) -> Image.Image:
        """Return the photo as a PIL image."""
        return Image.fromarray(self.pixels)


def decode_photo(
    data: bytes, name: str, *, max_megabytes: float = 10.0, max_megapixels: float = 40.0
) -> Photo:
    """Decode a photo file into a canonical photo.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, WebP or AVIF, whatever the file's name says.
    name : str
        What to call it.
    max_megabytes, max_megapixels : float
        Limits; pixels are counted in the header, before anything is decoded.

    Returns
    -------
    Photo
        Orientation applied, transparency composited on white, 16-bit values rescaled (those of
        a colour photo cut to their upper 8 bits, as Pillow reads them), the first frame of an
        animation. ICC profiles are not applied: the models' own image processors don't either.

    Raises
    ------
    PhotoError
        If it is too big, too small, too narrow, not a photo, truncated, or of a kind that can't
        be read here. One line is logged then, with its kind and nothing of the photo.
    """
    with _ONE_AT_A_TIME:
        try:
            # Bound to no name here, so that each step frees what the one before made.
            return Photo(_canonical(_decoded(data, max_megabytes, max_megapixels)), name)
        except Exception as error:  # Decoders raise whatever they like on hostile bytes.
            refusal = _refusal(data, error)
    _LOG.warning("A photo was refused: %s.", refusal.kind)
    # Without the decoder's own error, which may quote the file and keeps all of it in memory.
    raise refusal


def sample(name: str) -> Photo:
    """Return one of the bundled sample photos.

    Parameters
    ----------
    name : str
        One of `SAMPLES`.

    Raises
    ------
    PhotoError
        If there is no sample of that name.
    """
    if name not in SAMPLES:
        raise PhotoError(f"There is no sample called {name!r}; there are {', '.join(SAMPLES)}.")
    import skimage.data

    pixels = getattr(skimage.data, name)()
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * 255
    return Photo(_canonical(Image.fromarray(pixels)), name)


class _StillWebP(WebPImageFile):
    """A WebP whose first frame is all that is wanted."""

    def load_prepare(self) -> None:
        # The frame was copied out; the decoder would keep 8 bytes a pixel beside it.
        del self._decoder
        super().load_prepare()


class _StillAvif(AvifImageFile):
    """An AVIF whose first frame is all that is wanted."""

    def load_prepare(self) -> None:
        del self._decoder  # as in _StillWebP; up to 8 bytes a pixel
        super().load_prepare()


_OPEN: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": _StillWebP,
    "AVIF": _StillAvif,
}
"""Pillow's classes and not `Image.open`, which warns and asks all formats."""


def _decoded(data: bytes, max_megabytes: float, max_megapixels: float) -> Image.Image:
    """Return the image in a photo file, upright; raise whatever a decoder raises."""
    if not data:
        raise PhotoError("This file is empty: please choose another one.", "empty")
    if len(data) > max_megabytes * 1e6:
        raise PhotoError(
            f"This file has {len(data) / 1e6:.1f} MB, more than the {max_megabytes:g} MB that are "
            "accepted: please save it smaller.",
            "too many megabytes",
        )
    kind = file_kind(data)
    if kind is None:
        raise Image.UnidentifiedImageError
    stripped = strip_metadata(data, kind, max_megapixels * 1e6)
    image = _OPEN[kind](io.BytesIO(stripped.data))
    _check_size(image.size, max_megapixels)
    if kind == "JPEG":
        # It is decoded at a fraction of its size where that is at least twice ours.
        scale = min(1, LONGEST_SIDE / max(image.size))
        image.draft(None, (int(2 * scale * image.width), int(2 * scale * image.height)))
    if kind == "PNG":
        _fit_transparency(image, stripped.data[24])
    image.load()
    turned = _TRANSPOSED.get(orientation(stripped.exif or image.info.get("exif", b"")))
    return image if turned is None else image.transpose(turned)


def _check_size(size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if width * height > max_megapixels * 1e6:
        raise PhotoError(
            f"This photo has {width} x {height} pixels, more than the {max_megapixels:g} "
            "megapixels that are accepted: please scale it down.",
            "too many pixels",
        )
    if min(size) < SHORTEST_SIDE:
        raise PhotoError(
            f"This photo has {width} x {height} pixels; its shorter side must have at least "
            f"{SHORTEST_SIDE}.",
            "too small",
        )
    if max(size) > LARGEST_RATIO * min(size):
        raise PhotoError(
            f"This photo has {width} x {height} pixels; one side may be at most {LARGEST_RATIO} "
            "times the other: please crop it.",
            "too narrow",
        )


def _fit_transparency(image: Image.Image, bits: int) -> None:
    """Scale a PNG's transparent colour as Pillow scales the pixels: to 8 bits, but for 16 grey."""
    colour = image.info.get("transparency")
    if image.mode == "L" and bits < 8 and isinstance(colour, int):
        image.info["transparency"] = colour * 255 // (2**bits - 1)
    if image.mode == "RGB" and bits == 16 and colour is not None:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


def _canonical(image: Image.Image) -> np.ndarray:
    """Return an upright image as RGB, opaque and of our size; read-only."""
    if image.mode == "I;16":
        image = _eight_bits(image)
    if image.mode not in ("L", "LA", "RGB", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Before compositing: on the large image that would take two more of its size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    pixels = np.array(image.convert("RGB"))
    pixels.setflags(write=False)
    return pixels


def _eight_bits(image: Image.Image) -> Image.Image:
    """Rescale 16 bits a pixel, because Pillow's own conversion clips at 255; in strips."""
    colour = image.info.get("transparency")
    result = Image.new("L" if colour is None else "LA", image.size)
    for top in range(0, image.height, 256):
        strip = image.crop((0, top, image.width, min(top + 256, image.height)))
        values = np.asarray(strip, dtype=np.uint32)
        grey = Image.fromarray(((values + 128) // 257).astype(np.uint8))
        if colour is not None:
            opaque = Image.fromarray(np.where(values == colour, 0, 255).astype(np.uint8))
            grey = Image.merge("LA", (grey, opaque))
        result.paste(grey, (0, top))
    return result


def _refusal(data: bytes, error: Exception) -> PhotoError:
    """Return the sentence for whatever was raised, without what led to it."""
    if isinstance(error, PhotoError):
        return error.with_traceback(None)
    if may_be_heic(data):
        return PhotoError(
            "HEIC photos can't be read here: please save it as JPEG or PNG first.", "HEIC"
        )
    if isinstance(error, MemoryError):
        return PhotoError(
            "There is not enough memory for this photo now: please scale it down.", "memory"
        )
    if isinstance(error, Image.DecompressionBombError):
        return PhotoError(
            "This photo claims far more pixels than are accepted: please scale it down.",
            "too many pixels",
        )
    if isinstance(error, Image.UnidentifiedImageError):
        return PhotoError(
            "This is not a photo that can be read here: please choose a JPEG, PNG, WebP or AVIF.",
            "not a photo",
        )
    return PhotoError(
        "This photo is damaged or cut off: please save or download it again.", "damaged"
    )
