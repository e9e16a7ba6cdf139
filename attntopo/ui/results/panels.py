"""The two photos of the Compare page: all of them that doesn't depend on the scale."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis import (
    Comparison,
    Counts,
    HeadTopology,
    compare,
    count,
    shown_scales,
)
from attntopo.attention import Attention
from attntopo.diagrams import Matching, all_matchings
from attntopo.figures.painting import WholePhoto
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.links import HeadChoice, View
from attntopo.models import SharedInfo
from attntopo.topology import (
    Cycle,
    Layout,
    PersistenceError,
    Skeleton,
    representative_cycles,
    skeleton_at,
    spring_layout,
)
from attntopo.ui.results import steps
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Key, Slot, StatusLine, shared


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
    attention_bytes : int
        Of its attention that is kept, which isn't held here: see `steps.kept_attention`.
    layers : tuple of int, optional
        Of which layers that is; None for all.
    """

    letter: str
    choice: HeadChoice
    key: steps.HeadKey
    photo: PhotoInput
    tokens: TokenGrid
    topology: HeadTopology
    patches_box: tuple[float, float, float, float]
    attention_bytes: int
    layers: tuple[int, ...] | None

    def title(self, with_head: bool) -> str:
        """Name the photo, and its layer and head where B has its own."""
        head = f", layer {self.choice.layer}, head {self.choice.head}" if with_head else ""
        return f"{self.photo.title}{head}"

    @property
    def whole_photo(self) -> WholePhoto:
        """The photo to paint on, with the part that the patches cover."""
        return WholePhoto(self.photo.photo.pixels, self.patches_box)

    def attention(self, slot: Slot) -> Attention:
        """Return what is kept of the photo's attention; the model is run in a slot if need be."""
        return steps.kept_attention(self.photo, self.choice, slot)

    def head(self, slot: Slot) -> np.ndarray:
        """Return the head's attention; the slot is as for `attention`."""
        return self.attention(slot).head(self.choice.layer, self.choice.head)

    def skeleton(self, scale: float) -> Skeleton:
        """Take the 1-skeleton at a scale: a threshold, nothing more."""
        return skeleton_at(self.topology.distances, self.topology.tree, scale)

    def counts(self, scale: float) -> Counts:
        """Count what there is at a scale."""
        return count(self.topology, self.skeleton(scale))

    def cycles(self) -> tuple[Cycle, ...] | None:
        """Find a cycle for every bar of dimension 1; None where that would take too long."""
        try:
            return representative_cycles(
                self.topology.distances, self.topology.diagrams, self.tokens.lengths
            )
        except PersistenceError:
            return None

    def layout(self, view: View, scale: float, slot: Slot) -> Layout:
        """Return the 3D layout that the view asks for; computed in a slot if need be."""
        if view.layout == "spring":
            return shared.in_slot(lambda: spring_layout(self.skeleton(scale)), slot)
        return steps.lay_out(self.photo, self.key, self.topology, slot)


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
        attention.nbytes,
        attention.layers,
    )


def pair_key(kind: str, panels: Panels) -> Key:
    """Return the key of a result that depends on one head of each of two photos."""
    owner = panels[0].photo.owner or panels[1].photo.owner
    return kind, owner, *((one.photo.key, *steps.depends_on(one.key, one.photo)) for one in panels)


def compare_panels(panels: Panels, status: StatusLine) -> Comparison:
    """Return how far apart two topologies are, computed once."""
    return shared.compute_once(
        pair_key("comparison", panels),
        lambda: compare(*(one.topology for one in panels)),
        lambda: steps.slot("Measuring bottleneck distances", status),
    )


def match_panels(panels: Panels, status: StatusLine) -> dict[str, Matching]:
    """Return all matchings between two topologies' diagrams by name, computed once."""
    return shared.compute_once(
        pair_key("matchings", panels),
        lambda: all_matchings(*(one.topology.diagrams for one in panels)),
        lambda: steps.slot("Matching the diagrams", status),
    )
