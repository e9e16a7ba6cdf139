"""The notebook's way, written out naively: what every slider move cost there, without the model.

Both photos' distances, their Rips complexes and the bottleneck distance are computed anew. The
notebook's spring layout and its pictures are left out: that would make it slower still.
"""

from __future__ import annotations

import gudhi
import numpy as np
from scipy.spatial.distance import jensenshannon


def distances(attention: np.ndarray) -> np.ndarray:
    """Softmax the rows once more and take the root of SciPy's Jensen–Shannon distance."""
    powers = np.exp(attention)
    rows = powers / powers.sum(axis=1, keepdims=True)
    n = len(rows)
    values = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            values[i, j] = values[j, i] = np.sqrt(jensenshannon(rows[i], rows[j]))
    return values


def diagrams(values: np.ndarray) -> list[np.ndarray]:
    """Build the whole Rips complex as a simplex tree and leave out bars of at most 0.01."""
    tree = gudhi.RipsComplex(distance_matrix=values).create_simplex_tree(max_dimension=2)
    tree.compute_persistence(min_persistence=0.01)
    return [tree.persistence_intervals_in_dimension(k).reshape(-1, 2) for k in (0, 1)]


def move(first: np.ndarray, second: np.ndarray) -> float:
    """Do what one slider move did: from both photos' attention to the bottleneck distance."""
    found = [diagrams(distances(attention)) for attention in (first, second)]
    return gudhi.bottleneck_distance(found[0][0], found[1][0])
