"""Where the points of a head lie on the photo, and what to call them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from attntopo.attention import Attention
from attntopo.photos import LARGEST_RATIO

PATCH_PIXELS = 20
"""Pixels a side that each patch has in pictures."""
OPACITY = 0.6
"""How much of a component's colour is laid over its patches."""


@dataclass(frozen=True, eq=False)
class TokenGrid:
    """The points of a head as tokens on the patch grid.

    Attributes
    ----------
    names : tuple of str
        Of each point: "class token", or "token 18: row 1, column 1".
    cells : ndarray of int64, shape (n_points, 2)
        Row and column on the patch grid; -1 for tokens that are no patches.
    mean_colours : ndarray of uint8, shape (n_points, 3)
        Mean colour of the patch; mid-grey for tokens that are no patches.
    grid : tuple of int
        Height and width of the patch grid.
    pixels : ndarray of uint8, shape (height, width, 3)
        What the patches cover of what the model saw: a whole multiple of the grid.
    """

    names: tuple[str, ...]
    cells: np.ndarray
    mean_colours: np.ndarray
    grid: tuple[int, int]
    pixels: np.ndarray

    @cached_property
    def enlarged(self) -> np.ndarray:
        """The photo with 20 x 20 pixels a patch, uint8."""
        size = (self.grid[1] * PATCH_PIXELS, self.grid[0] * PATCH_PIXELS)
        return np.asarray(Image.fromarray(self.pixels).resize(size, Image.Resampling.BICUBIC))

    @property
    def stretch(self) -> float:
        """How many times as tall as wide a patch is drawn: as it is, but for a row of tokens, say.

        A picture of one row of 144 would otherwise be a line, and one of 300 rows endless.
        """
        height, width = self.pixels.shape[:2]
        ratio = min(max(width / height, 1 / LARGEST_RATIO), LARGEST_RATIO)
        return self.grid[1] / self.grid[0] / ratio

    @property
    def lengths(self) -> np.ndarray:
        """How far apart the points lie on the photo, in patches, float64, shape (n, n).

        Tokens that are no patches have no place there: they count as half the grid away from all.
        """
        from scipy.spatial.distance import cdist

        apart = cdist(self.cells, self.cells)
        nowhere = self.cells[:, 0] < 0
        apart[nowhere, :] = apart[:, nowhere] = sum(self.grid) / 4
        np.fill_diagonal(apart, 0.0)
        return apart


def token_grid(attention: Attention, prefix: tuple[str, ...], tokens: np.ndarray) -> TokenGrid:
    """Describe the points of a head as tokens on the patch grid.

    Parameters
    ----------
    attention : Attention
        It knows the grid, and which pixels each patch is of.
    prefix : tuple of str
        Names of the tokens before the patches.
    tokens : ndarray of int64, shape (n_points,)
        Which token each point is.

    Returns
    -------
    TokenGrid
    """
    pixels, grid, (height, width) = attention.covered_pixels, attention.grid, attention.patch_size
    patches = pixels.reshape(grid[0], height, grid[1], width, 3)
    means = patches.mean(axis=(1, 3)).reshape(-1, 3)
    patch = tokens - len(prefix)
    cells = np.stack(np.divmod(patch, grid[1]), axis=1)
    cells[patch < 0] = -1
    colours = np.where(patch[:, None] < 0, 128, means[np.maximum(patch, 0)])
    names = tuple(
        prefix[token] if row < 0 else f"token {token}: row {row}, column {column}"
        for token, (row, column) in zip(tokens.tolist(), cells.tolist(), strict=True)
    )
    return TokenGrid(names, cells, colours.astype(np.uint8), grid, pixels)
