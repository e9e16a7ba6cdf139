"""Merge trees of all heads -> what the Atlas paints: a component's colour for every patch."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from attntopo.analysis import Cell, shown_scales, tracked_colours
from attntopo.attention import MEAN
from attntopo.figures import palette
from attntopo.figures.jpeg import jpeg_url
from attntopo.figures.tokens import TokenGrid
from attntopo.links import scale_text
from attntopo.topology import SINGLE, Components, MergeTree, components_at

_LETTERS = np.frombuffer(palette.LETTERS.encode(), dtype=np.uint8)
_LARGEST_PHOTO = 640  # pixels

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
    scales: tuple[float, float] | None,
    link: Mapping[str, str],
    link_to: Callable[[Cell], Mapping[str, str]],
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
    scales : tuple of float or None
        At which all heads of A and of B, and the means of heads, are painted; None for each at its
        own (`own_scale`).
    link : mapping of str to str
        The query of what is looked at.
    link_to : callable
        A head -> the query by which Compare opens it.

    Returns
    -------
    str
        JSON. `cells` has by "layer,head" A's and B's scale as links write them, the colours of A's
        and of B's patches (a letter a patch, row by row: `palette` has what it stands for), how
        many components each has and how many of them are single points, and in what its query
        differs from `link`: null for what it lacks. The means' colours are kept from layer to layer
        (`tracked_colours`).
    """
    painted = _painted(*trees, scales)
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
        "one": scales is not None,
        "link": dict(link),
        "palette": palette.BY_LETTER,
        "sides": sides,
    }
    identity = hashlib.sha256(json.dumps([about, scales]).encode()).hexdigest()[:16]
    cells = {
        f"{cell[0]},{cell[1]}": {
            **_cell(own, of_sides, tokens),
            "link": _difference(link, link_to(cell)),
        }
        for cell, (own, of_sides) in painted.items()
    }
    return json.dumps({"id": identity, **about, "cells": cells}, separators=(",", ":"))


def _painted(
    a: Trees, b: Trees, scales: tuple[float, float] | None
) -> dict[Cell, tuple[tuple[float, float], tuple[Components, Components]]]:
    """Return both photos' scales and components of each head that is known of both."""
    own: dict[Cell, tuple[float, float]] = {}
    for cell in (cell for cell in a if cell in b):
        own[cell] = scales or (own_scale((a[cell], b[cell])),) * 2
    there = [
        {cell: components_at(of[cell], at[k]) for cell, at in own.items()}
        for k, of in enumerate((a, b))
    ]
    means = sorted(cell for cell in own if cell[1] == MEAN)
    for of_side in there:
        tracked = tracked_colours([of_side[mean] for mean in means])
        for mean, colours in zip(means, tracked, strict=True):
            one = of_side[mean]
            of_side[mean] = Components(one.leaders, one.sizes, colours)
    return {cell: (at, (there[0][cell], there[1][cell])) for cell, at in own.items()}


def _difference(link: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str | None]:
    """Return what makes one query of another; None for what has to go."""
    names = sorted({*link, *other})
    return {name: other.get(name) for name in names if other.get(name) != link.get(name)}


def _cell(
    scales: tuple[float, float],
    sides: tuple[Components, Components],
    tokens: Sequence[TokenGrid],
) -> dict[str, Any]:
    return {
        "scales": [scale_text(scale) for scale in scales],
        "colours": [
            _LETTERS[one.colours[grid.cells[:, 0] >= 0] - SINGLE].tobytes().decode()
            for one, grid in zip(sides, tokens, strict=True)
        ],
        "counts": [[len(np.unique(one.leaders)), int((one.sizes == 1).sum())] for one in sides],
    }


def _photo(tokens: TokenGrid) -> str:
    """Return what the patches cover, as a data URL."""
    picture = Image.fromarray(tokens.enlarged)
    picture.thumbnail((_LARGEST_PHOTO, _LARGEST_PHOTO))
    return jpeg_url(picture)
