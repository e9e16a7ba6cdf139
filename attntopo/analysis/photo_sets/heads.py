"""One head on one of many photos: what is kept of it, and the numbers read off it."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.effort import analysis_effort, features_effort
from attntopo.analysis.features import head_features
from attntopo.analysis.head import points_of
from attntopo.analysis.quantities import HeadSummary, summarise_head
from attntopo.attention import Attention
from attntopo.diagrams import betti_curve
from attntopo.distances import DISTANCES
from attntopo.effort import Effort
from attntopo.models import ModelInfo, attention_effort
from attntopo.topology import components_at

NUMBERS_AT_SCALE = {
    "components": "components",
    "single": "single tokens",
    "largest": "largest component, % of tokens",
    "loops": "loops",
}
"""Key -> name of the numbers that depend on the scale."""


@dataclass(frozen=True, eq=False)
class PhotoHead:
    """What is kept of one head of one of many photos, whose attention isn't.

    Attributes
    ----------
    summary : HeadSummary
        Its merge tree, and its diagrams in dimensions 0 and 1.
    features : dict of str to float
        From `head_features`.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        How many of the points are no patches; they come first.
    patches_box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    """

    summary: HeadSummary
    features: dict[str, float]
    grid: tuple[int, int]
    n_prefix: int
    patches_box: tuple[float, float, float, float]


def photo_head(
    attention: Attention, layer: int, head: int | str, distance: str, tokens: str = "all"
) -> PhotoHead:
    """Go from a photo's attention to what is kept of one head.

    Parameters
    ----------
    attention : Attention
        Of this layer at least.
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        As for `Attention.head`.
    distance : str
        A key of `DISTANCES`; its default scale is the threshold of the features.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.

    Returns
    -------
    PhotoHead

    Raises
    ------
    AttentionError, DistanceError, PersistenceError
        If there is no such head or distance, or it would take too long.
    """
    summary = summarise_head(attention, layer, head, distance, tokens)
    threshold = DISTANCES[distance].default_scale
    features = head_features(attention, layer, head, summary.diagrams, threshold)
    n_patches = attention.grid[0] * attention.grid[1]
    n_prefix = len(points_of(attention, tokens)) - n_patches
    return PhotoHead(summary, features, attention.grid, n_prefix, attention.patches_box)


def photo_head_effort(info: ModelInfo, distance: str) -> Effort:
    """Estimate what a photo takes: the model's run, and all that is kept of one head.

    Parameters
    ----------
    info : ModelInfo
        With the patch grid that the photo gets.
    distance : str
        A key of `DISTANCES`.
    """
    topology = analysis_effort(info.n_tokens, distance) + features_effort(info.n_tokens)
    return attention_effort(info) + topology


def numbers_at(head: PhotoHead, scale: float) -> dict[str, float]:
    """Read off the numbers that depend on the scale.

    Parameters
    ----------
    head : PhotoHead
    scale : float
        In the units of the distance.

    Returns
    -------
    dict of str to float
        By the keys of `NUMBERS_AT_SCALE`: components, single ones included; how many are single
        tokens; the share of the tokens in the largest, in percent; loops.
    """
    there = components_at(head.summary.tree, scale)
    loops = betti_curve(head.summary.diagrams[1], np.array([scale]))[0]
    values = (
        len(np.unique(there.leaders)),
        int((there.sizes == 1).sum()),
        float(100 * there.sizes.max() / len(there.sizes)),
        int(loops),
    )
    return dict(zip(NUMBERS_AT_SCALE, values, strict=True))
