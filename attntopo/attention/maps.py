"""Attention: all layers and heads of one photo, from a model here or from anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from attntopo.attention.rows import Rollout, mean_of_heads
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
        to 1. Read-only. Where some layers alone are kept, `maps[k]` is of layer `layers[k]`.
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
    layers : tuple of int, optional
        Which of the model's layers are kept, counted from 0; all of them by default.
    rollouts : mapping of int to ndarray of float64, shape (n_tokens, n_tokens)
        Attention rollout up to some layers, for which not all layers before need be kept.

    Raises
    ------
    AttentionError
        If the shape and the grid don't fit together, rows don't sum to 1 within 0.005, the
        patches don't fit into the picture, or there aren't as many maps as layers.
    """

    maps: np.ndarray
    grid: tuple[int, int]
    n_prefix: int
    input_pixels: np.ndarray
    patch_size: tuple[int, int] = _LARGEST_THAT_FITS
    photo_box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    layers: tuple[int, ...] | None = None
    rollouts: Mapping[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_maps(self.maps, self.grid, self.n_prefix)
        if self.layers is not None and len(self.layers) != len(self.maps):
            raise AttentionError(
                f"The maps are of {counted(len(self.maps), 'layer')}, not of "
                f"{len(self.layers)}, as said."
            )
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
        """Number of layers that are kept."""
        return self.maps.shape[0]

    @property
    def kept_layers(self) -> Sequence[int]:
        """Numbers of the layers that are kept, in the order of the maps."""
        return range(len(self.maps)) if self.layers is None else self.layers

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
        rollouts = sum(one.nbytes for one in self.rollouts.values())
        return self.maps.nbytes + self.input_pixels.nbytes + rollouts

    @cached_property
    def sha256(self) -> str:
        """Content hash of all that numbers depend on: the maps, the grid and the prefix."""
        layers = "" if self.layers is None else f" {self.layers}"
        about = f"{self.maps.dtype.str} {self.maps.shape} {self.grid} {self.n_prefix}{layers}:"
        digest = hashlib.sha256(about.encode())
        digest.update(np.ascontiguousarray(self.maps).data)
        return digest.hexdigest()

    def of_layer(self, layer: int) -> Attention:
        """Return one layer's attention alone, a copy that doesn't hold the others.

        Parameters
        ----------
        layer : int
            One that is kept, counted from 0.

        Returns
        -------
        Attention
            Without rollouts.
        """
        if tuple(self.kept_layers) == (layer,):
            return self
        maps = self.maps[self.kept_layers.index(layer)][None].copy()
        return replace(self, maps=maps, layers=(layer,), rollouts={})

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
            If there is no such layer or head, the layer isn't kept, or rollout needs one that
            isn't.

        References
        ----------
        Abnar, Zuidema, Quantifying attention flow in transformers, ACL (2020).
        """
        number = -1 if isinstance(head, str) else head
        known = head in (MEAN, ROLLOUT) or 0 <= number < self.n_heads
        if not (layer in self.kept_layers and known):
            raise AttentionError(self._no_head(layer, head))
        place = self.kept_layers.index(layer)
        if head == MEAN:
            rows = mean_of_heads(self.maps[place])
        elif head == ROLLOUT:
            rows = self._rollout(layer)
        else:
            return self.maps[place, number]
        rows.setflags(write=False)
        return rows

    def _no_head(self, layer: int, head: int | str) -> str:
        if self.layers is not None and layer not in self.layers:
            kept = ", ".join(str(one) for one in self.layers)
            return f"The attention of layer {layer} isn't kept here: only that of {kept} is."
        last = self.kept_layers[-1]
        return (
            f"There is no head ({layer}, {head}): layers go from {self.kept_layers[0]} to {last}, "
            f"heads from 0 to {self.n_heads - 1}, then {MEAN} and {ROLLOUT}."
        )

    def _rollout(self, layer: int) -> np.ndarray:
        if layer in self.rollouts:
            return self.rollouts[layer]
        before = range(layer + 1)
        if tuple(self.kept_layers[: layer + 1]) != tuple(before):
            raise AttentionError(
                f"Rollout up to layer {layer} needs all layers up to it, and not all are kept here."
            )
        rollout = Rollout(self.n_tokens)
        for number in before:
            rollout.go_through(self.maps[number])
        return rollout.rows()


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
    exact_enough = np.result_type(maps, np.float32)
    error = np.abs(maps.sum(axis=-1, dtype=exact_enough) - 1).max(initial=0.0)
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
