"""The canonical photo: RGB, 8 bits, upright, opaque, at most 1024 pixels on its longest side.

It is what the model's image processor gets and what every number is exact from.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from attntopo.photos.image_files import canonical_image


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

    def image(self) -> Image.Image:
        """Return the photo as a PIL image."""
        return Image.fromarray(self.pixels)


def canonical_pixels(image: Image.Image) -> np.ndarray:
    """Return the pixels of an upright image as RGB, opaque and of our size; read-only."""
    pixels = np.array(canonical_image(image))
    pixels.setflags(write=False)
    return pixels


def reduced(photo: Photo, longest_side: int) -> Photo:
    """Return a photo with at most so many pixels on its longest side; a smaller one as it is.

    Parameters
    ----------
    photo : Photo
    longest_side : int

    Returns
    -------
    Photo
        Of the same name; its pixels are resampled by Lanczos' filter, as a canonical photo's are.
    """
    height, width = photo.pixels.shape[:2]
    longest = max(height, width)
    if longest <= longest_side:
        return photo
    size = tuple(max(1, round(side * longest_side / longest)) for side in (width, height))
    pixels = np.array(photo.image().resize(size, Image.Resampling.LANCZOS))
    pixels.setflags(write=False)
    return Photo(pixels, photo.name)


@dataclass(frozen=True)
class PackedPhoto:
    """A canonical photo that takes less room, without loss: many are kept so.

    Attributes
    ----------
    data : bytes
        Lossless WebP, about 0.25 MB of a photo of 518 pixels.
    name, sha256 : str
        The photo's.
    size : tuple of int
        Height and width, in pixels.
    """

    data: bytes
    name: str
    sha256: str
    size: tuple[int, int]

    @classmethod
    def of(cls, photo: Photo) -> "PackedPhoto":
        """Pack a photo."""
        buffer = io.BytesIO()
        photo.image().save(buffer, "WEBP", lossless=True, quality=0, method=0)
        height, width = photo.pixels.shape[:2]
        return cls(buffer.getvalue(), photo.name, photo.sha256, (height, width))

    def unpacked(self) -> Photo:
        """Return the photo, to the bit."""
        with Image.open(io.BytesIO(self.data), formats=["WEBP"]) as image:
            pixels = np.array(image.convert("RGB"))
        pixels.setflags(write=False)
        return Photo(pixels, self.name)
