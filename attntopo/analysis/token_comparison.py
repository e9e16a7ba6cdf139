"""Two heads that share their tokens -> all that is said of them token by token."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.paired import paired_comparison
from attntopo.analysis.paired_merges import merge_shifts
from attntopo.analysis.paired_result import PairedComparison
from attntopo.distances import RowDistances


@dataclass(frozen=True, eq=False)
class TokenComparison:
    """How two heads compare token by token, and where they disagree.

    Attributes
    ----------
    numbers : PairedComparison
        NaN where there are none, and a sentence that says why.
    shifts : tuple of ndarray of float64, shape (n_tokens,), optional
        By how much the merges of each token of the first come later in the second, and the other
        way round: `MergeShifts.by_point`. None where they can't be had.
    """

    numbers: PairedComparison
    shifts: tuple[np.ndarray, np.ndarray] | None


def compare_tokens(first: RowDistances, second: RowDistances) -> TokenComparison:
    """Compare two heads token by token, with a sentence where that can't be done.

    Parameters
    ----------
    first, second : RowDistances
        Point k of both is the same token.

    Returns
    -------
    TokenComparison
    """
    try:
        shifts = merge_shifts(first, second).by_point, merge_shifts(second, first).by_point
    except EvidenceError:  # the numbers' note says why
        return TokenComparison(paired_or_note(first, second), None)
    return TokenComparison(paired_comparison(first, second), shifts)


def paired_or_note(first: RowDistances, second: RowDistances) -> PairedComparison:
    """Return `paired_comparison`, or why there is none where the tokens aren't the same."""
    try:
        return paired_comparison(first, second)
    except EvidenceError as error:
        return PairedComparison(float("nan"), float("nan"), 0, str(error))
