"""One head on a photo that is perturbed, at all strengths: what is known, and how to get more."""

from dataclasses import dataclass

from attntopo.analysis import (
    PERTURBATIONS,
    HeadStability,
    HeadTopology,
)
from attntopo.attention import Attention
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import HeadChoice, View, strengths_of
from attntopo.models import SharedInfo
from attntopo.photos import SAMPLES
from attntopo.ui.results import perturbed, photo_inputs, steps
from attntopo.ui.results.bar_partners import SelectedBar, selected_bar
from attntopo.ui.results.perturbed import How, OtherPhoto, PerturbedHead
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Slot, shared


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
    def has_same_tokens(self) -> bool:
        """Whether all tokens are matched wherever it is known, so that the bound is of all."""
        return all(one.n_matched == one.n_points for one in self.outcomes.values())

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
