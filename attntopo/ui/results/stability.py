"""What the Stability page shows: what is known of it so far, and how the rest is filled in."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import numpy as np

from attntopo.analysis import (
    PERTURBATIONS,
    Head,
    HeadStability,
    HeadTopology,
    analyse,
    compare_perturbed,
    diagram_distances,
    for_heads,
    perturbed_effort,
    surviving_bars,
)
from attntopo.attention import Attention
from attntopo.effort import Effort
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import HeadChoice, View, strengths_of
from attntopo.models import SharedInfo
from attntopo.photos import SAMPLES
from attntopo.ui.results import perturbed, photo_inputs, steps
from attntopo.ui.results.all_heads import ByHead
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.bar_partners import SelectedBar, selected_bar
from attntopo.ui.results.perturbed import How, OtherPhoto, PerturbedHead
from attntopo.ui.results.photo_inputs import PhotoInput, owner_of
from attntopo.ui.results.steps import of_all_heads
from attntopo.ui.runtime import Slot, shared

_ROW_BYTES = 600


@dataclass(frozen=True, eq=False)
class CleanPhoto:
    """The photo that is perturbed, and one head on it.

    Attributes
    ----------
    letter : {"A", "B"}
    photo : PhotoInput
        One for which a model is run.
    choice : HeadChoice
    key : HeadKey
    prefix : tuple of str
        Names of the tokens before the patches.
    tokens : TokenGrid
    patches_box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    topology : HeadTopology
    n_tokens : int
    """

    letter: str
    photo: PhotoInput
    choice: HeadChoice
    key: steps.HeadKey
    prefix: tuple[str, ...]
    tokens: TokenGrid
    patches_box: tuple[float, float, float, float]
    topology: HeadTopology
    n_tokens: int


def clean_photo(
    view: View,
    info: SharedInfo,
    photo: PhotoInput,
    choice: HeadChoice,
    attention: Attention,
    topology: HeadTopology,
) -> CleanPhoto:
    """Put together what is known of the photo that the view perturbs."""
    prefix = info.sides["ab".index(view.perturbed)].prefix
    return CleanPhoto(
        view.perturbed.upper(),
        photo,
        choice,
        steps.head_key(view, "a"),
        prefix,
        token_grid(attention, prefix, topology.distances.tokens),
        attention.patches_box,
        topology,
        attention.n_tokens,
    )


class Strengths:
    """One kind of perturbation at all its strengths, and other photos, of one head.

    Parameters
    ----------
    clean : CleanPhoto
    perturbation : str
        A key of `PERTURBATIONS`.
    strength : float
        The one that is shown, and computed first.

    Attributes
    ----------
    outcomes : dict of float to HeadStability
        By strength, as far as it is computed.
    shown : PerturbedHead or None
        The photo at the strength that is shown; None where it isn't computed yet.
    """

    def __init__(self, clean: CleanPhoto, perturbation: str, strength: float) -> None:
        self.clean, self.perturbation, self.strength = clean, PERTURBATIONS[perturbation], strength
        self.strengths = strengths_of(perturbation)
        keep = shared.kept_results().get
        # Held while the page is drawn: what is pushed out of the memory meanwhile stays in sight.
        # Of strengths that aren't shown only the outcome is: many visitors would hold many photos.
        self.outcomes: dict[float, HeadStability] = {}
        self.shown: PerturbedHead | None = None
        for one in self.strengths:
            if kept := keep(perturbed.head_key(clean.photo, clean.key, self._how(one))):
                self._hold(one, kept)
        self.others: dict[str, OtherPhoto] = {}
        for name, photo in self._other_photos().items():
            if kept := keep(perturbed.other_key(clean.photo, clean.key, photo)):
                self.others[name] = kept

    def _how(self, strength: float) -> How:
        return self.perturbation.key, strength

    def _other_photos(self) -> dict[str, PhotoInput]:
        own = self.clean.photo.photo.sha256
        photos = {name: photo_inputs.sample_photo(name) for name in SAMPLES}
        return {name: PhotoInput(one, "") for name, one in photos.items() if one.sha256 != own}

    def _hold(self, strength: float, head: PerturbedHead) -> None:
        self.outcomes[strength] = head.outcome
        if strength == self.strength:
            self.shown = head

    @property
    def missing(self) -> list[float]:
        """The strengths that aren't computed yet, the nearest to the shown one first."""
        here = self.strengths.index(self.strength)
        nearest = sorted(self.strengths, key=lambda one: abs(self.strengths.index(one) - here))
        return [one for one in nearest if one not in self.outcomes]

    @property
    def missing_others(self) -> list[str]:
        """The sample photos that aren't computed yet."""
        return [name for name in self._other_photos() if name not in self.others]

    def compute(self, strength: float, slot: Slot) -> None:
        """Compute what a strength does.

        Raises
        ------
        EvidenceError, PersistenceError
            As `perturbed_head`.
        """
        own = self.clean
        how, clean = self._how(strength), own.topology
        self._hold(
            strength,
            perturbed.perturbed_head(own.photo, own.choice, own.key, how, clean, own.prefix, slot),
        )

    def compute_other(self, name: str, slot: Slot) -> None:
        """Compute how far a sample photo is; the errors are those of `compute`."""
        own, other = self.clean, self._other_photos()[name]
        self.others[name] = perturbed.compared_with(
            other, own.photo, own.choice, own.key, own.topology, slot
        )

    def selected(self, bar: tuple[int, int], slot: Slot) -> SelectedBar | None:
        """Return what a bar of the clean photo is matched with at the strength that is shown."""
        own = self.clean
        if self.shown is None:
            return None
        clean = own.topology, own.tokens
        how = self._how(self.strength)
        return selected_bar(own.photo, own.key, how, bar, clean, self.shown, slot)


Row = dict[str, float]
"""What a perturbation did to a head, by name: a row of the table."""


class AllHeads:
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
        photos = [clean.photo] if self.control is None else [clean.photo, self.control]
        owner = owner_of(photos)
        keys = tuple(one.key for one in photos)
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
        slot = shared.own_slot()
        stopped = Event()

        def work(head: Head) -> None:
            shared.in_slot(compute, slot, self._effort, lambda: self._inputs(head, slot))

        def compute(head: Head, *attended: Any) -> None:
            if not stopped.is_set():  # while it waited for its slot
                self._rows[head] = _row(head, self.clean.key, self.clean.letter, *attended)

        try:
            with closing(for_heads(work, self.missing, waiting=waiting)) as results:
                for head, _ in results:
                    yield head
        finally:
            stopped.set()
        for layer, _ in self.heads:  # megabytes that nothing else needs
            choice, layers = self._choice(layer)
            key = perturbed.perturbed_key(self.clean.photo, choice, self.how, layers)
            shared.kept_results().forget(key)

    def _choice(self, layer: int) -> tuple[HeadChoice, tuple[int, ...] | None]:
        """Return how a layer is looked at, and the layers whose attention is kept with it."""
        choice = replace(self.clean.choice, layer=layer, head=0)
        return choice, layers_kept(steps.model_info(self.clean.photo, choice), layer)

    def _inputs(self, head: Head, slot: Slot) -> tuple[Any, ...]:
        choice, layers = self._choice(head[0])
        photos = [self.clean.photo] if self.control is None else [self.clean.photo, self.control]
        # One layer of each: of many visitors each waits with it for a slot.
        attended = [steps.kept_attention(one, choice, slot).of_layer(head[0]) for one in photos]
        changed = perturbed.perturbed_attention(self.clean.photo, choice, self.how, layers, slot)
        return head, replace(changed, attention=changed.attention.of_layer(head[0])), *attended


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
