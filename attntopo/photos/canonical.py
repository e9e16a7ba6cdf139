"""The canonical photo: RGB, 8 bits, upright, opaque, at most 1024 pixels on its longest side.

It is what the model's image processor gets and what every number is exact from.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

LONGEST_SIDE = 1024
"""Longest side of a canonical photo, in pixels."""


class PhotoError(ValueError):
    """A photo was refused; the message is one sentence (or two) for the person who sent it.

    Attributes
    ----------
    kind : str
        Why, in a word or three, the same for all photos refused so: what goes to the log.
    """

    def __init__(self, message: str, kind: str = "other") -> None:
        super().__init__(message)
        self.kind = kind


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
    tables = [[(value + 128) // 257 for value in range(1 << 16)]]
    if "transparency" in image.info:
        tables.append([255 * (value != image.info["transparency"]) for value in range(1 << 16)])
    result = Image.new("L" if len(tables) == 1 else "LA", image.size)
    for top in range(0, image.height, 256):
        strip = image.crop((0, top, image.width, min(top + 256, image.height))).convert("I")
        bands = [strip.point(table, "L") for table in tables]
        result.paste(Image.merge(result.mode, bands), (0, top))
    return result
