"""Distance matrices to compute with, and heads whose distances SciPy gets right."""

import numpy as np

import attntopo as at

REAL_HEADS = ((1, 2), (4, 0), (9, 3), (11, 5))
"""Heads on which SciPy's float64 distances are a reference."""


def random_metric(seed: int, n: int = 20) -> np.ndarray:
    """Distances of random points in the plane, symmetric to the bit."""
    points = np.random.default_rng(seed).normal(size=(n, 2))
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    values = (values + values.T) / 2
    np.fill_diagonal(values, 0)
    return values


def as_distances(values: np.ndarray) -> at.RowDistances:
    """Any distance matrix as row distances."""
    return at.RowDistances(values, "jensen-shannon", np.arange(len(values)))
