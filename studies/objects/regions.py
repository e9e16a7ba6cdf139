"""Hierarchies of regions, and how well their best regions fit objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attntopo import MergeTree


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Points that merge to ever larger regions: of n points, n - 1 regions.

    Attributes
    ----------
    children : ndarray of int64, shape (n - 1, 2)
        What each region is merged from: a point (0 to n - 1), or region k as n + k.
    heights : ndarray of float64, shape (n - 1,)
        Ascending: the scale of each merge.
    """

    children: np.ndarray
    heights: np.ndarray

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.heights) + 1

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of points of each point (1) and each region, shape (2n - 1,)."""
        _, begins, ends = self._spans
        return ends - begins

    @cached_property
    def ends(self) -> np.ndarray:
        """The height at which each point and each region is merged on, shape (2n - 1,)."""
        ends = np.full(2 * self.n_points - 1, np.inf)
        ends[self.children] = self.heights[:, None]
        return ends

    @cached_property
    def starts(self) -> np.ndarray:
        """The height at which each point (0) and each region is there, shape (2n - 1,)."""
        return np.concatenate([np.zeros(self.n_points), self.heights])

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """An order of the points in which each region is a span: order, begins, ends."""
        n, children = self.n_points, self.children.tolist()
        size = [1] * n
        for first, second in children:
            size.append(size[first] + size[second])
        begin = [0] * (2 * n - 1)
        for k in range(n - 2, -1, -1):  # from the root down
            first, second = children[k]
            begin[first] = begin[n + k]
            begin[second] = begin[n + k] + size[first]
        begins = np.array(begin)
        return np.argsort(begins[:n]), begins, begins + np.array(size)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sum values of the points over each point and each region.

        Parameters
        ----------
        values : ndarray of int64, shape (n, n_columns)

        Returns
        -------
        ndarray of int64, shape (2n - 1, n_columns)
        """
        order, begins, ends = self._spans
        sums = np.zeros((self.n_points + 1, values.shape[1]), dtype=np.int64)
        np.cumsum(values[order], axis=0, out=sums[1:])
        return sums[ends] - sums[begins]


def hierarchy_of_tree(tree: MergeTree) -> Hierarchy:
    """Turn a merge tree, which is single linkage, into a hierarchy.

    Parameters
    ----------
    tree : MergeTree

    Returns
    -------
    Hierarchy
    """
    n = len(tree.lengths) + 1
    current = list(range(n))  # the region that each leader has now
    children = []
    for k, (stays, goes) in enumerate(
        zip(tree.survivors.tolist(), tree.absorbed.tolist(), strict=True)
    ):
        children.append((current[stays], current[goes]))
        current[stays] = n + k
    return Hierarchy(np.array(children, dtype=np.int64).reshape(n - 1, 2), tree.lengths)


def linked(distances: np.ndarray, method: str) -> Hierarchy:
    """Build the hierarchy of a linkage from distances.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, n)
        Symmetric, with 0 on the diagonal.
    method : {"single", "average"}

    Returns
    -------
    Hierarchy
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    return _of_scipy(linkage(squareform(distances, checks=False), method))


def linked_features(features: np.ndarray, method: str) -> Hierarchy:
    """Build the hierarchy of a linkage from features and their Euclidean distances.

    Parameters
    ----------
    features : ndarray of float64, shape (n, n_features)
    method : {"single", "ward"}

    Returns
    -------
    Hierarchy
    """
    from scipy.cluster.hierarchy import linkage

    return _of_scipy(linkage(features, method))


def _of_scipy(table: np.ndarray) -> Hierarchy:
    return Hierarchy(table[:, :2].astype(np.int64), np.ascontiguousarray(table[:, 2]))


def overlaps(hierarchy: Hierarchy, objects: np.ndarray) -> np.ndarray:
    """Compute the intersection over union of every point and region with every object.

    Parameters
    ----------
    hierarchy : Hierarchy
    objects : ndarray of bool, shape (n_objects, n)
        Which points are each object's; each has one at least.

    Returns
    -------
    ndarray of float64, shape (2n - 1, n_objects)
        0 to 1.
    """
    shared = hierarchy.summed(objects.T.astype(np.int64))
    union = hierarchy.sizes[:, None] + objects.sum(axis=1)[None, :] - shared
    return shared / union


def best_overlap(hierarchy: Hierarchy, overlap: np.ndarray) -> np.ndarray:
    """Return the best overlap of any region with each object, single points left out.

    Parameters
    ----------
    hierarchy : Hierarchy
    overlap : ndarray of float64, shape (2n - 1, n_objects)
        As `overlaps` returns.

    Returns
    -------
    ndarray of float64, shape (n_objects,)
    """
    return overlap[hierarchy.n_points :].max(axis=0)


def overlap_at_scales(hierarchy: Hierarchy, overlap: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return the best overlap of the components at each scale with each object.

    Parameters
    ----------
    hierarchy : Hierarchy
    overlap : ndarray of float64, shape (2n - 1, n_objects)
        As `overlaps` returns.
    scales : ndarray of float64, shape (n_scales,)
        Ascending. What merges at a scale has merged there.

    Returns
    -------
    ndarray of float64, shape (n_scales, n_objects)
    """
    first = np.searchsorted(scales, hierarchy.starts, side="left")
    last = np.searchsorted(scales, hierarchy.ends, side="left")
    best = np.zeros((len(scales), overlap.shape[1]))
    for node in np.nonzero(first < last)[0].tolist():
        window = best[first[node] : last[node]]
        np.maximum(window, overlap[node], out=window)
    return best


def overlap_of_regions(regions: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Compute the intersection over union of regions with objects.

    Parameters
    ----------
    regions : ndarray of bool, shape (n_regions, n)
    objects : ndarray of bool, shape (n_objects, n)

    Returns
    -------
    ndarray of float64, shape (n_regions, n_objects)
        0 where both are empty.
    """
    shared = regions.astype(np.int64) @ objects.T.astype(np.int64)
    union = regions.sum(axis=1)[:, None] + objects.sum(axis=1)[None, :] - shared
    return shared / np.maximum(union, 1)
