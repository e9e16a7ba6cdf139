"""Two persistence diagrams -> distances and matchings between them; curves and vectors of one."""

from attntopo.diagrams.bottleneck import bottleneck_distance, notebook_bottleneck_distance
from attntopo.diagrams.curves import betti_curve, finite_lengths, persistence_entropy
from attntopo.diagrams.effort import (
    bottleneck_effort,
    matching_effort,
    wasserstein_effort,
)
from attntopo.diagrams.large_diagrams import About
from attntopo.diagrams.matchings import (
    MATCHINGS,
    Matching,
    all_matchings,
    bottleneck_matching,
    exact_wasserstein,
    find_matching,
    wasserstein_distance,
    wasserstein_matching,
)
from attntopo.diagrams.slices import (
    Slices,
    sliced_distance,
    sliced_wasserstein_distance,
    slices_of,
)
from attntopo.diagrams.split_bars import DiagramError, checked_points
from attntopo.diagrams.vector_grids import VectorGrid, VectorRange, bound_grid, common_grid
from attntopo.diagrams.vectors import (
    head_vectors,
    persistence_image,
    persistence_landscapes,
    persistence_silhouette,
)
