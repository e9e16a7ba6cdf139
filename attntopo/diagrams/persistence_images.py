"""A persistence diagram -> its persistence image."""

import numpy as np

from attntopo.diagrams.split_bars import split_bars_of


def persistence_image(
    points: np.ndarray, births: np.ndarray, lengths: np.ndarray, bandwidth: float
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

    Returns
    -------
    ndarray of float64, shape (n_lengths, n_births)
        As `gudhi.representations.PersistenceImage` with the weight `lambda bar: bar[1]`.

    Raises
    ------
    DiagramError
        If a birth or death is NaN, or a bar dies before it is born.

    References
    ----------
    Adams et al., Persistence images: a stable vector representation of persistent homology, JMLR
    18 (2017).
    """
    finite = split_bars_of(points).finite
    own_births, own_lengths = finite[:, :1], finite[:, 1:] - finite[:, :1]
    # A Gaussian of the plane is the product of one along each axis.
    across, down = (
        np.exp(-(((axis - own) / bandwidth) ** 2) / 2) / (np.sqrt(2 * np.pi) * bandwidth)
        for axis, own in ((births, own_births), (lengths, own_lengths))
    )
    return (down * own_lengths).T @ across
