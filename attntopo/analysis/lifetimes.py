"""Distances -> components chosen by how long they last, without a scale."""

import numpy as np

LEAST_TOKENS = 3
"""Fewest tokens of a component that is chosen, unless another number is said."""


def components_by_lifetime(distances: np.ndarray, least_tokens: int = LEAST_TOKENS) -> np.ndarray:
    """Choose components by their lifetimes: no scale, but the largest excess of mass.

    HDBSCAN's choice from the condensed tree of single linkage itself: of the distances as they are,
    without mutual reachability.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, n)
    least_tokens : int
        2 or more: branches of fewer tokens are no components.

    Returns
    -------
    ndarray of bool, shape (n_components, n)
        Disjoint, of at least so many tokens; none where there aren't two such branches.

    References
    ----------
    Campello, Moulavi, Zimek, Sander, Hierarchical density estimates for data clustering,
    visualization, and outlier detection, ACM TKDD 10 (2015).
    """
    if len(distances) < 2 * least_tokens:
        return np.zeros((0, len(distances)), dtype=bool)
    from sklearn.cluster import HDBSCAN

    clustering = HDBSCAN(
        min_cluster_size=least_tokens,
        min_samples=1,  # the point itself: a core distance of 0, so that distances stay as they are
        metric="precomputed",
        copy=True,
        allow_single_cluster=False,
    )
    labels = clustering.fit(distances).labels_
    return labels[None, :] == np.arange(labels.max(initial=-1) + 1)[:, None]
