"""A persistence diagram in one dimension -> its finite and its infinite bars, and their costs."""

from dataclasses import dataclass

import numpy as np


class DiagramError(ValueError):
    """A persistence diagram can't be used; the message says why."""


@dataclass(frozen=True, eq=False)
class SplitBars:
    """The bars of one diagram that are longer than 0.

    Attributes
    ----------
    numbers : ndarray of int64, shape (n_finite,)
        Rows of the diagram that are finite bars.
    finite : ndarray of float64, shape (n_finite, 2)
        Their births and deaths.
    endless : ndarray of int64, shape (n_endless,)
        Rows of the diagram that are infinite bars, by birth.
    births : ndarray of float64, shape (n_endless,)
        Their births.
    """

    numbers: np.ndarray
    finite: np.ndarray
    endless: np.ndarray
    births: np.ndarray


def checked_points(points: np.ndarray) -> np.ndarray:
    """Return births and deaths as they are, if they are those of a diagram.

    Parameters
    ----------
    points : array of float, shape (n_bars, 2)

    Returns
    -------
    ndarray of float64, shape (n_bars, 2)

    Raises
    ------
    DiagramError
        If it has another shape, a birth or death is NaN, a birth infinite, or a bar dies before it
        is born.
    """
    points = np.asarray(points, dtype=np.float64)
    if not points.size:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise DiagramError(
            "A persistence diagram in one dimension has the shape (bars, 2): births and deaths; "
            f"this has the shape {points.shape}."
        )
    births, deaths = points.T
    # NaN fails the comparison too.
    if not (np.isfinite(births).all() and (deaths >= births).all()):
        raise DiagramError(
            "A persistence diagram has finite births and no death before its birth; NaN is neither."
        )
    return points


def split_bars_of(points: np.ndarray) -> SplitBars:
    """Take a diagram's finite and infinite bars apart.

    Parameters
    ----------
    points : array of float, shape (n_bars, 2)
        Births and deaths.

    Returns
    -------
    SplitBars

    Raises
    ------
    DiagramError
        As `checked_points`.
    """
    points = checked_points(points)
    births, deaths = points.T
    finite = np.nonzero(np.isfinite(deaths) & (deaths > births))[0]
    endless = np.nonzero(np.isinf(deaths))[0]
    endless = endless[np.argsort(births[endless], kind="stable")]
    return SplitBars(finite, points[finite], endless, births[endless])


def half_lengths(bars: np.ndarray) -> np.ndarray:
    """Return what it costs to match finite bars (n, 2) with the diagonal: an array (n,)."""
    return (bars[:, 1] - bars[:, 0]) / 2


def all_shifts(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the L-infinity distances between finite bars (n, 2) and (m, 2): an array (n, m)."""
    return np.abs(first[:, None, :] - second[None, :, :]).max(axis=2, initial=0.0)


def born_together(first: np.ndarray, second: np.ndarray) -> bool:
    """Say whether there are bars, and all of both diagrams have the same birth."""
    births = np.concatenate([first[:, 0], second[:, 0]])
    return bool(len(births) and (births == births[0]).all())
