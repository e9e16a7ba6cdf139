"""Distances or 1-skeleton -> where the points lie in 3D, or in the plane."""

from dataclasses import dataclass

import numpy as np

from attntopo.distances import DISTANCES, RowDistances
from attntopo.topology import effort
from attntopo.topology.skeleton import Skeleton

_MANY = 100
"""Points of which all axes take longer than a few."""
_NEARLY_EQUAL = 1e-10


class LayoutError(ValueError):
    """A layout can't be had; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where points lie.

    Attributes
    ----------
    positions : ndarray of float64, shape (n_points, n_dimensions)
        Read-only; NaN for points that the layout leaves out.
    variance_share : float or None
        Share (0 to 1) of the positive variance that so many dimensions hold; None for a layout
        that doesn't come from the distances.
    stress : float or None
        Kruskal's stress-1 of the distances between positions against the true ones.
    """

    positions: np.ndarray
    variance_share: float | None = None
    stress: float | None = None


def distance_layout(distances: RowDistances | np.ndarray, n_dimensions: int = 3) -> Layout:
    """Lay points out from their distances alone, by classical scaling.

    Parameters
    ----------
    distances : RowDistances, or array of float64 of shape (n_points, n_points)
        Finite and symmetric, zero diagonal.
    n_dimensions : int
        3, or 2 for the plane.

    Returns
    -------
    Layout
        The same at every scale; each axis has the sign that makes its largest entry positive.

    References
    ----------
    Torgerson, Multidimensional scaling: I. Theory and method, Psychometrika 17 (1952); Kruskal,
    Multidimensional scaling by optimizing goodness of fit, Psychometrika 29 (1964).
    """
    if isinstance(distances, RowDistances):
        values, is_euclidean = distances.values, DISTANCES[distances.distance].is_euclidean
    else:
        values, is_euclidean = distances, False
    variances, vectors, total = _principal_axes(_gram(values), n_dimensions, is_euclidean)
    axes = vectors * np.sqrt(variances)
    signs = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0))
    positions = np.zeros((len(values), n_dimensions))
    positions[:, : axes.shape[1]] = axes * signs
    positions.setflags(write=False)
    share = float(variances.sum() / total) if total > 0 else 1.0
    return Layout(positions, share, _stress(values, positions))


def _gram(values: np.ndarray) -> np.ndarray:
    """Return the scalar products of the points about their mean: the doubly centred squares."""
    gram = values * values  # the one copy: a new matrix takes longer than what is done with it
    means = gram.mean(axis=0)
    gram -= means[:, None]
    gram -= means
    gram += means.mean()
    gram *= -0.5
    return gram


def _principal_axes(
    gram: np.ndarray, number: int, is_euclidean: bool
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the largest variances and their axes, and the sum of all positive variances.

    Of many points no more axes are computed than are wanted, but where some are as good as equal:
    then it takes all to say which. Of points in a space no variance is below 0.
    """
    if len(gram) >= _MANY:
        few = _few_axes(gram, number)
        if few is not None:
            return *few, float(np.trace(gram)) if is_euclidean else _positive_sum(gram)
    # NumPy's, and not SciPy's, because it lets other threads run meanwhile.
    eigenvalues, vectors = np.linalg.eigh(gram)  # ascending
    variances = np.maximum(eigenvalues[::-1], 0)
    return variances[:number], vectors[:, ::-1][:, :number], float(variances.sum())


def _few_axes(gram: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the largest variances and their axes by Lanczos; None where two are nearly equal."""
    from scipy.sparse.linalg import ArpackError, eigsh

    start = np.random.default_rng(0).standard_normal(len(gram))
    try:
        eigenvalues, vectors = eigsh(gram, number + 1, which="LA", v0=start)  # ascending
    except ArpackError:
        return None
    order = np.argsort(eigenvalues)[::-1]
    variances = eigenvalues[order]
    if (variances[:-1] - variances[1:] <= _NEARLY_EQUAL * abs(variances[0])).any():
        return None
    return np.maximum(variances[:number], 0), vectors[:, order[:number]]


def _positive_sum(gram: np.ndarray) -> float:
    """Return the sum of the positive eigenvalues: the trace where none is below 0."""
    trace = float(np.trace(gram))
    shift = _NEARLY_EQUAL * trace / len(gram)
    try:
        # Succeeds if no eigenvalue is below -shift, so that the sum is the trace to ten digits.
        np.linalg.cholesky(gram + shift * np.eye(len(gram)))
    except np.linalg.LinAlgError:
        return float(np.maximum(np.linalg.eigvalsh(gram), 0).sum())
    return trace


def check_springs(skeleton: Skeleton) -> None:
    """Refuse a spring layout that would take too long, before it is begun.

    Parameters
    ----------
    skeleton : Skeleton

    Raises
    ------
    LayoutError
        If there are more than `effort.MOST_SPRINGS` edges.
    """
    n_points, n_edges = len(skeleton.leaders), len(skeleton.edges)
    if effort.spring_effort(n_points, n_edges).refused:
        raise LayoutError(
            f"A spring layout of {n_edges:,} edges would take minutes or gigabytes: "
            f"{effort.MOST_SPRINGS:,} is the limit. Choose a smaller scale, or the layout by "
            "distances."
        )


def spring_layout(skeleton: Skeleton) -> Layout:
    """Lay the 1-skeleton out in 3D as the notebook does.

    Parameters
    ----------
    skeleton : Skeleton

    Returns
    -------
    Layout
        `networkx.spring_layout(dim=3, seed=42)` of the graph at the scale, edges inserted in the
        filtration's order; isolated points are left out.

    Raises
    ------
    LayoutError
        As `check_springs`.
    """
    check_springs(skeleton)
    import networkx

    graph = networkx.Graph()
    graph.add_edges_from(skeleton.edges.tolist())
    positions = np.full((len(skeleton.leaders), 3), np.nan)
    for point, position in networkx.spring_layout(graph, dim=3, seed=42).items():
        positions[point] = position
    positions.setflags(write=False)
    return Layout(positions)


def _stress(values: np.ndarray, positions: np.ndarray) -> float:
    from scipy.spatial.distance import pdist, squareform

    true = squareform(values, checks=False)
    if not true.any():
        return 0.0
    return float(np.sqrt(((pdist(positions) - true) ** 2).sum() / (true**2).sum()))
