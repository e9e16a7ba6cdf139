"""The shape of attention in Vision Transformers.

The names below are the library's front door. Importing them is quick: what takes seconds to
import (torch, transformers, scikit-learn) is imported where it is first used.
"""

from attntopo.analysis import Comparison, HeadTopology, analyse, compare
from attntopo.attention import Attention, AttentionError
from attntopo.attention_file import load_attention, save_attention
from attntopo.catalogue import catalogue
from attntopo.diagrams import betti_curve, bottleneck_distance, notebook_bottleneck_distance
from attntopo.distances import DISTANCES, DistanceError, RowDistances, row_distances
from attntopo.images import SAMPLES, Photo, PhotoError, decode_photo, sample
from attntopo.layout import Layout, distance_layout, spring_layout
from attntopo.model_info import ModelError, ModelInfo
from attntopo.models import Model, describe_model, load_model
from attntopo.persistence import Diagrams, persistence_diagrams
from attntopo.skeleton import MergeTree, Skeleton, merge_tree, skeleton_at
from attntopo.view import View

__all__ = [
    "DISTANCES",
    "SAMPLES",
    "Attention",
    "AttentionError",
    "Comparison",
    "Diagrams",
    "DistanceError",
    "HeadTopology",
    "Layout",
    "MergeTree",
    "Model",
    "ModelError",
    "ModelInfo",
    "Photo",
    "PhotoError",
    "RowDistances",
    "Skeleton",
    "View",
    "analyse",
    "betti_curve",
    "bottleneck_distance",
    "catalogue",
    "compare",
    "decode_photo",
    "describe_model",
    "distance_layout",
    "load_attention",
    "load_model",
    "merge_tree",
    "notebook_bottleneck_distance",
    "persistence_diagrams",
    "row_distances",
    "sample",
    "save_attention",
    "skeleton_at",
    "spring_layout",
]
