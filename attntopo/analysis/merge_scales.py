"""Merge trees -> the scale at which a share of the merges has happened."""

from collections.abc import Sequence

import numpy as np

from attntopo.analysis.filtration_steps import first_steps
from attntopo.distances import SCALE_STEPS
from attntopo.topology import MergeTree

OBJECTS_SHARE = 90.0
"""Percent of merges after which few components are left, some of them objects or parts of some."""


def objects_scale(trees: Sequence[MergeTree]) -> float:
    """Find the scale at which nine of ten merges have happened.

    Parameters
    ----------
    trees : sequence of MergeTree
        Their merges are counted together.

    Returns
    -------
    float
        The length of a merge, to the bit, in the units of the distance; 0.0 where there is none.
    """
    return share_scale(trees, OBJECTS_SHARE)


def share_scale(trees: Sequence[MergeTree], share: float) -> float:
    """Find the least scale at which a share of the merges has happened.

    Parameters
    ----------
    trees : sequence of MergeTree
        Their merges are counted together.
    share : float
        In percent, 0 to 100, with two decimals at most.

    Returns
    -------
    float
        The length of a merge, to the bit; 0.0 where none needs to have happened.
    """
    lengths = np.sort(np.concatenate([[], *(tree.lengths for tree in trees)]))
    happened = -(-round(100 * share) * len(lengths) // 10_000)  # in whole numbers, rounded up
    return float(lengths[happened - 1]) if happened > 0 else 0.0


def shown_scales(
    trees: Sequence[MergeTree], scale: float | None = None, share: float | None = None
) -> tuple[float, ...]:
    """Say at which scale each of several trees is shown.

    Parameters
    ----------
    trees : sequence of MergeTree
    scale : float, optional
        The one for all; by default that of `objects_scale`.
    share : float, optional
        In percent: if given, each tree has its own scale, at which so many of its own merges have
        happened.

    Returns
    -------
    tuple of float
        A scale a tree, a whole number of steps of the scale: rounded up, so that what is to have
        happened has.
    """
    if share is not None:
        return tuple(_on_step(share_scale([tree], share)) for tree in trees)
    one = _on_step(objects_scale(trees)) if scale is None else scale
    return (one,) * len(trees)


def _on_step(length: float) -> float:
    return float(first_steps(np.array(length)) / SCALE_STEPS)
