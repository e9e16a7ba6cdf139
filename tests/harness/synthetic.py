"""Attention made by code over a patch grid: no model, any size."""

from __future__ import annotations

import numpy as np


def neighbourly_maps(
    grid: tuple[int, int], n_prefix: int = 1, n_layers: int = 2, n_heads: int = 3, seed: int = 0
) -> np.ndarray:
    """Patches attend to what is near in their own half, left or right; later heads, further.

    Parameters
    ----------
    grid : tuple of int
    n_prefix, n_layers, n_heads : int
    seed : int
        Of the few per cent of noise, so that no two rows are equal.

    Returns
    -------
    ndarray of float64, shape (n_layers, n_heads, n_tokens, n_tokens)
        Patches of different halves don't attend to each other, but to the same prefix tokens,
        which attend to all tokens about alike.
    """
    rows, columns = (axis.ravel() for axis in np.indices(grid))
    near = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    same_half = (columns < grid[1] / 2)[:, None] == (columns < grid[1] / 2)
    n = n_prefix + len(rows)
    maps = np.ones((n_layers, n_heads, n, n))
    for layer in range(n_layers):
        for head in range(n_heads):
            width = 0.5 + layer + head / 2
            patches = np.exp(-near / (2 * width**2)) * same_half
            maps[layer, head, n_prefix:, n_prefix:] = patches
    maps *= np.random.default_rng(seed).uniform(0.97, 1.03, size=maps.shape)
    return maps / maps.sum(axis=-1, keepdims=True)
