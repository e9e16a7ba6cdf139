"""One head on all photos of a collection: what is known so far, and how the rest is computed."""

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from attntopo.analysis import (
    NUMBERS_AT_SCALE,
    OBJECTS_SHARE,
    PhotoHead,
    numbers_at,
    photo_head,
    photo_head_effort,
    shown_scales,
)
from attntopo.attention import ROLLOUT, AttentionError
from attntopo.effort import Effort
from attntopo.links import View
from attntopo.models import Model, ModelError, ModelInfo
from attntopo.topology import PersistenceError
from attntopo.ui.results import asked_work, models, steps
from attntopo.ui.results.collection_photos import CollectionPhoto
from attntopo.ui.results.photo_inputs import owner_of
from attntopo.ui.runtime import Key, Slot, shared
from attntopo.ui.runtime.background_jobs import GoesOn


class _NotWantedError(Exception):
    """Nobody wants a result any more, so it isn't computed."""


def shown_share(view: View) -> float | None:
    """Return the share of each photo's own merges that leads, in percent; None where a scale does.

    Until either is chosen it is nine of ten.
    """
    return OBJECTS_SHARE if view.scale is None and view.share is None else view.share


class Collection:
    """What the Collection page shows: photos, and what is known of one head on each.

    Parameters
    ----------
    view : View
        With a layer and head that its model has; B is looked at as A is.
    photos : sequence of CollectionPhoto

    Attributes
    ----------
    known : dict of PhotoHead
        By a photo's id, in the photos' order. Held while the page is drawn: what is pushed out of
        the memory meanwhile stays in sight.
    key : tuple
        Of the photos and the head: what Stop refers to, and the job that computes it.
    """

    def __init__(self, view: View, photos: Sequence[CollectionPhoto]) -> None:
        self.view, self.photos = view, list(photos)
        self._choice = view.side("a")
        self._head = steps.head_key(view, "a")
        contents = tuple(one.content for one in photos)
        self.key: Key = ("collection", owner_of(photos), contents, self._head)
        self.known: dict[str, PhotoHead] = {}
        self.look_up()

    def look_up(self) -> list[CollectionPhoto]:
        """Find what was computed since; return the photos that are new."""
        keep = shared.kept_results().get
        new = {
            one.id: (one, kept)
            for one in self.photos
            if one.id not in self.known and (kept := keep(self._key(one))) is not None
        }
        known = self.known | {key: kept for key, (_, kept) in new.items()}
        self.known = {one.id: known[one.id] for one in self.photos if one.id in known}
        return [one for one, _ in new.values()]

    @property
    def missing(self) -> list[CollectionPhoto]:
        """The photos that aren't computed yet."""
        return [one for one in self.photos if one.id not in self.known]

    @property
    def effort(self) -> Effort:
        """What all photos take that aren't known; refused if it is too long here."""
        total = Effort(0.0, 0.0)
        for photo in self.missing:
            total += self._effort(photo)
        return asked_work.in_all(total)

    @property
    def refusal(self) -> str:
        """Why it would take too long here, in sentences; nothing where it wouldn't."""
        what = f"This head on {len(self.missing)} photos"
        return asked_work.refusal(self.effort, what, "`attntopo.analysis.photo_head`")

    @cached_property
    def _described(self) -> ModelInfo:
        return models.describe(self._choice.model)

    def _effort(self, photo: CollectionPhoto) -> Effort:
        return photo_head_effort(self.info_of(photo), self.view.distance)

    def info_of(self, photo: CollectionPhoto) -> ModelInfo:
        """Return what the model is on a photo: with the patch grid that the photo gets."""
        return self._described.with_input(self._choice.input, photo.size)

    def _key(self, photo: CollectionPhoto) -> Key:
        return "photo head", *photo.key, *self._head

    def work(self, slot: Slot, goes_on: GoesOn) -> str:
        """Compute what is missing, as a background job; each photo's result is kept by itself.

        Parameters
        ----------
        slot : callable
            Gives slots to whoever asked for it.
        goes_on : callable
            Asked before each photo.

        Returns
        -------
        str
            Why it can't be done, in a sentence; empty where it can.
        """

        def compute(photo: CollectionPhoto, model: Model) -> PhotoHead:
            if not goes_on():  # it may have waited for its slot
                raise _NotWantedError
            return self._photo_head(photo, model)

        def work(photo: CollectionPhoto) -> None:
            shared.compute_once(
                self._key(photo),
                partial(compute, photo),
                slot,
                self._effort(photo),
                inputs=lambda: (models.loaded_model(self._choice.model),),
            )

        try:
            asked_work.do_each(work, self.missing, goes_on)
        except _NotWantedError:
            return ""
        except (ModelError, AttentionError, PersistenceError) as error:
            return str(error)
        return ""

    def _photo_head(self, photo: CollectionPhoto, model: Model) -> PhotoHead:
        layer, head = self._choice.layer, self._choice.head
        attention = model.attend(
            photo.unpacked(), self._choice.input, (layer,), rollout=head == ROLLOUT
        )
        return photo_head(attention, layer, head, self.view.distance, self.view.tokens)

    def scales(self) -> dict[str, float]:
        """Return the scale at which each known photo is shown, by id."""
        return self.scales_in(self.view)

    def scales_in(self, view: View) -> dict[str, float]:
        """Return the same at the scale, or the share of merges, of another view."""
        trees = [one.summary.tree for one in self.known.values()]
        scales = shown_scales(trees, view.scale, shown_share(view))
        return dict(zip(self.known, scales, strict=True))

    def rows(self, view: View) -> list[dict[str, Any]]:
        """List all numbers of each known photo, a row each, at the scale or share of a view.

        Features that some photo lacks, as its model has no such tokens, are in no row.
        """
        scales = self.scales_in(view)
        every = list(self.known.values())
        names = [
            name
            for name in (every[0].features if every else ())
            if all(name in one.features for one in every)
        ]
        return [
            {"photo": one.name, "scale": scales[one.id], **_at(head, scales[one.id])}
            | {name: head.features[name] for name in names}
            for one in self.photos
            if (head := self.known.get(one.id)) is not None
        ]


def _at(head: PhotoHead, scale: float) -> dict[str, float]:
    named = numbers_at(head, scale)
    return {NUMBERS_AT_SCALE[key]: value for key, value in named.items()}
