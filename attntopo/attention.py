"""Attention: all layers and heads of one photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class AttentionError(ValueError):
    """The arrays are not the attention of a Vision Transformer; the message says why."""


@dataclass(frozen=True, eq=False)
class Attention:
    """Attention maps of one photo, after the model's softmax.

    Attributes
    ----------
    maps : ndarray of float32, shape (n_layers, n_heads, n_tokens, n_tokens)
        `maps[l, h, i, j]` is how much token i attends to token j in head h of layer l; rows sum
        to 1. Read-only.
    grid : tuple of int
        Height and width of the patch grid; `n_tokens = n_prefix + height * width`.
    n_prefix : int
        Tokens before the patches: class token, distillation token, registers.
    input_pixels : ndarray of uint8, shape (height, width, 3)
        What the model saw: the processor's result turned back into pixels. Read-only.

    Raises
    ------
    AttentionError
        If the shape and the grid don't fit together, or rows don't sum to 1 within 1e-3.
    """

    maps: np.ndarray
    grid: tuple[int, int]
    n_prefix: int
    input_pixels: np.ndarray

    def __post_init__(self) -> None:
        _check_maps(self.maps, self.grid, self.n_prefix)
        for name in ("maps", "input_pixels"):
            # A view: the caller's own array stays as writable as it was.
            array = getattr(self, name).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return self.maps.shape[0]

    @property
    def n_heads(self) -> int:
        """Number of heads a layer."""
        return self.maps.shape[1]

    @property
    def n_tokens(self) -> int:
        """Number of tokens, prefix included."""
        return self.maps.shape[2]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.maps.nbytes + self.input_pixels.nbytes

    def head(self, layer: int, head: int) -> np.ndarray:
        """Return one head's attention.

        Parameters
        ----------
        layer, head : int
            Counted from 0.

        Returns
        -------
        ndarray of float32, shape (n_tokens, n_tokens)
            Read-only; rows sum to 1.

        Raises
        ------
        AttentionError
            If the model has no such layer or head.
        """
        if not (0 <= layer < self.n_layers and 0 <= head < self.n_heads):
            raise AttentionError(
                f"There is no head ({layer}, {head}): layers go from 0 to {self.n_layers - 1}, "
                f"heads from 0 to {self.n_heads - 1}."
            )
        return self.maps[layer, head]


def _check_maps(maps: np.ndarray, grid: tuple[int, int], n_prefix: int) -> None:
    if maps.ndim != 4 or maps.shape[2] != maps.shape[3]:
        raise AttentionError(
            "Attention needs the shape (layers, heads, tokens, tokens); this has the shape "
            f"{maps.shape}."
        )
    expected = n_prefix + grid[0] * grid[1]
    if maps.shape[2] != expected:
        raise AttentionError(
            f"A grid of {grid[0]} x {grid[1]} patches and {n_prefix} prefix tokens make "
            f"{expected} tokens; the attention has {maps.shape[2]}."
        )
    # A row with a NaN sums to NaN, which fails this test too.
    error = np.abs(maps.sum(axis=-1, dtype=np.float64) - 1).max(initial=0.0)
    if not error <= 1e-3 or maps.min(initial=0.0) < 0:
        raise AttentionError(
            "Rows of attention must be distributions: non-negative, with the sum 1."
        )
