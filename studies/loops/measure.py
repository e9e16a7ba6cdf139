"""One photo -> the longest loops of every head, what they run round, and the universal null."""

from __future__ import annotations

import os

import numpy as np

from attntopo import Attention, CycleFinder, Model
from attntopo.analysis import analyse, evidence_of_heads, for_heads, universal_p
from attntopo.attention import MEAN
from studies.annotated import LEAST_PATCHES, AnnotatedPhoto, object_patches
from studies.kept import Arrays
from studies.loops.winding import object_places, run_round, touching_steps, with_own_patches

VERSION = 1
"""To be raised when the numbers change, so that what is kept is computed anew."""
DISTANCE, POINTS = "jensen-shannon", "patches"
LONGEST = 5
"""So many loops of each head are looked at."""
NO_RANK = -1


def measure(annotated: AnnotatedPhoto, model: Model, threads: int | None = None) -> Arrays:
    """Find the longest loops of every head of a photo.

    Parameters
    ----------
    annotated : AnnotatedPhoto
        It may have no objects.
    model : Model
    threads : int, optional
        One a core by default.

    Returns
    -------
    dict of str to ndarray
        By layer, head (the mean of heads last) and loop, the longest first: `inside` and `filled`,
        which places it runs round, and these with its own patches (bits, packed along the last
        axis); `tokens`, how many it has, 0 where there is no such loop; `touching`, the share of
        its steps between patches that touch. By layer and single head: `universal`, the least p of
        a loop under the universal null, with Bonferroni. Of the objects of `LEAST_PATCHES` patches
        and more: `kept`, their numbers, and `objects`, their places (n_objects, n_places).
    """
    attention = model.attend(annotated.photo)
    grid = attention.grid
    kept = np.nonzero(object_patches(annotated, attention).sum(axis=1) >= LEAST_PATCHES)[0]
    masks = [object_places(annotated.masks[k], attention.patches_box, grid) for k in kept]
    n_places = len(object_places(np.zeros((1, 1), dtype=bool), (0, 0, 1, 1), grid))
    shape = attention.n_layers, attention.n_heads + 1
    arrays: Arrays = {
        "kept": kept,
        "objects": np.array(masks, dtype=bool).reshape(len(kept), n_places),
        "inside": np.zeros((*shape, LONGEST, -(-n_places // 8)), dtype=np.uint8),
        "filled": np.zeros((*shape, LONGEST, -(-n_places // 8)), dtype=np.uint8),
        "tokens": np.zeros((*shape, LONGEST), dtype=np.int64),
        "touching": np.zeros((*shape, LONGEST)),
        "universal": np.ones((attention.n_layers, attention.n_heads)),
    }
    cells = [(layer, head) for layer in range(shape[0]) for head in range(shape[1])]
    for _ in for_heads(lambda cell: _of_head(attention, cell, arrays), cells, threads):
        pass
    return arrays


def _of_head(attention: Attention, cell: tuple[int, int], arrays: Arrays) -> None:
    """Fill in what the arrays have of one head."""
    layer, head = cell
    is_mean = head == attention.n_heads
    topology = analyse(attention, layer, MEAN if is_mean else head, DISTANCE, POINTS)
    bars = topology.diagrams[1]
    if not len(bars):
        return
    if not is_mean:
        # Bars born at 0 aren't counted; where all are, nothing is significant.
        p = universal_p(bars, DISTANCE)
        arrays["universal"][cell] = np.nanmin(p) if np.isfinite(p).any() else 1.0
    longest = np.argsort(bars[:, 0] - bars[:, 1], kind="stable")[:LONGEST]
    finder = CycleFinder(topology.distances, topology.diagrams, links=topology.links)
    for k, cycle in enumerate(finder.cycles(longest.tolist())):
        inside = run_round(cycle.loops, attention.grid)
        arrays["inside"][(*cell, k)] = np.packbits(inside)
        filled = with_own_patches(inside, cycle.loops, attention.grid)
        arrays["filled"][(*cell, k)] = np.packbits(filled)
        arrays["tokens"][(*cell, k)] = len(np.unique(cycle.edges))
        arrays["touching"][(*cell, k)] = touching_steps(cycle.edges, attention.grid)


def rank_layer(
    attention: Attention, layer: int, null: str, n_draws: int, seed: int, threads: int | None = None
) -> Arrays:
    """Rank the longest loop and the longest-lived component of a layer's heads among a null's.

    Parameters
    ----------
    attention : Attention
    layer : int
    null : str
        A key of `NULLS`.
    n_draws, seed : int
        As for `evidence_of_heads`.
    threads : int, optional

    Returns
    -------
    dict of str to ndarray of int64, shape (n_heads,)
        `loop` and `component`: how many draws are beaten, `NO_RANK` where there is nothing to rank
        or the null can't be had.
    """
    heads = [(layer, head) for head in range(attention.n_heads)]
    beaten = {kind: np.full(len(heads), NO_RANK) for kind in ("loop", "component")}
    for (_, head), evidence in evidence_of_heads(
        attention, heads, DISTANCE, POINTS, null, n_draws, seed, threads or os.cpu_count()
    ):
        for kind, rank in (("loop", evidence.loop), ("component", evidence.component)):
            if rank is not None:
                beaten[kind][int(head)] = rank.beaten
    return beaten
