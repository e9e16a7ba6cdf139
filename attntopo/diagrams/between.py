"""Distances between persistence diagrams; Betti curves and persistence entropy."""

from __future__ import annotations

from attntopo.diagrams import matchings
from attntopo.diagrams.curves import longer_than
from attntopo.diagrams.matchings import Matching
from attntopo.topology import Diagrams

NOTEBOOK_FILTER = 0.01
"""The notebook leaves out bars of at most this length."""


def bottleneck_distance(first: Diagrams, second: Diagrams, dimension: int) -> float:
    """Compute the exact bottleneck distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.

    Returns
    -------
    float
        In the units of the row distance, at least 0; infinite bars are matched by their births.
        If one diagram is empty, half the other's longest bar.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Stability of persistence diagrams, Discrete &
    Computational Geometry 37 (2007).
    """
    return matchings.bottleneck(first[dimension], second[dimension])


def bottleneck_matching(first: Diagrams, second: Diagrams, dimension: int) -> Matching:
    """Match two diagrams as the bottleneck distance does, exactly.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int

    Returns
    -------
    Matching
        Of all that attain the bottleneck distance, the one of least sum.
    """
    return matchings.bottleneck_matching(first[dimension], second[dimension])


def wasserstein_distance(
    first: Diagrams, second: Diagrams, dimension: int, order: int = 1
) -> float:
    """Compute the exact p-Wasserstein distance between two whole diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
    order : {1, 2}
        The p; the ground norm is L-infinity.

    Returns
    -------
    float
        In the units of the row distance. If one diagram is empty, the p-norm of the other's
        half-lengths.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer, Mileyko, Lipschitz functions have L_p-stable persistence,
    Foundations of Computational Mathematics 10 (2010).
    """
    return wasserstein_matching(first, second, dimension, order).distance


def wasserstein_matching(
    first: Diagrams, second: Diagrams, dimension: int, order: int = 1
) -> Matching:
    """Match two diagrams as the p-Wasserstein distance does, exactly.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
    order : {1, 2}

    Returns
    -------
    Matching
    """
    return matchings.wasserstein_matching(first[dimension], second[dimension], order)


def all_matchings(first: Diagrams, second: Diagrams) -> dict[str, Matching]:
    """Match two diagrams in every way there is here.

    Parameters
    ----------
    first, second : Diagrams

    Returns
    -------
    dict of Matching
        `h0-bottleneck`, `h0-wasserstein-1`, `h0-wasserstein-2`, and the same of `h1`.
    """
    found = {}
    for dimension in (0, 1):
        found[f"h{dimension}-bottleneck"] = bottleneck_matching(first, second, dimension)
        for order in (1, 2):
            name = f"h{dimension}-wasserstein-{order}"
            found[name] = wasserstein_matching(first, second, dimension, order)
    return found


def notebook_bottleneck_distance(first: Diagrams, second: Diagrams) -> float:
    """Compute the notebook's one number: H0 bottleneck of the bars longer than 0.01.

    Parameters
    ----------
    first, second : Diagrams

    Returns
    -------
    float
        In the units of the row distance. The filter breaks the stability bound, which is why
        every other number here is of whole diagrams.
    """
    return matchings.bottleneck(
        longer_than(first[0], NOTEBOOK_FILTER), longer_than(second[0], NOTEBOOK_FILTER)
    )
