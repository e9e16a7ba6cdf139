"""Distances between versions of photos -> how often the nearest is of the same photo."""

from __future__ import annotations

from typing import Any

import numpy as np

from studies.photos.distances import CLASS_TOKEN, EACH_HEAD, PIXELS
from studies.statistics import chosen_elsewhere, estimate_row, interval_row

Row = dict[str, Any]


def nearest_original(distances: np.ndarray, n_versions: int) -> np.ndarray:
    """Say of each altered version whether the nearest of all originals is its own.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos * n_versions, n_photos * n_versions)
        All versions of a photo one after the other, the original first.
    n_versions : int

    Returns
    -------
    ndarray of float64, shape (n_photos * (n_versions - 1),)
        1 or 0; where several are as near, the own original's share of them.
    """
    numbers = np.arange(len(distances))
    photo, is_original = numbers // n_versions, numbers % n_versions == 0
    return _share_of_own(
        distances[np.ix_(~is_original, is_original)], photo[~is_original], photo[is_original]
    )


def nearest_version(distances: np.ndarray, n_versions: int) -> np.ndarray:
    """Say of each version whether the nearest of all other versions is of the same photo.

    Parameters
    ----------
    distances, n_versions
        As for `nearest_original`.

    Returns
    -------
    ndarray of float64, shape (n_photos * n_versions,)
    """
    photo = np.arange(len(distances)) // n_versions
    others = distances.astype(np.float64)
    np.fill_diagonal(others, np.inf)
    return _share_of_own(others, photo, photo)


def _share_of_own(distances: np.ndarray, asked: np.ndarray, there: np.ndarray) -> np.ndarray:
    nearest = distances == distances.min(axis=1, keepdims=True)
    own = asked[:, None] == there[None, :]
    return (nearest & own).sum(axis=1) / nearest.sum(axis=1)


def all_rows(matrices: dict[str, np.ndarray], n_versions: int) -> list[Row]:
    """Make the rows of all measures.

    Parameters
    ----------
    matrices : dict of str to ndarray
        As the measures of `all_measures` return them.
    n_versions : int

    Returns
    -------
    list of dict
        Each row says `what`; the share of altered versions whose nearest original is their own,
        with an interval; the `difference` from pixels, version by version, and where there is a
        class token `from_class_token`, the difference from that; the same share by version
        (`by_version`); and the share of all versions whose nearest other version is of the same
        photo (`among_all`).
    """
    n_photos = len(matrices[PIXELS]) // n_versions
    scores, among_all = {}, {}
    for name, matrix in matrices.items():
        if name != EACH_HEAD:
            scores[name] = nearest_original(matrix, n_versions)
            among_all[name] = nearest_version(matrix, n_versions)
            continue
        what = "H0 bottleneck, summed over all heads"
        scores[what] = nearest_original(matrix.sum(axis=0), n_versions)
        among_all[what] = nearest_version(matrix.sum(axis=0), n_versions)
        what = "H0 bottleneck, one head chosen"
        for kept, function in ((scores, nearest_original), (among_all, nearest_version)):
            of_heads = np.stack([function(one, n_versions) for one in matrix])
            photos = np.arange(of_heads.shape[1]) * n_photos // of_heads.shape[1]
            kept[what] = chosen_elsewhere(of_heads, photos)[0]
    return [_row(what, scores, among_all[what], n_versions) for what in scores]


def _row(what: str, scores: dict[str, np.ndarray], among_all: np.ndarray, n_versions: int) -> Row:
    own = scores[what]
    photos = np.arange(len(own)) // (n_versions - 1)
    share = estimate_row(own, photos)
    from_token = {}
    if CLASS_TOKEN in scores:
        from_token["from_class_token"] = interval_row(own - scores[CLASS_TOKEN], photos)
    return {
        "what": what,
        **{name: share[name] for name in ("mean", "low", "high", "n_photos") if name in share},
        "n_versions": len(own),
        "difference": interval_row(own - scores[PIXELS], photos),
        **from_token,
        "among_all": interval_row(among_all, np.arange(len(among_all)) // n_versions),
        "by_version": own.reshape(-1, n_versions - 1).mean(axis=0).round(4).tolist(),
    }
