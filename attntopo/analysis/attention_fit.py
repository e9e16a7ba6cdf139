"""One head's attention -> what a plain model of it explains, and the rest."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.attention import normalised_rows
from attntopo.wording import counted

LEAST = 1e-12
"""Attention below this is taken for this before its logarithm is."""
_STANDS = 1e-10
_MOST_ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class AttentionFit:
    """The logarithm of the attention between patches as a sum: `h(i) + f(j - i) + g(j) + r_ij`.

    Attributes
    ----------
    rows : ndarray of float64, shape (n_tokens, n_tokens)
        The attention, rows normalised.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        Tokens before the patches.
    row_levels : ndarray of float64, shape (n_patches, 1)
        h: how high the logarithms of a patch's row are.
    profile : ndarray of float64, shape (n_patches, n_patches)
        f: how much a patch looks at the place that is so many rows and columns away.
    sinks : ndarray of float64, shape (n_patches,)
        g: how much all patches look at a patch.
    residual : ndarray of float64, shape (n_patches, n_patches)
        r: what these don't explain. h, f and g are determined up to what can be moved from one to
        another; r is determined.
    """

    rows: np.ndarray
    grid: tuple[int, int]
    n_prefix: int
    row_levels: np.ndarray
    profile: np.ndarray
    sinks: np.ndarray
    residual: np.ndarray

    @property
    def patches(self) -> np.ndarray:
        """The attention between patches, shape (n_patches, n_patches)."""
        return self.rows[self.n_prefix :, self.n_prefix :]

    @property
    def explained(self) -> float:
        """Share of the variance of the logarithms that h, f and g explain, 0 to 1."""
        total = np.var(_logarithms(self.patches))
        return float(1 - np.var(self.residual) / total) if total > 0 else 1.0

    def with_residual(self, residual: np.ndarray) -> np.ndarray:
        """Return the attention that has another residual and is the same in all else.

        Parameters
        ----------
        residual : ndarray of float64, shape (n_patches, n_patches)

        Returns
        -------
        ndarray of float64, shape (n_tokens, n_tokens)
            Rows and columns of the prefix are as they are; each row gives as much to patches.
        """
        logarithms = self.profile + self.sinks + residual
        return self.with_weights(np.exp(logarithms - logarithms.max(axis=1, keepdims=True)))

    def with_weights(self, weights: np.ndarray) -> np.ndarray:
        """Return the attention whose rows divide what they give to patches by other weights.

        Parameters
        ----------
        weights : ndarray of float64, shape (n_patches, n_patches)
            Not negative, and in no row all 0 where the row gives anything to patches.

        Returns
        -------
        ndarray of float64, shape (n_tokens, n_tokens)
        """
        mass = self.patches.sum(axis=1, keepdims=True)
        totals = weights.sum(axis=1, keepdims=True)
        rows = self.rows.copy()
        rows[self.n_prefix :, self.n_prefix :] = weights * np.divide(
            mass, totals, out=np.zeros_like(mass), where=totals > 0
        )
        return rows


def fit_attention(attention: np.ndarray, grid: tuple[int, int], n_prefix: int) -> AttentionFit:
    """Fit the plain model to one head's attention by alternating means, until they stand.

    Parameters
    ----------
    attention : array of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        Tokens before the patches.

    Returns
    -------
    AttentionFit
        Of least squares, over the logarithms of `max(attention, 1e-12)` between patches.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions.
    EvidenceError
        If the grid doesn't fit, there are fewer than two patches, or half of the patches attend
        to one patch and no other: then there is no residual to speak of.
    """
    rows = normalised_rows(attention)
    n_patches = grid[0] * grid[1]
    if n_prefix < 0 or n_patches < 2 or len(rows) != n_prefix + n_patches:
        raise EvidenceError(
            f"{counted(len(rows), 'token')} aren't {counted(n_prefix, 'prefix token')} and two or "
            f"more patches in a grid of {grid[0]} x {grid[1]}."
        )
    patches = rows[n_prefix:, n_prefix:]
    one_hot = int(((patches > LEAST).sum(axis=1) <= 1).sum())
    if 2 * one_hot >= n_patches:
        raise EvidenceError(
            f"{one_hot:,} of {n_patches:,} patches attend to one patch alone, or to none: rows "
            "that are one-hot have no structure that a null could keep."
        )
    return AttentionFit(rows, (grid[0], grid[1]), n_prefix, *_alternating_means(patches, grid))


def _logarithms(patches: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(patches, LEAST))


def _alternating_means(
    patches: np.ndarray, grid: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return h, f (of each pair), g and r."""
    n = len(patches)
    offsets = _offset_numbers(grid)
    pairs = np.bincount(offsets.ravel())
    residual = _logarithms(patches)
    stands = _STANDS * max(1.0, float(np.abs(residual).max()))
    h, f, g = np.zeros((n, 1)), np.zeros(len(pairs)), np.zeros(n)
    for _ in range(_MOST_ROUNDS):
        own = residual.mean(axis=1, keepdims=True)
        residual -= own
        # Some numbers belong to no offset: there are no pairs of those.
        sums = np.bincount(offsets.ravel(), residual.ravel())
        away = np.divide(sums, pairs, out=np.zeros_like(sums), where=pairs > 0)
        residual -= away[offsets]
        received = residual.mean(axis=0)
        residual -= received
        h, f, g = h + own, f + away, g + received
        if max(np.abs(own).max(), np.abs(away).max(), np.abs(received).max()) < stands:
            break
    return h, f[offsets], g, residual


def _offset_numbers(grid: tuple[int, int]) -> np.ndarray:
    """Return a number for the offset between each pair of patches: (n_patches, n_patches)."""
    height, width = grid
    rows, columns = np.divmod(np.arange(height * width), width)
    down, across = rows - rows[:, None], columns - columns[:, None]
    return (down + height - 1) * (2 * width - 1) + across + width - 1
