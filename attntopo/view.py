"""View: what is being looked at; to and from a link's query string."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from attntopo.catalogue import EMBEDDED
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.images import SAMPLES
from attntopo.model_info import ModelError, ModelInfo, SharedInfo
from attntopo.pick import NOTHING, parse_pick

PRIVATE = "private"
"""What a link says of a photo that was uploaded and not published: never its hash."""

CHOICES = {
    "tokens": ("all", "patches"),
    "layout": ("distances", "spring"),
    "color": ("component", "photo"),
    "quantity": (
        "h0-bottleneck",
        "h1-bottleneck",
        "h0-wasserstein-1",
        "h1-wasserstein-1",
        "h0-wasserstein-2",
        "h1-wasserstein-2",
        "h0-total-persistence",
        "h0-entropy",
        "h0-longest",
        "h1-total-persistence",
        "h1-entropy",
        "h1-longest",
        "components",
        "loops",
        "attention-distance",
        "attention-entropy",
    ),
}
"""The options with a fixed set of values."""

_PICKED_FROM = ("a", "b", "model", "layer", "head", "distance", "tokens")
"""What a selection is made among: where one of them changes, it has lost its meaning."""

_VERSION = "1"
_WHOLE = re.compile(r"[0-9]{1,4}")
_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9]{1,9})?")

Describe = Callable[[str], ModelInfo | SharedInfo]
"""Model id -> what there is to look at; raises `ModelError` where the model isn't to be had."""


@dataclass(frozen=True)
class View:
    """What is on the screen.

    Attributes
    ----------
    a, b : str
        The photos: a sample's name, or `private`.
    model : str
        Id in the catalogue.
    layer, head : int
        Counted from 0.
    distance : str
        Key in `DISTANCES`.
    scale : float
        A whole number of thousandths, in the units of the distance.
    tokens : {"all", "patches"}
        Which tokens are points.
    layout : {"distances", "spring"}
        The 3D layout.
    color : {"component", "photo"}
        The colour of nodes in 3D.
    quantity : str
        What the Atlas shows: a key of `atlas.QUANTITIES`.
    pick : str
        What is selected, see `attntopo.pick`; `none` for nothing.
    """

    a: str = "astronaut"
    b: str = "camera"
    model: str = EMBEDDED
    layer: int = 1
    head: int = 2
    distance: str = "notebook"
    scale: float = 0.05
    tokens: str = "all"
    layout: str = "distances"
    color: str = "component"
    quantity: str = "h0-bottleneck"
    pick: str = NOTHING

    def to_query(self) -> dict[str, str]:
        """Return the link's parameters, every value explicit."""
        values = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        return {"v": _VERSION, **values, "scale": f"{self.scale:.3f}"}

    def changed(self, info: ModelInfo | SharedInfo, **changes: Any) -> tuple[View, list[str]]:
        """Return the view with some values changed, brought into what there is to look at.

        Parameters
        ----------
        info : ModelInfo or SharedInfo
            Of the model, or of what both sides have, after the change.
        **changes
            New values by field. A new distance brings its default scale unless a scale is given.

        Returns
        -------
        View
        list of str
            A sentence for each value that had to be moved.
        """
        if changes.get("distance", self.distance) != self.distance:
            changes.setdefault("scale", DISTANCES[changes["distance"]].default_scale)
        if any(changes.get(name, getattr(self, name)) != getattr(self, name) for name in _PICKED_FROM):
            changes.setdefault("pick", NOTHING)
        wanted = replace(self, **changes)
        layer = min(wanted.layer, info.n_layers - 1)
        head = min(wanted.head, info.n_heads - 1)
        scale = min(on_grid(wanted.scale), largest_scale(wanted.distance, info))
        notes = []
        if layer != wanted.layer:
            notes.append(f"This view has no layer {wanted.layer}: its last, {layer}, is shown.")
        if head != wanted.head:
            notes.append(f"This view has no head {wanted.head}: its last, {head}, is shown.")
        if abs(scale - wanted.scale) > 1e-9:  # a slider is off by a rounding error at times
            notes.append(_moved(scale))
        return replace(wanted, layer=layer, head=head, scale=scale), notes


def on_grid(scale: float) -> float:
    """Round a scale to a whole number of thousandths."""
    return round(scale * SCALE_STEPS) / SCALE_STEPS


def largest_scale(distance: str, info: ModelInfo | SharedInfo) -> float:
    """Return the end of the scale's slider: the distance's bound, rounded up to a thousandth."""
    return DISTANCES[distance].last_step(info.n_tokens) / SCALE_STEPS


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
    if read.text("v", _VERSION) != _VERSION:
        read.notes.append("This link is of another version of AttnTopo; what it says is tried.")
    a, b = (read.photo(name, getattr(default, name)) for name in ("a", "b"))
    options = {name: read.choice(name, values, values[0]) for name, values in CHOICES.items()}
    distance = read.choice("distance", tuple(DISTANCES), default.distance)
    model = read.choice("model", tuple(models), default.model)
    try:
        info = describe(model)
    except ModelError as error:
        read.notes.append(f"{error} The embedded model is shown instead.")
        model = default.model
        info = describe(model)
    layer = read.whole("layer", default.layer, info.n_layers - 1)
    head = read.whole("head", default.head, info.n_heads - 1)
    scale = read.scale(DISTANCES[distance].default_scale, largest_scale(distance, info))
    pick = read.pick()
    return View(a, b, model, layer, head, distance, scale, **options, pick=pick), read.notes


class _Reader:
    """Reads parameters, and notes each that couldn't be taken."""

    def __init__(self, query: Mapping[str, Sequence[str]]) -> None:
        self.query = query
        self.notes: list[str] = []

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
        if self.text(name, default) == PRIVATE:
            return PRIVATE
        return self.choice(name, SAMPLES, default)

    def whole(self, name: str, default: int, last: int) -> int:
        default = min(default, last)
        value = self.text(name, str(default))
        if value is not None and _WHOLE.fullmatch(value) and int(value) <= last:
            return int(value)
        return self._refused(name, default)

    def pick(self) -> str:
        value = self.text("pick", NOTHING)
        if value == NOTHING or (value is not None and parse_pick(value)):
            return str(value)
        return self._refused("pick", NOTHING)

    def scale(self, default: float, last: float) -> float:
        value = self.text("scale", str(default))
        if value is None or not _DECIMAL.fullmatch(value) or float(value) > last:
            return self._refused("scale", default)
        scale = on_grid(float(value))
        if scale != float(value):
            self.notes.append(_moved(scale))
        return scale

    def _refused(self, name: str, default: Any) -> Any:
        self.notes.append(f"The link's `{name}` can't be used here, so it is {default}.")
        return default


def _moved(scale: float) -> str:
    return f"The scale goes in steps of 0.001 up to the distance's bound: it is now {scale:.3f}."
