"""Row distances, twice -> whether they are of the same tokens, and in what unit they compare."""

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.distances import RowDistances
from attntopo.wording import counted

UNIT_QUANTILE = 0.9
"""The quantile of its pairs' distances that each matrix is divided by."""


def check_same_points(first: RowDistances, second: RowDistances) -> None:
    """Raise an `EvidenceError` unless both have as many points, three at least."""
    sizes = [len(one.values) for one in (first, second)]
    if sizes[0] != sizes[1] or sizes[0] < 3:
        raise EvidenceError(
            "Tokens are compared one by one: both need the same ones, three at least. These have "
            f"{counted(sizes[0], 'token')} and {counted(sizes[1], 'token')}."
        )


def unit_of(distances: RowDistances) -> float:
    """Return what a matrix is divided by before it is compared: the 0.9 quantile of its pairs.

    Raises
    ------
    EvidenceError
        If it is 0: nine of ten pairs of tokens have the same rows.
    """
    pairs = distances.values[np.triu_indices(len(distances.values), 1)]
    unit = float(np.quantile(pairs, UNIT_QUANTILE)) if len(pairs) else 0.0
    if unit <= 0:
        raise EvidenceError(
            "Nine of ten pairs of tokens are at the distance 0 in one of the two, so it has no "
            "unit to be compared in."
        )
    return unit


def matched_points(distances: RowDistances, points: np.ndarray) -> RowDistances:
    """Take some points in an order, so that they are those of other distances.

    Parameters
    ----------
    distances : RowDistances
    points : array of int, shape (n_kept,)
        By their place in `distances`, not by token.

    Returns
    -------
    RowDistances
    """
    points = np.asarray(points, dtype=np.int64)
    values, tokens = distances.values[np.ix_(points, points)], distances.tokens[points]
    for array in (values, tokens):
        array.setflags(write=False)
    return RowDistances(values, distances.distance, tokens)
