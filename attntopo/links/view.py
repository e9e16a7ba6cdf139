"""View: what is being looked at, and the query string that says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from attntopo.analysis import opening_head
from attntopo.attention import MEAN
from attntopo.distances import SCALE_STEPS
from attntopo.links.bounds import (
    CHOSEN,
    at_most,
    fitted_input,
    has_head,
    largest_scale,
    last_numbers,
)
from attntopo.links.options import (
    CAMERA,
    DISPLAY_OPTIONS,
    VERSION,
    middle_strength,
    scale_text,
    strength_text,
)
from attntopo.links.photo_groups import NO_GROUPS
from attntopo.links.selection import NOTHING, parse_selection
from attntopo.models import (
    EMBEDDED,
    OWN_INPUT,
    ModelInfo,
    ModelInput,
    SharedInfo,
    trained_id,
)

_TOKENS_FROM = ("a", "b", "model", "model_b", "input", "shape", "tokens")
"""What a token is selected among: where one of them changes, it has lost its meaning."""

_BARS_FROM = (*_TOKENS_FROM, "layer", "head", "layer_b", "head_b", "distance")
"""The same of a bar, or a pair of bars."""


@dataclass(frozen=True)
class HeadChoice:
    """Which attention head one photo is looked at with.

    Attributes
    ----------
    model : str
        Id in the catalogue, or that of its untrained twin.
    layer : int
    head : int, "mean" or "rollout"
    input : ModelInput
        What is made of the photo for the model.
    """

    model: str
    layer: int
    head: int | str
    input: ModelInput = OWN_INPUT


@dataclass(frozen=True)
class View:
    """What is on the screen.

    Attributes
    ----------
    a, b : str
        The photos: a sample's name, `private`, or `sha256-…` for a published one.
    model : str
        Id in the catalogue, or that of its untrained twin.
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        Counted from 0; or what all heads make together.
    distance : str
        Key in `DISTANCES`.
    scale : float, optional
        In the units of the distance, a whole number of `1 / SCALE_STEPS`. None until someone
        chooses one: it is then where nine of ten merges of both photos have happened. Numbers
        come from `analysis.shown_scales`, which knows them once the photos' merges are known.
    share : float, optional
        If given, each photo is shown at its own scale: where this share of its own merges has
        happened, in percent with two decimals. `scale` waits meanwhile.
    tokens : {"all", "patches"}
        Which tokens are points.
    layout : {"distances", "spring"}
        The 3D layout.
    color : {"component", "photo"}
        The colour of nodes in 3D.
    quantity : str
        What the Atlas shows: a key of `QUANTITIES`.
    pictures : {"own", "one"}
        Whether the Atlas paints each head at a scale that fits it, or all at `scale`.
    against : str
        Which head the Atlas compares all heads with: `chosen` for that of `layer` and `head`, else
        layer and head as `9-3` or `8-mean`.
    selection : str
        What is selected, see `attntopo.links.selection`; `none` for nothing.
    paint : int
        How opaque the components on the photo are, in percent.
    patches : {"components", "shifts"}
        What patches are coloured by: their components, or where the merges of the same photo's two
        heads disagree.
    frame : {"photo", "model"}
        Whether the whole photo is shown, in its own ratio, or the patch grid as the model sees it.
    tab, matching, heat, sort, shown : str
        In the linked view: which further picture is drawn, which matching, what a selected token
        shows, how the table of bars is sorted, and which photo where there is room for one.
    camera_a, camera_b : str
        From where the 1-skeletons are seen: turn and tilt in radians, and zoom.
    model_b, layer_b, head_b : optional
        What B is looked at with, where that isn't the same as for A: all three or none.
    input : int, optional
        Pixels a side of what the models of both get; None for what their own image processors make.
    shape : {"square", "photo"}
        The shape of that: as the image processor makes it, or the photo's own.
    perturbed : {"a", "b"}
        Which photo the Stability page perturbs.
    perturbation : str
        How: a key of `PERTURBATIONS`.
    strength : float
        One of the strengths that it offers, in its unit.
    collection : {"samples", "private"}
        The photos of the Collection page: the samples, or what the session has uploaded there.
    sheet : str
        What its contact sheet is sorted by: a key of `SHEET_COLUMNS`, and `up` or `down`.
    between : str
        The distance between its photos: a key of `PHOTO_DISTANCES`.
    groups : str
        Two groups of the sample photos that are compared there: see `parse_groups`.
    """

    a: str = "camera"
    b: str = "coffee"
    model: str = EMBEDDED
    layer: int = 8
    head: int | str = MEAN
    distance: str = "jensen-shannon"
    scale: float | None = None
    share: float | None = None
    tokens: str = "all"
    layout: str = "distances"
    color: str = "component"
    quantity: str = "h0-bottleneck"
    pictures: str = "own"
    against: str = CHOSEN
    selection: str = NOTHING
    paint: int = 60
    patches: str = "components"
    frame: str = "photo"
    tab: str = "diagrams"
    matching: str = "h1-bottleneck"
    heat: str = "to"
    sort: str = "length-down"
    shown: str = "a"
    camera_a: str = CAMERA
    camera_b: str = CAMERA
    model_b: str | None = None
    layer_b: int | None = None
    head_b: int | str | None = None
    input: int | None = None
    shape: str = "square"
    perturbed: str = "a"
    perturbation: str = "noise"
    strength: float = 16.0
    collection: str = "samples"
    sheet: str = "order-up"
    between: str = "h0-bottleneck"
    groups: str = NO_GROUPS

    @property
    def model_input(self) -> ModelInput:
        """What is made of both photos for the models."""
        return ModelInput(self.input, self.shape)

    @property
    def against_head(self) -> tuple[int, int | str]:
        """Layer and head that the Atlas compares all heads with."""
        if self.against == CHOSEN:
            return self.layer, self.head
        layer, _, head = self.against.partition("-")
        return int(layer), head if head == MEAN else int(head)

    @property
    def b_has_own_head(self) -> bool:
        """Whether B has its own model, layer and head."""
        return self.model_b is not None

    def side(self, side: str) -> HeadChoice:
        """Return which head A ("a") or B ("b") is looked at with."""
        if side == "a" or self.model_b is None or self.layer_b is None or self.head_b is None:
            return HeadChoice(self.model, self.layer, self.head, self.model_input)
        return HeadChoice(self.model_b, self.layer_b, self.head_b, self.model_input)

    def together(self) -> View:
        """Return the view with B looked at as A is."""
        return replace(self, model_b=None, layer_b=None, head_b=None)

    def display_options(self) -> dict[str, Any]:
        """Return what the browser draws by itself."""
        return {name: getattr(self, name) for name in DISPLAY_OPTIONS}

    def has_same_heads(self, other: View) -> bool:
        """Say whether two views look at the same photos by the same heads and distance."""
        return all(getattr(self, name) == getattr(other, name) for name in _BARS_FROM)

    def shows_as(self, other: View) -> bool:
        """Say whether two views have the same numbers, wherever they are looked at from."""
        return replace(self, **other.display_options()) == other

    def to_query(self) -> dict[str, str]:
        """Return the link's parameters, every value explicit; B's own only where it has them."""
        values = {name: str(value) for name, value in asdict(self).items() if value is not None}
        values["pick"] = values.pop("selection")  # as links have called it from the first
        texts = {"scale": scale_text(self.scale), "strength": strength_text(self.strength)}
        return {"v": VERSION, **values, **texts}

    def changed(self, info: ModelInfo | SharedInfo, **changes: Any) -> tuple[View, list[str]]:
        """Return the view with some values changed, brought into what there is to look at.

        Parameters
        ----------
        info : ModelInfo or SharedInfo
            Of the model, or of what both sides have, after the change, with the input's patch grid.
        **changes
            New values by field. A new distance brings the photos' own scale unless one is given,
            a new model the layer and head that it opens on, while an untrained twin keeps those of
            its model, and a new perturbation its own strength in the middle.

        Returns
        -------
        View
        list of str
            A sentence for each value that had to be moved.
        """
        if changes.get("distance", self.distance) != self.distance:
            changes.setdefault("scale", None)
        if changes.get("perturbation", self.perturbation) != self.perturbation:
            changes.setdefault("strength", middle_strength(changes["perturbation"]))
        sides = info.sides if isinstance(info, SharedInfo) else (info, info)
        there = last_numbers(info, changes.get("model_b", self.model_b) is not None)
        for suffix, side in zip(("", "_b"), sides, strict=True):
            before = getattr(self, f"model{suffix}")
            model = changes.get(f"model{suffix}", before)
            if model is not None and trained_id(model) != trained_id(before or ""):
                names = (f"layer{suffix}", f"head{suffix}")
                # Nobody asked for these, so where there are fewer there is nothing to say.
                opened = dict(zip(names, opening_head(side.n_layers), strict=True))
                changes = {name: at_most(n, there[name]) for name, n in opened.items()} | changes
                changes.setdefault("against", CHOSEN)
        selected = parse_selection(self.selection)
        among = _TOKENS_FROM if selected and selected.kind == "token" else _BARS_FROM
        if any(getattr(self, name) != changes.get(name, getattr(self, name)) for name in among):
            changes.setdefault("selection", NOTHING)
        wanted = replace(self, **changes)
        pixels, shape, notes = fitted_input(info, wanted.input, wanted.shape)
        within: dict[str, Any] = {"input": pixels, "shape": shape}
        if not has_head(wanted.against, there):
            within["against"] = CHOSEN
            notes.append("Heads are compared with the chosen one: the other isn't there.")
        for name, last in there.items():
            number = getattr(wanted, name)
            if at_most(number, last) != number:
                within[name] = last
                what = name.removesuffix("_b")
                notes.append(f"This view has no {what} {number}: its last, {last}, is shown.")
        if wanted.scale is not None:
            on_grid = round(wanted.scale * SCALE_STEPS) / SCALE_STEPS
            within["scale"] = min(on_grid, largest_scale(wanted.distance, info))
            # A slider is off by a rounding error at times.
            if abs(within["scale"] - wanted.scale) > 1e-10:
                notes.append(
                    f"The scale goes in steps of {1 / SCALE_STEPS:.5f} up to the distance's bound: "
                    f"it is now {scale_text(within['scale'])}."
                )
        return replace(wanted, **within), notes
