"""Merge trees of all heads -> what the Atlas paints: a component's colour for every patch."""

import base64
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from attntopo.analysis import Cell, shown_scales, tracked_colours
from attntopo.attention import MEAN
from attntopo.figures import palette
from attntopo.figures.tokens import TokenGrid
from attntopo.links import scale_text
from attntopo.topology import GREY, PALE, SINGLE, Components, MergeTree, components_at

_LETTERS = np.frombuffer(b".pg01234567", dtype=np.uint8)  # from SINGLE on
_LARGEST_PHOTO = 640  # pixels
_PALETTE = {
    chr(letter): palette.rgb_colour(number).tolist()
    for number, letter in enumerate(_LETTERS.tolist(), start=SINGLE)
}
assert (SINGLE, PALE, GREY) == (-3, -2, -1)

Trees = Mapping[Cell, MergeTree]


def own_scale(trees: Sequence[MergeTree]) -> float:
    """Return the scale that fits a head: nine of ten merges of both photos have happened.

    Parameters
    ----------
    trees : sequence of MergeTree
        Of the same head, one a photo.

    Returns
    -------
    float
        A whole number of steps of the scale.
    """
    return shown_scales(trees)[0]


def painted_heads(
    trees: tuple[Trees, Trees],
    tokens: Sequence[TokenGrid],
    names: Sequence[str],
    size: tuple[int, int],
    scale: float | None,
    link: Mapping[str, str],
) -> str:
    """Put together what the browser paints of all heads of two photos.

    Parameters
    ----------
    trees : tuple of mapping
        By layer and head, or "mean", of A and of B, as far as they are known.
    tokens : sequence of TokenGrid
        Of A's and of B's points.
    names : sequence of str
        Of the photos.
    size : tuple of int
        How many layers and heads there are.
    scale : float or None
        At which all heads are painted; None for each at its own (`own_scale`). The means of heads
        always are at their own.
    link : mapping of str to str
        The query of Compare; layer, head and scale in it are those that are looked at.

    Returns
    -------
    str
        JSON. `cells` has by "layer,head" the scale as links write it, the colours of A's and of
        B's patches (a letter a patch, row by row: `palette` has what it stands for), and how many
        components of two points and more and how many single points each has. The means' colours
        are kept from layer to layer (`tracked_colours`).
    """
    painted = _painted(*trees, scale)
    sides = [
        {
            "letter": letter,
            "name": name,
            "grid": list(one.grid),
            "ratio": one.grid[1] / (one.grid[0] * one.stretch),
            "photo": _photo(one),
        }
        for letter, name, one in zip("AB", names, tokens, strict=True)
    ]
    about: dict[str, Any] = {
        "layers": size[0],
        "heads": size[1],
        "one": scale is not None,
        "link": dict(link),
        "palette": _PALETTE,
        "sides": sides,
    }
    identity = hashlib.sha256(json.dumps([about, scale]).encode()).hexdigest()[:16]
    cells = {
        f"{layer},{head}": _cell(scale_text(own), of_sides, tokens)
        for (layer, head), (own, of_sides) in painted.items()
    }
    return json.dumps({"id": identity, **about, "cells": cells}, separators=(",", ":"))


def _painted(
    a: Trees, b: Trees, scale: float | None
) -> dict[Cell, tuple[float, tuple[Components, Components]]]:
    """Return the scale and both photos' components of each head that is known of both."""
    cells = [cell for cell in a if cell in b]
    scales = {
        cell: own_scale((a[cell], b[cell])) if scale is None or cell[1] == MEAN else scale
        for cell in cells
    }
    there = [{cell: components_at(of[cell], scales[cell]) for cell in cells} for of in (a, b)]
    means = sorted(cell for cell in cells if cell[1] == MEAN)
    for of_side in there:
        tracked = tracked_colours([of_side[mean] for mean in means])
        for mean, colours in zip(means, tracked, strict=True):
            one = of_side[mean]
            of_side[mean] = Components(one.leaders, one.sizes, colours)
    return {cell: (scales[cell], (there[0][cell], there[1][cell])) for cell in cells}


def _cell(
    scale: str, sides: tuple[Components, Components], tokens: Sequence[TokenGrid]
) -> dict[str, Any]:
    return {
        "scale": scale,
        "colours": [
            _LETTERS[one.colours[grid.cells[:, 0] >= 0] - SINGLE].tobytes().decode()
            for one, grid in zip(sides, tokens, strict=True)
        ],
        "counts": [
            [len(np.unique(one.leaders[one.sizes > 1])), int((one.sizes == 1).sum())]
            for one in sides
        ],
    }


def _photo(tokens: TokenGrid) -> str:
    """Return what the patches cover, as a data URL."""
    picture = Image.fromarray(tokens.enlarged)
    picture.thumbnail((_LARGEST_PHOTO, _LARGEST_PHOTO))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
