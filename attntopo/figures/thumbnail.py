"""A picture small enough for a list, of whatever shape it is."""

import numpy as np
from PIL import Image

from attntopo.figures.jpeg import jpeg_url
from attntopo.photos import LARGEST_RATIO

_TALLEST = 1.5  # times the width
_DENSITY = 2  # pixels of the picture in one of the page, for sharp screens


def small_picture(pixels: np.ndarray, width: int) -> tuple[str, int]:
    """Make a picture fit to be shown small.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        With at least one pixel. A photo's sides are at most one to eight, but the picture of
        attention may be that of a row of tokens, one pixel high.
    width : int
        How wide it may be, in pixels; at least 8.

    Returns
    -------
    str
        A data URL of the picture, with as many pixels as a sharp screen shows of it. One whose
        sides are further apart than one to eight is stretched to that, so that something is left
        of it.
    int
        How wide to show it, in pixels: less than it may be where it would get too tall.
    """
    picture = Image.fromarray(pixels)
    rows, columns = pixels.shape[:2]
    size = max(columns, -(-rows // LARGEST_RATIO)), max(rows, -(-columns // LARGEST_RATIO))
    if size != (columns, rows):
        picture = picture.resize(size, Image.Resampling.NEAREST)
    shown = min(width, int(width * _TALLEST * size[0] / size[1]))
    picture.thumbnail((_DENSITY * shown, size[1]))
    return jpeg_url(picture), shown
