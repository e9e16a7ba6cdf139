"""Patches that are knocked out of a photo: what is known of it, and jobs that compute the rest.

It belongs to photo, model, layer and patches, whoever asks for it.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from attntopo.analysis import EvidenceError, KnockOut, knock_out, knock_out_effort
from attntopo.effort import Effort
from attntopo.links import HeadChoice
from attntopo.models import ModelError, ModelInfo, check_layer
from attntopo.ui.results import asked_work, models
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.results.steps import HeadKey
from attntopo.ui.runtime import Key, shared
from attntopo.ui.runtime.background_jobs import GoesOn

SEED = 0
_NO_MODEL = "This attention came without its model, so nothing can be knocked out of it."


@dataclass
class KnockOutSoFar:
    """What is known of a knock-out; the job that computes it adds to it.

    Attributes
    ----------
    last : KnockOut, optional
        None as long as there is nothing.
    """

    last: KnockOut | None = None

    nbytes = 4_000
    """About what all of it takes."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.last is not None and self.last.is_complete


@dataclass(frozen=True)
class PatchesOfPhoto:
    """Patches of one photo to be knocked out, as a job finds them: it holds no attention.

    Attributes
    ----------
    photo : PhotoInput
    choice : HeadChoice
        Its model, input and layer; the head doesn't matter.
    key : HeadKey
    grid : tuple of int
        Height and width of the patch grid.
    patches : tuple of int
        Numbers on the grid, row by row, ascending.
    """

    photo: PhotoInput
    choice: HeadChoice
    key: HeadKey
    grid: tuple[int, int]
    patches: tuple[int, ...]

    @property
    def result_key(self) -> Key:
        """Key of what is known of it, and of the job that computes it."""
        run, layer, *_head = self.key
        return "knock-out", *self.photo.key, run, layer, self.patches

    @property
    def mask(self) -> np.ndarray:
        """Which patches these are, bool, of the shape of the grid."""
        mask = np.zeros(self.grid, dtype=bool)
        mask.flat[list(self.patches)] = True
        return mask

    def so_far(self) -> KnockOutSoFar:
        """Return what is known."""
        kept: KnockOutSoFar = shared.kept_results().get_or_compute(self.result_key, KnockOutSoFar)
        return kept


def effort_of(photo: PhotoInput, choice: HeadChoice) -> Effort:
    """Estimate what a knock-out takes, whatever the patches; refused if it is too long.

    Raises
    ------
    ModelError
        If nothing can be knocked out, in a sentence.
    """
    if photo.given is not None:
        raise ModelError(_NO_MODEL)
    return asked_work.in_all(knock_out_effort(_info(photo, choice), choice.layer))


def _info(photo: PhotoInput, choice: HeadChoice) -> ModelInfo:
    info = models.describe(choice.model).with_input(choice.input, photo.photo.pixels.shape[:2])
    check_layer(info, choice.layer)
    return info


def refusal(photo: PhotoInput, choice: HeadChoice) -> str:
    """Say why nothing can be knocked out here, in a sentence; nothing where it can."""
    try:
        effort = effort_of(photo, choice)
    except ModelError as error:
        return str(error)
    return asked_work.refusal(effort, "Knocking out patches", "knock_out")


def compute(asked: PatchesOfPhoto, goes_on: GoesOn) -> str:
    """Compute what is missing of a knock-out.

    Parameters
    ----------
    asked : PatchesOfPhoto
    goes_on : callable
        Asked before each piece of work; what was computed is kept.

    Returns
    -------
    str
        Why it can't be done, in a sentence; empty where it can.
    """
    known, choice = asked.so_far(), asked.choice
    try:
        model = models.loaded_model(choice.model)
        effort = effort_of(asked.photo, choice)
        begin = partial(
            knock_out, model, asked.photo.photo, choice.layer, asked.mask, choice.input, SEED
        )
        pieces = shared.in_slot(lambda: begin(known=known.last), shared.background_slot, effort)
        while not known.is_complete and goes_on():
            known.last = shared.in_slot(lambda: next(pieces), shared.background_slot, effort)
    except (ModelError, EvidenceError) as error:
        return str(error)
    return ""
