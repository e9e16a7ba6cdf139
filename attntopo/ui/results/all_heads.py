"""All heads of two photos: what is known of them so far, and how the rest is filled in."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from attntopo.analysis import (
    QUANTITIES,
    Cell,
    Head,
    HeadSummary,
    Quantity,
    analysis_effort,
    mean_tree,
    points_of,
    summarise_head,
    value_map,
)
from attntopo.attention import MEAN, Attention
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import View
from attntopo.models import SharedInfo
from attntopo.topology import MergeTree
from attntopo.ui.results import photo_attention, steps
from attntopo.ui.results.by_head import ByHead, filled_in
from attntopo.ui.results.nulls_of_heads import HeadOfPhoto
from attntopo.ui.results.paired_heads import HeadsAgainst, with_pairs
from attntopo.ui.results.photo_inputs import PhotoInput, owner_of
from attntopo.ui.results.steps import HeadKey, depends_on, of_all_heads
from attntopo.ui.runtime import Key, Slot, shared

_TREE_BYTES = 48  # of a merge tree, a token
_HEAD_BYTES = _TREE_BYTES + 40  # of a whole summary: bars too


def _key(kind: str, photos: Sequence[PhotoInput], head: HeadKey) -> Key:
    """Return the key of what is known of all heads of one photo or two."""
    return (
        kind,
        owner_of(photos),
        *((one.key, *of_all_heads(depends_on(head, one))) for one in photos),
    )


def _known(kind: str, nbytes: int, photos: Sequence[PhotoInput], head: HeadKey) -> dict[Any, Any]:
    """Return what is known of all heads of one photo or two; whoever computes more adds it."""
    key = _key(kind, photos, head)
    return shared.kept_results().get_or_compute(key, lambda: ByHead({}, nbytes)).results


def known_values(view: View, sides: Sequence[PhotoInput]) -> dict[Head, float]:
    """Return what is known of the Atlas's quantity, without computing any of it.

    Parameters
    ----------
    view : View
        Nothing is known where B has its own head: the Atlas shows both with A's model; nor of what
        depends on the scale, which here goes with each head.
    sides : sequence of PhotoInput
        Of A and B.

    Returns
    -------
    dict
        By layer and head, between A and B, or of A where the quantity is of one photo.
    """
    quantity = QUANTITIES[view.quantity]
    if view.b_has_own_head or quantity.of_scale:
        return {}
    photos, kind = (sides, "head pairs") if quantity.of_one is None else (sides[:1], "summaries")
    kept = shared.kept_results().get(_key(kind, photos, steps.head_key(view, "a")))
    results = dict(kept.results) if kept else {}
    if quantity.of_one is None:
        return {head: values[quantity.key] for head, values in results.items()}
    if quantity.of_nulls:
        of_photo = HeadOfPhoto(sides[0], view.side("a"), steps.head_key(view, "a"))
        results = {head: _with_nulls(one, of_photo, head) for head, one in results.items()}
    if quantity.of_pairs:
        of_photo = HeadOfPhoto(sides[0], view.side("a"), steps.head_key(view, "a"))
        known = {kind: one.known() for kind, one in _all_against(view, of_photo).items()}
        results = {head: with_pairs(one, head, **known) for head, one in results.items()}
    return {head: quantity.of_one(one, 0.0) for head, one in results.items()}  # at any scale


def _all_against(view: View, of_photo: HeadOfPhoto) -> dict[str, HeadsAgainst]:
    """Return what a photo's heads can be compared with, by `Quantity.of_pairs`."""
    return {
        "chosen": HeadsAgainst(of_photo, view.against_head),
        "twin": HeadsAgainst(of_photo, None),
    }


def _with_nulls(summary: HeadSummary, of_photo: HeadOfPhoto, head: Head) -> HeadSummary:
    draws = of_photo.with_cell(head).strictest_draws()
    return summary if draws is None else replace(summary, nulls=draws)


class Heads:
    """What the Atlas shows: two photos, and what is known of all their heads so far.

    Parameters
    ----------
    view : View
    sides : tuple of PhotoInput
    info : SharedInfo
    attended : sequence of Attention
        Of A and B, of some layers at least; not held, see `photo_attention.kept_attention`.
    scales : tuple of float
        At which A's and B's heads are counted.
    """

    def __init__(
        self,
        view: View,
        sides: tuple[PhotoInput, PhotoInput],
        info: SharedInfo,
        attended: Sequence[Attention],
        scales: tuple[float, float],
    ) -> None:
        key = steps.head_key(view, "a")
        self.view, self.sides, self.info, self.scales = view, sides, info, scales
        self._of_photos = [HeadOfPhoto(side, view.side("a"), key) for side in sides]
        # The link may name a head that these photos' attention doesn't have.
        within = view.changed(info)[0]
        self.chosen: Cell = within.against_head
        against = [_all_against(within, one) for one in self._of_photos]
        self.against = {kind: [one[kind] for one in against] for kind in against[0]}
        self.heads: list[Head] = [
            (layer, head) for layer in range(info.n_layers) for head in range(info.n_heads)
        ]
        self.means: list[Cell] = [(layer, MEAN) for layer in range(info.n_layers)]
        n_heads = len(self.heads)
        self._summaries: list[dict[Head, HeadSummary]] = [
            _known("summaries", n_heads * attention.n_tokens * _HEAD_BYTES, [side], key)
            for side, attention in zip(sides, attended, strict=True)
        ]
        n_means = len(self.means)
        self._mean_trees: list[dict[Cell, MergeTree]] = [
            _known("mean trees", n_means * one.n_tokens * _TREE_BYTES, [side], key)
            for side, one in zip(sides, attended, strict=True)
        ]
        self.tokens: tuple[TokenGrid, ...] = tuple(
            token_grid(one, of_side.prefix, points_of(one, view.tokens))
            for one, of_side in zip(attended, info.sides, strict=True)
        )
        self._between: dict[Head, dict[str, float]] = _known(
            "head pairs", n_heads * 1000, sides, key
        )
        self.quantity = QUANTITIES[view.quantity]
        of_a, of_b = (analysis_effort(one.n_tokens, view.distance) for one in attended)
        self._effort = of_a + of_b  # of one head
        self.n_tokens = max(one.n_tokens for one in attended)
        # What Stop refers to: another photo, model or distance starts anew.
        self.what = (*(side.key for side in sides), *of_all_heads(key))

    @property
    def missing(self) -> list[Cell]:
        """What isn't computed yet: means of heads, which are quick, and then heads."""
        known = self.trees
        means = [mean for mean in self.means if not all(mean in trees for trees in known)]
        return [*means, *(head for head in self.heads if head not in self._between)]

    @property
    def n_done(self) -> int:
        """How many heads are computed; means of heads don't count."""
        return sum(head in self._between for head in self.heads)

    @property
    def trees(self) -> tuple[dict[Cell, MergeTree], dict[Cell, MergeTree]]:
        """The merge trees that are known of A's and of B's heads and means, as copies."""
        a, b = (
            {mean: known[mean] for mean in self.means if mean in known}
            | {head: summary.tree for head, summary in summaries.items()}
            for known, summaries in zip(self._mean_trees, self.summaries, strict=True)
        )
        return a, b

    @property
    def summaries(self) -> list[dict[Head, HeadSummary]]:
        """What is known of A's and of B's heads, as copies: threads may be adding to it."""
        pairs = [
            {kind: both[k].known() for kind, both in self.against.items()}
            for k in range(len(self.sides))
        ]
        return [
            {
                head: with_pairs(_with_nulls(known[head], one, head), head, **compared)
                for head in self.heads
                if head in known
            }
            for known, one, compared in zip(self._summaries, self._of_photos, pairs, strict=True)
        ]

    @property
    def of_photos(self) -> list[list[HeadOfPhoto]]:
        """All heads of A and of B, as what draws their nulls needs them."""
        return [[one.with_cell(head) for head in self.heads] for one in self._of_photos]

    @property
    def between(self) -> dict[Head, dict[str, float]]:
        """What is known between A and B, by quantity, as a copy."""
        return {head: self._between[head] for head in self.heads if head in self._between}

    def attention(self, side: PhotoInput, cell: Cell, slot: Slot) -> Attention:
        """Return one side's attention in a head's layer; the model is run in a slot if need be."""
        choice = replace(self.view.side("a"), layer=cell[0], head=cell[1])
        return photo_attention.kept_attention(side, choice, slot)

    def compute(self, cell: Cell, attended: Sequence[Attention]) -> None:
        """Compute what is missing of one head; called in several threads at once."""
        layer, number = cell
        if isinstance(number, str):
            for trees, attention in zip(self._mean_trees, attended, strict=True):
                if cell not in trees:
                    trees[cell] = mean_tree(attention, layer, self.view.distance, self.view.tokens)
            return
        head = layer, number
        if head in self._between:  # another visitor's Atlas of the same photos was faster
            return
        for known, attention in zip(self._summaries, attended, strict=True):
            if head not in known:
                known[head] = summarise_head(attention, *head, self.view.distance, self.view.tokens)
        first, second = (known[head] for known in self._summaries)
        self._between[head] = {
            key: quantity.between(first, second)
            for key, quantity in QUANTITIES.items()
            if quantity.between is not None
        }

    def values(self, quantity: Quantity) -> dict[str, np.ndarray]:
        """Return a quantity by layer and head: "A to B", or "A" and "B"; NaN where missing."""
        there = dict.fromkeys(self.heads, float("nan"))
        if quantity.of_one is None:
            known = {head: values[quantity.key] for head, values in self.between.items()}
            return {"A to B": value_map(there | known)}
        return {
            letter: value_map(
                there | {head: quantity.of_one(one, scale) for head, one in known.items()}
            )
            for letter, known, scale in zip("AB", self.summaries, self.scales, strict=True)
        }

    def rows(self) -> list[dict[str, float]]:
        """List every quantity of every head, a row each; NaN where it isn't computed yet.

        Comparisons token by token are there once any was asked for.
        """
        columns: dict[str, np.ndarray] = {}
        for quantity in QUANTITIES.values():
            values = self.values(quantity)
            if quantity.of_one is None:
                columns[quantity.label] = values["A to B"]
            elif not quantity.of_pairs or any(np.isfinite(one).any() for one in values.values()):
                columns |= {
                    f"{quantity.label}, {side}": of_side for side, of_side in values.items()
                }
                columns[f"{quantity.label}, B minus A"] = values["B"] - values["A"]
        return [
            {"layer": layer, "head": head}
            | {name: float(values[layer, head]) for name, values in columns.items()}
            for layer, head in self.heads
        ]

    def fill_in(self, waiting: Callable[[], object]) -> Generator[Cell, None, None]:
        """Compute the missing heads on all cores, and give each as soon as it is there.

        Each waits for a slot at heavy work, so that other visitors get theirs.

        Parameters
        ----------
        waiting : callable
            Called a few times a second while no head comes.

        Raises
        ------
        PersistenceError
            If a head would take too long.
        """

        def attended(cell: Cell, slot: Slot) -> tuple[Attention, ...]:
            # Of many visitors each waits with it for a slot.
            return tuple(self.attention(one, cell, slot).of_layer(cell[0]) for one in self.sides)

        def compute(cell: Cell, *both: Attention) -> None:
            self.compute(cell, both)

        yield from filled_in(self.missing, attended, compute, self._effort, waiting)
