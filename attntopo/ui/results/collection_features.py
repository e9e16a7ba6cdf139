"""The features of all heads on all photos of a collection, and two groups compared by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from attntopo.analysis import (
    GroupComparison,
    Head,
    Label,
    all_features_effort,
    compare_groups,
    feature_names,
    feature_table,
    features_of_head,
    groups_effort,
)
from attntopo.attention import Attention, AttentionError
from attntopo.effort import Effort
from attntopo.models import Model, ModelError, attention_effort
from attntopo.topology import PersistenceError
from attntopo.ui.results import asked_work, models, steps
from attntopo.ui.results.attention_budget import layers_kept
from attntopo.ui.results.collection import Collection
from attntopo.ui.results.collection_photos import CollectionPhoto
from attntopo.ui.results.photo_inputs import owner_of
from attntopo.ui.runtime import Key, Slot, shared
from attntopo.ui.runtime.background_jobs import GoesOn

_FEATURE_BYTES = 9  # of a feature of a head: its number, and its part of the rest


@dataclass
class _KnownFeatures:
    """The features of one photo's heads; whoever computes more adds it, in several threads."""

    nbytes: int
    done: dict[Head, np.ndarray] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def by_name(self) -> dict[Head, dict[str, float]]:
        """Return them as `head_features` does."""
        return {
            head: dict(zip(self.names, values.tolist(), strict=True))
            for head, values in dict(self.done).items()
        }


@dataclass(frozen=True, eq=False)
class ComparedGroups:
    """What tells two groups of a collection apart.

    Attributes
    ----------
    comparison : GroupComparison
    labels : list of tuple
        Layer, head and feature of each number.
    values : ndarray of float64, shape (n_photos, n_numbers)
        Of the first group's photos, and then the second's.
    """

    comparison: GroupComparison
    labels: list[Label]
    values: np.ndarray

    @property
    def nbytes(self) -> int:
        """About the memory it takes, in bytes."""
        return self.values.nbytes + 100 * len(self.labels)


class CollectionFeatures:
    """The features of all heads on the photos of two groups.

    Parameters
    ----------
    collection : Collection
    groups : tuple of sequence of str
        Ids of the photos of the first and of the second group.
    """

    def __init__(self, collection: Collection, groups: tuple[Sequence[str], Sequence[str]]) -> None:
        by_id = {one.id: one for one in collection.photos}
        self.groups = tuple([by_id[one] for one in group if one in by_id] for group in groups)
        self.photos = [photo for group in self.groups for photo in group]
        self._view = collection.view
        self._choice = collection.view.side("a")
        self._run = steps.of_all_heads(steps.head_key(collection.view, "a"))
        contents = tuple(tuple(one.content for one in group) for group in self.groups)
        self.key: Key = ("photo groups", owner_of(self.photos), contents, self._run)
        self._info = collection.info_of

    @cached_property
    def _heads(self) -> list[Head]:
        info = models.describe(self._choice.model)
        return [(layer, head) for layer in range(info.n_layers) for head in range(info.n_heads)]

    def _key(self, photo: CollectionPhoto) -> Key:
        return "photo features", *photo.key, *self._run

    def _known(self, photo: CollectionPhoto) -> _KnownFeatures | None:
        return shared.kept_results().get(self._key(photo))

    def count(self) -> tuple[int, int]:
        """Return how many heads of photos are computed, and of how many."""
        known = [self._known(photo) for photo in self.photos]
        n_heads = len(self._heads)
        return sum(len(one.done) for one in known if one), n_heads * len(known)

    @property
    def effort(self) -> Effort:
        """Estimate what is missing; refused if it is too long here."""
        total = Effort(0.0, 0.0)
        for photo in self.photos:
            known, info = self._known(photo), self._info(photo)
            n_missing = len(self._heads) - (len(known.done) if known else 0)
            if n_missing:
                total += attention_effort(info)
                total += all_features_effort(info.n_tokens, self._view.distance, n_missing)
        return asked_work.in_all(total)

    @property
    def refusal(self) -> str:
        """Why it would take too long here, in sentences; nothing where it wouldn't."""
        what = f"All heads' features of {len(self.photos)} photos"
        return asked_work.refusal(self.effort, what, "`attntopo.analysis.features_of_heads`")

    def work(self, slot: Slot, goes_on: GoesOn) -> str:
        """Compute what is missing, one photo after the other, as a background job.

        Parameters
        ----------
        slot : callable
            Gives slots to whoever asked for it.
        goes_on : callable
            Asked before each head.

        Returns
        -------
        str
            Why it can't be done, in a sentence; empty where it can.
        """
        try:
            for photo in self.photos:
                if not goes_on():
                    break
                self._fill_in(photo, slot, goes_on)
        except (ModelError, AttentionError, PersistenceError) as error:
            return str(error)
        return ""

    def _fill_in(self, photo: CollectionPhoto, slot: Slot, goes_on: GoesOn) -> None:
        n_features = len(feature_names())
        nbytes = len(self._heads) * n_features * _FEATURE_BYTES
        known: _KnownFeatures = shared.kept_results().get_or_compute(
            self._key(photo), lambda: _KnownFeatures(nbytes)
        )
        missing = [head for head in self._heads if head not in known.done]
        info = self._info(photo)
        while missing and goes_on():
            layers = layers_kept(info, missing[0][0])
            now = [head for head in missing if layers is None or head[0] in layers]
            missing = [head for head in missing if head not in now]
            attention: Attention = shared.in_slot(
                lambda model, kept=layers: self._attend(photo, model, kept),
                slot,
                attention_effort(info),
                lambda: (models.loaded_model(self._choice.model),),
            )
            self._fill_heads(known, attention, now, slot, goes_on)

    def _attend(
        self, photo: CollectionPhoto, model: Model, layers: tuple[int, ...] | None
    ) -> Attention:
        return model.attend(photo.unpacked(), self._choice.input, layers)

    def _fill_heads(
        self,
        known: _KnownFeatures,
        attention: Attention,
        heads: list[Head],
        slot: Slot,
        goes_on: GoesOn,
    ) -> None:
        distance, tokens = self._view.distance, self._view.tokens
        effort = all_features_effort(attention.n_tokens, distance, 1)

        def work(head: Head) -> None:
            if not goes_on():
                return
            compute = partial(features_of_head, attention, *head, distance, tokens)
            features: Mapping[str, float] = shared.in_slot(compute, slot, effort)
            known.names = tuple(features)
            known.done[head] = np.array(list(features.values()))

        asked_work.do_each(work, heads, goes_on)

    def compared(self, slot: Slot) -> ComparedGroups:
        """Compare the groups by what is known; computed once.

        Raises
        ------
        CollectionError
            As `feature_table` and `compare_groups`.
        """
        n_numbers = len(self._heads) * len(feature_names())
        return shared.compute_once(
            self.key,
            self._compare,
            slot,
            groups_effort(len(self.photos), n_numbers),
            inputs=lambda: ([self._known(photo) for photo in self.photos],),
        )

    def _compare(self, known: list[_KnownFeatures | None]) -> ComparedGroups:
        values, labels = feature_table([one.by_name() if one else {} for one in known])
        n = len(self.groups[0])
        comparison = compare_groups(values, range(n), range(n, len(values)))
        return ComparedGroups(comparison, labels, values)
