"""What there is to look at: layers and heads, scales, and inputs of the models."""

import re

from attntopo.attention import MEAN
from attntopo.distances import DISTANCES
from attntopo.models import ModelInfo, ModelInput, SharedInfo

CHOSEN = "chosen"
"""What a link says where all heads are compared with the head that is chosen."""

_HEAD = re.compile(rf"([0-9]{{1,4}})-([0-9]{{1,4}}|{MEAN})")

Fitted = tuple[int | None, str, list[str]]
"""Side, shape, and a sentence for each that had to be changed."""


def fitted_input(info: ModelInfo | SharedInfo, side: int | None, shape: str) -> Fitted:
    """Return the nearest input to the one wanted that all models of a view can take.

    Parameters
    ----------
    info : ModelInfo or SharedInfo
    side : int, optional
        Pixels a side, None for the models' own; the own side is the same, and None too.
    shape : {"square", "photo"}

    Returns
    -------
    side, shape, notes
    """
    notes = []
    if side is not None and side == info.own_side:
        side = None
    if not info.takes(ModelInput(side)):
        own = f", {info.own_side}," if info.own_side else ""
        notes.append(f"There is no input of {side} pixels here: the model's own{own} is shown.")
        side = None
    if not info.takes(ModelInput(side, shape)):
        notes.append("The input can't have the photo's own shape here: the model's own is shown.")
        shape = "square"
    return side, shape, notes


def last_numbers(info: ModelInfo | SharedInfo, own_head: bool) -> dict[str, int]:
    """Return the last layer and head by field of `View`: of both sides, or of each its own."""
    sides = info.sides if own_head and isinstance(info, SharedInfo) else (info, info)
    numbers = {"layer": sides[0].n_layers - 1, "head": sides[0].n_heads - 1}
    if own_head:
        numbers |= {"layer_b": sides[1].n_layers - 1, "head_b": sides[1].n_heads - 1}
    return numbers


def has_head(named: str, last: dict[str, int]) -> bool:
    """Say whether there is a head that a link names as `9-3`, `8-mean` or `chosen`.

    Parameters
    ----------
    named : str
    last : dict
        From `last_numbers`.
    """
    if named == CHOSEN:
        return True
    if not (numbers := _HEAD.fullmatch(named)):
        return False
    layer, head = numbers.groups()
    return int(layer) <= last["layer"] and (head == MEAN or int(head) <= last["head"])


def at_most(number: int | str, last: int) -> int | str:
    """Return a layer or head, or the last one where there are fewer; words always are there."""
    return min(number, last) if isinstance(number, int) else number


def largest_scale(distance: str, info: ModelInfo | SharedInfo) -> float:
    """Return the largest scale that can be chosen: the bound, rounded up to a thousandth."""
    return DISTANCES[distance].largest_scale(info.n_tokens)
