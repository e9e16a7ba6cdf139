"""Does the model care? What knocking out tokens does to the class token, among other regions.

From the layer after the one looked at, no token attends to those that are knocked out.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.grown_regions import grow_regions
from attntopo.models import OWN_INPUT, Model, ModelInput, class_states
from attntopo.photos import Photo

MOST_REGIONS = 40
"""How many random regions a set is held against, and how many translations of itself."""
_TRIES = 10  # for each region that is to be another one than those before


@dataclass(frozen=True, eq=False)
class KnockOut:
    """How far the class token moves without some patches, beside others of the same number.

    A shift is 1 minus the cosine of the class token's last states with and without.

    Attributes
    ----------
    n_tokens : int
        Patches that were knocked out.
    layer : int
        After which nobody attends to them.
    shift : float
        Without them, from 0 to 2.
    regions : ndarray of float64, shape (n,)
        Without random connected regions of as many patches, those so far.
    translations : ndarray of float64, shape (n,)
        Without the same patches moved on the torus of the patch grid, those so far.
    n_regions, n_translations : int
        How many there will be: fewer than 40 where the grid has fewer.
    seed : int
    """

    n_tokens: int
    layer: int
    shift: float
    regions: np.ndarray
    translations: np.ndarray
    n_regions: int
    n_translations: int
    seed: int

    @property
    def is_complete(self) -> bool:
        """Whether all were tried."""
        return (len(self.regions), len(self.translations)) == (self.n_regions, self.n_translations)

    @property
    def beaten(self) -> tuple[int, int]:
        """Among how many regions, and translations, the shift is the larger one."""
        return int((self.regions < self.shift).sum()), int((self.translations < self.shift).sum())

    @property
    def text(self) -> str:
        """A sentence: `Knocking out these 12 patches after layer 9 moves the class token …`."""
        these = "this patch" if self.n_tokens == 1 else f"these {self.n_tokens:,} patches"
        begin = f"Knocking out {these} after layer {self.layer} moves the class token"
        regions, translations = self.beaten
        parts = []
        if len(self.regions):
            parts.append(f"{regions} of {len(self.regions)} random connected regions of its size")
        if len(self.translations):
            parts.append(f"{translations} of {len(self.translations)} translations of itself")
        if not parts:
            return f"{begin} by {self.shift:.2g}, as 1 minus the cosine."
        return f"{begin} more than {' and '.join(parts)}."


def knock_out(
    model: Model,
    photo: Photo,
    layer: int,
    patches: np.ndarray,
    input: ModelInput = OWN_INPUT,
    seed: int = 0,
    waiting: Callable[[], object] | None = None,
    known: KnockOut | None = None,
) -> Generator[KnockOut, None, None]:
    """Knock patches out after a layer, and other regions of as many patches.

    Parameters
    ----------
    model : Model
    photo : Photo
    layer : int
        The layer looked at, counted from 0: nobody attends to the patches from the next one on.
    patches : ndarray of bool, shape (height, width)
        On the patch grid; not none and not all.
    input : ModelInput
        As for `Model.attend`.
    seed : int
        Not negative: the same one gives the same regions.
    waiting : callable, optional
        Called before each piece of work.
    known : KnockOut, optional
        What the same call has yielded before it was left: that isn't computed again.

    Returns
    -------
    generator of KnockOut
        After each piece of work, with what is known by then.

    Raises
    ------
    EvidenceError
        If there are no or all patches, or the seed is negative; at once.
    ModelError
        As `class_states`, at once.
    """
    if patches.ndim != 2 or patches.dtype != bool:
        raise EvidenceError("Patches to be knocked out are True or False for each of a grid.")
    if not patches.any() or patches.all():
        raise EvidenceError(
            "All patches are chosen: there are no others of the same number to compare them with."
            if patches.any()
            else "No patches are chosen, and only patches can be knocked out."
        )
    if seed < 0:
        raise EvidenceError(f"A seed is a whole number from 0 on, not {seed}.")
    generator = np.random.default_rng(seed)
    regions = _other_regions(patches, generator)
    translations = _translations(patches, generator)
    none, n_patches = np.empty(0), int(patches.sum())
    blank = KnockOut(n_patches, layer, 0.0, none, none, len(regions), len(translations), seed)
    shifts = [] if known is None else [known.shift, *known.regions, *known.translations]
    sets = np.concatenate([patches[None], regions, translations])[len(shifts) :]
    sets = np.concatenate([np.zeros_like(patches)[None], sets])
    prefix = np.zeros((len(sets), model.info.n_prefix), dtype=bool)
    sets = np.concatenate([prefix, sets.reshape(len(sets), -1)], axis=1)
    return _shifts(class_states(model, photo, layer, sets, input), shifts, blank, waiting)


def _shifts(
    pieces: Iterator[np.ndarray],
    shifts: list[float],
    blank: KnockOut,
    waiting: Callable[[], object] | None,
) -> Generator[KnockOut, None, None]:
    """Yield the shifts that are known and those that come; the first state is without a set."""
    whole = None
    n_all = 1 + blank.n_regions + blank.n_translations
    while len(shifts) < n_all or whole is None:
        if waiting is not None:
            waiting()
        states = next(pieces).astype(np.float64)
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        if whole is None:
            whole, states = states[0], states[1:]
        # Of unit vectors, 1 minus the cosine without a difference of nearly equal numbers.
        shifts = [*shifts, *(((states - whole) ** 2).sum(axis=1) / 2).tolist()]
        if shifts:
            others = np.split(np.array(shifts[1:]), [blank.n_regions])
            yield replace(blank, shift=shifts[0], regions=others[0], translations=others[1])


def _other_regions(patches: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Grow connected regions of as many patches, each another, and none of them the same."""
    regions: list[np.ndarray] = []
    same = {patches.tobytes()}
    sizes = np.full(MOST_REGIONS * _TRIES, patches.sum())
    for size in sizes:
        if len(regions) == MOST_REGIONS:
            break
        (region,) = grow_regions(np.array([size]), patches.shape, generator)
        if region.tobytes() not in same:
            same.add(region.tobytes())
            regions.append(region.reshape(patches.shape))
    return np.array(regions, dtype=bool).reshape(-1, *patches.shape)


def _translations(patches: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Move the patches on the torus, each time to another place, and never onto themselves."""
    height, width = patches.shape
    translations: list[np.ndarray] = []
    same = {patches.tobytes()}
    for offset in generator.permutation(height * width).tolist():
        if len(translations) == MOST_REGIONS:
            break
        moved = np.roll(patches, divmod(offset, width), axis=(0, 1))
        if moved.tobytes() not in same:
            same.add(moved.tobytes())
            translations.append(moved)
    return np.array(translations, dtype=bool).reshape(-1, *patches.shape)
