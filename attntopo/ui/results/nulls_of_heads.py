"""The nulls of a head: draws that are known, and jobs that draw the rest in the background.

Draws belong to the head, whoever asks for them: Compare asks for all nulls of one head, the Atlas
for the strictest of all heads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from attntopo.analysis import (
    FEWEST_DRAWS,
    NULLS,
    AttentionFit,
    Cell,
    EvidenceError,
    Longest,
    NullDraws,
    fit_attention,
    longest_in_draw,
    nulls_effort,
    points_of,
)
from attntopo.attention import Attention, AttentionError
from attntopo.effort import Effort
from attntopo.links import HeadChoice
from attntopo.models import ModelError
from attntopo.topology import PersistenceError
from attntopo.ui.results import asked_work, photo_attention, steps
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.results.steps import HeadKey
from attntopo.ui.runtime import Key, shared
from attntopo.ui.runtime.background_jobs import GoesOn

SEED = 0
N_DRAWS = FEWEST_DRAWS
STRICTEST = next(iter(NULLS))


@dataclass
class HeadDraws:
    """What is known of a head's nulls; whoever computes more adds it, in several threads.

    Attributes
    ----------
    done : dict
        By null, and the number of the draw: its longest loop and longest life.
    note : str
        Why this head has no nulls, in a sentence; else empty.
    """

    done: dict[str, dict[int, Longest]] = field(
        default_factory=lambda: {null: {} for null in NULLS}
    )
    note: str = ""

    nbytes = 16_000
    """About what all draws take."""

    def of(self, null: str) -> NullDraws:
        """Return the draws of a null that are known."""
        return NullDraws.of(dict(self.done[null]), null, SEED)

    def missing(self, nulls: Iterable[str] = NULLS) -> list[tuple[str, int]]:
        """List what isn't known of some nulls, the strictest first: nothing where none is to be."""
        if self.note:
            return []
        return [
            (null, draw) for null in nulls for draw in range(N_DRAWS) if draw not in self.done[null]
        ]


@dataclass(frozen=True)
class HeadOfPhoto:
    """One head of one photo, as a job finds it: it holds no attention.

    Attributes
    ----------
    photo : PhotoInput
    choice : HeadChoice
    key : HeadKey
        What its topology depends on besides the photo.
    """

    photo: PhotoInput
    choice: HeadChoice
    key: HeadKey

    @property
    def draws_key(self) -> Key:
        """Key of what is known of its nulls, and of the job that draws them."""
        return "null draws", *self.photo.key, *steps.depends_on(self.key, self.photo)

    def with_cell(self, cell: Cell) -> "HeadOfPhoto":
        """Return another head of the same photo."""
        run, _layer, _head, *rest = self.key
        choice = replace(self.choice, layer=cell[0], head=cell[1])
        return HeadOfPhoto(self.photo, choice, (run, *cell, *rest))  # type: ignore[arg-type]

    def draws(self) -> HeadDraws:
        """Return what is known of its nulls."""
        kept: HeadDraws = shared.kept_results().get_or_compute(self.draws_key, HeadDraws)
        return kept

    def strictest_draws(self) -> NullDraws | None:
        """Return all draws of the strictest null; None where they aren't there."""
        known = self.known_draws()
        if known is None or known.note or known.missing([STRICTEST]):
            return None
        return known.of(STRICTEST)

    def known_draws(self) -> HeadDraws | None:
        """Return the same, None where nobody has asked for any."""
        return shared.kept_results().get(self.draws_key)


def effort_of(n_tokens: int, distance: str, n_nulls: int, n_heads: int = 1) -> Effort:
    """Estimate what all draws of some nulls of some heads take; refused if it is too long."""
    return asked_work.in_all(nulls_effort(n_tokens, distance, N_DRAWS), n_nulls * n_heads)


def draw_heads(heads: Sequence[HeadOfPhoto], nulls: Iterable[str], goes_on: GoesOn) -> str:
    """Draw what is missing of some heads' nulls, one head after the other.

    Parameters
    ----------
    heads : sequence of HeadOfPhoto
    nulls : iterable of str
        Keys of `NULLS`, in this order.
    goes_on : callable
        Asked before each draw; what was drawn is kept.

    Returns
    -------
    str
        Why it can't be done, in a sentence; empty where it can.
    """
    try:
        for head in heads:
            if not goes_on():
                break
            _draw_head(head, nulls, goes_on)
    except (ModelError, AttentionError, PersistenceError) as error:
        return str(error)
    return ""


def _draw_head(head: HeadOfPhoto, nulls: Iterable[str], goes_on: GoesOn) -> None:
    known = head.draws()
    missing = known.missing(nulls)
    if not missing:
        return
    attention = photo_attention.kept_attention(head.photo, head.choice, shared.background_slot)
    _run, layer, number, distance, tokens = head.key
    effort = nulls_effort(attention.n_tokens, distance, 1)
    try:
        fit = shared.in_slot(
            partial(_fit, attention, layer, number), shared.background_slot, effort
        )
    except EvidenceError as error:
        known.note = str(error)
        return
    points = points_of(attention, tokens)

    def draw(null: str, number: int) -> None:
        if goes_on():  # it may have waited for its slot
            known.done[null][number] = longest_in_draw(fit, distance, points, null, SEED, number)

    def work(piece: tuple[str, int]) -> None:
        shared.in_slot(partial(draw, *piece), shared.background_slot, effort)

    asked_work.do_each(work, missing, goes_on)


def _fit(attention: Attention, layer: int, number: int | str) -> AttentionFit:
    return fit_attention(attention.head(layer, number), attention.grid, attention.n_prefix)
