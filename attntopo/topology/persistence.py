"""Row distances -> persistence diagrams of the Vietoris–Rips filtration."""

from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.distances import RowDistances
from attntopo.topology.edge_links import PersistenceError
from attntopo.topology.rips_bars import Bars, find_bars
from attntopo.wording import counted

FIELD = 2
"""Homology is over Z/2, so that cycles are sets of edges and can be drawn."""
MOST_LOOPS_FOR_H2 = 300
"""With more loops voids can be a matter of minutes: measured on structureless distances, while
real heads with as many often take seconds."""
MOST_POINTS_FOR_H2 = 600


@dataclass(frozen=True, eq=False)
class Diagrams:
    """Persistence diagrams of one head, whole: no bar is left out, however short.

    Attributes
    ----------
    points : tuple of ndarray of float64, each of shape (n_bars, 2)
        `points[k]` are the (birth, death) pairs in dimension k, ordered by birth, then death; the
        one infinite bar of dimension 0 has death `inf`. Read-only.
    merging_edges : ndarray of int64, shape (n_bars in dimension 0, 2), or None
        The edge i < j that ends each bar of dimension 0; -1 for the infinite bar. None, like the
        other simplices, where the points come from elsewhere.
    birth_edges : ndarray of int64, shape (n_bars in dimension 1, 2), or None
        The edge i < j that begins each bar of dimension 1.
    death_triangles : ndarray of int64, shape (n_bars in dimension 1, 3), or None
        The triangle that ends it: its latest edge i < j, and the third point.
    """

    points: tuple[np.ndarray, ...]
    merging_edges: np.ndarray | None = None
    birth_edges: np.ndarray | None = None
    death_triangles: np.ndarray | None = None

    def __getitem__(self, dimension: int) -> np.ndarray:
        return self.points[dimension]


def persistence_diagrams(
    distances: RowDistances | np.ndarray, max_dimension: int = 1, bars: Bars | None = None
) -> Diagrams:
    """Compute the persistence diagrams of the Vietoris–Rips filtration, exactly in float64.

    Parameters
    ----------
    distances : RowDistances, or array of float64 of shape (n, n)
        Symmetric to the bit, zero diagonal, n at least 1.
    max_dimension : {0, 1, 2}
        Highest homology dimension; simplices go one dimension further. Components alone take a
        fraction of the time. Of them, and of dimension 2, only the diagram is found, not the
        simplices.
    bars : Bars, optional
        Of the same distances, where they are known already.

    Returns
    -------
    Diagrams
        Over Z/2, without a limit on edge length; bars of length 0 are not bars.

    Raises
    ------
    ValueError
        If the matrix is not a finite symmetric one with a zero diagonal.
    PersistenceError
        If it would take too long, which is estimated first.

    References
    ----------
    Edelsbrunner, Harer, Computational Topology (2010). Dimension 0 alone by Prim's algorithm (see
    `attntopo.topology.matrix_kernels`), dimensions 0 and 1 by the links of edges (see
    `attntopo.topology.edge_links`), dimension 2 by GUDHI's fork of Ripser (Bauer, Ripser: efficient
    computation of Vietoris–Rips persistence barcodes, 2021).
    """
    if max_dimension not in (0, 1, 2):
        raise ValueError(f"Diagrams go up to dimension 0, 1 or 2, not {max_dimension}.")
    values = distances.values if isinstance(distances, RowDistances) else np.asarray(distances)
    if bars is None:
        _check_distances(values)
        values = np.ascontiguousarray(values, dtype=np.float64)
        if max_dimension == 0 and numba_runs():
            from attntopo.topology.matrix_kernels import merge_lengths

            return Diagrams((_components(np.sort(merge_lengths(values))),))
        bars = find_bars(values)
    components = _components(bars.merge_lengths)
    if max_dimension == 0:
        return Diagrams((components,))
    merging = np.append(bars.merging_edges[bars.merge_lengths > 0], [[-1, -1]], axis=0)

    lasting = np.nonzero(bars.loops[:, 1] > bars.loops[:, 0])[0]
    order = lasting[np.lexsort((bars.loops[lasting, 1], bars.loops[lasting, 0]))]
    points: tuple[np.ndarray, ...] = (components, bars.loops[order])
    if max_dimension == 2:
        points += (_voids(values, bars),)
    arrays = (*points, merging, bars.birth_edges[order], bars.death_triangles[order])
    for array in arrays:
        array.setflags(write=False)
    return Diagrams(points, *arrays[len(points) :])


def _components(merge_lengths: np.ndarray) -> np.ndarray:
    """Return the diagram in dimension 0, read-only, of the lengths of all merges in order."""
    # Bars of length 0 are the merges of identical rows.
    n_short = int(np.searchsorted(merge_lengths, 0.0, side="right"))
    points = np.zeros((len(merge_lengths) - n_short + 1, 2))
    points[:-1, 1], points[-1, 1] = merge_lengths[n_short:], np.inf
    points.setflags(write=False)
    return points


def _voids(values: np.ndarray, bars: Bars) -> np.ndarray:
    """Compute the diagram in dimension 2 by GUDHI."""
    n, n_loops = len(values), len(bars.loops)
    if n > MOST_POINTS_FOR_H2 or n_loops > MOST_LOOPS_FOR_H2:
        raise PersistenceError(
            f"H2 of {n:,} points with {counted(n_loops, 'loop')} may take minutes or longer: its "
            f"limits are {MOST_POINTS_FOR_H2} points and {MOST_LOOPS_FOR_H2} loops. H0 and H1 can "
            "be had."
        )
    if n < 5:  # GUDHI lowers the dimensions it returns; there are no voids there anyway
        return np.empty((0, 2))
    # scikit-learn comes along with it, a second of import: only where it is used.
    from gudhi.sklearn.rips_persistence import RipsPersistence

    rips = RipsPersistence(
        homology_dimensions=[2],
        input_type="full distance matrix",
        homology_coeff_field=FIELD,
    )
    points = np.asarray(rips.fit_transform([values])[0][0], dtype=np.float64).reshape(-1, 2)
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def _check_distances(values: np.ndarray) -> None:
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not len(values):
        raise ValueError(f"A distance matrix is square; this has the shape {values.shape}.")
    if numba_runs() and values.dtype == np.float64 and values.flags.c_contiguous:
        from attntopo.topology.matrix_kernels import is_distance_matrix

        if is_distance_matrix(values):
            return
    if not np.isfinite(values).all():
        raise ValueError("A distance matrix must be finite.")
    # An asymmetry in the last bit makes GUDHI fail with bad_alloc.
    if values.min() < 0:
        raise ValueError("A distance matrix must be non-negative.")
    if (values != values.T).any() or np.diagonal(values).any():
        raise ValueError("A distance matrix must be symmetric to the bit with a zero diagonal.")
