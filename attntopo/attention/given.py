"""What was given as attention -> arrays and numbers of ours, or a sentence that refuses it."""

import operator
import re
from typing import Any

import numpy as np

_COARSE = re.compile(r"float[468](?!\d)")
"""What the names of floating-point types of at most 8 bits have in common."""
_RAW_BFLOAT16 = np.dtype("V2")
_RAW_BYTE = np.dtype("V1")
"""As what NumPy reads these types back from a file: it has none of them."""
_NO_ATTENTION = (
    'There is no attention in this: please load the model with attn_implementation="eager", and '
    "run it with output_attentions=True. Other implementations return none."
)
TOO_COARSE = (
    "Attention in float8, or another type of at most 8 bits, is too coarse: its rows don't sum to "
    "1. Please give it as float32, float16 or bfloat16, from before it was rounded."
)


class AttentionError(ValueError):
    """Attention can't be used as it was given; the message is one sentence that says why."""


def as_floats(maps: Any) -> np.ndarray:
    """Copy attention into an array of float64 if that is what it is, else of float32.

    Raises
    ------
    AttentionError
        If it can't be read as an array of real numbers, or its type is too coarse.
    """
    if maps is None or (isinstance(maps, list | tuple) and not _all_there(maps)):
        raise AttentionError(_NO_ATTENTION)
    array = as_array(maps, "attention")
    if array.dtype == object and any(one is None for one in array.flat):
        raise AttentionError(_NO_ATTENTION)
    if array.dtype.kind not in "fiub":
        raise AttentionError(
            f"Attention must be real numbers; these are of the type {str(array.dtype)[:40]}."
        )
    double = array.dtype.kind == "f" and array.dtype.itemsize == 8
    with np.errstate(over="ignore"):  # what becomes infinite is refused as such
        return np.array(array, dtype=np.float64 if double else np.float32, order="C")


def _all_there(layers: list | tuple) -> bool:
    return bool(layers) and not any(one is None for one in layers)


def as_array(values: Any, what: str) -> np.ndarray:
    """Read whatever was given as an array; bfloat16, the upper half of a float32, becomes that.

    Parameters
    ----------
    values : array-like
        Of NumPy or another framework, or lists of such.
    what : str
        What to call it where it can't be read.

    Raises
    ------
    AttentionError
        If it can't be read, or is of floating-point numbers of at most 8 bits.
    """
    try:
        if isinstance(values, list | tuple) and any(_is_array(one) for one in values):
            return np.stack([as_array(one, what) for one in values])
        kind = str(getattr(values, "dtype", ""))
        if _COARSE.search(kind):
            raise AttentionError(TOO_COARSE)
        if hasattr(values, "detach"):  # torch: what has a gradient isn't converted otherwise
            values = values.detach()
            if kind == "torch.bfloat16":  # torch hands NumPy none of it
                values = values.float()
        array = np.asarray(values)
    except AttentionError:
        raise
    except Exception as error:  # frameworks raise whatever they like
        raise AttentionError(
            f"This {what} can't be read as an array: please give one array, or arrays of one "
            "shape, in the processor's memory."
        ) from error
    if is_too_coarse(array.dtype):
        raise AttentionError(TOO_COARSE)
    # Where NumPy has no name for it, some frameworks hand it over as whole numbers.
    as_numbers = "bfloat16" in kind and array.dtype == np.uint16
    return _widened(array) if as_numbers or is_bfloat16(array.dtype) else array


def _is_array(values: Any) -> bool:
    """Say whether it is an array with axes, or lists of such."""
    while isinstance(values, list | tuple) and len(values):
        values = values[0]
    return bool(getattr(values, "shape", ()))


def is_bfloat16(dtype: np.dtype) -> bool:
    """Say whether it is bfloat16, or the bare two bytes as which NumPy reads that from a file."""
    return dtype.name == "bfloat16" or dtype == _RAW_BFLOAT16


def is_too_coarse(dtype: np.dtype) -> bool:
    """Say whether it is float8 or smaller, or the bare byte as which NumPy reads that."""
    return bool(_COARSE.search(dtype.name)) or dtype == _RAW_BYTE


def _widened(array: np.ndarray) -> np.ndarray:
    """Turn bfloat16, the upper half of a float32, into that."""
    return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def one_photo(maps: np.ndarray) -> np.ndarray:
    """Return attention as (layers, heads, tokens, tokens), whichever of the first are missing.

    Raises
    ------
    AttentionError
        If there is a batch of several photos.
    """
    if maps.ndim == 5:
        if maps.shape[1] != 1:
            raise AttentionError(
                "Attention needs the shape (layers, heads, tokens, tokens); this has the shape "
                f"{maps.shape}. Of a batch, please give one photo's alone: "
                "[layer[0] for layer in outputs.attentions]."
            )
        return maps[:, 0]
    return maps.reshape((1,) * (4 - maps.ndim) + maps.shape) if 2 <= maps.ndim < 4 else maps


def as_grid(grid: Any) -> tuple[int, int]:
    """Read height and width of a patch grid; else an AttentionError."""
    try:
        rows, columns = (operator.index(one) for one in grid)
    except (TypeError, ValueError):
        rows = columns = 0
    if min(rows, columns) < 1:
        raise AttentionError(
            "The grid must be two positive whole numbers: height and width in patches."
        )
    return rows, columns


def as_patch(patch_size: Any) -> tuple[int, int]:
    """Read height and width of a patch in pixels, one number or two; else an AttentionError."""
    try:
        sides = np.broadcast_to(np.asarray(patch_size), 2).tolist()
        height, width = (operator.index(side) for side in sides)
    except (TypeError, ValueError):
        height = width = 0
    if min(height, width) < 1:
        raise AttentionError(
            "The patch size (patch_size) must be one or two positive whole numbers: height and "
            "width of a patch in pixels."
        )
    return height, width


def as_prefix(n_prefix: Any) -> int:
    """Read the number of prefix tokens; else an AttentionError."""
    try:
        number = operator.index(n_prefix)
    except TypeError:
        number = -1
    if number < 0:
        raise AttentionError(
            "The number of prefix tokens (n_prefix) must be a whole number of at least 0."
        )
    return number


def check_pixels(pixels: np.ndarray, grid: tuple[int, int]) -> None:
    """Refuse what is no picture, or too small for a grid, with an AttentionError."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise AttentionError(
            "The picture (input_pixels) needs the shape (height, width, 3) and the type uint8; "
            f"this has the shape {pixels.shape} and the type {str(pixels.dtype)[:40]}."
        )
    if pixels.shape[0] < grid[0] or pixels.shape[1] < grid[1]:
        raise AttentionError(
            f"The picture (input_pixels) has {pixels.shape[0]} x {pixels.shape[1]} pixels, fewer "
            f"than one for each of the {grid[0]} x {grid[1]} patches."
        )
