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

from attntopo import sample
from studies.annotated import AnnotatedPhoto

_LINES = 8  # a row of pixels is covered as so many lines through it are


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
        x and y, 0 to width and to height; sides don't cross.
    height, width : int
        Of the picture.

    Returns
    -------
    ndarray of float64, shape (height, width)
        0 to 1: exact along `_LINES` lines through each row of pixels, their mean.
    """
    inside = np.zeros((height * _LINES, width + 2))
    middles = (np.arange(height * _LINES) + 0.5) / _LINES
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        first, last = np.searchsorted(middles, sorted((y0, y1)))
        if first == last:
            continue
        # A side that goes down adds 1 to all to its right; one that goes up takes it away.
        crossed = x0 + (middles[first:last] - y0) * (x1 - x0) / (y1 - y0)
        column = np.minimum(crossed.astype(int), width)
        lines, sign = np.arange(first, last), np.sign(y1 - y0)
        inside[lines, column] += sign * (1 - (crossed - column))
        inside[lines, column + 1] += sign * (crossed - column)
    filled = np.abs(inside.cumsum(axis=1)[:, :width])
    return np.clip(filled.reshape(height, _LINES, width).mean(axis=1), 0, 1)


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
