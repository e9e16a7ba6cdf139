"""Where the points of a head lie on the photo, and what to call them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
        What the model saw.
    """

    names: tuple[str, ...]
    cells: np.ndarray
    mean_colours: np.ndarray
    grid: tuple[int, int]
    pixels: np.ndarray


def token_grid(
    pixels: np.ndarray, grid: tuple[int, int], prefix: tuple[str, ...], tokens: np.ndarray
) -> TokenGrid:
    """Describe the points of a head as tokens on the patch grid.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        What the model saw.
    grid : tuple of int
        Height and width of the patch grid.
    prefix : tuple of str
        Names of the tokens before the patches.
    tokens : ndarray of int64, shape (n_points,)
        Which token each point is.

    Returns
    -------
    TokenGrid
    """
    height, width = pixels.shape[0] // grid[0], pixels.shape[1] // grid[1]
    patches = pixels[: grid[0] * height, : grid[1] * width].reshape(
        grid[0], height, grid[1], width, 3
    )
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
