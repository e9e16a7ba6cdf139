"""Entropies of rows of attention, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.float_lanes import (
    N_LANES,
    in_all_lanes,
    lanes_at,
    sum_of_lanes,
    where_below,
)
from attntopo.log_lanes import logarithms

_TINY = 1e-300
"""Is added where a logarithm is taken: an entry 0 counts for nothing, and others don't change."""


@kernel(allocates=False)
def sum_of_entropies(entries: np.ndarray) -> float:
    """Return minus the sum of x log x over all entries x.

    Parameters
    ----------
    entries : ndarray of float64, shape (n,)
        From 0 to 1.
    """
    n_whole = len(entries) - len(entries) % N_LANES
    nothing, tiny = in_all_lanes(0.0), in_all_lanes(_TINY)
    lanes = nothing
    for k in range(0, n_whole, N_LANES):
        x = lanes_at(entries, k)
        # The logarithm of 1 is a rounding error off.
        lanes = lanes + where_below(x, 1.0, x * logarithms(x + tiny), nothing)
    total = sum_of_lanes(lanes)
    for x in entries[n_whole:]:
        total += x * np.log(x + _TINY)
    return -total
