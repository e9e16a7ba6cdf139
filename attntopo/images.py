"""Bytes of a photo file -> the canonical photo; the sample photos.

The canonical photo is RGB, 8 bits a channel, upright, opaque, its longest side at most 1024
pixels. It is what the model's image processor gets and what every number is exact from.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageOps

LONGEST_SIDE = 1024
"""Longest side of a canonical photo, in pixels."""
SHORTEST_SIDE = 16
"""Least shorter side of a photo that is accepted, in pixels."""
LARGEST_RATIO = 8
"""Largest ratio of the sides that is accepted."""

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
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

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


class PhotoError(ValueError):
    """A photo was refused; the message is one sentence (or two) for the person who sent it."""


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
        Orientation applied, transparency composited on white, 16-bit values rescaled, the first
        frame of an animation.

    Raises
    ------
    PhotoError
        If it is too big, too small, too narrow, not a photo, truncated, or of a kind that can't
        be read here.
    """
    if not data:
        raise PhotoError("This file is empty: please choose another one.")
    if len(data) > max_megabytes * 1e6:
        raise PhotoError(
            f"This file has {len(data) / 1e6:.1f} MB, more than the {max_megabytes:g} MB that are "
            "accepted: please save it smaller."
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, max_megapixels)
            # A JPEG is decoded at a fraction of its size where that is at least twice ours.
            image.draft(None, (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            image.load()
            return _canonical(ImageOps.exif_transpose(image), name)
    except PhotoError:
        raise
    except Exception as error:  # Decoders raise whatever they like on hostile bytes.
        raise PhotoError(_reason(data, error)) from error


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
    return _canonical(Image.fromarray(pixels), name)


def _check_size(size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if width * height > max_megapixels * 1e6:
        raise PhotoError(
            f"This photo has {width} x {height} pixels, more than the {max_megapixels:g} "
            "megapixels that are accepted: please scale it down."
        )
    if min(size) < SHORTEST_SIDE:
        raise PhotoError(
            f"This photo has {width} x {height} pixels; its shorter side must have at least "
            f"{SHORTEST_SIDE}."
        )
    if max(size) > LARGEST_RATIO * min(size):
        raise PhotoError(
            f"This photo has {width} x {height} pixels; one side may be at most {LARGEST_RATIO} "
            "times the other: please crop it."
        )


def _canonical(image: Image.Image, name: str) -> Photo:
    if image.mode.startswith("I"):
        # 16 bits a pixel: rescaled, because Pillow's own conversion clips at 255.
        values = np.asarray(image, dtype=np.float64) * (255 / 65535)
        image = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    pixels = np.array(image)
    pixels.setflags(write=False)
    return Photo(pixels, name)


def _reason(data: bytes, error: Exception) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "HEIC photos can't be read here: please save it as JPEG or PNG first."
    if isinstance(error, Image.DecompressionBombError):
        return "This photo claims far more pixels than are accepted: please scale it down."
    if isinstance(error, Image.UnidentifiedImageError):
        return "This is not a photo that can be read here: please choose a JPEG, PNG, WebP or AVIF."
    return "This photo is damaged or cut off: please save or download it again."
