"""A bar of the clean photo -> the perturbed photo's bar that it is matched with, and both loops."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis import (
    HeadTopology,
    matching_efforts,
)
from attntopo.diagrams import bottleneck_matching
from attntopo.figures.tokens import TokenGrid
from attntopo.topology import Cycle, CycleFinder
from attntopo.ui.results.perturbed import How, PerturbedHead
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.results.steps import HeadKey
from attntopo.ui.runtime import Slot, shared


@dataclass(frozen=True, eq=False)
class SelectedBar:
    """A bar of the clean photo, and the one that it is matched with.

    Attributes
    ----------
    partner : int
        Its row in the perturbed photo's diagram; -1 where it is matched with the diagonal.
    cost : float
        Of the pair, in the units of the distance.
    cycles : tuple of dict of int to Cycle
        Of the bar and of its partner, by row, in dimension 1; empty in dimension 0.
    """

    partner: int
    cost: float
    cycles: tuple[dict[int, Cycle], dict[int, Cycle]]


def selected_bar(
    photo: PhotoInput,
    head: HeadKey,
    how: How,
    bar: tuple[int, int],
    clean: tuple[HeadTopology, TokenGrid],
    perturbed: PerturbedHead,
    slot: Slot,
) -> SelectedBar:
    """Return what a bar of the clean photo is matched with, and both loops; computed once.

    Parameters
    ----------
    photo, head, how, slot
        As for `perturbed_head`.
    bar : tuple of int
        Dimension and row.
    clean : tuple
        Topology and tokens of the clean photo.
    perturbed : PerturbedHead
    """
    dimension, row = bar

    def compute() -> SelectedBar:
        first, second = clean[0].diagrams, perturbed.topology.diagrams
        matching = bottleneck_matching(first, second, dimension)
        pair = np.nonzero(matching.pairs[:, 0] == row)[0]
        if not len(pair):  # of length 0: it is in no pair
            return SelectedBar(-1, 0.0, ({}, {}))
        partner = int(matching.pairs[pair[0], 1])
        cost = float(matching.costs[pair[0]])
        if dimension == 0:
            return SelectedBar(partner, cost, ({}, {}))
        own = _cycle(*clean, row)
        other = _cycle(perturbed.topology, perturbed.tokens, partner) if partner >= 0 else {}
        return SelectedBar(partner, cost, (own, other))

    efforts = matching_efforts(clean[0], perturbed.topology)
    return shared.compute_once(
        ("selected bar", *photo.key, *head, *how, bar),
        compute,
        slot,
        efforts[f"h{dimension}-bottleneck"],
    )


def _cycle(topology: HeadTopology, tokens: TokenGrid, row: int) -> dict[int, Cycle]:
    finder = CycleFinder(topology.distances, topology.diagrams, tokens.lengths, topology.links)
    return {row: finder.cycles([row])[0]}
