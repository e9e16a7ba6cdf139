"""Objects of the sample photos pasted on other samples, at random places and sizes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image
from scipy import ndimage

from attntopo import Photo, sample
from studies.annotated import AnnotatedPhoto
from studies.objects.outlines import Outline, coverage, read_outlines

SEED = 0
"""What composites are drawn from; with it they are the same on every machine."""
N_COMPOSITES = 58
SIDE = 448
"""Height and width of a composite, in pixels."""

_BACKGROUNDS = (
    "astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel",
    "hubble_deep_field", "immunohistochemistry", "moon", "page", "retina", "rocket", "text",
)  # fmt: skip
"""All samples but the drawings and the horse, which stands on nothing."""
_SIZES = 0.25, 0.65  # of a composite's side: the longer side of the object's box
_FEATHER = 1.0  # pixels: the deviation of the Gaussian that blurs an object's edge
_ATTEMPTS = 50  # at a place where a second object doesn't touch the first
_GAP = 8  # pixels between two objects


def composites(number: int = N_COMPOSITES, seed: int = SEED) -> Iterator[AnnotatedPhoto]:
    """Make composites with one or two objects each.

    Parameters
    ----------
    number : int
    seed : int
        Each composite depends on the seed and its own number alone.

    Yields
    ------
    AnnotatedPhoto
        Square photos. The masks are exact: what was pasted with a weight of at least one half.
    """
    pasted = [one for one in read_outlines() if one.pasted]
    for index in range(number):
        yield composite(pasted, np.random.default_rng([seed, index]), f"composite {index + 1}")


def composite(outlines: list[Outline], generator: np.random.Generator, name: str) -> AnnotatedPhoto:
    """Paste one or two objects on a sample photo that has neither.

    Parameters
    ----------
    outlines : list of Outline
        What may be pasted.
    generator : numpy Generator
    name : str
        Of the photo that is made.

    Returns
    -------
    AnnotatedPhoto
    """
    n_objects = int(generator.integers(1, 3))
    chosen = [outlines[k] for k in generator.permutation(len(outlines))[:n_objects]]
    free = [one for one in _BACKGROUNDS if one not in {outline.photo for outline in chosen}]
    pixels = background(free[int(generator.integers(len(free)))]).astype(np.float64)
    masks: list[np.ndarray] = []
    names: list[str] = []
    for outline in chosen:
        longest = float(generator.uniform(*_SIZES)) * SIDE
        object_pixels, weight = cut_out(outline, longest)
        place = _free_place(weight.shape, masks, generator)
        if place is None:  # beside a large first object there may be no room
            continue
        window = tuple(slice(p, p + s) for p, s in zip(place, weight.shape, strict=True))
        pixels[window] += weight[:, :, None] * (object_pixels - pixels[window])
        mask = np.zeros((SIDE, SIDE), dtype=bool)
        mask[window] = weight >= 0.5
        masks.append(mask)
        names.append(outline.name)
    photo = Photo(np.rint(pixels).astype(np.uint8), name)
    return AnnotatedPhoto(photo, tuple(names), np.array(masks))


def background(name: str) -> np.ndarray:
    """Return the middle square of a sample photo, shape (SIDE, SIDE, 3), uint8."""
    picture = sample(name).image()
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return np.array(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def cut_out(outline: Outline, longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut an object out of its photo, at another size and with feathered edges.

    Parameters
    ----------
    outline : Outline
    longest : float
        The longer side of its box afterwards, in pixels.

    Returns
    -------
    pixels : ndarray of float64, shape (height, width, 3)
        0 to 255.
    weight : ndarray of float64, shape (height, width)
        0 to 1: how much of each pixel is to be pasted.
    """
    picture = sample(outline.photo).image()
    low, high = outline.points.min(axis=0), outline.points.max(axis=0)
    scale = longest / float((high - low).max())
    # Room for the feathers, but for what the photo's own border cuts off.
    room = 3 * _FEATHER / scale
    left, top = np.maximum(low - room, 0)
    right, bottom = np.minimum(high + room, picture.size)
    width, height = (max(1, round(side * scale)) for side in (right - left, bottom - top))
    pixels = picture.resize(
        (width, height), Image.Resampling.LANCZOS, box=(left, top, right, bottom)
    )
    factors = [width / (right - left), height / (bottom - top)]
    points = (outline.points - [left, top]) * factors
    weight = ndimage.gaussian_filter(coverage(points, height, width), _FEATHER, mode="nearest")
    return np.array(pixels, dtype=np.float64), weight


def _free_place(
    shape: tuple[int, ...], taken: list[np.ndarray], generator: np.random.Generator
) -> tuple[int, int] | None:
    """Draw a place where an object of a shape doesn't come near others; None if there is none."""
    near = ndimage.binary_dilation(np.any(taken, axis=0), iterations=_GAP) if taken else None
    for _ in range(_ATTEMPTS):
        top, left = (int(generator.integers(0, SIDE - side + 1)) for side in shape)
        if near is None or not near[top : top + shape[0], left : left + shape[1]].any():
            return top, left
    return None
