"""The shape of attention in Vision Transformers.

The names below are the library's front door. Importing them is quick: what takes seconds to
import (torch, transformers, scikit-learn) is imported where it is first used.
"""

from attntopo.analysis import (
    Comparison,
    HeadTopology,
    WassersteinComparison,
    analyse,
    compare,
    compare_by_wasserstein,
    number_text,
    numbers,
)
from attntopo.attention import Attention, AttentionError
from attntopo.attention_file import load_attention, save_attention
from attntopo.catalogue import catalogue
from attntopo.cycles import Cycle, representative_cycles
from attntopo.diagrams import (
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
from attntopo.features import head_features
from attntopo.images import SAMPLES, Photo, PhotoError, decode_photo, sample
from attntopo.layout import Layout, distance_layout, spring_layout
from attntopo.matchings import DiagramError, Matching
from attntopo.model_info import ModelError, ModelInfo
from attntopo.models import Model, describe_model, load_model
from attntopo.persistence import Diagrams, PersistenceError, persistence_diagrams
from attntopo.photo_store import PhotoStore, PhotoStoreError
from attntopo.skeleton import MergeTree, Skeleton, merge_tree, skeleton_at
from attntopo.synthetic import ring_attention
from attntopo.view import View

__all__ = [
    "DISTANCES",
    "SAMPLES",
    "Attention",
    "AttentionError",
    "Comparison",
    "Cycle",
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
    "PersistenceError",
    "Photo",
    "PhotoError",
    "PhotoStore",
    "PhotoStoreError",
    "RowDistances",
    "Skeleton",
    "View",
    "WassersteinComparison",
    "analyse",
    "betti_curve",
    "bottleneck_distance",
    "bottleneck_matching",
    "catalogue",
    "compare",
    "compare_by_wasserstein",
    "decode_photo",
    "describe_model",
    "distance_layout",
    "head_features",
    "load_attention",
    "load_model",
    "merge_tree",
    "notebook_bottleneck_distance",
    "number_text",
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
