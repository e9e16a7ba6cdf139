"""Means with bootstrap intervals over photos, and choices made on photos that aren't scored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

SEED = 0
"""What halves and bootstrap draws come from."""
DRAWS = 2000
LEVEL = 0.95
FEWEST_PHOTOS = 6
"""Fewer have no interval: with 5, even a sign test in which all agree has p = 0.06."""


@dataclass(frozen=True)
class Estimate:
    """A mean over objects, with an interval.

    Attributes
    ----------
    mean, low, high : float
        The interval is the middle 95 % of bootstrap means, photos resampled.
    n_objects, n_photos : int
    """

    mean: float
    low: float
    high: float
    n_objects: int
    n_photos: int


def estimate(scores: np.ndarray, photos: np.ndarray) -> Estimate:
    """Average scores of objects; photos, not objects, are what is resampled.

    Objects of one photo share its attention, so that they aren't independent draws.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_objects,)
        At least one.
    photos : ndarray of int64, shape (n_objects,)
        The photo that each is in.

    Returns
    -------
    Estimate
    """
    _, index = np.unique(photos, return_inverse=True)
    n_photos = int(index.max()) + 1
    sums = np.bincount(index, weights=scores)
    counts = np.bincount(index)
    draws = np.random.default_rng(SEED).integers(0, n_photos, (DRAWS, n_photos))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(scores.mean()), float(low), float(high), len(scores), n_photos)


def estimate_row(scores: np.ndarray, photos: np.ndarray) -> dict[str, Any]:
    """Return what `estimate` does as plain values, rounded to four decimals.

    Of fewer than `FEWEST_PHOTOS` photos there is no interval, but the mean of each photo (`means`).
    """
    row = asdict(estimate(scores.astype(np.float64), photos))
    if row["n_photos"] < FEWEST_PHOTOS:
        del row["low"], row["high"]
        row["means"] = [float(scores[photos == one].mean()) for one in np.unique(photos)]
    return {name: _rounded(value) for name, value in row.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def interval_row(scores: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """Return a mean with its interval alone, `groups` resampled; with none if they are too few."""
    row = estimate_row(scores, groups)
    return {name: row[name] for name in ("mean", "low", "high") if name in row}


def row_text(row: dict[str, Any]) -> str:
    """Write a row's mean with its interval, or with each photo's mean where there is none."""
    if "low" in row:
        return f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
    means = ", ".join(f"{one:.3f}" for one in row.get("means", ()))
    return f"{row['mean']:.3f} ({means})" if means else f"{row['mean']:.3f}"


def halves(photos: np.ndarray) -> np.ndarray:
    """Split photos in two halves at random; all objects of a photo are in the same.

    Parameters
    ----------
    photos : ndarray of int64, shape (n_objects,)
        The photo that each object is in; of at least two.

    Returns
    -------
    ndarray of bool, shape (n_objects,)
        Which objects are in the first half.
    """
    every = np.unique(photos)
    shuffled = np.random.default_rng(SEED).permutation(every)
    return np.isin(photos, shuffled[: len(every) // 2])


def chosen_elsewhere(scores: np.ndarray, photos: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Score each half of the photos with the candidate that was best on the other half.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_candidates, n_objects)
    photos : ndarray of int64, shape (n_objects,)
        The photo that each object is in; of at least two.

    Returns
    -------
    held_out : ndarray of float64, shape (n_objects,)
    chosen : list of int
        The candidate chosen on the first half, and on the second; ties go to the first.
    """
    first = halves(photos)
    held_out = np.empty(scores.shape[1])
    chosen = []
    for half in (first, ~first):
        best = int(np.argmax(scores[:, half].mean(axis=1)))
        held_out[~half] = scores[best, ~half]
        chosen.append(best)
    return held_out, chosen
