"""One annotated photo -> how well each hierarchy's regions fit each of its objects."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import numpy as np

from attntopo import Attention, Model, RowDistances, merge_tree, row_distances_of_heads
from attntopo.analysis import LEAST_TOKENS, components_by_lifetime, grow_regions, points_of
from attntopo.attention import MEAN
from attntopo.topology import COLOURED_SIZE
from studies.annotated import LEAST_PATCHES, AnnotatedPhoto, object_patches
from studies.models import attend_with_embeddings
from studies.objects.regions import (
    best_overlap,
    hierarchy_of_tree,
    linked,
    linked_features,
    overlap_at_scales,
    overlap_of_regions,
    overlaps,
)
from studies.objects.scale_rules import SCALE_RULES

VERSION = 1
"""To be raised when the numbers change, so that what is kept is computed anew."""
DISTANCE = "jensen-shannon"
SCALES = np.arange(1, round(math.sqrt(math.log(2)) / 0.005)) * 0.005
"""The scales that one for all photos is chosen from: to the distance's bound."""
LIFETIMES = f"components by lifetime, {LEAST_TOKENS} tokens at least (no scale)"
RULES = (*SCALE_RULES, LIFETIMES)
PLACE_WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Deviations of colour that the grid's longer side counts as much as, for colour and place."""
_RANDOM_DRAWS = 2
_RANDOM_SEED = 0
Scores = dict[str, np.ndarray]


def middle_layer(n_layers: int) -> int:
    """Return the layer at two thirds of the depth, counted from 0."""
    return 2 * n_layers // 3


def measure(
    annotated: AnnotatedPhoto, model: Model, twin: Model, threads: int | None = None
) -> Scores:
    """Score all regions offered for one photo against its objects.

    Parameters
    ----------
    annotated : AnnotatedPhoto
    model, twin : Model
        The model, and the same with random weights.
    threads : int, optional
        One a core by default.

    Returns
    -------
    dict of str to ndarray of float32
        Best intersection over union with each of the photo's objects that have `LEAST_PATCHES`
        patches or more, on the last axis. By layer and head, the mean of heads last: `single`,
        `average`, `double_softmax`, `untrained`; with scales (`SCALES`) on the third axis:
        `at_scales`. By layer: `embeddings`, and with `RULES` on the second axis, of the mean of
        heads: `rules`. By `PLACE_WEIGHTS`: `colour_place`. Of one hierarchy: `colour_ward`,
        `colour_single`, `random`.
        `kept` says which objects these are (int64), `patches` how many patches each has, and
        `n_components` how many components of four and more there are by layer and rule.
    """
    attention, embeddings = attend_with_embeddings(model, annotated.photo)
    patches = object_patches(annotated, attention)
    kept = np.nonzero(patches.sum(axis=1) >= LEAST_PATCHES)[0]
    objects = patches[kept]
    scores: Scores = {"kept": kept, "patches": objects.sum(axis=1)}
    if not len(kept):
        return scores
    threads = threads or os.cpu_count() or 1
    scores |= _of_heads(attention, objects, threads)
    scores["double_softmax"] = _single(attention, objects, "double-softmax", threads)
    scores["untrained"] = _single(twin.attend(annotated.photo), objects, DISTANCE, threads)
    scores["embeddings"] = np.array([_of_embeddings(each, objects) for each in embeddings])
    scores |= _of_colours(attention, objects)
    scores["random"] = _of_random_regions(attention, objects, annotated.photo.sha256)
    return {
        name: values if values.dtype == np.int64 else values.astype(np.float32)
        for name, values in scores.items()
    }


def distances_by_head(
    attention: Attention, distance: str, threads: int
) -> Iterator[tuple[int, int, RowDistances]]:
    """Yield layer, head and the patches' distances of every head; the mean's number is n_heads."""
    points = points_of(attention, "patches")
    for layer in range(attention.n_layers):
        rows = [*attention.maps[layer], attention.head(layer, MEAN)]
        distances = row_distances_of_heads(rows, distance, points, threads)  # type: ignore[arg-type]
        for head, one in enumerate(distances):
            yield layer, head, one


def _of_heads(attention: Attention, objects: np.ndarray, threads: int) -> Scores:
    """Score both linkages of every head, and of the means of heads what rules choose."""
    shape = attention.n_layers, attention.n_heads + 1
    n = len(objects)
    scores: Scores = {
        "single": np.empty((*shape, n)),
        "average": np.empty((*shape, n)),
        "at_scales": np.empty((*shape, len(SCALES), n)),
        "rules": np.empty((attention.n_layers, len(RULES), n)),
        "n_components": np.empty((attention.n_layers, len(RULES)), dtype=np.int64),
    }
    for layer, head, distances in distances_by_head(attention, DISTANCE, threads):
        hierarchy = linked(distances.values, "single")
        overlap = overlaps(hierarchy, objects)
        scores["single"][layer, head] = best_overlap(hierarchy, overlap)
        scores["at_scales"][layer, head] = overlap_at_scales(hierarchy, overlap, SCALES)
        average = linked(distances.values, "average")
        scores["average"][layer, head] = best_overlap(average, overlaps(average, objects))
        if head == attention.n_heads:
            chosen = _of_rules(distances, objects)
            scores["rules"][layer], scores["n_components"][layer] = chosen
    return scores


def _of_rules(distances: RowDistances, objects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score the components that each rule chooses, and count those of four tokens and more."""
    tree = merge_tree(distances)
    hierarchy = hierarchy_of_tree(tree)
    overlap = overlaps(hierarchy, objects)
    scores, counts = [], []
    for rule in SCALE_RULES.values():
        scale = rule(tree)
        there = (hierarchy.starts <= scale) & (scale < hierarchy.ends)
        scores.append(overlap[there].max(axis=0))
        counts.append((hierarchy.sizes[there] >= COLOURED_SIZE).sum())
    chosen = components_by_lifetime(distances.values)
    scores.append(overlap_of_regions(chosen, objects).max(axis=0, initial=0.0))
    counts.append((chosen.sum(axis=1) >= COLOURED_SIZE).sum())
    return np.array(scores), np.array(counts)


def _single(attention: Attention, objects: np.ndarray, distance: str, threads: int) -> np.ndarray:
    """Score single linkage of every head: (n_layers, n_heads + 1, n_objects)."""
    scores = np.empty((attention.n_layers, attention.n_heads + 1, len(objects)))
    for layer, head, distances in distances_by_head(attention, distance, threads):
        hierarchy = linked(distances.values, "single")
        scores[layer, head] = best_overlap(hierarchy, overlaps(hierarchy, objects))
    return scores


def _of_embeddings(embedding: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Score single linkage of the angles' cosines between the patches' embeddings."""
    unit = embedding / np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-12)
    # The chord's length: it orders pairs as the cosine does, and is exact where they are close.
    hierarchy = linked_features(unit, "single")
    return best_overlap(hierarchy, overlaps(hierarchy, objects))


def _of_colours(attention: Attention, objects: np.ndarray) -> Scores:
    colours = patch_colours(attention)
    height, width = attention.grid
    rows, columns = np.divmod(np.arange(height * width), width)
    place = np.stack([rows, columns], axis=1) / max(height, width)

    def score(features: np.ndarray, method: str) -> np.ndarray:
        hierarchy = linked_features(features, method)
        return best_overlap(hierarchy, overlaps(hierarchy, objects))

    by_weight = [score(np.hstack([colours, w * place]), "ward") for w in PLACE_WEIGHTS]
    return {
        "colour_place": np.array(by_weight),
        "colour_ward": score(colours, "ward"),
        "colour_single": score(colours, "single"),
    }


def patch_colours(attention: Attention) -> np.ndarray:
    """Return each patch's mean colour in what the model saw, in CIELAB.

    Parameters
    ----------
    attention : Attention

    Returns
    -------
    ndarray of float64, shape (n_patches, 3)
        Divided by one number, the colours' deviation over the patches (root of the summed
        variances), so that it is 1; all 0 where there is one colour only.
    """
    from skimage.color import rgb2lab

    (height, width), (tall, wide) = attention.grid, attention.patch_size
    lab = rgb2lab(attention.covered_pixels).reshape(height, tall, width, wide, 3)
    colours = lab.mean(axis=(1, 3)).reshape(-1, 3)
    colours = colours - colours.mean(axis=0)
    deviation = math.sqrt(colours.var(axis=0).sum())
    return colours / deviation if deviation > 0 else colours


def _of_random_regions(attention: Attention, objects: np.ndarray, photo: str) -> np.ndarray:
    """Score random connected regions of the sizes of the merge tree's, mean over draws."""
    layer = middle_layer(attention.n_layers)
    distances = next(
        row_distances_of_heads(
            attention.head(layer, MEAN)[None], DISTANCE, points_of(attention, "patches"), 1
        )
    )
    sizes = hierarchy_of_tree(merge_tree(distances)).sizes[len(distances.values) :]
    generator = np.random.default_rng([_RANDOM_SEED, int(photo[:8], 16)])
    draws = [
        overlap_of_regions(grow_regions(sizes, attention.grid, generator), objects).max(axis=0)
        for _ in range(_RANDOM_DRAWS)
    ]
    return np.mean(draws, axis=0)
