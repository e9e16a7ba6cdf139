"""A persistence diagram -> how much its bars can bear, and how they stand against pure noise."""

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.diagrams import checked_points
from attntopo.distances import find_distance

NOT_A_METRIC = "attention-graph"
"""The key of the distance that breaks the triangle inequality: it has no certificates."""
FEWEST_LOOPS = 5
"""The universal p needs at least so many: the p of a single loop would be 0.57, whatever it is."""


def certificate_radii(points: np.ndarray) -> np.ndarray:
    """Return by how much all distances may change without a bar being lost: half its length.

    Parameters
    ----------
    points : array of float, shape (n_bars, 2)
        Births and deaths of a diagram in one dimension.

    Returns
    -------
    ndarray of float64, shape (n_bars,)
        In the units of the distance; infinite for an infinite bar. After a change of less than
        this, a bottleneck matching of the whole diagrams pairs the bar with one of the other
        diagram, whose length is at least the bar's less twice the change. It is sharp in H1; in
        H0, where births stay 0, a bar outlives changes up to twice as large.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Stability of persistence diagrams, Discrete &
    Computational Geometry 37 (2007).
    """
    points = checked_points(points)
    return (points[:, 1] - points[:, 0]) / 2


def universal_p(
    points: np.ndarray, distance: str | None = None, corrected: bool = True
) -> np.ndarray:
    """Compute how probable loops as long as these are in points without structure.

    Parameters
    ----------
    points : array of float, shape (n_bars, 2)
        Births and deaths of the diagram of loops (H1) of a Vietoris–Rips filtration.
    distance : str, optional
        The row distance that it is of, where it is of one.
    corrected : bool
        Whether each p is multiplied by the number of bars (Bonferroni), 1 at most: then a p of at
        most 0.05 says that 1 photo in 20, at most, has such a loop by chance.

    Returns
    -------
    ndarray of float64, shape (n_bars,)
        NaN for a bar that is born at 0, which isn't counted; and for all bars where fewer than
        `FEWEST_LOOPS` are counted, which say nothing of a law that is fitted to them.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.
    EvidenceError
        If the distance is `attention-graph`, for which the law doesn't hold, or a bar is infinite.

    Notes
    -----
    With `l = log log(death / birth)`, less its mean over the bars and Euler's constant, p is
    `exp(-exp(l))`. The location is fitted to the very bars that are judged, which makes few long
    bars among few bars look likelier than they are. It is the law of random points in a space, a
    conjecture with much evidence; for rows that are independent Dirichlet draws it is conservative.

    References
    ----------
    Bobrowski, Skraba, A universal null-distribution for topological data analysis, Scientific
    Reports 13 (2023).
    """
    if distance is not None and find_distance(distance).key == NOT_A_METRIC:
        raise EvidenceError(
            "The universal null is a law of points in a space. The attention graph is a filtration "
            "and not a distance, so it has no such p."
        )
    points = checked_points(points)
    if np.isinf(points).any():
        raise EvidenceError("The universal null is a law of loops, which all die at some scale.")
    p = np.full(len(points), np.nan)
    births, deaths = points.T
    counted = np.nonzero((births > 0) & (deaths > births))[0]
    if len(counted) >= FEWEST_LOOPS:
        # log1p: short bars die just after their birth.
        logs = np.log(np.log1p((deaths[counted] - births[counted]) / births[counted]))
        p[counted] = np.exp(-np.exp(logs - logs.mean() - np.euler_gamma))
    return np.minimum(1.0, p * len(counted)) if corrected else p
