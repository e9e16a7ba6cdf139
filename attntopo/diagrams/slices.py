"""Two persistence diagrams -> their sliced Wasserstein distance."""

from dataclasses import dataclass

import numpy as np

from attntopo.diagrams.split_bars import DiagramError, split_bars_of
from attntopo.topology import Diagrams

N_DIRECTIONS = 50


@dataclass(frozen=True, eq=False)
class Slices:
    """The finite bars of one diagram, seen from all directions.

    Attributes
    ----------
    own : ndarray of float64, shape (n_directions, n_bars)
        Where each bar lies along each direction.
    diagonal : ndarray of float64, shape (n_directions, n_bars)
        Where the point of the diagonal nearest to it lies.
    n_endless : int
        How many infinite bars there are besides.
    """

    own: np.ndarray
    diagonal: np.ndarray
    n_endless: int


def slices_of(points: np.ndarray, n_directions: int = N_DIRECTIONS) -> Slices:
    """Project a diagram onto lines through the origin.

    Parameters
    ----------
    points : ndarray of float64, shape (n_bars, 2)
        A diagram in one dimension.
    n_directions : int
        At least 1; evenly spread over the half circle, from straight down on.

    Returns
    -------
    Slices

    Raises
    ------
    DiagramError
        If there is no direction, a birth or death is NaN, or a bar dies before it is born.
    """
    if n_directions < 1:
        raise DiagramError(f"A diagram is seen from one direction or more, not {n_directions}.")
    bars = split_bars_of(points)
    angles = np.pi * (np.arange(n_directions) / n_directions - 0.5)
    lines = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middles = np.repeat(bars.finite.mean(axis=1)[:, None], 2, axis=1)
    return Slices(lines @ bars.finite.T, lines @ middles.T, len(bars.endless))


def sliced_distance(first: Slices, second: Slices) -> float:
    """Compute the sliced Wasserstein distance of diagrams that are projected already.

    Parameters
    ----------
    first, second : Slices
        With as many directions.

    Returns
    -------
    float
    """
    if first.n_endless != second.n_endless:
        return float("inf")
    if not first.own.size and not second.own.size:
        return 0.0
    # Each diagram is filled up by the other's points of the diagonal, so that both have as many.
    # A stable sort is quick on two ascending runs, which is nearly what bars ordered by birth are.
    one = np.sort(np.concatenate([first.own, second.diagonal], axis=1), axis=1, kind="stable")
    other = np.sort(np.concatenate([second.own, first.diagonal], axis=1), axis=1, kind="stable")
    return float(np.abs(one - other).sum() / len(first.own))


def sliced_wasserstein_distance(
    first: Diagrams, second: Diagrams, dimension: int, n_directions: int = N_DIRECTIONS
) -> float:
    """Compute the sliced Wasserstein distance between two diagrams in one dimension.

    Parameters
    ----------
    first, second : Diagrams
    dimension : int
        0 for components, 1 for loops.
    n_directions : int
        The mean over all directions is taken over so many, evenly spread.

    Returns
    -------
    float
        In the units of the row distance, at least 0. Infinite bars are left out; if their numbers
        differ it is infinite.

    Raises
    ------
    DiagramError
        As `slices_of`.

    References
    ----------
    Carrière, Cuturi, Oudot, Sliced Wasserstein kernel for persistence diagrams, ICML (2017).
    GUDHI's `SlicedWassersteinDistance` has the same directions but for the last, which 3.13 leaves
    out.
    """
    a, b = (slices_of(one[dimension], n_directions) for one in (first, second))
    return sliced_distance(a, b)
