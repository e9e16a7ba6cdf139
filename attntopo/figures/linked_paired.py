"""What the linked view says of two heads token by token, where both are of the same photo."""

from typing import Any

import numpy as np

from attntopo.analysis import TokenComparison
from attntopo.figures.packing import PackedArray, packed_array


def paired_numbers(tokens: TokenComparison | None) -> dict[str, Any] | None:
    """Return what is sent of both heads: numbers, None where there is none, and the largest shift.

    Parameters
    ----------
    tokens : TokenComparison, optional
        None where tokens don't correspond.
    """
    if tokens is None:
        return None
    numbers = tokens.numbers
    largest = max(float(np.abs(one).max(initial=0.0)) for one in tokens.shifts or [np.empty(0)])
    return {
        "rtd_lite": _or_none(numbers.rtd_lite),
        "merge_heights": _or_none(numbers.merge_heights),
        "note": numbers.note,
        "largest": largest,
    }


def packed_shifts(tokens: TokenComparison | None, k: int) -> PackedArray | None:
    """Return the shifts of one side's tokens as float32; None where there are none."""
    if tokens is None or tokens.shifts is None:
        return None
    return packed_array(tokens.shifts[k], np.float32)


def _or_none(number: float) -> float | None:
    return number if np.isfinite(number) else None
