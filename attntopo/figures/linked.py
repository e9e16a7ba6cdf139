"""What the linked view draws: all of two heads that the browser needs, as one block of bytes.

The browser compares no lengths: it gets the steps of the scale at which edges, merges and bars
begin and end. So it can't disagree with Python by an edge.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attntopo.analysis import (
    HeadTopology,
    TokenComparison,
    event_steps,
    first_steps,
    most_components_step,
    objects_scale,
    pair_steps,
    slider_range,
)
from attntopo.diagrams import Matching
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.figures import palette
from attntopo.figures.axes import shared_end
from attntopo.figures.linked_evidence import certificates, noise_chances
from attntopo.figures.linked_paired import packed_shifts, paired_numbers
from attntopo.figures.packing import (
    PackedArray,
    key_of,
    packed_array,
    packed_document,
    packed_planes,
)
from attntopo.figures.tokens import TokenGrid
from attntopo.links import NOTHING
from attntopo.threads import map_threaded
from attntopo.topology import Cycle, Layout

MOST_TOKENS_WITH_HEAT = 600
"""Up to so many tokens all attention is sent: of 1,025 it is as much again as all else."""
_PALETTE = {
    "components": palette.COMPONENT_COLOURS,
    "grey": palette.GREY_COLOUR,
    "pale": palette.PALE_COLOUR,
    "single": palette.SINGLE_COLOUR,
    "h0": [palette.H0_COLOUR, palette.H0_COLOUR_ON_DARK],
    "shifts": [palette.SOONER_COLOUR, palette.LATER_COLOUR],
    "h1": [palette.H1_COLOUR, palette.H1_COLOUR_ON_DARK],
}


@dataclass(frozen=True)
class PhotoPicture:
    """Where the patches lie on a photo that the browser has.

    Attributes
    ----------
    key : str
        What the browser knows its pixels by.
    size : tuple of int
        Width and height, in pixels.
    box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    """

    key: str
    size: tuple[int, int]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class LinkedSide:
    """One photo's half of the linked view.

    Attributes
    ----------
    name : str
        What to call the photo.
    topology : HeadTopology
    tokens : TokenGrid
    picture : PhotoPicture
        The photo, of which the browser has the pixels by another way.
    layout : Layout
        Of the same points; points at NaN aren't drawn in 3D.
    attention : ndarray of float, shape (n_tokens, n_tokens), optional
        The head's attention, all columns; sent up to `MOST_TOKENS_WITH_HEAT` tokens. Of more the
        browser asks for a token's own, see `linked_answers`.
    cycles : mapping of int to Cycle
        By the rows of the diagram of dimension 1. The browser asks for those that aren't there.
    """

    name: str
    topology: HeadTopology
    tokens: TokenGrid
    picture: PhotoPicture
    layout: Layout
    attention: np.ndarray | None
    cycles: Mapping[int, Cycle]


@dataclass(frozen=True)
class LinkedData:
    """What the browser gets.

    Attributes
    ----------
    packed : bytes
        As `packing.packed_document` makes them.
    identity : str
        Its `id`: of the heads' numbers alone. Camera and selection stay while it does.
    selectable : dict of range
        The numbers that can be selected: of tokens (`a-token`), bars (`b-h1`) and pairs of bars
        (`pair-h0-bottleneck`).
    """

    packed: bytes
    identity: str
    selectable: dict[str, range]

    @property
    def key(self) -> str:
        """What the browser knows it by: of all that is in it, names and colours too."""
        return key_of(self.packed)

    def has(self, selection: str) -> bool:
        """Say whether there is what a selection names; nothing selected always is."""
        what, _, number = selection.rpartition("-")
        return selection == NOTHING or int(number) in self.selectable.get(what, ())


def linked_data(
    sides: tuple[LinkedSide, LinkedSide],
    matchings: dict[str, Matching],
    notebook: float,
    largest: float,
    colour_by: str = "component",
    same: bool = False,
    by_token: TokenComparison | None = None,
) -> LinkedData:
    """Put together all that the browser draws for two heads.

    Parameters
    ----------
    sides : tuple of LinkedSide
    matchings : dict of Matching
        By name: `h0-bottleneck`, `h1-wasserstein-2`, …
    notebook : float
        The H0 bottleneck distance as the notebook computed it.
    largest : float
        The largest scale that can be chosen.
    colour_by : {"component", "photo"}
        The colour of nodes in 3D.
    same : bool
        Whether both show the same photo, so that equal colours mean something.
    by_token : TokenComparison, optional
        Where the tokens of A and B correspond.

    Returns
    -------
    LinkedData
    """
    first, second = heads = tuple(side.topology for side in sides)
    trees = (first.tree, second.tree)
    drawn = map_threaded(_side, zip("AB", sides, strict=True))
    for k, side in enumerate(drawn):
        side["shifts"] = packed_shifts(by_token, k)
    identity = _identity(heads, drawn)
    packed = packed_document(
        {
            "id": identity,
            "range": asdict(slider_range(heads)),
            "largest": round(largest * SCALE_STEPS),
            "steps_in_one": SCALE_STEPS,
            "distance": DISTANCES[first.distances.distance].label,
            "near": DISTANCES[first.distances.distance].near,
            "axis_end": shared_end(first.diagrams, second.diagrams, 0.0),
            "events": event_steps(heads),
            "objects": int(first_steps(np.array(objects_scale(trees)))),
            "most_components": most_components_step(trees),
            "colour_by": colour_by,
            "same": same,
            "palette": _PALETTE,
            "paired": paired_numbers(by_token),
            "notebook": notebook if np.isfinite(notebook) else None,
            "matchings": {name: _matching(one) for name, one in matchings.items()},
            "sides": drawn,
        },
    )
    return LinkedData(packed, identity, _selectable(sides, matchings))


def _selectable(sides: Sequence[LinkedSide], matchings: dict[str, Matching]) -> dict[str, range]:
    numbers = {f"pair-{name}": range(len(one.pairs)) for name, one in matchings.items()}
    for letter, side in zip("ab", sides, strict=True):
        tokens = side.topology.distances.tokens
        numbers[f"{letter}-token"] = range(int(tokens[0]), int(tokens[-1]) + 1)
        for dimension in (0, 1):
            numbers[f"{letter}-h{dimension}"] = range(len(side.topology.diagrams[dimension]))
    return numbers


def _identity(heads: Sequence[HeadTopology], drawn: Sequence[dict[str, Any]]) -> str:
    digest = hashlib.sha256()
    for topology, side in zip(heads, drawn, strict=True):
        digest.update(topology.distances.distance.encode())
        for array in (topology.distances.tokens, topology.tree.lengths, *topology.diagrams.points):
            digest.update(np.ascontiguousarray(array).data)
        for plane in side["steps"]:
            digest.update(plane.piece)
    return digest.hexdigest()[:16]


def _matching(matching: Matching) -> dict[str, Any]:
    return {
        "distance": float(matching.distance) if np.isfinite(matching.distance) else None,
        # Without these the browser's words for a distance can't be had: see `distanceText` there.
        "within": getattr(matching.distance, "relative_bound", 0.0),
        "unknown": bool(np.isnan(matching.distance)),
        "note": matching.note,
        "attaining": matching.attaining,
        "pairs": matching.pairs.tolist(),
        "costs": _finite(matching.costs),
    }


def _side(lettered: tuple[str, LinkedSide]) -> dict[str, Any]:
    letter, side = lettered
    topology, tokens = side.topology, side.tokens
    n = len(topology.distances.tokens)
    prefix = [name for name, (row, _) in zip(tokens.names, tokens.cells, strict=True) if row < 0]
    return {
        "letter": letter,
        "name": side.name,
        "n": n,
        "grid": list(tokens.grid),
        "stretch": tokens.stretch,
        "prefix": prefix,
        "first_token": int(topology.distances.tokens[0]),
        "photo": asdict(side.picture),
        "means": packed_array(tokens.mean_colours, np.uint8),
        "steps": packed_planes(pair_steps(topology.distances)),
        "tree": _tree(topology),
        "positions": packed_array(side.layout.positions, np.float32),
        "layout": [side.layout.variance_share, side.layout.stress],
        "bars": [_components(topology), _loops(side)],
        "attention": _heat(side),
    }


def _tree(topology: HeadTopology) -> dict[str, Any]:
    tree = topology.tree
    return {
        "steps": first_steps(tree.lengths).tolist(),
        "lengths": _rounded(tree.lengths),
        "edges": tree.edges.tolist(),
        "survivors": tree.survivors.tolist(),
        "absorbed": tree.absorbed.tolist(),
        "colours": tree.colours.tolist(),
    }


def _components(topology: HeadTopology) -> list[dict[str, Any]]:
    """List the bars of dimension 0, each with the number of the merge that ends it."""
    bars, n_merges = topology.diagrams[0], len(topology.tree.lengths)
    # Merges at length 0, of identical rows, are no bars; the others come in the same order.
    skipped = n_merges - (len(bars) - 1)
    merges = [*range(skipped, n_merges), None]
    return _bars(bars, radius=certificates(topology, 0), merge=merges)


def _loops(side: LinkedSide) -> list[dict[str, Any]]:
    """List the bars of dimension 1, each with its cycle where that is known."""
    diagrams = side.topology.diagrams
    assert diagrams.birth_edges is not None
    assert diagrams.death_triangles is not None
    loops = {row: loops_of(cycle) for row, cycle in side.cycles.items()}
    return _bars(
        diagrams[1],
        radius=certificates(side.topology, 1),
        p=noise_chances(side.topology),
        edge=diagrams.birth_edges.tolist(),
        triangle=diagrams.death_triangles.tolist(),
        loops=[loops.get(row) for row in range(len(diagrams[1]))],
    )


def loops_of(cycle: Cycle) -> list[list[int]]:
    """List a cycle's closed paths as the browser takes them."""
    return [loop.tolist() for loop in cycle.loops]


def _bars(points: np.ndarray, **more: list[Any]) -> list[dict[str, Any]]:
    """List bars with the first steps of the scale that aren't below their birth and death."""
    steps = first_steps(points)
    columns = {
        "birth": _rounded(points[:, 0]),
        "death": _rounded(points[:, 1]),
        "born": steps[:, 0].tolist(),
        "dies": steps[:, 1].tolist(),
        **more,
    }
    return [dict(zip(columns, bar, strict=True)) for bar in zip(*columns.values(), strict=True)]


def _rounded(values: np.ndarray) -> list[float | None]:
    """Round to what is shown of them; None for infinity."""
    return _finite(np.round(values, 6))


def _finite(values: np.ndarray) -> list[float | None]:
    """List values; None for infinity, which JSON hasn't."""
    listed = values.tolist()
    if np.isfinite(values).all():
        return listed
    return [value if math.isfinite(value) else None for value in listed]


def _heat(side: LinkedSide) -> PackedArray | None:
    """Scale attention between the points to a byte each, for colour alone: roots of shares."""
    tokens = side.topology.distances.tokens
    if side.attention is None or len(tokens) > MOST_TOKENS_WITH_HEAT:
        return None
    shares = np.asarray(side.attention, dtype=np.float64)[np.ix_(tokens, tokens)]
    roots = np.sqrt(shares / max(float(shares.max(initial=0.0)), 1e-300))
    return packed_array(np.rint(255 * roots), np.uint8)
