"""Numbers of photos in two groups -> which of them tell the groups apart, and how surely.

Every head has some seventy features, a model hundreds of heads: among so many, some tell any two
groups apart. So what is tested is the largest of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np

from attntopo.analysis.photo_sets.collection import CollectionError
from attntopo.effort import MATRIX_ENTRY, Effort

N_DRAWS = 9999
LEVEL = 0.05
_ENTRIES_TOGETHER = 1_000_000
_PACE = 4e-10  # seconds a photo, number and draw
_RANKED = 10  # photos as long as what doesn't depend on their number takes


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """How well each of many numbers tells two groups of photos apart.

    Attributes
    ----------
    auc : ndarray of float64, shape (n_numbers,)
        The share of pairs, one photo of each group, in which the first group's has the larger
        number; equal ones count half. 0 to 1; NaN for a number that a photo lacks.
    p : ndarray of float64, shape (n_numbers,)
        Corrected for all numbers together: the share of all ways to deal the same photos out to
        groups of these sizes in which the largest `|AUC - 1/2|` of all numbers is as large as
        this one's. NaN where the AUC is.
    sizes : tuple of int
        How many photos are in the first and in the second group.
    n_ways : int
        Ways that were tried; where they aren't all, the photos' own besides.
    is_exact : bool
        Whether these are all ways there are.
    seed : int
        Of the ways, where they aren't all.
    least_p : float
        The least p that groups of these sizes can have, whatever is measured of them.
    perfect_p : float
        The p of a number that tells the groups apart without an overlap, among these numbers: 0.3
        says that in three of ten ways some number does that anyway.
    """

    auc: np.ndarray
    p: np.ndarray
    sizes: tuple[int, int]
    n_ways: int
    is_exact: bool
    seed: int
    least_p: float
    perfect_p: float

    @property
    def n_tested(self) -> int:
        """How many numbers every photo has."""
        return int(np.isfinite(self.auc).sum())

    @property
    def can_tell(self) -> bool:
        """Whether so few photos can have a p of at most 0.05 among so many numbers."""
        return max(self.least_p, self.perfect_p) <= LEVEL

    @property
    def ranking(self) -> np.ndarray:
        """The numbers that every photo has, the one that tells most first: ndarray of int64."""
        tested = np.flatnonzero(np.isfinite(self.auc))
        return tested[np.argsort(-np.abs(self.auc[tested] - 0.5), kind="stable")]

    @property
    def text(self) -> str:
        """What the test says, in sentences."""
        groups = f"{self.sizes[0]} and {self.sizes[1]} photos"
        if self.least_p > LEVEL:
            return (
                f"With groups of {groups} this can't be told: there are so few ways to deal them "
                f"out that no p is below {self.least_p:.2g}."
            )
        if self.perfect_p > LEVEL:
            return (
                f"With groups of {groups} this can't be told by the largest AUC: among "
                f"{self.n_tested:,} numbers, some tell such groups apart by chance, without an "
                f"overlap (p = {self.perfect_p:.2g}), so which numbers do can't be said."
            )
        ways = (
            f"all {self.n_ways:,} ways to deal these photos out"
            if self.is_exact
            else f"{self.n_ways:,} random ways to deal these photos out (seed {self.seed})"
        )
        n_told = int((self.p <= LEVEL).sum())
        told = f"{n_told:,}" if n_told else "None"
        tell = "tells" if n_told == 1 else "tell"
        return (
            f"{told} of {self.n_tested:,} numbers {tell} the groups apart (p at most {LEVEL}, "
            f"corrected for all of them by {ways}). No p can be below {self.least_p:.2g}."
        )


def compare_groups(
    values: np.ndarray,
    first: Sequence[int],
    second: Sequence[int],
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> GroupComparison:
    """Ask of many numbers at once which of them tell two groups of photos apart.

    Parameters
    ----------
    values : ndarray of float, shape (n_photos, n_numbers)
        NaN or infinite where a photo has no such number: it isn't tested then.
    first, second : sequence of int
        The photos of either group, by their rows; each photo once, one or more a group. Groups
        that were chosen by looking at these very numbers, or at distances made of them, are told
        apart by them of course: p says nothing of those.
    n_draws : int
        Where there are more ways than this and one to deal the photos out, so many random ones.
    seed : int
        Not negative.

    Returns
    -------
    GroupComparison

    Raises
    ------
    CollectionError
        If a group is empty, a photo is in both or isn't there, no number is there for all of them,
        or there is nothing to draw.

    References
    ----------
    Hanley, McNeil, The meaning and use of the area under a receiver operating characteristic (ROC)
    curve, Radiology 143 (1982); the largest of all: Westfall, Young, Resampling-based multiple
    testing (1993).
    """
    from scipy.stats import rankdata

    numbers = np.asarray(values, dtype=np.float64)
    rows = _checked_rows(numbers, first, second, n_draws, seed)
    n, m = len(first), len(second)
    tested = np.isfinite(numbers[rows]).all(axis=0)
    if not tested.any():
        raise CollectionError("None of these numbers is there for all photos of both groups.")
    # Twice the ranks: whole numbers, so that equal statistics are equal to the bit.
    ranks = 2 * rankdata(numbers[rows][:, tested], axis=0)
    middle = n * (n + m + 1)  # of twice the first group's sum of ranks
    sums = ranks[:n].sum(axis=0) - middle
    n_all = comb(n + m, n)
    is_exact = n_all <= n_draws + 1
    largest = np.sort(_largest_of(ranks, n, middle, None if is_exact else (n_draws, seed)))

    def p_of(statistic: np.ndarray) -> np.ndarray:
        as_large = len(largest) - np.searchsorted(largest, statistic, side="left")
        return as_large / len(largest) if is_exact else (1 + as_large) / (1 + len(largest))

    auc, p = np.full((2, numbers.shape[1]), np.nan)
    auc[tested] = 0.5 + sums / (2 * n * m)
    p[tested] = p_of(np.abs(sums))
    # The groups swapped tell as much; of ways that are drawn, none need tell as much.
    least = (2 if n == m else 1) / n_all if is_exact else 1 / (1 + n_draws)
    perfect = max(least, float(p_of(np.array(n * m))))
    return GroupComparison(auc, p, (n, m), len(largest), is_exact, seed, least, perfect)


def groups_effort(n_photos: int, n_numbers: int, n_draws: int = N_DRAWS) -> Effort:
    """Estimate what `compare_groups` takes.

    Parameters
    ----------
    n_photos : int
        In both groups.
    n_numbers, n_draws : int
    """
    seconds = _PACE * (n_photos + _RANKED) * n_numbers * n_draws
    return Effort(seconds, 3 * MATRIX_ENTRY * (_ENTRIES_TOGETHER + n_photos * n_numbers))


def _largest_of(
    ranks: np.ndarray, n: int, middle: int, drawn: tuple[int, int] | None
) -> np.ndarray:
    """Return the largest statistic of all numbers for each way to choose the first group."""
    n_rows, n_numbers = ranks.shape
    ways = _all_ways(n_rows, n) if drawn is None else _random_ways(n_rows, n, *drawn)
    together = max(1, _ENTRIES_TOGETHER // max(n_rows, n_numbers, 1))
    largest = []
    while chosen := list(islice(ways, together)):
        members = np.zeros((len(chosen), n_rows))
        np.put_along_axis(members, np.array(chosen), 1.0, axis=1)
        largest.append(np.abs(members @ ranks - middle).max(axis=1, initial=0.0))
    return np.concatenate(largest)


def _all_ways(n_rows: int, n: int) -> Iterator[Sequence[int]]:
    return combinations(range(n_rows), n)


def _random_ways(n_rows: int, n: int, n_draws: int, seed: int) -> Iterator[Sequence[int]]:
    generator = np.random.default_rng(seed)
    for _ in range(n_draws):
        yield generator.permutation(n_rows)[:n].tolist()


def _checked_rows(
    numbers: np.ndarray, first: Sequence[int], second: Sequence[int], n_draws: int, seed: int
) -> list[int]:
    if numbers.ndim != 2:
        raise CollectionError(
            f"Numbers of photos have the shape (photos, numbers); these have {numbers.shape}."
        )
    rows = [int(one) for one in (*first, *second)]
    if not len(first) or not len(second):
        raise CollectionError("Both groups need a photo at least.")
    if len(set(rows)) < len(rows):
        raise CollectionError("A photo is in one of the groups, and once: some are there twice.")
    if min(rows) < 0 or max(rows) >= len(numbers):
        raise CollectionError(
            f"Photos go from 0 to {len(numbers) - 1}, and some in the groups aren't among them."
        )
    if n_draws < 1 or seed < 0:
        raise CollectionError("Needed are one draw or more, and a seed from 0 on.")
    return rows
