"""Outlines of real objects in the sample photos, drawn by hand and checked by eye.

`outlines.json` has them in pixels of the sample: the first pixel's corners are (0, 0) and (1, 1).
Coins and horse come from thresholds, and were checked as the others were: enlarged, with the
outline over the photo. `pasted` says which ones composites are made of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from attntopo import sample
from studies.annotated import AnnotatedPhoto

_FINER = 8  # a pixel's coverage is counted on so many rows and columns


@dataclass(frozen=True, eq=False)
class Outline:
    """An object's outline.

    Attributes
    ----------
    name : str
    photo : str
        The sample that it is in.
    pasted : bool
        Whether composites are made of it.
    points : ndarray of float64, shape (n_points, 2)
        x and y in pixels of the sample.
    """

    name: str
    photo: str
    pasted: bool
    points: np.ndarray


def read_outlines() -> list[Outline]:
    """Return all outlines, in the file's order."""
    entries = json.loads(Path(__file__).with_name("outlines.json").read_text("utf-8"))
    return [
        Outline(one["name"], one["photo"], one["pasted"], np.array(one["outline"], dtype=float))
        for one in entries
    ]


def coverage(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """Compute which share of each pixel lies within a polygon.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, 2)
        x and y.
    height, width : int
        Of the picture.

    Returns
    -------
    ndarray of float64, shape (height, width)
        0 to 1, in steps of 1/64. What the line itself touches, up to 1/8 of a pixel, is within.
    """
    fine = Image.new("L", (width * _FINER, height * _FINER))
    # Pillow's polygons go through the middles of pixels.
    corners = [(x * _FINER - 0.5, y * _FINER - 0.5) for x, y in points.tolist()]
    ImageDraw.Draw(fine).polygon(corners, fill=1)
    parts = np.array(fine).reshape(height, _FINER, width, _FINER)
    return parts.mean(axis=(1, 3), dtype=np.float64)


def samples_with_outlines() -> list[AnnotatedPhoto]:
    """Return the sample photos that have outlines, with the objects where they are."""
    outlines = read_outlines()
    annotated = []
    for name in dict.fromkeys(one.photo for one in outlines):
        photo = sample(name)
        own = [one for one in outlines if one.photo == name]
        masks = [coverage(one.points, *photo.pixels.shape[:2]) >= 0.5 for one in own]
        annotated.append(AnnotatedPhoto(photo, tuple(one.name for one in own), np.array(masks)))
    return annotated
