"""Persistence diagram -> arrays of a fixed size: persistence image, landscapes, silhouette.

The numbers are those of `gudhi.representations`, computed here without it: that package takes
scikit-learn along, and 20 times as long for an image. Infinite bars have no length and are left
out of all but the Betti curve, where they are alive to the end; bars of length 0 are no bars.
"""

import numpy as np

from attntopo.diagrams.curves import betti_curve
from attntopo.diagrams.split_bars import split_bars_of
from attntopo.diagrams.vector_grids import VectorGrid, check_dimensions
from attntopo.topology import Diagrams

VECTORS = ("persistence image", "landscapes", "silhouette", "Betti curve")
"""What `head_vectors` makes of each dimension."""


def head_vectors(diagrams: Diagrams, grid: VectorGrid) -> dict[str, np.ndarray]:
    """Make all vectors of one head's diagrams.

    Parameters
    ----------
    diagrams : Diagrams
    grid : VectorGrid
        The same for all heads that are to be compared: from `common_grid` or `bound_grid`.

    Returns
    -------
    dict of str to ndarray of float64
        For each dimension of the grid, always in the same order: `H0 persistence image`
        (image_side, image_side), lengths by births; `H0 landscapes` (n_landscapes, n_scales);
        `H0 silhouette` and `H0 Betti curve` (n_scales,); then the same of H1. Zeros where a
        diagram is empty.

    Raises
    ------
    DiagramError
        As `checked_points`, or if the diagrams haven't the grid's dimensions.

    Examples
    --------
    >>> import attntopo as at
    >>> topology = at.analyse(at.ring_attention(), 0, 0, "jensen-shannon")
    >>> vectors = at.head_vectors(topology.diagrams, at.common_grid([topology.diagrams]))
    >>> vectors["H1 persistence image"].shape
    (20, 20)
    """
    check_dimensions(diagrams, len(grid.ranges))
    vectors: dict[str, np.ndarray] = {}
    for k in range(len(grid.ranges)):
        points, scales = diagrams[k], grid.scales(k)
        made = (
            persistence_image(points, grid.births(k), grid.lengths(k), grid.width(k), grid.power),
            persistence_landscapes(points, scales, grid.n_landscapes),
            persistence_silhouette(points, scales, grid.power),
            betti_curve(points, scales).astype(np.float64),
        )
        vectors |= {f"H{k} {name}": one for name, one in zip(VECTORS, made, strict=True)}
    return vectors


def persistence_image(
    points: np.ndarray,
    births: np.ndarray,
    lengths: np.ndarray,
    bandwidth: float,
    power: float = 1.0,
) -> np.ndarray:
    """Compute a persistence image: Gaussians about the bars, weighed by the bars' lengths.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.
    births : ndarray of float64, shape (n_births,)
    lengths : ndarray of float64, shape (n_lengths,)
        Where the sum of Gaussians is sampled.
    bandwidth : float
        Their standard deviation, above 0.
    power : float
        A bar weighs its length to this power, 0 or more.

    Returns
    -------
    ndarray of float64, shape (n_lengths, n_births)
        As `gudhi.representations.PersistenceImage` with the weight `lambda bar: bar[1] ** power`.

    Raises
    ------
    DiagramError
        As `checked_points`.

    References
    ----------
    Adams et al., Persistence images: a stable vector representation of persistent homology,
    JMLR 18 (2017).
    """
    finite = split_bars_of(points).finite
    length = finite[:, 1] - finite[:, 0]
    # A Gaussian of the plane is the product of one along each axis.
    along_births = _gaussian(births - finite[:, :1], bandwidth)
    along_lengths = _gaussian(lengths - length[:, None], bandwidth)
    return (along_lengths * (length**power)[:, None]).T @ along_births


def persistence_landscapes(
    points: np.ndarray, scales: np.ndarray, n_landscapes: int = 5
) -> np.ndarray:
    """Compute the first persistence landscapes: the k-th largest of the bars' tents.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.
    scales : ndarray of float64, shape (n_scales,)
    n_landscapes : int
        1 or more.

    Returns
    -------
    ndarray of float64, shape (n_landscapes, n_scales)
        As `gudhi.representations.Landscape`: sqrt(2) times those of Bubenik, whose tents are
        `max(0, min(scale - birth, death - scale))`. 0 where there aren't so many bars.

    Raises
    ------
    DiagramError
        As `checked_points`.

    References
    ----------
    Bubenik, Statistical topological data analysis using persistence landscapes, JMLR 16 (2015).
    """
    tents = _tents(split_bars_of(points).finite, scales)
    there = min(n_landscapes, len(tents))
    landscapes = np.zeros((n_landscapes, len(scales)))
    if there:
        largest = np.partition(tents, len(tents) - there, axis=0)[len(tents) - there :]
        landscapes[:there] = np.sort(largest, axis=0)[::-1]
    return landscapes


def persistence_silhouette(
    points: np.ndarray, scales: np.ndarray, power: float = 1.0
) -> np.ndarray:
    """Compute the persistence silhouette: the mean of the bars' tents, weighed by their lengths.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension; infinite bars are left out.
    scales : ndarray of float64, shape (n_scales,)
    power : float
        A bar weighs its length to this power, 0 or more.

    Returns
    -------
    ndarray of float64, shape (n_scales,)
        As `gudhi.representations.Silhouette` with the weight
        `lambda bar: (bar[1] - bar[0]) ** power`: sqrt(2) times that of the source. 0 where there
        is no bar.

    Raises
    ------
    DiagramError
        As `checked_points`.

    References
    ----------
    Chazal, Fasy, Lecci, Rinaldo, Wasserman, Stochastic convergence of persistence landscapes and
    silhouettes, SoCG (2014).
    """
    finite = split_bars_of(points).finite
    if not len(finite):
        return np.zeros(len(scales))
    weights = (finite[:, 1] - finite[:, 0]) ** power
    return (weights / weights.sum()) @ _tents(finite, scales)


def _tents(finite: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return sqrt(2) times each bar's tent at each scale, shape (n_bars, n_scales)."""
    births, deaths = finite[:, :1], finite[:, 1:]
    # From the middle, as GUDHI does: at the ends of a bar it is exactly 0 so.
    heights = (deaths - births) / 2 - np.abs(scales - (births + deaths) / 2)
    return np.sqrt(2) * np.maximum(0.0, heights)


def _gaussian(offsets: np.ndarray, bandwidth: float) -> np.ndarray:
    """Return the density of a Gaussian about 0, as large as the offsets."""
    return np.exp(-((offsets / bandwidth) ** 2) / 2) / (np.sqrt(2 * np.pi) * bandwidth)
