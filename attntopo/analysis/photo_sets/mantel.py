"""Two distances between the same photos -> how well they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from attntopo.analysis.photo_sets.arrangement import checked_matrix
from attntopo.analysis.photo_sets.collection import CollectionError

N_PERMUTATIONS = 999
_MOST_OF_ALL = 5040
"""With as many orders of the photos or fewer, all are tried."""


@dataclass(frozen=True)
class MantelTest:
    """How well two distances agree, and how often they would by chance.

    Attributes
    ----------
    correlation : float
        Spearman's, over all pairs of photos, from -1 to 1.
    p : float
        The share of the orders of the photos, this one among them, in which it is as large.
    n_permutations : int
        How many orders were tried besides this one.
    is_exact : bool
        Whether these are all orders there are.
    seed : int
        Of the orders, where they aren't all.
    """

    correlation: float
    p: float
    n_permutations: int
    is_exact: bool
    seed: int

    @property
    def least_p(self) -> float:
        """The least p that so many orders can show."""
        return 1 / (1 + self.n_permutations)

    @property
    def text(self) -> str:
        """A sentence: `Mantel correlation 0.62 (Spearman), p = 0.001 over 999 random orders …`."""
        orders = (
            f"all {self.n_permutations + 1:,} orders of the photos"
            if self.is_exact
            else f"{self.n_permutations:,} random orders of the photos (seed {self.seed})"
        )
        return (
            f"Mantel correlation {self.correlation:.2f} (Spearman), p = {self.p:.2g} over "
            f"{orders}; the least possible is {self.least_p:.2g}."
        )


def mantel_test(
    first: np.ndarray, second: np.ndarray, n_permutations: int = N_PERMUTATIONS, seed: int = 0
) -> MantelTest:
    """Correlate two distances over all pairs, and with the photos of one of them in other orders.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_photos, n_photos)
        Between the same photos, three or more; finite and symmetric, zero diagonal.
    n_permutations : int
        Random orders, 1 or more; where there are at most 5,040 orders in all, all of them instead.
    seed : int
        Not negative.

    Returns
    -------
    MantelTest
        One-sided: distances agree where the correlation is large.

    Raises
    ------
    CollectionError
        As `checked_matrix`, or if there are fewer than three photos, the numbers of photos
        differ, all of one distance's pairs are equally far apart, or there is no order to try.

    References
    ----------
    Mantel, The detection of disease clustering and a generalized regression approach, Cancer
    Research 27 (1967); with ranks, after Dietz, Permutation tests for association between two
    distance matrices, Systematic Zoology 32 (1983).
    """
    from scipy.spatial.distance import squareform
    from scipy.stats import rankdata

    a, b = checked_matrix(first), checked_matrix(second)
    _check(a, b, n_permutations, seed)
    n = len(a)
    ranks = [rankdata(squareform(one, checks=False)) for one in (a, b)]
    # Twice the ranks less their mean: whole numbers, whose products add up without rounding.
    own, other = (2 * one - (len(one) + 1) for one in ranks)
    scale = np.sqrt((own @ own) * (other @ other))
    if scale == 0:
        raise CollectionError(
            "All pairs of photos are equally far apart in one of these distances: nothing agrees "
            "with that, or disagrees."
        )
    above = np.triu_indices(n, 1)
    square = squareform(other)
    observed = own @ other
    is_exact = factorial(n) <= _MOST_OF_ALL
    orders = _orders(n, n_permutations, seed, is_exact)
    as_large, tried = 0, 0
    for order in orders:
        as_large += bool(own @ square[order[above[0]], order[above[1]]] >= observed)
        tried += 1
    others = tried - 1 if is_exact else tried  # all orders have the photos' own among them
    p = as_large / tried if is_exact else (1 + as_large) / (1 + tried)
    return MantelTest(float(observed / scale), p, others, is_exact, seed)


def _orders(n: int, n_permutations: int, seed: int, is_exact: bool) -> Iterator[np.ndarray]:
    if is_exact:
        yield from (np.array(order) for order in permutations(range(n)))
        return
    generator = np.random.default_rng(seed)
    for _ in range(n_permutations):
        yield generator.permutation(n)


def _check(a: np.ndarray, b: np.ndarray, n_permutations: int, seed: int) -> None:
    if a.shape != b.shape:
        raise CollectionError(
            f"Two distances agree or not between the same photos; these are between {len(a)} and "
            f"{len(b)}."
        )
    if len(a) < 3:
        raise CollectionError("Whether two distances agree can be asked of three photos or more.")
    if n_permutations < 1 or seed < 0:
        raise CollectionError("Needed are one order or more, and a seed from 0 on.")
