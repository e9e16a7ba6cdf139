"""All heads of a photo that is perturbed: what is known of them, and how the rest is filled in."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from attntopo.analysis import (
    Head,
    HeadTopology,
    analyse,
    compare_perturbed,
    diagram_distances,
    perturbed_effort,
    surviving_bars,
)
from attntopo.attention import Attention
from attntopo.effort import Effort
from attntopo.links import HeadChoice
from attntopo.models import SharedInfo
from attntopo.ui.results import perturbed, photo_attention, steps
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.by_head import ByHead, filled_in
from attntopo.ui.results.perturbed import How
from attntopo.ui.results.photo_inputs import PhotoInput, owner_of
from attntopo.ui.results.stability import CleanPhoto
from attntopo.ui.results.steps import of_all_heads
from attntopo.ui.runtime import Slot, shared

_ROW_BYTES = 600

Row = dict[str, float]
"""What a perturbation did to a head, by name: a row of the table."""


class AllHeadsPerturbed:
    """All heads of a photo at one strength, as far as they are known.

    Parameters
    ----------
    clean : CleanPhoto
    other : PhotoInput
        The other photo of the pair, as a control; none where it is the same or attention.
    info : SharedInfo
    how : tuple
        Perturbation and strength.
    """

    def __init__(self, clean: CleanPhoto, other: PhotoInput, info: SharedInfo, how: How) -> None:
        self.clean, self.how = clean, how
        same = other.content == clean.photo.content
        self.control = None if same or other.given else other
        self.heads: list[Head] = [
            (layer, head) for layer in range(info.n_layers) for head in range(info.n_heads)
        ]
        self._photos = [clean.photo, *([] if self.control is None else [self.control])]
        owner = owner_of(self._photos)
        keys = tuple(one.key for one in self._photos)
        what = keys, *of_all_heads(clean.key), *how
        n_bytes = len(self.heads) * _ROW_BYTES
        self._rows: dict[Head, Row] = (
            shared.kept_results()
            .get_or_compute(("heads perturbed", owner, *what), lambda: ByHead({}, n_bytes))
            .results
        )
        one = perturbed_effort(clean.n_tokens, clean.key[3])
        self._effort = one + one + one  # of one head on up to three photos
        self.what: tuple[Any, ...] = what

    @property
    def effort(self) -> Effort:
        """What all heads take that aren't known, one after the other."""
        return Effort(len(self.missing) * self._effort.seconds, self._effort.megabytes)

    @property
    def missing(self) -> list[Head]:
        """The heads that aren't computed yet."""
        return [head for head in self.heads if head not in self._rows]

    def rows(self) -> list[dict[str, float]]:
        """List what is known by head, those first that changed least token by token."""
        known = {head: self._rows[head] for head in self.heads if head in self._rows}
        order = sorted(known, key=lambda head: _least_change_first(known[head]))
        return [{"layer": head[0], "head": head[1], **known[head]} for head in order]

    def fill_in(self, waiting: Callable[[], object]) -> Generator[Head, None, None]:
        """Compute the missing heads on all cores, and give each as soon as it is there.

        Parameters
        ----------
        waiting : callable
            Called a few times a second while no head comes.

        Raises
        ------
        EvidenceError, PersistenceError
            If a head has too many bars, or would take too long.
        """

        def compute(head: Head, *attended: Any) -> None:
            self._rows[head] = _row(head, self.clean.key, self.clean.letter, *attended)

        yield from filled_in(self.missing, self._inputs, compute, self._effort, waiting)
        for layer, _ in self.heads:  # megabytes that nothing else needs
            choice, layers = self._choice(layer)
            key = perturbed.perturbed_key(self.clean.photo, choice, self.how, layers)
            shared.kept_results().forget(key)

    def _choice(self, layer: int) -> tuple[HeadChoice, tuple[int, ...] | None]:
        """Return how a layer is looked at, and the layers whose attention is kept with it."""
        choice = replace(self.clean.choice, layer=layer, head=0)
        return choice, layers_kept(photo_attention.model_info(self.clean.photo, choice), layer)

    def _inputs(self, head: Head, slot: Slot) -> tuple[Any, ...]:
        choice, layers = self._choice(head[0])
        # One layer of each: of many visitors each waits with it for a slot.
        attended = [
            photo_attention.kept_attention(one, choice, slot).of_layer(head[0])
            for one in self._photos
        ]
        changed = perturbed.perturbed_attention(self.clean.photo, choice, self.how, layers, slot)
        return replace(changed, attention=changed.attention.of_layer(head[0])), *attended


def _row(
    head: Head,
    key: steps.HeadKey,
    letter: str,
    changed: perturbed.PerturbedAttention,
    *attended: Attention,
) -> Row:
    """Compare a head on the perturbed photo with the clean one; and the other photo, if any."""
    clean, *control = (analyse(one, *head, *key[3:]) for one in attended)
    there = analyse(changed.attention, *head, *key[3:])
    one = compare_perturbed(clean, there, changed.pairs)
    row = {
        "merge heights": one.paired.merge_heights,
        "RTD-lite": one.paired.rtd_lite,
        "matched tokens": float(one.n_matched),
        "H0 bottleneck": one.distances.bottleneck[0],
        "H1 bottleneck": one.distances.bottleneck[1],
        "bound": one.bound,
        "H0 1-Wasserstein": one.distances.wasserstein[0],
        "H1 1-Wasserstein": one.distances.wasserstein[1],
    }
    row |= _shares("survive", clean, one.survives)
    for other in control:
        apart = diagram_distances(clean.diagrams, other.diagrams)
        survives = [surviving_bars(clean.diagrams, other.diagrams, k) for k in (0, 1)]
        to = f"to photo {'B' if letter == 'A' else 'A'}"
        row |= {
            f"H0 bottleneck {to}": apart.bottleneck[0],
            f"H1 bottleneck {to}": apart.bottleneck[1],
            **_shares(f"survive {to}", clean, survives),
        }
    return row


def _shares(what: str, clean: HeadTopology, survives: Sequence[Any]) -> Row:
    """Say which share of the bars survives; one without an end outlives everything."""
    with_end = [survives[k][np.isfinite(clean.diagrams[k][:, 1])] for k in (0, 1)]
    return {
        f"H{k} bars that {what}": float(of.mean()) if len(of) else float("nan")
        for k, of in enumerate(with_end)
    }


def _least_change_first(row: Row) -> tuple[bool, float, float]:
    """Sort by the correlation of merge heights, then RTD-lite; what has none comes last."""
    heights, rtd = row["merge heights"], row["RTD-lite"]
    return heights != heights, -heights if heights == heights else 0.0, rtd
