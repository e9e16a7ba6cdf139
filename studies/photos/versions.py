"""The photos of the study: each sample as it is, and altered a little in several ways."""

from __future__ import annotations

from attntopo import SAMPLES, Photo, perturb, sample

ALTERED = (
    ("noise", 16.0),
    ("brightness", 1.25),
    ("jpeg", 30.0),
    ("rotation", 5.0),
    ("crop", 10.0),
    ("crop", 20.0),
)
"""Perturbations and their strengths, in the units of `PERTURBATIONS`."""
ORIGINAL = "original"


def version_names() -> tuple[str, ...]:
    """Return the names of the versions, the original first."""
    return (ORIGINAL, *(f"{name} {strength:g}" for name, strength in ALTERED))


def versions_of(number: int) -> list[Photo]:
    """Return a sample photo and its altered versions, as `version_names` names them.

    Parameters
    ----------
    number : int
        Of the sample in `SAMPLES`; the seed of its noise and of the places of its crops, too.

    Returns
    -------
    list of Photo
    """
    photo = sample(SAMPLES[number])
    altered = [perturb(photo, name, strength, number).photo for name, strength in ALTERED]
    return [photo, *altered]
