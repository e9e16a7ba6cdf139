"""What the page must show, computed by the library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import attntopo as at
from attntopo.analysis.comparison import count
from attntopo.links.view import View

_attended: dict[tuple[str, str], at.Attention] = {}


def expected_tiles(
    model: at.Model, view: View, photos: Sequence[at.Photo] | None = None
) -> dict[str, str]:
    """The tiles of a view, by label: of its samples, or of other photos in their place."""
    if photos is not None:
        return tiles_of([model.attend(photo) for photo in photos], view)
    models = [model if view.side(side).model == model.info.id else _twin() for side in "ab"]
    return tiles_of(list(map(_of_sample, models, (view.a, view.b))), view)


@cache
def _twin() -> at.Model:
    return at.load_model("embedded~untrained")


def _of_sample(model: at.Model, name: str) -> at.Attention:
    key = model.info.id, name
    if key not in _attended:
        _attended[key] = at.ring_attention() if name == "ring" else model.attend(at.sample(name))
    return _attended[key]


def tiles_of(attended: Sequence[at.Attention], view: View) -> dict[str, str]:
    """The tiles of a view, by label, of any attention."""
    topologies = [
        at.analyse(attention, choice.layer, choice.head, view.distance, view.tokens)
        for attention, choice in zip(attended, (view.side("a"), view.side("b")), strict=True)
    ]
    shown = tiles_at(topologies, at.compare(*topologies), *scales_of(topologies, view))
    grids = {attention.grid for attention in attended}
    if view.a != view.b or view.side("a") == view.side("b") or len(grids) > 1:
        return shown
    distances = [one.distances for one in topologies]  # of the same tokens
    paired = {
        "RTD-lite": f"{at.rtd_lite(*distances):.4f}",
        "Merge correlation": f"{at.merge_height_correlation(*distances):.4f}",
    }
    return paired | {name: text for name, text in shown.items() if "bottleneck" not in name}


def scales_of(topologies: Sequence[at.HeadTopology], view: View) -> list[float]:
    """Where A and B are shown: as chosen, or where enough merges have happened, rounded up."""
    if view.scale is not None and view.share is None:
        return [view.scale, view.scale]
    own = [sorted(one.tree.lengths.tolist()) for one in topologies]
    share, lengths = view.share, own
    if share is None:
        share, lengths = 90.0, [sorted([*own[0], *own[1]])] * 2
    scales = []
    for each in lengths:
        happened = math.ceil(Fraction(str(share)) * len(each) / 100)
        length = Fraction(each[happened - 1] if happened else 0)
        scales.append(math.ceil(length * 100_000) / 100_000)
    return scales


def tiles_at(
    topologies: Sequence[at.HeadTopology], found: at.Comparison, *scales: float
) -> dict[str, str]:
    """The tiles at A's scale and B's, by label, of topologies that were compared."""
    counts = [
        count(one, at.skeleton_at(one.distances, one.tree, scale))
        for one, scale in zip(topologies, scales, strict=True)
    ]
    return {
        "H0 bottleneck": f"{found.h0_bottleneck:.4f}",
        "H1 bottleneck": f"{found.h1_bottleneck:.4f}",
        "Components A | B": f"{counts[0].components} | {counts[1].components}",
        "Loops A | B": f"{counts[0].loops} | {counts[1].loops}",
    }
