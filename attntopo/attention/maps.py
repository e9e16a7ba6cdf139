"""Attention: all layers and heads of one photo, from a model here or from anywhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from attntopo.attention.given import (
    AttentionError,
    as_array,
    as_floats,
    as_grid,
    as_patch,
    as_prefix,
    check_pixels,
    one_photo,
)
from attntopo.wording import counted

_PATCH_PIXELS = 14
_LONGEST_SIDE = 1024
_LARGEST_THAT_FITS = (0, 0)
"""What a patch size is by default: see `Attention`."""


MEAN, ROLLOUT = "mean", "rollout"
"""What stands for a head's number where all heads are taken together."""

SUM_TOLERANCE = 5e-3
"""How far from 1 a row's sum may be: a softmax cast to bfloat16 is off by 3e-3."""


@dataclass(frozen=True, eq=False)
class Attention:
    """Attention maps of one photo, after the model's softmax.

    Attributes
    ----------
    maps : ndarray of float32 or float64, shape (n_layers, n_heads, n_tokens, n_tokens)
        `maps[l, h, i, j]` is how much token i attends to token j in head h of layer l; rows sum
        to 1. Read-only.
    grid : tuple of int
        Height and width of the patch grid; `n_tokens = n_prefix + height * width`.
    n_prefix : int
        Tokens before the patches: class token, distillation token, registers.
    input_pixels : ndarray of uint8, shape (height, width, 3)
        What the model saw: the processor's result turned back into pixels. Read-only.
    patch_size : tuple of int
        Height and width of a patch in `input_pixels`. The patches begin at the top left; what they
        leave over at the bottom and at the right, the model didn't see. By default the largest
        patches of whole pixels of which the grid fits into the picture.
    photo_box : tuple of float
        Left, top, right and bottom of what the model saw, in widths and heights of the photo: all
        of it is (0, 0, 1, 1), and what the processor added lies outside.

    Raises
    ------
    AttentionError
        If the shape and the grid don't fit together, rows don't sum to 1 within 0.005, or the
        patches don't fit into the picture.
    """

    maps: np.ndarray
    grid: tuple[int, int]
    n_prefix: int
    input_pixels: np.ndarray
    patch_size: tuple[int, int] = _LARGEST_THAT_FITS
    photo_box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        _check_maps(self.maps, self.grid, self.n_prefix)
        fitted = _fitted_patch(self.patch_size, self.input_pixels.shape, self.grid)
        object.__setattr__(self, "patch_size", fitted)
        for name in ("maps", "input_pixels"):
            # A view: the caller's own array stays as writable as it was.
            array = getattr(self, name).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @classmethod
    def from_arrays(
        cls, maps: Any, grid: Any, n_prefix: Any, input_pixels: Any = None, patch_size: Any = None
    ) -> Attention:
        """Take attention that was computed elsewhere, by any model in any framework.

        Parameters
        ----------
        maps : array-like of numbers
            Of the shape (layers, heads, tokens, tokens); without layers, or without layers and
            heads, it is one layer, or one head. With an axis of 1 for the batch after the layers it
            is what transformers return: `outputs.attentions`. NumPy arrays, tensors on the
            processor, lists of them. float64 stays as it is; all else becomes float32, bfloat16
            of any framework too, which NumPy also stores as `V2`. Copied.
        grid : pair of int
            Height and width of the patch grid.
        n_prefix : int
            Tokens before the patches.
        input_pixels : array-like of uint8, shape (height, width, 3), optional
            What the model saw; a mid-grey picture by default.
        patch_size : int, or pair of int, optional
            Height and width of a patch in `input_pixels`. Needed where the picture is no multiple
            of the grid: a model with patches of 14 pixels has 6 x 6 of them in 97 x 97 pixels, and
            so has one with patches of 16. By default the largest patches of whole pixels of which
            the grid fits into the picture.

        Returns
        -------
        Attention

        Raises
        ------
        AttentionError
            If these aren't numbers, the shapes don't fit together, rows aren't distributions, or
            the patches don't fit into the picture.
        """
        values = one_photo(as_floats(maps))
        size, prefix = as_grid(grid), as_prefix(n_prefix)
        _check_maps(values, size, prefix)  # before a picture is made for a grid of any size
        patch = _LARGEST_THAT_FITS if patch_size is None else as_patch(patch_size)
        if input_pixels is None:
            return cls(values, size, prefix, _grey(size))
        pixels = np.array(as_array(input_pixels, "picture"))
        check_pixels(pixels, size)
        return cls(values, size, prefix, pixels, patch)

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
    def covered_pixels(self) -> np.ndarray:
        """The part of `input_pixels` that the patches cover: a whole multiple of the grid."""
        height, width = (
            patches * pixels for patches, pixels in zip(self.grid, self.patch_size, strict=True)
        )
        return self.input_pixels[:height, :width]

    @property
    def patches_box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the patch grid, in widths and heights of the photo."""
        left, top, right, bottom = self.photo_box
        height, width = (
            covered / seen
            for covered, seen in zip(
                self.covered_pixels.shape, self.input_pixels.shape[:2], strict=False
            )
        )
        return left, top, left + (right - left) * width, top + (bottom - top) * height

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.maps.nbytes + self.input_pixels.nbytes

    @cached_property
    def sha256(self) -> str:
        """Content hash of all that numbers depend on: the maps, the grid and the prefix."""
        about = f"{self.maps.dtype.str} {self.maps.shape} {self.grid} {self.n_prefix}:"
        digest = hashlib.sha256(about.encode())
        digest.update(np.ascontiguousarray(self.maps).data)
        return digest.hexdigest()

    def head(self, layer: int, head: int | str) -> np.ndarray:
        """Return one head's attention, or what all heads make together.

        Parameters
        ----------
        layer : int
            Counted from 0.
        head : int, "mean" or "rollout"
            Counted from 0; `mean` of the layer's heads; or attention rollout, the product over
            layers 0 to this one of half the mean over heads and half the identity (the residual
            connection), rows normalised once more.

        Returns
        -------
        ndarray of float32 or float64, shape (n_tokens, n_tokens)
            Read-only; rows sum to 1. `mean` and `rollout` are float64.

        Raises
        ------
        AttentionError
            If there is no such layer or head.

        References
        ----------
        Abnar, Zuidema, Quantifying attention flow in transformers, ACL (2020).
        """
        number = -1 if isinstance(head, str) else head
        known = head in (MEAN, ROLLOUT) or 0 <= number < self.n_heads
        if not (0 <= layer < self.n_layers and known):
            raise AttentionError(
                f"There is no head ({layer}, {head}): layers go from 0 to {self.n_layers - 1}, "
                f"heads from 0 to {self.n_heads - 1}, then {MEAN} and {ROLLOUT}."
            )
        if head == MEAN:
            rows = self._mean(layer)
        elif head == ROLLOUT:
            rows = self._rollout(layer)
        else:
            return self.maps[layer, number]
        rows.setflags(write=False)
        return rows

    def _mean(self, layer: int) -> np.ndarray:
        return self.maps[layer].mean(axis=0, dtype=np.float64)

    def _rollout(self, layer: int) -> np.ndarray:
        product = np.eye(self.n_tokens)
        for number in range(layer + 1):
            product = (self._mean(number) @ product + product) / 2
        return product / product.sum(axis=1, keepdims=True)


def normalised_rows(attention: np.ndarray) -> np.ndarray:
    """Return one head's attention as float64, each row divided by its sum.

    Parameters
    ----------
    attention : array of numbers, shape (n_tokens, n_tokens)
        Non-negative. Rows that a model returns as float32 sum to 1 within 1e-7 only.

    Returns
    -------
    ndarray of float64, shape (n_tokens, n_tokens)
        A new array; rows sum to 1.

    Raises
    ------
    AttentionError
        If it is not a square matrix, or a row is negative somewhere, not finite, or all zero.
    """
    rows = np.array(as_array(attention, "attention"), dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] != rows.shape[1] or not len(rows):
        raise AttentionError(
            f"One head's attention is a square matrix; this has the shape {rows.shape}."
        )
    sums = rows.sum(axis=1, keepdims=True)
    # NaN fails both comparisons.
    if not (rows.min() >= 0 and sums.min() > 0 and np.isfinite(sums).all()):
        raise AttentionError("Rows of attention must be non-negative, finite and not all zero.")
    return rows / sums


def _check_maps(maps: np.ndarray, grid: tuple[int, int], n_prefix: int) -> None:
    if maps.ndim != 4 or maps.shape[2] != maps.shape[3] or 0 in maps.shape:
        raise AttentionError(
            "Attention needs the shape (layers, heads, tokens, tokens); this has the shape "
            f"{maps.shape}."
        )
    expected = n_prefix + grid[0] * grid[1]
    if maps.shape[2] != expected:
        raise AttentionError(
            f"A grid of {grid[0]} x {grid[1]} patches and {counted(n_prefix, 'prefix token')} make "
            f"{counted(expected, 'token')}; the attention has {maps.shape[2]}."
        )
    # A row with a NaN sums to NaN, which fails this test too.
    error = np.abs(maps.sum(axis=-1, dtype=np.float64) - 1).max(initial=0.0)
    if not error <= SUM_TOLERANCE or maps.min(initial=0.0) < 0:
        raise AttentionError(
            "Rows of attention must be distributions: non-negative, with the sum 1."
        )


def _fitted_patch(
    patch_size: tuple[int, int], shape: tuple[int, ...], grid: tuple[int, int]
) -> tuple[int, int]:
    """Return the patch size, or the largest that fits where none is said."""
    if patch_size == _LARGEST_THAT_FITS:
        return shape[0] // grid[0], shape[1] // grid[1]
    height, width = as_patch(patch_size)
    if grid[0] * height > shape[0] or grid[1] * width > shape[1]:
        raise AttentionError(
            f"A grid of {grid[0]} x {grid[1]} patches of {height} x {width} pixels doesn't fit "
            f"into the picture (input_pixels) of {shape[0]} x {shape[1]} pixels."
        )
    return height, width


def _grey(grid: tuple[int, int]) -> np.ndarray:
    side = max(1, min(_PATCH_PIXELS, _LONGEST_SIDE // max(grid)))
    return np.full((grid[0] * side, grid[1] * side, 3), 128, dtype=np.uint8)
