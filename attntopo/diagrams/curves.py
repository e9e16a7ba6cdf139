"""Persistence diagram -> Betti curve, lengths of bars, persistence entropy."""

import numpy as np

from attntopo.diagrams.split_bars import DiagramError, checked_points


def longer_than(points: np.ndarray, length: float) -> np.ndarray:
    """Return the bars longer than a length, infinite ones included.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
    length : float

    Returns
    -------
    ndarray of float64, shape (n_kept, 2)

    Raises
    ------
    DiagramError
        As `checked_points`.
    """
    points = checked_points(points)
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

    Raises
    ------
    DiagramError
        If a birth or death is NaN, a bar dies before it is born, or a scale is NaN.
    """
    points, scales = checked_points(points), np.asarray(scales, dtype=np.float64)
    if np.isnan(scales).any():
        raise DiagramError("Betti numbers are counted at scales; NaN is none.")
    born = np.searchsorted(np.sort(points[:, 0]), scales, side="right")
    dead = np.searchsorted(np.sort(points[:, 1]), scales, side="right")
    return born - dead


def finite_lengths(points: np.ndarray) -> np.ndarray:
    """Return the lengths of the finite bars of a diagram (n_bars, 2): an array (n_finite,).

    Raises
    ------
    DiagramError
        As `checked_points`.
    """
    points = checked_points(points)
    births, deaths = points[np.isfinite(points[:, 1])].T
    return deaths - births


def persistence_entropy(points: np.ndarray) -> float:
    """Compute the entropy of the finite bars' lengths, as shares of their sum.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.

    Returns
    -------
    float
        In nats, from 0 (one bar, or none) to the logarithm of the number of bars (all equal).

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.

    References
    ----------
    Chintakunta, Gentimis, Gonzalez-Diaz, Jimenez, Krim, An entropy-based persistence barcode,
    Pattern Recognition 48 (2015).
    """
    from scipy.special import entr

    lengths = finite_lengths(points)
    total = lengths.sum()
    return float(entr(lengths / total).sum()) if total > 0 else 0.0
