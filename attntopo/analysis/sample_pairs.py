"""One head over all pairs of the sample photos: what a bottleneck distance is to be held against.

Of each photo only the deaths in H0 are kept, a head: 2 KB at 257 tokens.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import combinations
from pathlib import Path

import numpy as np

from attntopo.analysis.head import points_of
from attntopo.atomic_files import atomic_write
from attntopo.attention import MEAN, Attention
from attntopo.diagrams import bottleneck_distance
from attntopo.distances import RowDistances, row_distances
from attntopo.topology import Diagrams

_VERSION = 4
"""To be raised when the numbers change, so that what is on disk is computed anew."""

Turn = Callable[[], AbstractContextManager[object]]
"""What is entered for each piece of heavy work, so that others get their turn in between."""


def h0_deaths(distances: RowDistances | np.ndarray) -> np.ndarray:
    """Return the deaths of the finite bars in H0: the lengths of single linkage's merges.

    Parameters
    ----------
    distances : RowDistances, or array of float64 of shape (n_points, n_points)

    Returns
    -------
    ndarray of float64, shape (n_points - 1,)
        Ascending; deaths at 0, of identical rows, are not bars.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    values = distances.values if isinstance(distances, RowDistances) else distances
    if len(values) < 2:
        return np.empty(0)
    return linkage(squareform(values, checks=False), "single")[:, 2]


def deaths_of_heads(
    attention: Attention, distance: str, tokens: str, turn: Turn = nullcontext
) -> np.ndarray:
    """Compute the deaths in H0 of all heads of one photo and of each layer's mean, in this thread.

    Parameters
    ----------
    attention : Attention
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}
    turn : callable, optional
        Its context is entered for each head, and left between them.

    Returns
    -------
    ndarray of float64, shape (n_layers, n_heads + 1, n_points - 1)
        The last of each layer is the mean of its heads.

    Raises
    ------
    AttentionError, DistanceError
        If there is no such distance, or it can't be computed.
    """
    points = points_of(attention, tokens)
    deaths = np.empty((attention.n_layers, attention.n_heads + 1, len(points) - 1))
    for layer in range(attention.n_layers):
        for number, head in enumerate((*range(attention.n_heads), MEAN)):
            with turn():
                rows = attention.head(layer, head)
                deaths[layer, number] = h0_deaths(row_distances(rows, distance, points, 1))
    return deaths


def pair_distances(deaths: Sequence[np.ndarray]) -> np.ndarray:
    """Compute the H0 bottleneck distances between all pairs of photos.

    Parameters
    ----------
    deaths : sequence of ndarray of float64, shape (n_points - 1,)
        Of one head, for each photo.

    Returns
    -------
    ndarray of float64, shape (n_photos (n_photos - 1) / 2,)
        Ascending.
    """
    diagrams = [Diagrams((np.stack([np.zeros(len(one)), one], axis=1),)) for one in deaths]
    return np.sort([bottleneck_distance(a, b, 0) for a, b in combinations(diagrams, 2)])


class DeathsOnDisk:
    """Deaths that were computed once, kept in a folder.

    Parameters
    ----------
    folder : Path
    model : str
        Model and commit, or whatever names its weights.
    distance, tokens : str
    photos : sequence of str
        Content hashes of the photos, in order.
    """

    def __init__(
        self, folder: Path, model: str, distance: str, tokens: str, photos: Sequence[str]
    ) -> None:
        name = "\n".join([str(_VERSION), model, distance, tokens, *photos])
        self._n_photos = len(photos)
        self.path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.npy"

    def read(self) -> np.ndarray | None:
        """Return the deaths of all photos, or None where they aren't there or can't be read."""
        try:
            deaths = np.load(self.path, allow_pickle=False)
        except Exception:  # a damaged file raises whatever its reader raises
            return None
        whole = isinstance(deaths, np.ndarray) and deaths.dtype == np.float64 and deaths.ndim == 4
        if not whole or len(deaths) != self._n_photos or not np.isfinite(deaths).all():
            return None
        return deaths

    def write(self, deaths: np.ndarray) -> None:
        """Keep the deaths; a folder that can't be written to is no error."""
        with suppress(OSError), atomic_write(self.path) as file:
            np.save(file, deaths, allow_pickle=False)


def deaths_of_photos(
    attend: Callable[[int], Attention],
    n_photos: int,
    distance: str,
    tokens: str,
    report: Callable[[int], object],
    turn: Turn = nullcontext,
) -> np.ndarray:
    """Compute the deaths in H0 of all heads and means of many photos, one photo after the other.

    Parameters
    ----------
    attend : callable
        Number of a photo -> its attention, which isn't kept.
    n_photos : int
    distance, tokens : str
    report : callable
        Told how many photos are done.
    turn : callable, optional
        Its context is entered for each photo's attention and for each head.

    Returns
    -------
    ndarray of float64, shape (n_photos, n_layers, n_heads + 1, n_points - 1)
        As `deaths_of_heads` of each.
    """
    deaths = []
    for number in range(n_photos):
        with turn():
            attention = attend(number)
        deaths.append(deaths_of_heads(attention, distance, tokens, turn))
        report(number + 1)
    return np.stack(deaths)
