"""What the page must show, computed by the library."""

from __future__ import annotations

from collections.abc import Sequence

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
    return tiles_of([_of_sample(model, name) for name in (view.a, view.b)], view)


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
    return tiles_at(topologies, at.compare(*topologies), view.scale)


def tiles_at(
    topologies: Sequence[at.HeadTopology], found: at.Comparison, scale: float
) -> dict[str, str]:
    """The tiles at a scale, by label, of topologies that were compared."""
    counts = [count(one, at.skeleton_at(one.distances, one.tree, scale)) for one in topologies]
    return {
        "H0 bottleneck": f"{found.h0_bottleneck:.4f}",
        "H1 bottleneck": f"{found.h1_bottleneck:.4f}",
        "Components A | B": f"{counts[0].components} | {counts[1].components}",
        "Loops A | B": f"{counts[0].loops} | {counts[1].loops}",
    }
