"""Rows of attention -> distances between them."""

from attntopo.distances.rows import (
    DISTANCES,
    SCALE_STEPS,
    DistanceError,
    RowDistances,
    distances_of_rows,
    find_distance,
    row_distances,
    row_distances_of_heads,
)
from attntopo.distances.token_neighbours import around_token
