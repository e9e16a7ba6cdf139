"""Rules that choose a scale, or components, for each photo from its merges alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from attntopo import MergeTree
from attntopo.analysis import most_components_step, share_scale
from attntopo.distances import SCALE_STEPS

LEAST_TOKENS = 3
"""Fewest tokens of a component that lifetimes choose."""


def widest_gap_scale(tree: MergeTree) -> float:
    """Return the middle of the widest gap between two merges that follow each other.

    Parameters
    ----------
    tree : MergeTree
        Of two points at least; of two, it is the one merge.
    """
    gaps = np.diff(tree.lengths)
    if not len(gaps):
        return float(tree.lengths[0])
    k = int(np.argmax(gaps))
    return float(tree.lengths[k] + tree.lengths[k + 1]) / 2


def _quantile(tree: MergeTree, percent: float) -> float:
    return share_scale([tree], percent)


SCALE_RULES: dict[str, Callable[[MergeTree], float]] = {
    **{
        f"{percent / 100:g} quantile of H0 deaths": partial(_quantile, percent=percent)
        for percent in (80.0, 85.0, 90.0, 95.0)
    },
    "most components of four and more": lambda tree: most_components_step([tree]) / SCALE_STEPS,
    "widest gap between merges": widest_gap_scale,
}
"""A merge tree -> a scale."""


def components_by_lifetime(distances: np.ndarray) -> np.ndarray:
    """Choose components by their lifetimes: no scale, but the largest excess of mass.

    HDBSCAN's choice from the condensed tree of single linkage itself: of the distances as they are,
    without mutual reachability.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, n)

    Returns
    -------
    ndarray of bool, shape (n_components, n)
        Disjoint, of at least `LEAST_TOKENS` tokens; none where there aren't two such branches.

    References
    ----------
    Campello, Moulavi, Zimek, Sander, Hierarchical density estimates for data clustering,
    visualization, and outlier detection, ACM TKDD 10 (2015).
    """
    from sklearn.cluster import HDBSCAN

    clustering = HDBSCAN(
        min_cluster_size=LEAST_TOKENS,
        min_samples=1,  # the point itself: a core distance of 0, so that distances stay as they are
        metric="precomputed",
        copy=True,
        allow_single_cluster=False,
    )
    labels = clustering.fit(distances).labels_
    return labels[None, :] == np.arange(labels.max(initial=-1) + 1)[:, None]
