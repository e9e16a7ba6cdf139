"""Two persistence diagrams -> distances and matchings between them; curves of one."""

from attntopo.diagrams.between import (
    all_matchings,
    bottleneck_distance,
    bottleneck_matching,
    notebook_bottleneck_distance,
    wasserstein_distance,
    wasserstein_matching,
)
from attntopo.diagrams.curves import betti_curve, persistence_entropy
from attntopo.diagrams.matchings import DiagramError, Matching, bottleneck

__all__ = [
    "DiagramError",
    "Matching",
    "all_matchings",
    "betti_curve",
    "bottleneck",
    "bottleneck_distance",
    "bottleneck_matching",
    "notebook_bottleneck_distance",
    "persistence_entropy",
    "wasserstein_distance",
    "wasserstein_matching",
]
