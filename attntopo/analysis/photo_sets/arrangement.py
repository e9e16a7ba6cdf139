"""Distances between photos -> their order in a heat map, a map, neighbours and outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.photo_sets.collection import CollectionError
from attntopo.analysis.photo_sets.leaf_order import best_leaf_order, in_order
from attntopo.topology import Layout, distance_layout

N_NEIGHBOURS = 5
"""How many of a photo's nearest photos are shown."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """Photos joined step by step, the nearest groups first.

    Attributes
    ----------
    steps : ndarray of float64, shape (n_photos - 1, 4)
        As SciPy's `linkage`: the two groups that are joined (numbers from n_photos on are those of
        earlier steps; the one on the left first), their mean distance, and how many photos are
        then in the group.
    order : ndarray of int64, shape (n_photos,)
        The photos from left to right: neighbours in it are as near as the tree allows.
    """

    steps: np.ndarray
    order: np.ndarray


def cluster_photos(distances: np.ndarray) -> Clustering:
    """Join photos by average linkage, in the best order of the leaves.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos, n_photos)
        Finite and symmetric, zero diagonal.

    Returns
    -------
    Clustering

    Raises
    ------
    CollectionError
        As `checked_matrix`.

    References
    ----------
    Sokal, Michener, A statistical method for evaluating systematic relationships, University of
    Kansas Science Bulletin 38 (1958); Bar-Joseph, Gifford, Jaakkola, Fast optimal leaf ordering for
    hierarchical clustering, Bioinformatics 17 (2001).
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    values = checked_matrix(distances)
    if len(values) == 1:
        return Clustering(np.empty((0, 4)), np.zeros(1, dtype=np.int64))
    steps = linkage(squareform(values, checks=False), "average")
    order = best_leaf_order(steps, values)
    return Clustering(in_order(steps, order), order)


def map_photos(distances: np.ndarray) -> Layout:
    """Lay photos out in the plane by classical scaling.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos, n_photos)
        Finite and symmetric, zero diagonal.

    Returns
    -------
    Layout
        Positions of shape (n_photos, 2), the share of the variance that the plane holds, and
        Kruskal's stress-1: how far the distances on the map are from the true ones.

    Raises
    ------
    CollectionError
        As `checked_matrix`.
    """
    return distance_layout(checked_matrix(distances), n_dimensions=2)


def nearest_photos(
    distances: np.ndarray, photo: int, n_neighbours: int = N_NEIGHBOURS
) -> list[int]:
    """List the photos nearest to one, the nearest first; of equal ones, the earlier first.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos, n_photos)
        Symmetric; NaN where a distance isn't computed yet: such photos are left out.
    photo : int
    n_neighbours : int
        At most so many.

    Raises
    ------
    CollectionError
        If there is no such photo.
    """
    if not 0 <= photo < len(distances):
        raise CollectionError(
            f"There is no photo {photo}: photos go from 0 to {len(distances) - 1}."
        )
    order = np.argsort(distances[photo], kind="stable")
    there = [k for k in order.tolist() if k != photo and not np.isnan(distances[photo, k])]
    return there[:n_neighbours]


def outlier_scores(distances: np.ndarray, n_neighbours: int = N_NEIGHBOURS) -> np.ndarray:
    """Say how far each photo is from those nearest to it: the median distance to k of them.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos, n_photos)
        Finite and symmetric, zero diagonal.
    n_neighbours : int
        The k; of fewer other photos, all of them.

    Returns
    -------
    ndarray of float64, shape (n_photos,)
        In the units of the distances; the largest is the first of the outliers. A few photos that
        are near each other and far from all else are none, if there are more than half of k.

    Raises
    ------
    CollectionError
        As `checked_matrix`, or if there is but one photo, or k is below 1.
    """
    values = checked_matrix(distances)
    if len(values) < 2 or n_neighbours < 1:
        raise CollectionError("An outlier is one among other photos, one of them or more.")
    others = values[~np.eye(len(values), dtype=bool)].reshape(len(values), -1)
    return np.median(np.sort(others, axis=1)[:, :n_neighbours], axis=1)


def checked_matrix(distances: np.ndarray) -> np.ndarray:
    """Return distances as they are, if all of them are there.

    Parameters
    ----------
    distances : array of float, shape (n_photos, n_photos)

    Returns
    -------
    ndarray of float64

    Raises
    ------
    CollectionError
        If it isn't a symmetric matrix with a diagonal of 0, or an entry is missing (NaN), infinite
        or negative.
    """
    values = np.asarray(distances, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not len(values):
        raise CollectionError(
            f"Distances between photos are a square matrix; this has the shape {values.shape}."
        )
    if np.isnan(values).any():
        raise CollectionError("Some distances between these photos aren't computed yet.")
    if not np.isfinite(values).all():
        raise CollectionError("Some of these photos are infinitely far apart.")
    if (values != values.T).any() or np.diagonal(values).any() or values.min() < 0:
        raise CollectionError(
            "Distances between photos are symmetric and not negative, and 0 from each to itself."
        )
    return values
