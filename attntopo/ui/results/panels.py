"""The two photos of the Compare page: all of them that doesn't depend on the scale."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from attntopo.analysis import (
    Comparison,
    Counts,
    HeadTopology,
    compare,
    comparison_effort,
    count,
    matching_efforts,
    shown_scales,
)
from attntopo.attention import Attention
from attntopo.diagrams import Matching, find_matching
from attntopo.figures.painting import WholePhoto
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import HeadChoice, View
from attntopo.models import SharedInfo, is_untrained
from attntopo.topology import (
    Cycle,
    CycleFinder,
    Layout,
    LayoutError,
    Skeleton,
    check_springs,
    skeleton_at,
    spring_effort,
    spring_layout,
)
from attntopo.ui.results import photo_attention, steps
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Key, Slot, StatusLine, named_slot, shared


@dataclass(frozen=True, eq=False)
class PhotoPanel:
    """One photo's half of the page.

    Attributes
    ----------
    letter : {"A", "B"}
    choice : HeadChoice
        The attention head it is looked at with.
    key : HeadKey
        What its topology depends on besides the photo.
    photo : PhotoInput
    tokens : TokenGrid
    topology : HeadTopology
    patches_box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    """

    letter: str
    choice: HeadChoice
    key: steps.HeadKey
    photo: PhotoInput
    tokens: TokenGrid
    topology: HeadTopology
    patches_box: tuple[float, float, float, float]

    def title(self, with_head: bool) -> str:
        """Name the photo, and its layer and head where B has its own; say if nothing is trained."""
        untrained = self.photo.given is None and is_untrained(self.choice.model)
        head = f", layer {self.choice.layer}, head {self.choice.head}" if with_head else ""
        return f"{self.photo.title}{', untrained' if untrained else ''}{head}"

    @property
    def whole_photo(self) -> WholePhoto:
        """The photo to paint on, with the part that the patches cover."""
        return WholePhoto(self.photo.photo.pixels, self.patches_box)

    @property
    def attention_bytes(self) -> int:
        """How much attention is kept of it, which isn't held here: see `attention`."""
        return photo_attention.kept_bytes(self.photo, self.choice)

    @property
    def attention_layers(self) -> tuple[int, ...] | None:
        """Of which layers that is; None for all."""
        return photo_attention.kept_layers(self.photo, self.choice)

    def attention(self, slot: Slot) -> Attention:
        """Return what is kept of the photo's attention; the model is run in a slot if need be."""
        return photo_attention.kept_attention(self.photo, self.choice, slot)

    def head(self, slot: Slot) -> np.ndarray:
        """Return the head's attention; the slot is as for `attention`."""
        return photo_attention.kept_head(self.photo, self.choice, slot)

    def skeleton(self, scale: float) -> Skeleton:
        """Take the 1-skeleton at a scale: a threshold, nothing more."""
        return skeleton_at(self.topology.distances, self.topology.tree, scale)

    def counts(self, scale: float) -> Counts:
        """Count what there is at a scale."""
        return count(self.topology, self.skeleton(scale))

    def cycles(self, rows: Iterable[int]) -> dict[int, Cycle]:
        """Find the cycles of some bars of dimension 1; see `results.cycles` for those kept."""
        rows = list(rows)
        if not rows:
            return {}
        topology = self.topology
        finder = CycleFinder(
            topology.distances, topology.diagrams, self.tokens.lengths, topology.links
        )
        return dict(zip(rows, finder.cycles(rows), strict=True))

    def layout(self, view: View, scale: float, slot: Slot) -> Layout:
        """Return the 3D layout that the view asks for; computed in a slot if need be.

        It is that of the distances where `layout_refusal` says so.
        """
        if view.layout == "spring":
            skeleton = self.skeleton(scale)
            effort = spring_effort(len(skeleton.leaders), len(skeleton.edges))
            if not effort.refused:
                return shared.in_slot(lambda: spring_layout(skeleton), slot, effort)
        return steps.lay_out(self.photo, self.key, self.topology, slot)

    def layout_refusal(self, view: View, scale: float) -> str:
        """Say why the 3D layout isn't the one that the view asks for; nothing where it is."""
        if view.layout == "spring":
            try:
                check_springs(self.skeleton(scale))
            except LayoutError as refusal:
                return f"{self.letter} is laid out by its distances. {refusal}"
        return ""


Panels = tuple[PhotoPanel, PhotoPanel]

Scales = tuple[float, float]
"""At which A and B are shown, in the units of the distance."""


def scales_of(view: View, *topologies: HeadTopology) -> Scales:
    """Say at which scale A and B are shown: no view knows it before there are topologies."""
    a, b = shown_scales([one.tree for one in topologies], view.scale, view.share)
    return a, b


def photo_panel(
    letter: str,
    view: View,
    info: SharedInfo,
    photo: PhotoInput,
    attention: Attention,
    status: StatusLine,
) -> PhotoPanel:
    """Put one photo's half together, computing its topology if need be.

    Raises
    ------
    PersistenceError
        If that would take too long.
    """
    side = letter.lower()
    key = steps.head_key(view, side)
    topology = steps.analyse_head(photo, attention, key, status)
    prefix = info.sides["ab".index(side)].prefix
    points = topology.distances.tokens
    tokens = token_grid(attention, prefix, points)
    return PhotoPanel(
        letter,
        view.side(side),
        key,
        photo,
        tokens,
        topology,
        attention.patches_box,
    )


def pair_key(kind: str, panels: Panels) -> Key:
    """Return the key of a result that depends on one head of each of two photos."""
    owner = panels[0].photo.owner or panels[1].photo.owner
    return kind, owner, *((one.photo.key, *steps.depends_on(one.key, one.photo)) for one in panels)


def compare_panels(panels: Panels, status: StatusLine) -> Comparison:
    """Return how far apart two topologies are, computed once."""
    topologies = (panels[0].topology, panels[1].topology)
    return shared.compute_once(
        pair_key("comparison", panels),
        lambda: compare(*topologies),
        partial(named_slot, "Measuring bottleneck distances", status),
        comparison_effort(*topologies),
    )


def match_panels(panels: Panels, status: StatusLine) -> dict[str, Matching]:
    """Return all matchings between two topologies' diagrams by name, each computed once."""
    first, second = (one.topology for one in panels)
    slot = partial(named_slot, "Matching the diagrams", status)
    return {
        name: shared.compute_once(
            pair_key(name, panels),
            partial(find_matching, name, first.diagrams, second.diagrams),
            slot,
            effort,
        )
        for name, effort in matching_efforts(first, second).items()
    }
