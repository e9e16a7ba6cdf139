"""All heads of a photo against a chosen head, or each against its untrained twin's.

What is known of them belongs to the photo, whoever asks for it; jobs compute it in the background.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from attntopo.analysis import (
    Cell,
    Head,
    HeadSummary,
    PairedComparison,
    analysis_effort,
    paired_effort,
    paired_or_note,
    points_of,
)
from attntopo.attention import AttentionError
from attntopo.distances import RowDistances, row_distances
from attntopo.effort import Effort
from attntopo.models import ModelError, is_untrained, untrained_id
from attntopo.ui.results import asked_work, photo_attention, steps
from attntopo.ui.results.nulls_of_heads import HeadOfPhoto
from attntopo.ui.runtime import Key, shared
from attntopo.ui.runtime.background_jobs import GoesOn


@dataclass
class KnownPairs:
    """Comparisons by head; whoever computes more adds it, in several threads."""

    done: dict[Head, PairedComparison] = field(default_factory=dict)

    nbytes = 60_000
    """About what those of all heads take."""


@dataclass(frozen=True)
class HeadsAgainst:
    """All heads of one photo, and what each is compared with.

    Attributes
    ----------
    of_photo : HeadOfPhoto
        Any of them.
    chosen : Cell, optional
        The head of the same photo that all are compared with; None for the same head of the
        untrained twin.
    """

    of_photo: HeadOfPhoto
    chosen: Cell | None

    @property
    def key(self) -> Key:
        """Key of what is known."""
        photo = self.of_photo.photo
        run = steps.of_all_heads(steps.depends_on(self.of_photo.key, photo))
        return "pairs by token", *photo.key, *run, self.chosen

    @property
    def why_not(self) -> str:
        """Why there is nothing to compare with, in a sentence; else empty."""
        if self.chosen is not None:
            return ""
        if self.of_photo.photo.given is not None:
            return "This is attention that was given: it has no model, and so no untrained twin."
        if is_untrained(self.of_photo.choice.model):
            return "The heads shown are the untrained twin's own: the trained model has one."
        return ""

    def known(self) -> dict[Head, PairedComparison]:
        """Return what is known, as a copy."""
        kept: KnownPairs | None = shared.kept_results().get(self.key)
        return dict(kept.done) if kept else {}

    def effort(self, n_tokens: int) -> Effort:
        """Estimate what the comparison of one head takes."""
        distances = analysis_effort(n_tokens, self.of_photo.key[3])
        if self.chosen is None:
            distances += distances
        return distances + paired_effort(n_tokens)

    def compare(self, heads: Iterable[Head], n_tokens: int, goes_on: GoesOn) -> None:
        """Compare those of the heads that aren't known; each piece waits for its slot."""
        kept: KnownPairs = shared.kept_results().get_or_compute(self.key, KnownPairs)
        missing = [head for head in heads if head not in kept.done]
        if not missing or self.why_not:
            return
        effort = self.effort(n_tokens)
        chosen = None if self.chosen is None else self._distances(self.chosen, effort)

        def work(head: Head) -> None:
            if not goes_on():
                return
            own = self._distances(head, effort)
            other = chosen or self._distances(head, effort, twin=True)
            compared = partial(paired_or_note, own, other)
            kept.done[head] = shared.in_slot(compared, shared.background_slot, effort)

        asked_work.do_each(work, missing, goes_on)

    def _distances(self, cell: Cell, effort: Effort, twin: bool = False) -> RowDistances:
        head = self.of_photo.with_cell(cell)
        choice = head.choice
        if twin:
            choice = replace(choice, model=untrained_id(choice.model))
        attention = photo_attention.kept_attention(head.photo, choice, shared.background_slot)
        *_, distance, tokens = head.key
        points = points_of(attention, tokens)
        rows = partial(attention.head, *cell)
        return shared.in_slot(
            lambda: row_distances(rows(), distance, points, threads=1),
            shared.background_slot,
            effort,
        )


def with_pairs(
    summary: HeadSummary,
    head: Head,
    chosen: dict[Head, PairedComparison],
    twin: dict[Head, PairedComparison],
) -> HeadSummary:
    """Return a head's summary with its comparisons, as far as they are known."""
    if head not in chosen and head not in twin:
        return summary
    return replace(summary, chosen=chosen.get(head), twin=twin.get(head))


def compare_heads(
    all_against: Sequence[HeadsAgainst], heads: Sequence[Head], n_tokens: int, goes_on: GoesOn
) -> str:
    """Compare what is missing, one photo after the other.

    Returns
    -------
    str
        Why it can't be done, in a sentence; empty where it can.
    """
    try:
        for one in all_against:
            one.compare(heads, n_tokens, goes_on)
    except (ModelError, AttentionError) as error:
        return str(error)
    return ""
