"""Rules that choose a scale for each photo from its merges alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from attntopo import MergeTree
from attntopo.analysis import most_components_step, share_scale
from attntopo.distances import SCALE_STEPS


def widest_gap_scale(tree: MergeTree) -> float:
    """Return the middle of the widest gap between two merges that follow each other.

    Parameters
    ----------
    tree : MergeTree
        Of two points at least; of two, it is the one merge.
    """
    gaps = np.diff(tree.lengths)
    if not len(gaps):
        return float(tree.lengths[0])
    k = int(np.argmax(gaps))
    return float(tree.lengths[k] + tree.lengths[k + 1]) / 2


def _quantile(tree: MergeTree, percent: float) -> float:
    return share_scale([tree], percent)


SCALE_RULES: dict[str, Callable[[MergeTree], float]] = {
    **{
        f"{percent / 100:g} quantile of H0 deaths": partial(_quantile, percent=percent)
        for percent in (80.0, 85.0, 90.0, 95.0)
    },
    "most components of four and more": lambda tree: most_components_step([tree]) / SCALE_STEPS,
    "widest gap between merges": widest_gap_scale,
}
"""A merge tree -> a scale."""
