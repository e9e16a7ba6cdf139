"""What there is at every step of the scale, and the steps worth going to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.diagrams import betti_curve
from attntopo.distances import SCALE_STEPS, RowDistances
from attntopo.topology import COLOURED_SIZE, Diagrams, MergeTree


@dataclass(frozen=True, eq=False)
class ScaleSteps:
    """What there is in one photo at every thousandth of the scale, from 0.

    Attributes
    ----------
    order : ndarray of int64, shape (n_pairs,)
        All pairs of points in the total order (length, i, j), each by its number among the pairs
        i < j in lexicographic order.
    edges, components, loops : ndarray of int64, shape (n_steps,)
        Edges of the 1-skeleton (the first so many of `order`), and Betti numbers 0 and 1.
    """

    order: np.ndarray
    edges: np.ndarray
    components: np.ndarray
    loops: np.ndarray


def scale_steps(
    distances: RowDistances, diagrams: Diagrams, tree: MergeTree, last: int
) -> ScaleSteps:
    """Count edges, components and loops at every step of the scale.

    Parameters
    ----------
    distances : RowDistances
    diagrams : Diagrams
    tree : MergeTree
        Both of the same distances.
    last : int
        The last step, in thousandths.

    Returns
    -------
    ScaleSteps
        Of last + 1 steps.
    """
    scales = np.arange(last + 1) / SCALE_STEPS
    n = len(distances.values)
    lengths = distances.values[np.triu_indices(n, k=1)]
    order = np.argsort(lengths, kind="stable")
    return ScaleSteps(
        order=order,
        edges=np.searchsorted(lengths[order], scales, side="right"),
        components=n - np.searchsorted(tree.lengths, scales, side="right"),
        loops=betti_curve(diagrams[1], scales),
    )


def event_steps(sides: Sequence[ScaleSteps]) -> list[int]:
    """List the steps at which some Betti number of some photo is other than a step before.

    Parameters
    ----------
    sides : sequence of ScaleSteps
        All of equally many steps.

    Returns
    -------
    list of int
        Ascending, in thousandths.
    """
    changes = [np.diff(curve) != 0 for side in sides for curve in (side.components, side.loops)]
    return (np.nonzero(np.any(changes, axis=0))[0] + 1).tolist()


def widest_gap_step(trees: Sequence[MergeTree], last: int) -> int:
    """Find the middle of the widest gap between two merges that follow each other.

    Parameters
    ----------
    trees : sequence of MergeTree
        The gap is the widest of all trees.
    last : int
        The last step, in thousandths.

    Returns
    -------
    int
        In thousandths; 0 if no tree has two merges.
    """
    neighbours = [np.stack([tree.lengths[:-1], tree.lengths[1:]]) for tree in trees]
    # A gap of no width at 0 comes first: it is taken where no other is wider.
    before, after = np.concatenate([np.zeros((2, 1)), *neighbours], axis=1)
    k = np.argmax(after - before)
    return min(last, round(float(before[k] + after[k]) / 2 * SCALE_STEPS))


def most_components_step(trees: Sequence[MergeTree], last: int) -> int:
    """Find the step with the most components of four points or more.

    Parameters
    ----------
    trees : sequence of MergeTree
        The components of all trees together are counted.
    last : int
        The last step, in thousandths.

    Returns
    -------
    int
        In thousandths; the first of such steps.
    """
    scales = np.arange(last + 1) / SCALE_STEPS
    large = [
        _large_components(tree)[np.searchsorted(tree.lengths, scales, side="right")]
        for tree in trees
    ]
    return int(np.argmax(np.sum(large, axis=0)))


def _large_components(tree: MergeTree) -> np.ndarray:
    """Count the components of four points or more after each number of merges."""
    sizes = np.ones(len(tree.colours), dtype=np.int64)
    counts = np.zeros(len(tree.lengths) + 1, dtype=np.int64)
    for k, (stays, goes) in enumerate(zip(tree.survivors, tree.absorbed, strict=True)):
        before = int(sizes[stays] >= COLOURED_SIZE) + int(sizes[goes] >= COLOURED_SIZE)
        sizes[stays] += sizes[goes]
        counts[k + 1] = counts[k] - before + int(sizes[stays] >= COLOURED_SIZE)
    return counts
