"""A photo perturbed: its attention and one head's topology, computed once for each strength."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis import (
    DiagramDistances,
    HeadStability,
    HeadTopology,
    analyse,
    compare_perturbed,
    diagram_distances,
    matched_tokens,
    perturb,
    perturbed_effort,
    surviving_bars,
)
from attntopo.attention import ROLLOUT, Attention
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import HeadChoice
from attntopo.models import Model
from attntopo.photos import Photo
from attntopo.ui.results import models, photo_attention
from attntopo.ui.results.attention_budget import layers_of_many_fit
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.results.steps import HeadKey
from attntopo.ui.runtime import Key, Slot, shared

SEED = 0
"""Of noise, and of the places of a crop and of an occlusion; it is said on the page."""

_MANY = 30
"""Photos of which a layer's attention is kept, where it is small: strengths, and other photos."""

How = tuple[str, float]
"""A key of `PERTURBATIONS`, and a strength."""


@dataclass(frozen=True, eq=False)
class PerturbedAttention:
    """A perturbed photo and the attention to it.

    Attributes
    ----------
    photo : Photo
    attention : Attention
    pairs : ndarray of int64, shape (n_pairs, 2)
        Tokens of the clean photo and of this one that show the same place.
    """

    photo: Photo
    attention: Attention
    pairs: np.ndarray


@dataclass(frozen=True, eq=False)
class PerturbedHead:
    """One head on a perturbed photo, compared with the same head on the clean one.

    Attributes
    ----------
    photo : Photo
    tokens : TokenGrid
    patches_box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    pairs : ndarray of int64, shape (n_pairs, 2)
        As of `PerturbedAttention`.
    topology : HeadTopology
    outcome : HeadStability
    """

    photo: Photo
    tokens: TokenGrid
    patches_box: tuple[float, float, float, float]
    pairs: np.ndarray
    topology: HeadTopology
    outcome: HeadStability

    @property
    def has_same_tokens(self) -> bool:
        """Whether every token of either photo has its partner, so that the bound holds for all."""
        n_points = len(self.topology.distances.values)
        return self.outcome.n_matched == self.outcome.n_points == n_points


@dataclass(frozen=True, eq=False)
class OtherPhoto:
    """The same head on another photo, for comparison: nothing of it should survive.

    Attributes
    ----------
    distances : DiagramDistances
        From the clean photo's diagrams.
    survives : tuple of ndarray of bool, each of shape (n_bars,)
        Of the clean photo's bars, whether they would count as surviving there.
    """

    distances: DiagramDistances
    survives: tuple[np.ndarray, np.ndarray]


def perturbed_key(
    photo: PhotoInput, choice: HeadChoice, how: How, layers: tuple[int, ...] | None
) -> Key:
    """Return the key of what `perturbed_attention` keeps."""
    what = choice.input, layers, choice.head == ROLLOUT and layers is not None
    return ("perturbed", *photo.key, models.model_key(choice.model)[-1], *what, *how)


def perturbed_attention(
    photo: PhotoInput, choice: HeadChoice, how: How, layers: tuple[int, ...] | None, slot: Slot
) -> PerturbedAttention:
    """Return the attention to a perturbed photo; the model is run in a slot if need be.

    Parameters
    ----------
    photo : PhotoInput
        The clean one, for which a model is run.
    choice : HeadChoice
    how : tuple
    layers : tuple of int, optional
        Of which attention is kept; None for all.
    slot : callable
    """
    return shared.compute_once(
        perturbed_key(photo, choice, how, layers),
        lambda network, seen: _run_perturbed(network, seen, photo, choice, how, layers),
        slot,
        photo_attention.model_effort(photo, choice),
        inputs=lambda: _model_and_clean(photo, choice, slot),
    )


def _model_and_clean(photo: PhotoInput, choice: HeadChoice, slot: Slot) -> tuple[Model, Attention]:
    seen = photo_attention.kept_attention(photo, choice, slot).of_layer(choice.layer)
    return models.loaded_model(choice.model), seen


def _run_perturbed(
    network: Model,
    seen: Attention,
    photo: PhotoInput,
    choice: HeadChoice,
    how: How,
    layers: tuple[int, ...] | None,
) -> PerturbedAttention:
    changed = perturb(photo.photo, *how, SEED, seen)
    rollout = choice.head == ROLLOUT and layers is not None
    attention = network.attend(changed.photo, choice.input, layers, rollout)
    sizes = [one.pixels.shape[:2] for one in (photo.photo, changed.photo)]
    return PerturbedAttention(
        changed.photo, attention, matched_tokens(seen, attention, changed.warp, *sizes)
    )


def head_key(photo: PhotoInput, head: HeadKey, how: How) -> Key:
    """Return the key of what `perturbed_head` keeps."""
    return ("perturbed head", *photo.key, *head, *how)


def perturbed_head(
    photo: PhotoInput,
    choice: HeadChoice,
    head: HeadKey,
    how: How,
    clean: HeadTopology,
    prefix: tuple[str, ...],
    slot: Slot,
) -> PerturbedHead:
    """Return one head on a perturbed photo, compared with the clean one; computed once.

    Parameters
    ----------
    photo, choice, how, slot
        As for `perturbed_attention`.
    head : tuple
        From `steps.head_key`.
    clean : HeadTopology
        Of the same head on the clean photo.
    prefix : tuple of str
        Names of the tokens before the patches.

    Raises
    ------
    EvidenceError, PersistenceError
        If there are too many bars, or finding them would take too long.
    """

    def analysed(seen: PerturbedAttention) -> PerturbedHead:
        topology = analyse(seen.attention, *head[1:])
        return PerturbedHead(
            seen.photo,
            token_grid(seen.attention, prefix, topology.distances.tokens),
            seen.attention.patches_box,
            seen.pairs,
            topology,
            compare_perturbed(clean, topology, seen.pairs),
        )

    effort = perturbed_effort(len(clean.distances.values), head[3])
    key, layers = head_key(photo, head, how), (choice.layer,)
    if layers_of_many_fit(photo_attention.model_info(photo, choice), _MANY):
        # Another head of this layer then needs no run of the model.
        return shared.compute_once(
            key,
            analysed,
            slot,
            effort,
            inputs=lambda: (perturbed_attention(photo, choice, how, layers, slot),),
        )
    return shared.compute_once(
        key,
        lambda network, seen: analysed(_run_perturbed(network, seen, photo, choice, how, layers)),
        slot,
        photo_attention.model_effort(photo, choice) + effort,
        inputs=lambda: _model_and_clean(photo, choice, slot),
    )


def other_key(photo: PhotoInput, head: HeadKey, other: PhotoInput) -> Key:
    """Return the key of what `compared_with` keeps; gone with either photo."""
    return ("other photo", photo.owner, photo.key, other.key, *head)


def compared_with(
    other: PhotoInput,
    photo: PhotoInput,
    choice: HeadChoice,
    head: HeadKey,
    clean: HeadTopology,
    slot: Slot,
) -> OtherPhoto:
    """Return how far a head on another photo is from the clean one, and what would survive there.

    Parameters
    ----------
    other : PhotoInput
        A sample photo.
    photo, choice, head, clean, slot
        As for `perturbed_head`.

    Raises
    ------
    EvidenceError, PersistenceError
        As `perturbed_head`.
    """
    what = choice.input, (choice.layer,), choice.head == ROLLOUT

    def attend(network: Model) -> Attention:
        return network.attend(other.photo, *what)

    def analysed(attention: Attention) -> OtherPhoto:
        diagrams = analyse(attention, *head[1:]).diagrams
        h0, h1 = (surviving_bars(clean.diagrams, diagrams, k) for k in (0, 1))
        return OtherPhoto(diagram_distances(clean.diagrams, diagrams), (h0, h1))

    def model() -> tuple[Model]:
        return (models.loaded_model(choice.model),)

    running = photo_attention.model_effort(other, choice)
    effort = perturbed_effort(len(clean.distances.values), head[3])
    key = other_key(photo, head, other)
    if not layers_of_many_fit(photo_attention.model_info(other, choice), _MANY):
        return shared.compute_once(
            key, lambda network: analysed(attend(network)), slot, running + effort, inputs=model
        )
    attention_key = ("attention", *other.key, models.model_key(choice.model)[-1], *what)
    return shared.compute_once(
        key,
        analysed,
        slot,
        effort,
        inputs=lambda: (shared.compute_once(attention_key, attend, slot, running, inputs=model),),
    )
