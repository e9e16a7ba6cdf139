"""View: what is being looked at; to and from a link's query string."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from attntopo.attention import MEAN, ROLLOUT
from attntopo.catalogue import EMBEDDED
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.images import SAMPLES
from attntopo.model_info import ModelError, ModelInfo, SharedInfo
from attntopo.pick import NOTHING, parse_pick

RING = "ring"
"""The synthetic example among the photos."""

EXAMPLES = (*SAMPLES, RING)
"""What there is to look at without a photo of one's own."""

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

_OF_B = ("model_b", "layer_b", "head_b")
"""What B has of its own, or none of it."""

_TOKENS_FROM = ("a", "b", "model", "model_b", "tokens")
"""What a token is selected among: where one of them changes, it has lost its meaning."""

_BARS_FROM = (*_TOKENS_FROM, "layer", "head", "layer_b", "head_b", "distance")
"""The same of a bar, or a pair of bars."""

_VERSION = "1"
_WHOLE = re.compile(r"[0-9]{1,4}")
_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9]{1,9})?")

Describe = Callable[..., ModelInfo | SharedInfo]
"""Model id, and B's where it has its own -> what there is to look at.

It raises `ModelError` where a model isn't to be had.
"""


@dataclass(frozen=True)
class HeadChoice:
    """Which attention head one photo is looked at with.

    Attributes
    ----------
    model : str
        Id in the catalogue.
    layer : int
    head : int, "mean" or "rollout"
    """

    model: str
    layer: int
    head: int | str


@dataclass(frozen=True)
class View:
    """What is on the screen.

    Attributes
    ----------
    a, b : str
        The photos: a sample's name, or `private`.
    model : str
        Id in the catalogue.
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        Counted from 0; or what all heads make together.
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
    model_b, layer_b, head_b : optional
        What B is looked at with, where that isn't the same as for A: all three or none.
    """

    a: str = "astronaut"
    b: str = "camera"
    model: str = EMBEDDED
    layer: int = 1
    head: int | str = 2
    distance: str = "notebook"
    scale: float = 0.05
    tokens: str = "all"
    layout: str = "distances"
    color: str = "component"
    quantity: str = "h0-bottleneck"
    pick: str = NOTHING
    model_b: str | None = None
    layer_b: int | None = None
    head_b: int | str | None = None

    @property
    def apart(self) -> bool:
        """Whether B has its own model, layer and head."""
        return self.model_b is not None

    def side(self, side: str) -> HeadChoice:
        """Return which head A ("a") or B ("b") is looked at with."""
        if side == "a" or self.model_b is None or self.layer_b is None or self.head_b is None:
            return HeadChoice(self.model, self.layer, self.head)
        return HeadChoice(self.model_b, self.layer_b, self.head_b)

    def together(self) -> View:
        """Return the view with B looked at as A is."""
        return replace(self, model_b=None, layer_b=None, head_b=None)

    def to_query(self) -> dict[str, str]:
        """Return the link's parameters, every value explicit; B's own only where it has them."""
        values = {
            field.name: str(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) is not None
        }
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
        picked = parse_pick(self.pick)
        among = _TOKENS_FROM if picked and picked.kind == "token" else _BARS_FROM
        kept = {name: getattr(self, name) for name in among}
        if any(changes.get(name, value) != value for name, value in kept.items()):
            changes.setdefault("pick", NOTHING)
        wanted = replace(self, **changes)
        notes = []
        within: dict[str, Any] = {}
        for side in "ab" if wanted.apart else "a":
            choice, of_side = wanted.side(side), _bounds(info, side, wanted.apart)
            layer, head, moved = _within(choice, of_side)
            notes += moved
            suffix = "_b" if side == "b" else ""
            within |= {f"layer{suffix}": layer, f"head{suffix}": head}
        scale = min(on_grid(wanted.scale), largest_scale(wanted.distance, info))
        if abs(scale - wanted.scale) > 1e-9:  # a slider is off by a rounding error at times
            notes.append(_moved(scale))
        return replace(wanted, scale=scale, **within), notes


def _bounds(info: ModelInfo | SharedInfo, side: str, apart: bool) -> ModelInfo | SharedInfo:
    """Return what bounds a side's layer and head: its own, or what both sides have."""
    return info.sides["ab".index(side)] if apart and isinstance(info, SharedInfo) else info


def _within(choice: HeadChoice, info: ModelInfo | SharedInfo) -> tuple[int, int | str, list[str]]:
    """Bring a layer and a head into what there is, with a sentence for each that had to move."""
    layer = min(choice.layer, info.n_layers - 1)
    head = choice.head if isinstance(choice.head, str) else min(choice.head, info.n_heads - 1)
    notes = []
    if layer != choice.layer:
        notes.append(f"This view has no layer {choice.layer}: its last, {layer}, is shown.")
    if head != choice.head:
        notes.append(f"This view has no head {choice.head}: its last, {head}, is shown.")
    return layer, head, notes


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
    options: dict[str, Any] = {
        name: read.choice(name, values, values[0]) for name, values in CHOICES.items()
    }
    distance = read.choice("distance", tuple(DISTANCES), default.distance)
    wanted = [read.choice("model", tuple(models), default.model)]
    apart = any(name in query for name in _OF_B)
    if apart:
        wanted.append(read.choice("model_b", tuple(models), wanted[0]))
    try:
        info = describe(*wanted)
    except ModelError as error:
        read.notes.append(f"{error} The embedded model is shown instead.")
        wanted = [default.model for _ in wanted]
        info = describe(*wanted)
    model, layer, head = wanted[0], *read.head("", default, _bounds(info, "a", apart))
    if apart:
        options["model_b"] = wanted[1]
        first = View(layer=layer, head=head)
        options["layer_b"], options["head_b"] = read.head("_b", first, _bounds(info, "b", apart))
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
        return self.choice(name, EXAMPLES, default)

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
