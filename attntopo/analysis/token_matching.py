"""Attention to a photo and to a perturbed copy -> which tokens of both show the same place."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.attention import Attention


@dataclass(frozen=True, eq=False)
class Warp:
    """Where the places of a perturbed photo were in the photo: `matrix @ place + offset`.

    Attributes
    ----------
    matrix : ndarray of float64, shape (2, 2)
    offset : ndarray of float64, shape (2,)
        Places are (y, x) in pixels; pixel k reaches from k to k + 1.
    """

    matrix: np.ndarray
    offset: np.ndarray

    def before(self, places: np.ndarray) -> np.ndarray:
        """Return where places (n, 2) of the perturbed photo were before: an array (n, 2)."""
        return places @ self.matrix.T + self.offset


def matched_tokens(
    clean: Attention,
    perturbed: Attention,
    warp: Warp | None,
    clean_size: tuple[int, int],
    perturbed_size: tuple[int, int],
) -> np.ndarray:
    """Pair the tokens of a photo with those of the perturbed photo that show the same place.

    Parameters
    ----------
    clean, perturbed : Attention
        Of the same model.
    warp : Warp or None
        As of `PerturbedPhoto`.
    clean_size, perturbed_size : tuple of int
        Heights and widths of both photos, in pixels.

    Returns
    -------
    ndarray of int64, shape (n_pairs, 2)
        Tokens of the first and of the second, by those of the first. The prefix is paired with
        itself. A patch of the second is paired with the one in which its centre lies before; of
        several that lie in the same one, the nearest to its centre is; others are left out.

    Raises
    ------
    EvidenceError
        If they have other prefix tokens.
    """
    if clean.n_prefix != perturbed.n_prefix:
        raise EvidenceError("Tokens of models with other prefix tokens can't be matched.")
    places = _patch_centres(perturbed, perturbed_size)
    before = places if warp is None else warp.before(places)
    left, top, right, bottom = clean.patches_box
    corner = np.array([top * clean_size[0], left * clean_size[1]])
    extent = np.array([bottom * clean_size[0], right * clean_size[1]]) - corner
    # In patches, from the corner of the grid.
    within = (before - corner) / extent * clean.grid
    inside = np.nonzero(((within >= 0) & (within < clean.grid)).all(axis=1))[0]
    cells = within[inside].astype(np.int64)
    own = cells[:, 0] * clean.grid[1] + cells[:, 1]
    off_centre = np.square(within[inside] - cells - 0.5).sum(axis=1)
    # Rounded, so that four that are as near as each other don't depend on the last digit.
    order = np.lexsort((inside, off_centre.round(9), own))
    own, first = np.unique(own[order], return_index=True)
    prefix = np.arange(clean.n_prefix)
    return np.concatenate(
        [
            np.stack([prefix, prefix], axis=1),
            clean.n_prefix + np.stack([own, inside[order][first]], axis=1),
        ]
    )


def _patch_centres(attention: Attention, size: tuple[int, int]) -> np.ndarray:
    """Return where the centres of patches lie in a photo: (y, x) in pixels, (n_patches, 2)."""
    left, top, right, bottom = attention.patches_box
    rows, columns = np.divmod(np.arange(attention.grid[0] * attention.grid[1]), attention.grid[1])
    y = top + (rows + 0.5) / attention.grid[0] * (bottom - top)
    x = left + (columns + 0.5) / attention.grid[1] * (right - left)
    return np.stack([y * size[0], x * size[1]], axis=1)
