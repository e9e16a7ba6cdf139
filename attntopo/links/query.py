"""A link's parameters -> what is being looked at, with a note for each that can't be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attntopo.attention import MEAN, ROLLOUT
from attntopo.distances import DISTANCES, DistanceError, find_distance
from attntopo.links.selection import NOTHING, parse_selection
from attntopo.links.view import (
    CAMERA,
    CHOICES,
    DISPLAY_OPTIONS,
    EXAMPLES,
    OF_B,
    VERSION,
    View,
    bounds,
    is_private,
    is_published,
    largest_scale,
    moved,
    on_grid,
)
from attntopo.models import ModelError, ModelInfo, SharedInfo

_WHOLE = re.compile(r"[0-9]{1,4}")
_CAMERA = re.compile(r"(-?[0-9]\.[0-9]{2}),(-?[0-9]\.[0-9]{2}),([0-9]{1,2}\.[0-9]{2})")
_FARTHEST = (3.15, 1.58)
_ZOOMS = (0.3, 12.0)
_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9]{1,9})?")

Describe = Callable[..., ModelInfo | SharedInfo]
"""Model id, and B's where it has its own -> what there is to look at.

It raises `ModelError` where a model isn't to be had.
"""


def read_query(
    query: Mapping[str, Sequence[str]], models: Sequence[str], describe: Describe
) -> tuple[View, list[str]]:
    """Build a view from a link's parameters.

    Parameters
    ----------
    query : mapping of str to sequence of str
        All values of each parameter, as in the link.
    models : sequence of str
        Ids of the models that are known here.
    describe : callable
        Model id -> ModelInfo, or SharedInfo where the session holds attention of its own; raises
        `ModelError` where the model isn't to be had.

    Returns
    -------
    View
        Values that are missing, unknown or out of range are the defaults.
    list of str
        A sentence for each value that wasn't taken; it names the parameter, never the value.
    """
    read = _Reader(query)
    default = View()
    if read.text("v", VERSION) != VERSION:
        read.notes.append("This link is of another version of AttnTopo; what it says is tried.")
    a, b = (read.photo(name, getattr(default, name)) for name in ("a", "b"))
    options: dict[str, Any] = {
        name: read.choice(name, values, values[0]) for name, values in CHOICES.items()
    }
    distance = read.distance(default.distance)
    wanted = [read.choice("model", tuple(models), default.model)]
    apart = any(name in query for name in OF_B)
    if apart:
        wanted.append(read.choice("model_b", tuple(models), wanted[0]))
    for place, name in enumerate(wanted):
        try:
            describe(name)
        except ModelError as error:
            wanted[place] = default.model
            of = f" for {'AB'[place]}" if apart else ""
            read.notes.append(f"{error} The embedded model is shown instead{of}.")
    info = describe(*wanted)
    model, layer, head = wanted[0], *read.head("", default, bounds(info, "a", apart))
    if apart:
        options["model_b"] = wanted[1]
        first = View(layer=layer, head=head)
        options["layer_b"], options["head_b"] = read.head("_b", first, bounds(info, "b", apart))
    scale = read.scale(DISTANCES[distance].default_scale, largest_scale(distance, info))
    options |= {name: read.look(name) for name in DISPLAY_OPTIONS if name not in CHOICES}
    pick = read.pick()
    return View(a, b, model, layer, head, distance, scale, **options, pick=pick), read.notes


def read_display_options(said: Mapping[str, Any]) -> dict[str, Any]:
    """Take what the browser says of its own pictures, as far as it can be.

    Parameters
    ----------
    said : mapping
        Values by name, whatever they are.

    Returns
    -------
    dict
        Of `DISPLAY_OPTIONS` those whose value can be used.
    """
    read = _Reader({name: [str(said[name])] for name in DISPLAY_OPTIONS if name in said})
    values = {name: read.look(name) for name in read.query}
    return {name: value for name, value in values.items() if name not in read.refused}


class _Reader:
    """Reads parameters, and notes each that couldn't be taken."""

    def __init__(self, query: Mapping[str, Sequence[str]]) -> None:
        self.query = query
        self.notes: list[str] = []
        self.refused: list[str] = []

    def text(self, name: str, default: str) -> str | None:
        """Return the value, the default if there is none, None if there are several."""
        values = set(self.query.get(name, ()))
        if not values:
            return default
        return values.pop() if len(values) == 1 else None

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value in allowed:
            return str(value)
        return self._refused(name, default)

    def photo(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if value is not None and (is_private(value) or is_published(value)):
            return value
        return self.choice(name, EXAMPLES, default)

    def distance(self, default: str) -> str:
        try:
            return find_distance(self.text("distance", default) or "").key
        except DistanceError:
            return self._refused("distance", default)

    def whole(self, name: str, default: int, last: int) -> int:
        default = min(default, last)
        value = self.text(name, str(default))
        if value is not None and _WHOLE.fullmatch(value) and int(value) <= last:
            return int(value)
        return self._refused(name, default)

    def head(
        self, suffix: str, default: View, info: ModelInfo | SharedInfo
    ) -> tuple[int, int | str]:
        layer = self.whole(f"layer{suffix}", default.layer, info.n_layers - 1)
        value = self.text(f"head{suffix}", str(default.head))
        if value in (MEAN, ROLLOUT):
            return layer, value
        number = default.head if isinstance(default.head, int) else 0
        return layer, self.whole(f"head{suffix}", number, info.n_heads - 1)

    def pick(self) -> str:
        value = self.text("pick", NOTHING)
        if value == NOTHING or (value is not None and parse_selection(value)):
            return str(value)
        return self._refused("pick", NOTHING)

    def look(self, name: str) -> Any:
        if name in CHOICES:
            return self.choice(name, CHOICES[name], CHOICES[name][0])
        return self.whole(name, View.paint, 100) if name == "paint" else self.camera(name)

    def camera(self, name: str) -> str:
        value = self.text(name, CAMERA)
        found = _CAMERA.fullmatch(value) if value else None
        if found:
            *angles, zoom = (float(number) for number in found.groups())
            near = all(abs(one) <= most for one, most in zip(angles, _FARTHEST, strict=True))
            if near and _ZOOMS[0] <= zoom <= _ZOOMS[1]:
                return str(value)
        return self._refused(name, CAMERA)

    def scale(self, default: float, last: float) -> float:
        value = self.text("scale", str(default))
        if value is None or not _DECIMAL.fullmatch(value) or float(value) > last:
            return self._refused("scale", default)
        scale = on_grid(float(value))
        if scale != float(value):
            self.notes.append(moved(scale))
        return scale

    def _refused(self, name: str, default: Any) -> Any:
        self.refused.append(name)
        self.notes.append(f"The link's `{name}` can't be used here, so it is {default}.")
        return default
