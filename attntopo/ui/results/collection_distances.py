"""Distances between all photos of a collection: what is known, and the job that computes the rest.

They are computed beside two baselines, for which the model is run on each photo once more.
"""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from attntopo.analysis import (
    BASELINES,
    CollectionError,
    PairDistances,
    PhotoBaselines,
    PhotoMeasures,
    photo_baselines,
)
from attntopo.attention import AttentionError
from attntopo.diagrams import DiagramError
from attntopo.effort import Effort
from attntopo.models import Model, ModelError, attention_effort, class_token_state
from attntopo.ui.results import asked_work, models, steps
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.collection import Collection
from attntopo.ui.results.collection_photos import CollectionPhoto
from attntopo.ui.results.photo_inputs import owner_of
from attntopo.ui.runtime import Key, Slot, shared
from attntopo.ui.runtime.background_jobs import GoesOn

MOST_MEGABYTES = 64.0
"""Most that the mean attention of all photos may take; of more, that baseline isn't there."""
_BLANK = PhotoBaselines(np.empty((0, 0), np.float32), np.empty(0), ())


class CollectionDistances:
    """One distance between the photos of a collection, and the baselines beside it.

    Parameters
    ----------
    collection : Collection
        Of which all photos are known.
    measure : str
        A key of `PHOTO_DISTANCES`.

    Attributes
    ----------
    measures : tuple of str
        What is computed: the measure first, then the baselines.
    key : tuple
        Of the photos, the head and the measure.
    """

    def __init__(self, collection: Collection, measure: str) -> None:
        self._collection, self.measure = collection, measure
        self.measures = tuple(dict.fromkeys((measure, *BASELINES)))
        self._choice = collection.view.side("a")
        self._head = steps.head_key(collection.view, "a")
        self._owner = owner_of(collection.photos)
        self._contents = tuple(one.content for one in collection.photos)
        self.key: Key = self._pairs_key(measure)

    @property
    def photos(self) -> list[CollectionPhoto]:
        """The photos, in the order of rows and columns."""
        return self._collection.photos

    def _pairs_key(self, measure: str) -> Key:
        return "photo pairs", self._owner, self._contents, self._head, measure

    def _baselines_key(self, photo: CollectionPhoto) -> Key:
        # The layer decides which are averaged where not all are kept.
        return "photo baselines", *photo.key, self._head[0], self._layers(photo)

    def _layers(self, photo: CollectionPhoto) -> tuple[int, ...] | None:
        return layers_kept(self._collection.info_of(photo), self._choice.layer)

    def known(self, measure: str) -> PairDistances | None:
        """Return what is known of a measure; None where nothing is, or it can't be had."""
        kept = shared.kept_results().get(self._pairs_key(measure))
        return kept if isinstance(kept, PairDistances) else None

    def why_not(self, measure: str) -> str:
        """Return why a measure can't be had, in a sentence; empty where that isn't known."""
        kept = shared.kept_results().get(self._pairs_key(measure))
        return kept if isinstance(kept, str) else ""

    def count(self) -> tuple[int, int]:
        """Return how many pieces are computed, and of how many: photos, and pairs by measure."""
        n_photos = len(self.photos)
        n_pairs = n_photos * (n_photos - 1) // 2
        done = 0
        for measure in self.measures:
            pairs = self.known(measure)
            done += pairs.n_done if pairs else n_pairs if self.why_not(measure) else 0
        n_known = n_photos if done else n_photos - len(self._without_baselines())
        return n_known + done, n_photos + n_pairs * len(self.measures)

    @property
    def is_complete(self) -> bool:
        """Whether all is there that can be had."""
        done, total = self.count()
        return done == total

    @property
    def effort(self) -> Effort:
        """Estimate what is missing; refused if it is too long here."""
        total = Effort(0.0, 0.0)
        for photo in self._without_baselines():
            total += self._baselines_effort(photo)
        for measure in self.measures:
            pairs = self.known(measure)
            if pairs is not None:
                total += pairs.effort(pairs.missing.tolist())
            elif measure not in BASELINES and not self.why_not(measure):
                total += self._estimate(measure)
        return asked_work.in_all(total)

    @property
    def refusal(self) -> str:
        """Why it would take too long here, in sentences; nothing where it wouldn't."""
        what = f"These distances between {len(self.photos)} photos"
        return asked_work.refusal(self.effort, what, "`attntopo.analysis.PairDistances`")

    def _estimate(self, measure: str) -> Effort:
        try:
            return PairDistances(self._measures([_BLANK] * len(self.photos)), measure).effort()
        except CollectionError:  # the job says why
            return Effort(0.0, 0.0)

    def _measures(self, baselines: Sequence[PhotoBaselines]) -> list[PhotoMeasures]:
        heads = self._collection.known
        return [
            PhotoMeasures(heads[photo.id], own)
            for photo, own in zip(self.photos, baselines, strict=True)
        ]

    def _without_baselines(self) -> list[CollectionPhoto]:
        kept = shared.kept_results().get
        return [one for one in self.photos if kept(self._baselines_key(one)) is None]

    def work(self, slot: Slot, goes_on: GoesOn) -> str:
        """Compute what is missing, as a background job.

        Parameters
        ----------
        slot : callable
            Gives slots to whoever asked for it.
        goes_on : callable
            Asked before each piece.

        Returns
        -------
        str
            Why it can't be done, in a sentence; empty where it can.
        """
        if self.is_complete:
            return ""
        try:
            baselines = self._all_baselines(slot, goes_on)
            for measure in self.measures:
                if not goes_on():
                    break
                self._fill_in(measure, self._measures(baselines), slot, goes_on)
        except (ModelError, AttentionError, DiagramError) as error:
            return str(error)
        return self.why_not(self.measure)

    def _all_baselines(self, slot: Slot, goes_on: GoesOn) -> list[PhotoBaselines]:
        known: dict[str, PhotoBaselines] = {}

        def work(photo: CollectionPhoto) -> None:
            if goes_on():
                known[photo.id] = shared.compute_once(
                    self._baselines_key(photo),
                    partial(self._baselines, photo),
                    slot,
                    self._baselines_effort(photo),
                    inputs=lambda: (models.loaded_model(self._choice.model),),
                )

        asked_work.do_each(work, self.photos, goes_on)
        return [known.get(photo.id, _BLANK) for photo in self.photos]

    def _baselines_effort(self, photo: CollectionPhoto) -> Effort:
        once = attention_effort(self._collection.info_of(photo))
        return once + once

    def _baselines(self, photo: CollectionPhoto, model: Model) -> PhotoBaselines:
        seen, info = photo.unpacked(), self._collection.info_of(photo)
        attention = model.attend(seen, self._choice.input, self._layers(photo))
        has_state = "class token" in info.prefix[:1]
        state = class_token_state(model, seen, self._choice.input) if has_state else None
        return photo_baselines(attention, state, keep_mean=self._keeps_means)

    @cached_property
    def _keeps_means(self) -> bool:
        tokens = (self._collection.info_of(one).n_tokens for one in self.photos)
        return 4e-6 * sum(number**2 for number in tokens) <= MOST_MEGABYTES

    def _fill_in(
        self, measure: str, photos: list[PhotoMeasures], slot: Slot, goes_on: GoesOn
    ) -> None:
        def begin() -> PairDistances | str:
            try:
                return PairDistances(photos, measure)
            except CollectionError as error:
                return str(error)

        pairs = shared.kept_results().get_or_compute(self._pairs_key(measure), begin)
        if isinstance(pairs, str):
            return

        def work(piece: tuple[tuple[int, int], ...]) -> None:
            if goes_on():
                shared.in_slot(partial(pairs.compute, piece), slot, pairs.effort(piece))

        asked_work.do_each(work, pairs.pieces(), goes_on)
