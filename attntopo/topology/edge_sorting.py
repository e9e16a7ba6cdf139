"""A distance matrix -> its edges in the one total order (length, i, j)."""

import numpy as np

from attntopo.compiled import numba_runs

NO_LENGTHS = "Distances must be finite and non-negative."


def edge_order(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put the edges that matter for homology into the one total order (length, i, j).

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix, symmetric to the bit; n at most 65,536.

    Returns
    -------
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the edges, i < j.
    lengths : ndarray of float64, same shape
        Ascending, up to the enclosing radius: the least scale at which one point is joined to all
        others. From there on the complex is a cone, which is connected and has no loops.

    Raises
    ------
    ValueError
        If a length is negative, infinite or NaN.
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    if not (values.min() >= 0 and values.max() < np.inf):
        raise ValueError(NO_LENGTHS)
    if numba_runs():
        from attntopo.topology.edge_sorting_kernel import ALL_PAIRS, length_range, sorted_between

        patterns = values.view(np.uint64)
        radius = length_range(patterns)[2]
        pairs, keys = sorted_between(patterns, np.uint64(0), np.uint64(radius + 1), ALL_PAIRS)
        return *ends_of(pairs), keys.view(np.float64)
    i, j = np.triu_indices(len(values), k=1)
    lengths = values[i, j] + 0.0  # -0 becomes 0
    near = lengths <= values.max(axis=1).min()
    i, j, lengths = i[near], j[near], lengths[near]
    order = np.argsort(lengths, kind="stable")  # i, j are in order already, which breaks the ties
    return i[order].astype(np.uint16), j[order].astype(np.uint16), lengths[order]


def ends_of(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take edges 65,536 i + j apart.

    Parameters
    ----------
    pairs : ndarray of uint32, shape (n_edges,)

    Returns
    -------
    i, j : ndarray of uint16, shape (n_edges,)
    """
    return (pairs >> np.uint32(16)).astype(np.uint16), pairs.astype(np.uint16)
