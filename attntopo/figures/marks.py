"""A selection -> what it marks on each photo, as the linked view does, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.analysis import HeadTopology
from attntopo.diagrams import Matching
from attntopo.figures.tokens import TokenGrid
from attntopo.links import Selection
from attntopo.topology import Cycle, MergeTree

NEIGHBOURS = 5
_HEATS = {
    "to": "yellow is where it looks",
    "by": "yellow is what looks at it",
    "near": "yellow are the nearest by the chosen distance",
}


@dataclass(frozen=True, eq=False)
class MarkedSide:
    """One photo's half, as far as it can be marked.

    Attributes
    ----------
    topology : HeadTopology
    tokens : TokenGrid
        Of the same points.
    attention : ndarray of float, shape (n_tokens, n_tokens), optional
        The head's attention; needed where a token is selected.
    cycles : mapping of int to Cycle, or sequence of Cycle, optional
        By the rows of the diagram of dimension 1; needed of the one that is selected.
    """

    topology: HeadTopology
    tokens: TokenGrid
    attention: np.ndarray | None = None
    cycles: Mapping[int, Cycle] | Sequence[Cycle] | None = None


@dataclass(frozen=True, eq=False)
class Marks:
    """What is marked on one photo, by numbers of points.

    Attributes
    ----------
    point : int, optional
        The token that is selected.
    heat : ndarray of float64, shape (n_points,), optional
        How strongly each point is lit for it, from 0 to 1.
    neighbours : tuple of int
        The nearest points to it.
    groups : tuple of ndarray of int64
        Components, each in a colour of its own.
    loops : tuple of ndarray of int64
        Closed paths, the first point not repeated.
    edges : tuple of (int, int)
    triangle : ndarray of int64, shape (3,), optional
    bar : tuple of int, optional
        Dimension and number of the bar that is selected.
    """

    point: int | None = None
    heat: np.ndarray | None = None
    neighbours: tuple[int, ...] = ()
    groups: tuple[np.ndarray, ...] = ()
    loops: tuple[np.ndarray, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    triangle: np.ndarray | None = None
    bar: tuple[int, int] | None = None


def marks_of(
    selection: Selection | None,
    sides: tuple[MarkedSide, MarkedSide],
    matchings: Mapping[str, Matching],
    heat: str = "to",
) -> tuple[Marks | None, Marks | None]:
    """Return what a selection marks on A and on B; None for nothing, or for what isn't there.

    Parameters
    ----------
    selection : Selection, optional
    sides : tuple of MarkedSide
    matchings : mapping of str to Matching
        Between the sides' diagrams, by name.
    heat : {"to", "by", "near"}
        What a selected token shows: where it looks, what looks at it, what looks alike.
    """
    a, b = (_marks(selection, k, side, matchings, heat) for k, side in enumerate(sides))
    return a, b


def _marks(
    selection: Selection | None,
    k: int,
    side: MarkedSide,
    matchings: Mapping[str, Matching],
    heat: str,
) -> Marks | None:
    if selection is None or (selection.kind != "pair" and selection.side != "ab"[k]):
        return None
    if selection.kind == "token":
        return _of_token(side, selection.number, heat)
    number = selected_bar(selection, k, matchings)
    if not 0 <= number < len(side.topology.diagrams[selection.dimension]):
        return None
    of_bar = _of_component if selection.dimension == 0 else _of_loop
    return of_bar(side, number)


def selected_bar(selection: Selection, k: int, matchings: Mapping[str, Matching]) -> int:
    """Return the row of the bar that is selected in A (k = 0) or B; -1 for none.

    Parameters
    ----------
    selection : Selection
    k : {0, 1}
    matchings : mapping of str to Matching
        Between the sides' diagrams, by name.
    """
    if selection.kind == "pair":
        pairs = matchings[selection.matching].pairs
        return int(pairs[selection.number, k]) if selection.number < len(pairs) else -1
    return selection.number if selection.kind == "bar" and selection.side == "ab"[k] else -1


def _of_token(side: MarkedSide, token: int, heat: str) -> Marks | None:
    tokens = side.topology.distances.tokens
    point = token - int(tokens[0])
    if side.attention is None or not 0 <= point < len(tokens):
        return None
    ranks = _ranks(side.topology.distances.values, point)
    if heat == "near":
        pairs = len(tokens) * (len(tokens) - 1) // 2
        lit = (1 - ranks / max(1, pairs)) ** 3
        lit[point] = 1.0
    else:
        between = np.asarray(side.attention, dtype=np.float64)[np.ix_(tokens, tokens)]
        lit = np.sqrt(between[point] if heat == "to" else between[:, point])
        lit = lit / (lit.max(initial=0.0) or 1.0)
    others = np.delete(np.arange(len(tokens)), point)
    nearest = others[np.argsort(ranks[others], kind="stable")][:NEIGHBOURS]
    return Marks(point=point, heat=lit, neighbours=tuple(nearest.tolist()))


def _ranks(distances: np.ndarray, point: int) -> np.ndarray:
    """Return each point's place in the order of all pairs: (length, i, j), of its pair with one."""
    rows, columns = np.triu_indices(len(distances), 1)
    order = np.argsort(distances[rows, columns], kind="stable")
    ranks = np.zeros(len(distances))
    for one, other in ((rows, columns), (columns, rows)):
        own = one[order] == point
        ranks[other[order][own]] = np.nonzero(own)[0]
    return ranks


def _of_component(side: MarkedSide, number: int) -> Marks:
    """Mark the two components that a merge joins, and the edge that joins them."""
    tree, n_bars = side.topology.tree, len(side.topology.diagrams[0])
    if number == n_bars - 1:  # the bar that never ends
        return Marks(groups=(np.arange(len(tree.colours)),), bar=(0, number))
    # Merges at length 0, of identical rows, are no bars.
    merge = number + len(tree.lengths) - (n_bars - 1)
    leaders = _leaders_after(tree, merge)
    groups = [np.nonzero(leaders == one[merge])[0] for one in (tree.absorbed, tree.survivors)]
    i, j = tree.edges[merge].tolist()
    return Marks(groups=(groups[0], groups[1]), edges=((i, j),), bar=(0, number))


def _leaders_after(tree: MergeTree, merges: int) -> np.ndarray:
    leaders = np.arange(len(tree.colours))
    for k in range(merges - 1, -1, -1):
        leaders[tree.absorbed[k]] = leaders[tree.survivors[k]]
    return leaders


def _of_loop(side: MarkedSide, number: int) -> Marks:
    diagrams = side.topology.diagrams
    assert diagrams.birth_edges is not None
    assert diagrams.death_triangles is not None
    loops = tuple(side.cycles[number].loops) if side.cycles else ()
    i, j = diagrams.birth_edges[number].tolist()
    triangle = diagrams.death_triangles[number]
    return Marks(
        loops=loops,
        edges=((i, j),),
        triangle=triangle if triangle[0] >= 0 else None,
        bar=(1, number),
    )


def selection_words(
    selection: Selection | None,
    sides: tuple[MarkedSide, MarkedSide],
    marks: tuple[Marks | None, Marks | None],
    matchings: Mapping[str, Matching],
    heat: str = "to",
) -> str:
    """Say what is selected, in sentences; nothing where nothing is. Arguments: as for `marks_of`.

    Parameters
    ----------
    selection, sides, matchings, heat
        As for `marks_of`.
    marks : tuple of Marks, optional
        What came of it.
    """
    marked = [
        (letter, side, one)
        for letter, side, one in zip("AB", sides, marks, strict=True)
        if one is not None
    ]
    if selection is None or not marked:
        return ""
    if selection.kind == "pair":
        bars = [f"the bar {_bar_text(side, *one.bar)} of {x}" for x, side, one in marked if one.bar]
        cost = matchings[selection.matching].costs[selection.number]
        partner = " with " + bars[1] if len(bars) > 1 else ", which has no partner"
        return f"Selected: {bars[0]}{partner}; a step of {_text(cost)}."
    ((letter, side, one),) = marked
    where = f"Selected in {letter}:"
    if one.point is not None:
        name = side.tokens.names[one.point]
        return f"{where} {name}; {_HEATS[heat]}, blue frames are its {NEIGHBOURS} nearest."
    assert one.bar is not None
    dimension, number = one.bar
    birth, death = side.topology.diagrams[dimension][number].tolist()
    bar = f"{where} the H{dimension} bar {_bar_text(side, dimension, number)}."
    if dimension == 0:
        if len(one.groups) < 2:
            return f"{bar} All tokens are one component in the end."
        orange, blue = (len(group) for group in one.groups)
        return (
            f"{bar} Its two groups of tokens ({orange} orange, {blue} blue) stay apart until "
            f"{_text(death)}, where the black edge joins them."
        )
    ring = sum(len(loop) for loop in one.loops)
    tokens = f"the pink ring of {ring} tokens" if ring else "a ring"
    return (
        f"{bar} The black edge closes {tokens} at {_text(birth)}; the pale triangle is the last "
        f"to fill it in, at {_text(death)}."
    )


def _bar_text(side: MarkedSide, dimension: int, number: int) -> str:
    return " to ".join(_text(value) for value in side.topology.diagrams[dimension][number])


def _text(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "∞"
