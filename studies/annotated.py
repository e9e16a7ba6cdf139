"""Photos with outlined objects, and what of them lies on a patch grid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from attntopo import Attention, Photo

LEAST_PATCHES = 4
"""Objects of fewer patches aren't scored: one patch more or less would be all the difference."""
COVERED = 0.5
"""A patch belongs to an object that covers at least this share of it."""


@dataclass(frozen=True, eq=False)
class AnnotatedPhoto:
    """A photo and the objects in it.

    Attributes
    ----------
    photo : Photo
    names : tuple of str
        Of each object.
    masks : ndarray of bool, shape (n_objects, height, width)
        Which pixels of the photo are the object's. Masks may overlap.
    """

    photo: Photo
    names: tuple[str, ...]
    masks: np.ndarray

    def __post_init__(self) -> None:
        expected = (len(self.names), *self.photo.pixels.shape[:2])
        if self.masks.shape != expected:
            raise ValueError(
                f"The masks of {self.photo.name} have the shape {self.masks.shape}, not {expected}."
            )

    @property
    def sha256(self) -> str:
        """Content hash: of the photo, the masks and their names."""
        digest = hashlib.sha256(f"{self.photo.sha256} {self.names}:".encode())
        digest.update(np.packbits(self.masks).tobytes())
        return digest.hexdigest()


def patch_shares(
    mask: np.ndarray, box: tuple[float, float, float, float], grid: tuple[int, int]
) -> np.ndarray:
    """Compute which share of each patch a mask covers, exactly.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Of a photo.
    box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo, as
        `Attention.patches_box`. What lies beyond the photo isn't covered.
    grid : tuple of int
        Height and width of the patch grid.

    Returns
    -------
    ndarray of float64, shape (grid height * grid width,)
        0 to 1, patches row by row.
    """
    height, width = mask.shape
    left, top, right, bottom = box
    rows = np.linspace(top * height, bottom * height, grid[0] + 1)
    columns = np.linspace(left * width, right * width, grid[1] + 1)
    # A mask is constant on each pixel, so its integral from the corner is linear between pixels.
    total = np.zeros((height + 1, width + 1))
    total[1:, 1:] = mask.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    total = _between(_between(total, rows).T, columns).T
    area = np.diff(np.diff(total, axis=0), axis=1)
    patch = np.diff(rows)[:, None] * np.diff(columns)[None, :]
    return np.clip(area / patch, 0, 1).ravel()


def _between(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Interpolate linearly between the rows of an array; beyond its ends they stay as they are."""
    places = np.clip(places, 0, len(values) - 1)
    below = np.minimum(places.astype(int), len(values) - 2)
    part = (places - below)[:, None]
    return values[below] * (1 - part) + values[below + 1] * part


def object_patches(annotated: AnnotatedPhoto, attention: Attention) -> np.ndarray:
    """Say which patches are each object's.

    Parameters
    ----------
    annotated : AnnotatedPhoto
    attention : Attention
        Of its photo.

    Returns
    -------
    ndarray of bool, shape (n_objects, n_patches)
        Patches of which the object covers at least `COVERED`.
    """
    n_patches = attention.grid[0] * attention.grid[1]
    shares = [patch_shares(mask, attention.patches_box, attention.grid) for mask in annotated.masks]
    return np.array(shares).reshape(len(shares), n_patches) >= COVERED
