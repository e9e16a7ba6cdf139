"""Row distances of the same tokens, twice -> how the merges of one happen in the other."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.paired_points import check_same_points, unit_of
from attntopo.distances import RowDistances
from attntopo.topology import MergeTree, merge_tree


@dataclass(frozen=True, eq=False)
class MergeShifts:
    """Where the merges of one tree happen in another one on the same points.

    Scales are in units of each one's 0.9 quantile of distances, as for `rtd_lite`.

    Attributes
    ----------
    own, other : ndarray of float64, shape (n_points - 1,)
        The scale of each merge of the tree, and the mean scale at which the same pairs of points,
        those that this merge joins, are joined in the other tree.
    by_point : ndarray of float64, shape (n_points,)
        To be painted: `other - own` of the merge that is shifted most among those in which the
        point's component is absorbed; positive where it stays apart longer in the other, and 0
        for the point that absorbs all.
    """

    own: np.ndarray
    other: np.ndarray
    by_point: np.ndarray


def cophenetic_distances(tree: MergeTree) -> np.ndarray:
    """Return at which scale each pair of points is joined.

    Parameters
    ----------
    tree : MergeTree

    Returns
    -------
    ndarray of float64, shape (n_points, n_points)
        0 on the diagonal.
    """
    return np.append(tree.lengths, 0.0)[_joining_merges(tree)]


def merge_height_correlation(first: RowDistances, second: RowDistances) -> float:
    """Compute the rank correlation of the scales at which pairs of tokens are joined.

    Parameters
    ----------
    first, second : RowDistances
        With as many points; point k of both is the same token.

    Returns
    -------
    float
        Spearman's correlation of the cophenetic distances of both single-linkage trees: 1 for the
        same hierarchy, about 0 for unrelated ones.

    Raises
    ------
    EvidenceError
        If they don't have as many points, or all pairs of one are joined at the same scale.
    """
    check_same_points(first, second)
    pairs = np.triu_indices(len(first.values), 1)
    ranks = [_ranks(cophenetic_distances(merge_tree(one))[pairs]) for one in (first, second)]
    centred = [one - one.mean() for one in ranks]
    norms = [float(np.linalg.norm(one)) for one in centred]
    if min(norms) == 0:
        raise EvidenceError(
            "All pairs of tokens are joined at the same scale in one of the two, so their merges "
            "have no order to be compared."
        )
    return float(np.clip(centred[0] @ centred[1] / (norms[0] * norms[1]), -1, 1))


def merge_shifts(first: RowDistances, second: RowDistances) -> MergeShifts:
    """Find which merges of the first tree come at another scale in the second.

    Parameters
    ----------
    first, second : RowDistances
        With as many points; point k of both is the same token.

    Returns
    -------
    MergeShifts
        Of the first tree's merges; the other way round it is another question.

    Raises
    ------
    EvidenceError
        As `rtd_lite`.
    """
    check_same_points(first, second)
    tree = merge_tree(first)
    n = len(first.values)
    pairs = np.triu_indices(n, 1)
    joining = _joining_merges(tree)[pairs]
    there = cophenetic_distances(merge_tree(second))[pairs] / unit_of(second)
    # Every pair is joined by one merge, and every merge joins some.
    other = np.bincount(joining, there, n - 1) / np.bincount(joining, minlength=n - 1)
    own = tree.lengths / unit_of(first)
    by_point = np.zeros(n)
    for shift, moved in zip(other - own, _absorbed_points(tree), strict=True):
        by_point[moved] = np.where(np.abs(by_point[moved]) < abs(shift), shift, by_point[moved])
    return MergeShifts(own, other, by_point)


def _absorbed_points(tree: MergeTree) -> list[np.ndarray]:
    """Return the points of the component that each merge absorbs."""
    members = {point: np.array([point]) for point in range(len(tree.lengths) + 1)}
    absorbed = []
    for stays, goes in zip(tree.survivors.tolist(), tree.absorbed.tolist(), strict=True):
        absorbed.append(members[goes])
        members[stays] = np.concatenate([members[stays], members.pop(goes)])
    return absorbed


def _joining_merges(tree: MergeTree) -> np.ndarray:
    """Return the number of the merge that joins each pair of points; -1 on the diagonal."""
    n = len(tree.lengths) + 1
    members = {point: np.array([point]) for point in range(n)}
    joining = np.full((n, n), -1)
    merges = zip(tree.survivors.tolist(), tree.absorbed.tolist(), strict=True)
    for number, (stays, goes) in enumerate(merges):
        one, other = members[stays], members.pop(goes)
        joining[np.ix_(one, other)] = number
        joining[np.ix_(other, one)] = number
        members[stays] = np.concatenate([one, other])
    return joining


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank values; equal ones have the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
