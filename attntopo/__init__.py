"""The shape of attention in Vision Transformers: a photo, or attention, in; its topology out.

The names below are the library's front door. Importing them is quick: what takes seconds to
import (torch, transformers, scikit-learn) is imported where it is first used.
"""

from attntopo.analysis import (
    Comparison,
    HeadTopology,
    analyse,
    compare,
    head_features,
    numbers,
)
from attntopo.attention import (
    Attention,
    AttentionError,
    load_attention,
    ring_attention,
    save_attention,
)
from attntopo.diagrams import (
    DiagramError,
    Matching,
    betti_curve,
    bottleneck_distance,
    bottleneck_matching,
    notebook_bottleneck_distance,
    persistence_entropy,
    wasserstein_distance,
    wasserstein_matching,
)
from attntopo.distances import (
    DISTANCES,
    DistanceError,
    RowDistances,
    row_distances,
    row_distances_of_heads,
)
from attntopo.models import (
    Model,
    ModelError,
    ModelInfo,
    ModelInput,
    catalogue,
    describe_model,
    load_model,
)
from attntopo.photos import SAMPLES, Photo, PhotoError, decode_photo, sample
from attntopo.topology import (
    Cycle,
    CycleFinder,
    Diagrams,
    Layout,
    MergeTree,
    PersistenceError,
    Skeleton,
    distance_layout,
    merge_tree,
    persistence_diagrams,
    representative_cycles,
    skeleton_at,
    spring_layout,
)

__version__ = "0.1.0"

__all__ = [
    "DISTANCES",
    "SAMPLES",
    "Attention",
    "AttentionError",
    "Comparison",
    "Cycle",
    "CycleFinder",
    "DiagramError",
    "Diagrams",
    "DistanceError",
    "HeadTopology",
    "Layout",
    "Matching",
    "MergeTree",
    "Model",
    "ModelError",
    "ModelInfo",
    "ModelInput",
    "PersistenceError",
    "Photo",
    "PhotoError",
    "RowDistances",
    "Skeleton",
    "analyse",
    "betti_curve",
    "bottleneck_distance",
    "bottleneck_matching",
    "catalogue",
    "compare",
    "decode_photo",
    "describe_model",
    "distance_layout",
    "head_features",
    "load_attention",
    "load_model",
    "merge_tree",
    "notebook_bottleneck_distance",
    "numbers",
    "persistence_diagrams",
    "persistence_entropy",
    "representative_cycles",
    "ring_attention",
    "row_distances",
    "row_distances_of_heads",
    "sample",
    "save_attention",
    "skeleton_at",
    "spring_layout",
    "wasserstein_distance",
    "wasserstein_matching",
]
