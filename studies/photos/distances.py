"""Measures of many photos -> distances between all pairs of them, by name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from attntopo import Diagrams, bottleneck_distance
from attntopo.diagrams import exact_wasserstein
from studies.kept import Arrays

PIXELS, CLASS_TOKEN = "pixels", "class token, cosine"
Photos = list[Arrays]
Between = Callable[[Arrays, Arrays], float]


def all_measures(
    heads: tuple[str, ...], has_class_token: bool
) -> dict[str, Callable[[Photos], np.ndarray]]:
    """Return what tells photos apart: trivial baselines first, diagrams last.

    Parameters
    ----------
    heads : tuple of str
        The names of `heads_looked_at`.
    has_class_token : bool

    Returns
    -------
    dict of str to callable
        Measures of photos -> distances, float64, (n_photos, n_photos), symmetric; of `H0 of each
        head` a stack of them, (n_heads, n_photos, n_photos).
    """
    measures: dict[str, Callable[[Photos], np.ndarray]] = {
        PIXELS: lambda photos: euclidean([one["pixels"] for one in photos]),
        "mean colour (three numbers)": lambda photos: euclidean([one["colour"] for one in photos]),
    }
    if has_class_token:
        measures[CLASS_TOKEN] = lambda photos: cosine([one["class_token"] for one in photos])
    measures |= {
        "mean attention": lambda photos: euclidean([one["mean_attention"] for one in photos]),
        "received attention": lambda photos: euclidean([one["received"] for one in photos]),
        "merge scales of all heads, sorted": lambda photos: euclidean(
            [np.sort(one["deaths"], axis=-1) for one in photos]
        ),
        EACH_HEAD: bottlenecks_of_heads,
    }
    for head in heads:
        for dimension in (0, 1):
            measures[f"H{dimension} bottleneck, {head}"] = _pairwise(
                head, dimension, bottleneck_distance
            )
            measures[f"H{dimension} 1-Wasserstein, {head}"] = _pairwise(
                head, dimension, exact_wasserstein
            )
    return measures


EACH_HEAD = "H0 of each head"


def euclidean(arrays: list[np.ndarray]) -> np.ndarray:
    """Compute Euclidean distances between arrays of one shape."""
    from scipy.spatial.distance import pdist, squareform

    return squareform(pdist(np.stack([each.ravel() for each in arrays]).astype(np.float64)))


def cosine(arrays: list[np.ndarray]) -> np.ndarray:
    """Compute 1 less the cosine between vectors."""
    from scipy.spatial.distance import pdist, squareform

    return squareform(pdist(np.stack(arrays).astype(np.float64), "cosine"))


def bottlenecks_of_heads(photos: Photos) -> np.ndarray:
    """Compute the H0 bottleneck distances of every single head: (n_heads, n_photos, n_photos)."""
    deaths = np.stack([one["deaths"] for one in photos])
    deaths = deaths.reshape(len(photos), -1, deaths.shape[-1])
    return np.stack(
        [_matrix([_diagrams(one) for one in of_head], 0) for of_head in deaths.swapaxes(0, 1)]
    )


def _diagrams(deaths: np.ndarray) -> Diagrams:
    return Diagrams((np.stack([np.zeros(len(deaths)), deaths], axis=1),))


def _matrix(
    diagrams: list[Diagrams],
    dimension: int,
    distance: Callable[[Diagrams, Diagrams, int], float] = bottleneck_distance,
) -> np.ndarray:
    matrix = np.zeros((len(diagrams), len(diagrams)))
    for (i, one), (j, other) in combinations(enumerate(diagrams), 2):
        matrix[i, j] = matrix[j, i] = distance(one, other, dimension)
    return matrix


def _pairwise(
    head: str, dimension: int, distance: Callable[[Diagrams, Diagrams, int], float]
) -> Callable[[Photos], np.ndarray]:
    def between(photos: Photos) -> np.ndarray:
        diagrams = [Diagrams((one[f"h0 {head}"], one[f"h1 {head}"])) for one in photos]
        return _matrix(diagrams, dimension, distance)

    return between
