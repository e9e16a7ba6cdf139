"""Distances between persistence diagrams; Betti curves."""

from __future__ import annotations

import numpy as np

from attntopo.persistence import Diagrams

NOTEBOOK_FILTER = 0.01
"""The notebook leaves out bars of at most this length."""


def bottleneck_distance(first: Diagrams, second: Diagrams, dimension: int) -> float:
    """Compute the exact bottleneck distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.

    Returns
    -------
    float
        In the units of the row distance, at least 0; infinite bars are matched by their births.
        If one diagram is empty, half the other's longest bar.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Stability of persistence diagrams, Discrete &
    Computational Geometry 37 (2007).
    """
    return _bottleneck(first[dimension], second[dimension])


def notebook_bottleneck_distance(first: Diagrams, second: Diagrams) -> float:
    """Compute the notebook's one number: H0 bottleneck of the bars longer than 0.01.

    Parameters
    ----------
    first, second : Diagrams

    Returns
    -------
    float
        In the units of the row distance. The filter breaks the stability bound, which is why
        every other number here is of whole diagrams.
    """
    return _bottleneck(
        longer_than(first[0], NOTEBOOK_FILTER), longer_than(second[0], NOTEBOOK_FILTER)
    )


def longer_than(points: np.ndarray, length: float) -> np.ndarray:
    """Return the bars longer than a length, infinite ones included.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
    length : float

    Returns
    -------
    ndarray of float64, shape (n_kept, 2)
    """
    return points[points[:, 1] - points[:, 0] > length]


def betti_curve(points: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Count the bars alive at each scale: birth <= scale < death.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension.
    scales : ndarray of float64, shape (n_scales,)

    Returns
    -------
    ndarray of int64, shape (n_scales,)
        The Betti number of the complex at each scale.
    """
    born = np.searchsorted(np.sort(points[:, 0]), scales, side="right")
    dead = np.searchsorted(np.sort(points[:, 1]), scales, side="right")
    return born - dead


def _bottleneck(first: np.ndarray, second: np.ndarray) -> float:
    import gudhi

    # e=0 asks for the exact distance; without it GUDHI answers 2e-308 for equal diagrams.
    return float(gudhi.bottleneck_distance(first, second, e=0))
