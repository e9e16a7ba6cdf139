"""What the linked view draws: all of two heads that the browser needs, as one block of bytes.

The browser compares no lengths: it gets the steps of the scale at which edges, merges and bars
begin and end. So it can't disagree with Python by an edge.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attntopo.analysis import (
    HeadTopology,
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
from attntopo.figures.packing import PackedArray, key_of, packed_array, packed_document
from attntopo.figures.tokens import TokenGrid
from attntopo.links import NOTHING
from attntopo.threads import map_threaded
from attntopo.topology import Cycle, Layout

_PALETTE = {
    "components": palette.COMPONENT_COLOURS,
    "grey": palette.GREY_COLOUR,
    "pale": palette.PALE_COLOUR,
    "single": palette.SINGLE_COLOUR,
    "h0": [palette.H0_COLOUR, palette.H0_COLOUR_ON_DARK],
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
    attention : ndarray of float, shape (n_tokens, n_tokens)
        The head's attention, all columns.
    cycles : sequence of Cycle, optional
        One for each bar of dimension 1; None where they couldn't be had.
    """

    name: str
    topology: HeadTopology
    tokens: TokenGrid
    picture: PhotoPicture
    layout: Layout
    attention: np.ndarray
    cycles: Sequence[Cycle] | None


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

    Returns
    -------
    LinkedData
    """
    first, second = heads = tuple(side.topology for side in sides)
    trees = (first.tree, second.tree)
    identity = _identity(first, second)
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
            "notebook": notebook if np.isfinite(notebook) else None,
            "matchings": {name: _matching(one) for name, one in matchings.items()},
            "sides": map_threaded(_side, zip("AB", sides, strict=True)),
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


def _identity(*topologies: HeadTopology) -> str:
    digest = hashlib.sha256()
    for topology in topologies:
        digest.update(topology.distances.distance.encode())
        digest.update(np.ascontiguousarray(topology.distances.tokens).data)
        digest.update(np.ascontiguousarray(topology.distances.values).data)
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
        "costs": [cost if np.isfinite(cost) else None for cost in matching.costs.tolist()],
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
        "steps": packed_steps(pair_steps(topology.distances)),
        "tree": _tree(topology),
        "positions": packed_array(side.layout.positions, np.float32),
        "layout": [side.layout.variance_share, side.layout.stress],
        "bars": [_components(topology), _loops(side)],
        "cycles": side.cycles is not None,
        "attention": _heat(side.attention, topology.distances.tokens),
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
    return _bars(bars, merge=[*range(skipped, n_merges), None])


def _loops(side: LinkedSide) -> list[dict[str, Any]]:
    """List the bars of dimension 1, each with its cycle where there is one."""
    diagrams = side.topology.diagrams
    assert diagrams.birth_edges is not None
    assert diagrams.death_triangles is not None
    loops = [[loop.tolist() for loop in cycle.loops] for cycle in side.cycles or ()]
    return _bars(
        diagrams[1],
        edge=diagrams.birth_edges.tolist(),
        triangle=diagrams.death_triangles.tolist(),
        loops=loops or [[] for _ in diagrams[1]],
    )


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
    return [round(value, 6) if np.isfinite(value) else None for value in values.tolist()]


def _heat(attention: np.ndarray, tokens: np.ndarray) -> PackedArray:
    """Scale attention between the points to a byte each, for colour alone: roots of shares."""
    shares = np.asarray(attention, dtype=np.float64)[np.ix_(tokens, tokens)]
    roots = np.sqrt(shares / max(float(shares.max(initial=0.0)), 1e-300))
    return packed_array(np.rint(255 * roots), np.uint8)


def packed_steps(steps: np.ndarray) -> list[PackedArray]:
    """Pack steps byte by byte: all lowest ones, all next ones, … as far as there are any.

    The lowest are noise, which nothing makes smaller; the others are alike from pair to pair.

    Parameters
    ----------
    steps : ndarray of int64
    """
    n_bytes = max(1, (int(steps.max(initial=0)).bit_length() + 7) // 8)
    planes = np.ascontiguousarray(steps, dtype="<i8").view(np.uint8).reshape(-1, 8)
    return [packed_array(planes[:, k], np.uint8) for k in range(n_bytes)]
