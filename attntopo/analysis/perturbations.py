"""A photo -> the same photo perturbed, and where each of its places was before."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.token_matching import Warp
from attntopo.attention import Attention
from attntopo.photos import Photo

Pixels = np.ndarray


@dataclass(frozen=True, eq=False)
class PerturbedPhoto:
    """A perturbed photo.

    Attributes
    ----------
    photo : Photo
    warp : Warp or None
        None where content stays in place.
    """

    photo: Photo
    warp: Warp | None


@dataclass(frozen=True)
class Perturbation:
    """A way to perturb a photo that can be chosen by name.

    Attributes
    ----------
    key, label : str
        The name in links and the name on the page.
    strengths : tuple of float
        Those that are offered, from weak to strong.
    unit : str
        What a strength is, with {} for the number.
    limits : tuple of float
        The least and the largest strength there are.
    is_random : bool
        Whether the seed matters.
    apply : callable
        Pixels, strength, a random generator, and the attention to the photo, which only occlusion
        needs -> pixels, and the warp or None.
    """

    key: str
    label: str
    strengths: tuple[float, ...]
    unit: str
    limits: tuple[float, float]
    is_random: bool
    apply: Callable[
        [Pixels, float, np.random.Generator, Attention | None], tuple[Pixels, Warp | None]
    ]

    def text(self, strength: float) -> str:
        """Return the name with a strength: `Rotation by 10°`."""
        return f"{self.label} {self.unit.format(f'{strength:g}')}"


def perturb(
    photo: Photo, name: str, strength: float, seed: int = 0, attention: Attention | None = None
) -> PerturbedPhoto:
    """Perturb a photo.

    Parameters
    ----------
    photo : Photo
    name : str
        A key of `PERTURBATIONS`.
    strength : float
        In the perturbation's unit; at all strengths a seed has the same noise and the same place.
    seed : int
        Of noise, and of the places of a crop and of an occlusion; not negative.
    attention : Attention, optional
        To the photo: occlusion hides some of its patches.

    Returns
    -------
    PerturbedPhoto

    Raises
    ------
    EvidenceError
        If there is no such perturbation or strength, or occlusion isn't told where patches are.
    """
    if name not in PERTURBATIONS:
        raise EvidenceError(
            f"There is no perturbation called {name!r}; there are {', '.join(PERTURBATIONS)}."
        )
    chosen = PERTURBATIONS[name]
    least, most = chosen.limits
    if not least <= strength <= most:  # NaN fails it too
        raise EvidenceError(
            f"{chosen.label} has a strength from {least:g} to {most:g}, not {strength:g}."
        )
    if seed < 0:
        raise EvidenceError(f"A seed is a whole number from 0 on, not {seed}.")
    generator = np.random.default_rng(seed)
    pixels, warp = chosen.apply(photo.pixels, float(strength), generator, attention)
    pixels = np.ascontiguousarray(pixels)
    pixels.setflags(write=False)
    return PerturbedPhoto(Photo(pixels, f"{photo.name}, {chosen.text(strength).lower()}"), warp)


def _noise(
    pixels: Pixels, strength: float, generator: np.random.Generator, _attention: object
) -> tuple[Pixels, None]:
    noise = generator.standard_normal(pixels.shape)
    return np.clip(np.rint(pixels + strength * noise), 0, 255).astype(np.uint8), None


def _blur(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, None]:
    from scipy.ndimage import gaussian_filter

    sigma = strength / 100 * min(pixels.shape[:2])
    blurred = gaussian_filter(pixels.astype(np.float32), (sigma, sigma, 0))
    return np.clip(np.rint(blurred), 0, 255).astype(np.uint8), None


def _brightness(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, None]:
    return np.array(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(strength)), None


def _contrast(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, None]:
    return np.array(ImageEnhance.Contrast(Image.fromarray(pixels)).enhance(strength)), None


def _jpeg(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, None]:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=round(strength))
    return np.array(Image.open(file, formats=("JPEG",)).convert("RGB")), None


def _rotation(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, Warp]:
    angle = np.deg2rad(strength)  # anticlockwise, as y grows downwards
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return _about_the_centre(pixels, turn)


def _zoom(
    pixels: Pixels, strength: float, _generator: object, _attention: object
) -> tuple[Pixels, Warp]:
    return _about_the_centre(pixels, np.eye(2) / strength)


def _about_the_centre(pixels: Pixels, matrix: np.ndarray) -> tuple[Pixels, Warp]:
    """Resample linearly; what lies beyond a border is what lies before it, mirrored."""
    from scipy.ndimage import affine_transform

    centre = np.array(pixels.shape[:2]) / 2
    warp = Warp(matrix, centre - matrix @ centre)
    # SciPy counts places from the middle of a pixel.
    offset = warp.offset + matrix @ [0.5, 0.5] - 0.5
    channels = [
        affine_transform(channel.astype(np.float32), matrix, offset=offset, order=1, mode="reflect")
        for channel in np.moveaxis(pixels, -1, 0)
    ]
    return np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255).astype(np.uint8), warp


def _crop(
    pixels: Pixels, strength: float, generator: np.random.Generator, _attention: object
) -> tuple[Pixels, Warp]:
    size = np.array(pixels.shape[:2])
    kept = np.maximum(1, np.rint(size * (1 - strength / 100))).astype(np.int64)
    corner = np.rint(generator.random(2) * (size - kept)).astype(np.int64)
    (top, left), (bottom, right) = corner, corner + kept
    return pixels[top:bottom, left:right], Warp(np.eye(2), corner.astype(np.float64))


def _occlusion(
    pixels: Pixels, strength: float, generator: np.random.Generator, attention: Attention | None
) -> tuple[Pixels, None]:
    """Fill a square of patches with the mean colour."""
    if attention is None:
        raise EvidenceError("To hide a patch, occlusion needs the attention to the photo.")
    side = np.minimum(round(strength), attention.grid)
    corner = np.floor(generator.random(2) * (np.array(attention.grid) - side + 1))
    left, top, right, bottom = attention.patches_box
    start, extent = np.array([top, left]), np.array([bottom - top, right - left])
    ends = start + extent * np.stack([corner, corner + side]) / attention.grid
    ends = np.clip(np.rint(ends * pixels.shape[:2]), 0, pixels.shape[:2])
    (top_row, left_column), (bottom_row, right_column) = ends.astype(np.int64)
    hidden = pixels.copy()
    mean = np.rint(pixels.mean(axis=(0, 1)))
    hidden[top_row:bottom_row, left_column:right_column] = mean.astype(np.uint8)
    return hidden, None


PERTURBATIONS: dict[str, Perturbation] = {
    entry.key: entry
    for entry in (
        Perturbation(
            "noise", "Noise", (4, 8, 16, 32, 64), "of {} levels of 255", (0, 255), True, _noise
        ),
        Perturbation(
            "blur", "Blur", (0.25, 0.5, 1, 2, 4), "of {} % of a side", (0, 20), False, _blur
        ),
        Perturbation(
            "brightness", "Brightness", (1.1, 1.25, 1.5, 2), "times {}", (0, 5), False, _brightness
        ),
        Perturbation(
            "contrast", "Contrast", (0.9, 0.75, 0.5, 0.25), "times {}", (0, 5), False, _contrast
        ),
        Perturbation("jpeg", "JPEG", (90, 70, 50, 30, 10), "of quality {}", (1, 95), False, _jpeg),
        Perturbation(
            "occlusion", "Occlusion", (1, 2, 3, 4), "of {0} x {0} patches", (1, 8), True, _occlusion
        ),
        Perturbation(
            "rotation", "Rotation", (1, 2, 5, 10, 20, 45), "by {}°", (-180, 180), False, _rotation
        ),
        Perturbation("crop", "Crop", (5, 10, 20, 30), "of {} % of each side", (0, 75), True, _crop),
        Perturbation("zoom", "Zoom", (1.05, 1.1, 1.25, 1.5, 2), "times {}", (1, 4), False, _zoom),
    )
}
"""The perturbations by name, those first in which content stays in place."""
