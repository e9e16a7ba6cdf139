"""Row distances -> persistence diagrams of the Vietoris–Rips filtration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.distances import RowDistances

FIELD = 2
"""Homology is over Z/2, so that cycles are sets of edges and can be drawn."""


@dataclass(frozen=True, eq=False)
class Diagrams:
    """Persistence diagrams of one head, whole: no bar is left out, however short.

    Attributes
    ----------
    points : tuple of ndarray of float64, each of shape (n_bars, 2)
        `points[k]` are the (birth, death) pairs in dimension k, ordered by birth, then death; the
        one infinite bar of dimension 0 has death `inf`. Read-only.
    """

    points: tuple[np.ndarray, ...]

    def __getitem__(self, dimension: int) -> np.ndarray:
        return self.points[dimension]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return sum(array.nbytes for array in self.points)


def persistence_diagrams(distances: RowDistances | np.ndarray, max_dimension: int = 1) -> Diagrams:
    """Compute the persistence diagrams of the Vietoris–Rips filtration, exactly in float64.

    Parameters
    ----------
    distances : RowDistances, or array of float64 of shape (n, n)
        Symmetric to the bit, zero diagonal, n at least 1.
    max_dimension : int
        Highest homology dimension; simplices go one dimension further.

    Returns
    -------
    Diagrams
        Over Z/2, without a limit on edge length; bars of length 0 are not bars.

    Raises
    ------
    ValueError
        If the matrix is not a finite symmetric one with a zero diagonal.

    References
    ----------
    Edelsbrunner, Harer, Computational Topology (2010); computed by GUDHI's fork of Ripser
    (Bauer, Ripser: efficient computation of Vietoris–Rips persistence barcodes, 2021).
    """
    # scikit-learn comes along with it, a second of import: only where it is used.
    from gudhi.sklearn.rips_persistence import RipsPersistence

    values = distances.values if isinstance(distances, RowDistances) else np.asarray(distances)
    _check_distances(values)
    # Below four points GUDHI lowers the dimensions it returns; there are no loops there anyway.
    dimensions = list(range(max_dimension + 1)) if len(values) > 3 else [0]
    rips = RipsPersistence(
        homology_dimensions=dimensions,
        input_type="full distance matrix",
        homology_coeff_field=FIELD,
    )
    found = rips.fit_transform([values])[0]
    found += [np.empty((0, 2))] * (max_dimension + 1 - len(found))
    return Diagrams(tuple(_ordered(np.asarray(array, dtype=np.float64)) for array in found))


def _ordered(points: np.ndarray) -> np.ndarray:
    points = points.reshape(-1, 2)
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    points.setflags(write=False)
    return points


def _check_distances(values: np.ndarray) -> None:
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not len(values):
        raise ValueError(f"A distance matrix is square; this has the shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("A distance matrix must be finite.")
    # An asymmetry in the last bit makes GUDHI fail with bad_alloc.
    if (values != values.T).any() or np.diagonal(values).any():
        raise ValueError("A distance matrix must be symmetric to the bit with a zero diagonal.")
