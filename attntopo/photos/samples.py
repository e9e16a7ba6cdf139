"""The sample photos: those that lie in scikit-image's wheel."""

import numpy as np
from PIL import Image

from attntopo.photos.canonical import Photo, canonical_pixels
from attntopo.photos.refusals import PhotoError

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


def sample(name: str) -> Photo:
    """Return one of the bundled sample photos.

    Parameters
    ----------
    name : str
        One of `SAMPLES`.

    Returns
    -------
    Photo
        Canonical: upright RGB, longest side at most 1024 pixels.

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
    return Photo(canonical_pixels(Image.fromarray(pixels)), name)
