"""Numbers of bars -> what distances and matchings of two diagrams take, before they are begun.

The seconds are measured: what `python -m benchmarks.matchings` prints of the slower of random and
clustered bars, in a thread of a server with two cores, rounded up. Bars that are all much longer
than they are apart can take ten times as long.
"""

from attntopo.effort import Effort

EXACT_BARS = 1500
"""Wasserstein distances are exact where the product of both numbers of bars and the smaller one of
them is at most the cube of this."""
APPROXIMATE_BARS = 6000
"""Beyond that they are approximate where the product of both numbers is at most this squared."""
LINE_BARS = 10_000
"""As `APPROXIMATE_BARS`, where all bars are born together: those are exact."""
WITHIN = 0.01
"""Relative error of an approximate distance, at most."""

_BASE = 2e-4  # what a call takes at least


def bottleneck_effort(n: int, m: int) -> Effort:
    """Estimate what the exact bottleneck distance of n and m finite bars takes.

    Parameters
    ----------
    n, m : int
        Bars longer than 0; not all born together, which takes less.

    Returns
    -------
    Effort
    """
    return Effort(_BASE + 3e-8 * (n + m) ** 1.75, _megabytes(n, m))


def wasserstein_effort(n: int, m: int, order: int = 1, born_together: bool = False) -> Effort:
    """Estimate what a p-Wasserstein distance of n and m finite bars takes.

    Parameters
    ----------
    n, m : int
        Bars longer than 0.
    order : {1, 2}
        The p.
    born_together : bool
        Whether all bars have the same birth, as in dimension 0.

    Returns
    -------
    Effort
        Exact for few bars, approximate for more, refused for most.
    """
    if born_together and n * m <= LINE_BARS**2:
        return Effort(_BASE + 5e-9 * n * m, _megabytes(n, m) + n * m / 1e6)
    if n * m * min(n, m) <= EXACT_BARS**3:
        pace = 2e-8 if order == 1 else 5e-8
        return Effort(_BASE + pace * n * m * min(n, m) ** 0.4, _megabytes(n, m))
    pace = 2e-7 if order == 1 else 8e-7
    refused = n * m > APPROXIMATE_BARS**2
    return Effort(pace * n * m, 8 * _megabytes(n, m), WITHIN, refused)


def matching_effort(n: int, m: int, born_together: bool = False) -> Effort:
    """Estimate what a bottleneck matching of n and m finite bars takes.

    Parameters
    ----------
    n, m, born_together
        As for `wasserstein_effort`.

    Returns
    -------
    Effort
        Of few bars it is the one of least sum, which takes the time of the 1-Wasserstein distance
        besides; of more it is any one, which takes that of the bottleneck distance twice.
    """
    alone, sum_too = bottleneck_effort(n, m), wasserstein_effort(n, m, 1, born_together)
    if sum_too.relative_bound:
        return Effort(2 * alone.seconds, alone.megabytes)
    return Effort(alone.seconds + sum_too.seconds, max(alone.megabytes, sum_too.megabytes))


def _megabytes(n: int, m: int) -> float:
    return 1.0 + 400 * (n + m) / 1e6
