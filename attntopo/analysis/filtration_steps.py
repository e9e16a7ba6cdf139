"""Where along the scale something happens, and the steps worth going to.

A scale is a whole number of steps, `1 / SCALE_STEPS` each. What has a length happens at the first
step that isn't below it: there the comparison `step / SCALE_STEPS >= length` is true, in float64.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.head import HeadTopology
from attntopo.distances import DISTANCES, SCALE_STEPS, RowDistances
from attntopo.topology import COLOURED_SIZE, Diagrams, MergeTree, merging_sizes

NEVER = 2**31 - 1
"""The step of what never happens."""
LONG_LOOP = 0.5
"""A loop is a long one that lasts at least this share of the longest of its photo."""

_COARSE = SCALE_STEPS // 1000
_FINE_BELOW = 0.05
_BEGINS_ABOVE = 0.25  # of the last event: where the first merge is later, the slider begins later
_PARTS = 20  # of the slider's range, about: one of them is what its ends are whole numbers of


@dataclass(frozen=True)
class SliderRange:
    """Where the scale's slider begins and ends, and where it stops between, in steps."""

    first: int
    last: int
    stop: int


def first_steps(values: np.ndarray) -> np.ndarray:
    """Return the first step that isn't below each value.

    Parameters
    ----------
    values : ndarray of float64
        0 or more; infinity is `NEVER`.

    Returns
    -------
    ndarray of int64, of the same shape
    """
    finite = np.isfinite(values)
    lengths = np.where(finite, values, 0.0)
    steps = np.ceil(lengths * SCALE_STEPS)
    # The product is rounded; what counts is the comparison with the quotient.
    steps -= (steps - 1) / SCALE_STEPS >= lengths
    steps += steps / SCALE_STEPS < lengths
    return np.where(finite, np.maximum(steps, 0), NEVER).astype(np.int64)


def pair_steps(distances: RowDistances) -> np.ndarray:
    """Find at which step each pair of points is joined.

    Parameters
    ----------
    distances : RowDistances

    Returns
    -------
    ndarray of int64, shape (n_pairs,)
        Of the pairs i < j in lexicographic order.
    """
    from scipy.spatial.distance import squareform

    return first_steps(squareform(distances.values, checks=False))


def slider_range(heads: Sequence[HeadTopology]) -> SliderRange:
    """Find the range in which anything happens in some heads, in round numbers.

    Parameters
    ----------
    heads : sequence of HeadTopology

    Returns
    -------
    SliderRange
        It ends a little above the last event: the last merge or end of a loop; and not beyond
        the largest scale of the distance. It begins at 0, or below the first merge where all lie
        far from 0. It stops at thousandths, or at every step where all of that is below 0.05.
    """
    merges = np.concatenate([[], *(one.tree.lengths for one in heads)])
    ends = np.concatenate([[], *(one.diagrams[1][:, 1] for one in heads)])
    events = np.concatenate([merges, ends[np.isfinite(ends)]])
    stop = 1 if events.max(initial=0.0) < _FINE_BELOW else _COARSE
    last = int(first_steps(events).max(initial=0))
    first = int(first_steps(merges).min(initial=last))
    if first < _BEGINS_ABOVE * last:
        first = 0
    unit = max(stop, _round_up((last - first) / _PARTS))
    begin = unit * max(0, (first - 1) // unit) if first else 0
    end = min(unit * (last // unit + 1), max(map(_largest_step, heads)))
    return SliderRange(begin, end, stop)


def _largest_step(head: HeadTopology) -> int:
    """Return the step of the largest scale there is: of thousandths, so any stop is one of them."""
    n_tokens = int(head.distances.tokens[-1]) + 1  # of the photo: patches come last
    return round(DISTANCES[head.distances.distance].largest_scale(n_tokens) * SCALE_STEPS)


def _round_up(number: float) -> int:
    """Return the least of 1, 2, 5, 10, 20, … that isn't below a number."""
    power = 10 ** math.floor(math.log10(max(1.0, number)))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= number)


def event_steps(heads: Sequence[HeadTopology]) -> list[int]:
    """List the steps at which something large happens in some head.

    Parameters
    ----------
    heads : sequence of HeadTopology

    Returns
    -------
    list of int
        Ascending: merges of two components of `COLOURED_SIZE` points or more, and births and ends
        of loops that last at least `LONG_LOOP` of the longest of their head.
    """
    merges = [one.tree.lengths[_is_large_merge(one.tree)] for one in heads]
    ends = [_long_loops(one.diagrams).ravel() for one in heads]
    return sorted({*first_steps(np.concatenate([[], *merges, *ends])).tolist()} - {NEVER})


def _is_large_merge(tree: MergeTree) -> np.ndarray:
    """Say of each merge whether two large components merge."""
    return merging_sizes(tree).min(axis=1) >= COLOURED_SIZE


def _long_loops(diagrams: Diagrams) -> np.ndarray:
    """Return the bars of the long loops, shape (n_long, 2)."""
    bars = diagrams[1]
    lasting = bars[:, 1] - bars[:, 0]
    return bars[lasting >= LONG_LOOP * lasting.max(initial=0.0)]


def most_components_step(trees: Sequence[MergeTree]) -> int:
    """Find the first step with the most components of four points or more.

    Parameters
    ----------
    trees : sequence of MergeTree
        The components of all trees together are counted.

    Returns
    -------
    int
    """
    merges = [first_steps(tree.lengths) for tree in trees]
    steps = np.unique(np.concatenate([[0], *merges]))
    large = [
        _large_components(tree)[np.searchsorted(own, steps, side="right")]
        for tree, own in zip(trees, merges, strict=True)
    ]
    return int(steps[np.argmax(np.sum(large, axis=0))])


def _large_components(tree: MergeTree) -> np.ndarray:
    """Count the components of four points or more after each number of merges."""
    merging = merging_sizes(tree)
    before, after = merging >= COLOURED_SIZE, merging.sum(axis=1) >= COLOURED_SIZE
    return np.concatenate([[0], np.cumsum(after.astype(np.int64) - before.sum(axis=1))])
