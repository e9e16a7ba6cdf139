"""The canonical photo: RGB, 8 bits, upright, opaque, at most 1024 pixels on its longest side.

It is what the model's image processor gets and what every number is exact from.
"""

import hashlib
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
