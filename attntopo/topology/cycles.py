"""A bar of dimension 1 -> the edges that make its loop, over Z/2.

Bar (e, t) is born with the edge e and dies at the length d. A cycle that holds e, and otherwise
only edges before e, is no boundary before d. It becomes one at d if, and only if, no loop that was
born before e and dies after d sees it: if the cocycle of each such loop, frozen at its death, holds
an even number of its edges. (At d those cocycles, with younger ones that vanish on the cycle, are a
basis of the first cohomology.) A plain shortest cycle through e is wrong for one bar in ten: it
winds round an older loop too, and so dies too late.

The cycle taken is a shortest one among those made of a shortest path from either end of e and one
edge between the two. Where none of those will do, which is rare, it is the shortest of all, by a
search over points and loops seen. Where that or cocycles would take too long, it is the sum of
births that becomes a boundary as the bar dies, each birth edge closed along the minimum spanning
tree: that is always right, but longer, and at times several loops.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.distances import RowDistances
from attntopo.topology.edge_links import EdgeLinks, find_links
from attntopo.topology.persistence import Diagrams
from attntopo.topology.spanning_tree import SpanningTree

MOST_OPERATIONS = 2e10
"""Words that may be looked at for cocycles and shortest paths: a few seconds on one core."""
MOST_BYTES = 1e8
"""Memory that cocycles may take."""
MOST_PAIRS = 50_000_000
"""Pairs of loops that are held against each other at a time: some bytes each."""
MOST_STATES = 20_000
"""Points with loops seen that the search for one cycle may come to."""
MOST_SEARCHED = 500_000
"""The same for all cycles that are asked for together."""
MOST_BITS = 60
"""Older loops that are told apart exactly by the search; more have random codes."""
OTHER_DISTANCES = "Cycles need the diagrams of the very same distances."


@dataclass(frozen=True, eq=False)
class Cycle:
    """A cycle over Z/2 that represents one bar of dimension 1.

    Attributes
    ----------
    edges : ndarray of int64, shape (n_edges, 2)
        Pairs of points i < j; the last is the bar's birth edge.
    loops : tuple of ndarray of int64, each of shape (n_points_of_the_loop,)
        The same as closed paths, the first point not repeated; nearly always one.
    """

    edges: np.ndarray
    loops: tuple[np.ndarray, ...]


def representative_cycles(
    distances: RowDistances | np.ndarray, diagrams: Diagrams, weights: np.ndarray | None = None
) -> tuple[Cycle, ...]:
    """Find a cycle for every bar of dimension 1.

    Parameters
    ----------
    distances, diagrams, weights
        As for `CycleFinder`, which finds those of some bars alone.

    Returns
    -------
    tuple of Cycle
        One for each row of `diagrams[1]`, in its order. Its edges are all there at the bar's
        birth, the birth edge the last of them; it is no boundary before the bar's death, and one
        at its death.

    Raises
    ------
    ValueError
        If the diagrams come without birth edges, or are of other distances.
    PersistenceError
        If it would take too long, which is estimated first.
    """
    if not len(diagrams[1]):
        return ()
    return CycleFinder(distances, diagrams, weights).cycles(range(len(diagrams[1])))


class CycleFinder:
    """Finds the cycles of whichever bars are asked for, now and later.

    What they share is computed once, in about the time of the diagram: edges in their order, and
    the relations between loops. A few cycles more then take a fraction of that.

    Parameters
    ----------
    distances : RowDistances, or array of float64 of shape (n, n)
    diagrams : Diagrams
        Of the same distances.
    weights : ndarray of float64, shape (n, n), optional
        Symmetric; among cycles of equally many edges the one of least sum is taken. By default
        the distances.
    links : EdgeLinks, optional
        What each edge of the same distances does, where it is known, as a `HeadTopology` has it:
        it takes most of the time.

    Raises
    ------
    ValueError
        If the diagrams come without birth edges, or are of other distances, or the weights are of
        another shape.
    PersistenceError
        If it would take too long, which is estimated first.
    """

    def __init__(
        self,
        distances: RowDistances | np.ndarray,
        diagrams: Diagrams,
        weights: np.ndarray | None = None,
        links: EdgeLinks | None = None,
    ) -> None:
        values = distances.values if isinstance(distances, RowDistances) else np.asarray(distances)
        weights = values if weights is None else weights
        self._weights = np.ascontiguousarray(weights, dtype=np.float64)
        if self._weights.shape != values.shape:
            raise ValueError(
                f"Weights have the shape of the distances, {values.shape}, "
                f"not {self._weights.shape}."
            )
        self._links = find_links(values) if links is None else links
        self._loops = _loops_of(self._links, diagrams)
        self._ends = np.stack([self._links.i, self._links.j], axis=1).astype(np.int64)
        self._ranks = self._links.ranks
        # Of each loop, in the order of births: its place in that of deaths, and where it dies.
        loops, death_edges, _ = self._links.deaths.T
        self._death_places = np.empty(len(loops), np.int64)
        self._death_places[loops] = np.arange(len(loops))
        self._death_lengths = self._links.lengths[death_edges][self._death_places]

    def cycles(self, rows: Iterable[int]) -> tuple[Cycle, ...]:
        """Find the cycles of some bars of dimension 1.

        Parameters
        ----------
        rows : iterable of int
            Rows of `diagrams[1]`.

        Returns
        -------
        tuple of Cycle
            As `representative_cycles` has them, in the order asked for.

        Raises
        ------
        ValueError
            If there is no such row.
        """
        rows = list(rows)
        for row in rows:
            if not 0 <= row < len(self._loops):
                raise ValueError(
                    f"There is no bar {row} of dimension 1: they are numbered from 0, and there "
                    f"are {len(self._loops)}."
                )
        loops = [self._loops[row] for row in rows]
        wanted = list(dict.fromkeys(loops))
        at_once = max(1, MOST_PAIRS // max(1, len(self._loops)))
        edges: dict[int, list[int]] = {}
        for first in range(0, len(wanted), at_once):
            edges |= self._shortest(wanted[first : first + at_once])
        tree = SpanningTree(self._links) if len(edges) < len(set(loops)) else None
        for loop in loops:
            if tree and loop not in edges:
                edges[loop] = tree.closed(self._links.births[self._links.relation(loop)])
        return tuple(_cycle(self._ends[edges[loop]]) for loop in loops)

    def _shortest(self, loops: list[int]) -> dict[int, list[int]]:
        """Return loop -> edges of a short cycle, where there is one."""
        if not loops or not numba_runs():
            return {}
        from attntopo.topology import cycle_kernels, relation_kernels

        births = self._links.births
        lengths = self._death_lengths - self._links.lengths[births]
        # The longest bars first, should the work become too much.
        loops = sorted(loops, key=lambda loop: (-lengths[loop], loop))
        older = self._older(loops)
        while self._operations(loops, older) > MOST_OPERATIONS or (
            8 * (births[max(loops)] + 1) * _n_words(older) > MOST_BYTES
        ):
            loops = loops[: len(loops) // 2]
            if not loops:
                return {}
            older = older[: len(loops)]
        chosen = np.nonzero(older.any(axis=0))[0]
        chosen = chosen[np.argsort(self._death_places[chosen])]
        links, stop = self._links, births[max(loops)] + 1
        cocycles = relation_kernels.cocycles(
            links.i[:stop],
            links.j[:stop],
            links.ranks,
            links.apexes,
            links.relations,
            self._death_places,
            chosen,
        )
        near = cycle_kernels.neighbours(len(self._ranks), links.i[:stop], links.j[:stop])
        bits = _bits(older[:, chosen])
        points, stops = cycle_kernels.shortest_paths(
            self._ranks, near, self._weights, cocycles, bits, self._ends[births[loops]]
        )
        searched, edges = 0, {}
        for loop, own, path in zip(loops, bits, np.split(points, stops)[:-1], strict=True):
            birth = int(births[loop])
            if not len(path) and searched < MOST_SEARCHED:
                path = self._search(near, cocycles[: birth + 1], own)
                searched += MOST_STATES  # at most
            if len(path):
                steps, counts = np.unique(self._ranks[path[:-1], path[1:]], return_counts=True)
                # An edge gone there and back counts for nothing.
                edges[loop] = [*steps[counts % 2 == 1].tolist(), birth]
        return edges

    def _older(self, loops: list[int]) -> np.ndarray:
        """Say for each of some loops which were born before it and die, by value, after it."""
        deaths, all_loops = self._death_lengths, np.arange(len(self._death_lengths))
        return (all_loops < np.c_[loops]) & (deaths > np.c_[deaths[loops]])

    def _operations(self, loops: list[int], older: np.ndarray) -> float:
        """Return how many words will be looked at, at most, for cocycles and paths."""
        births = self._links.births
        n_edges = float(births[max(loops)] + 1)
        in_relations = 64.0 * len(self._links.relations)
        of_paths = 6.0 * float(births[loops].sum()) + 16.0 * len(self._ranks) * len(loops)
        return _n_words(older) * (n_edges + in_relations + of_paths) + of_paths

    def _search(self, near: np.ndarray, cocycles: np.ndarray, older: np.ndarray) -> np.ndarray:
        """Return the shortest path of all from end to end of the last edge, or none.

        Its sum with that edge is seen by no older loop.
        """
        from attntopo.topology import cycle_search

        chosen = np.nonzero(np.unpackbits(older.view(np.uint8), bitorder="little"))[0]
        codes = np.zeros(64 * len(older), dtype=np.uint64)
        if len(chosen) <= MOST_BITS:
            codes[chosen] = np.uint64(1) << np.arange(len(chosen), dtype=np.uint64)
        else:
            generator = np.random.default_rng(0)
            codes[chosen] = generator.integers(1 << 62, size=len(chosen), dtype=np.uint64)
        signature = cycle_search.signatures(cocycles, older, codes)
        u, v = self._ends[len(cocycles) - 1]
        path = cycle_search.searched_path(
            self._ranks, near, signature, signature[-1], u, v, max(MOST_STATES, 1)
        )
        # Random codes may agree by chance: all bits decide.
        steps = cocycles[self._ranks[path[:-1], path[1:]]]
        seen = np.bitwise_xor.reduce(steps, axis=0) ^ cocycles[-1]
        return path[:0] if (seen & older).any() else path


def _loops_of(links: EdgeLinks, diagrams: Diagrams) -> list[int]:
    """Return the loop of each bar, by number in the order of births."""
    edges, triangles = diagrams.birth_edges, diagrams.death_triangles
    if edges is None or triangles is None:
        raise ValueError("Cycles need diagrams with birth edges, as persistence_diagrams gives.")
    loops, deaths, apexes = links.deaths.T
    births = links.births[loops]
    simplices = (links.i[births], links.j[births], links.i[deaths], links.j[deaths], apexes)
    known = dict(zip(zip(*(each.tolist() for each in simplices), strict=True), loops, strict=True))
    bars = [tuple(bar) for bar in np.concatenate([edges, triangles], axis=1).tolist()]
    if not all(bar in known for bar in bars):
        raise ValueError(OTHER_DISTANCES)
    return [int(known[bar]) for bar in bars]


def _n_words(older: np.ndarray) -> int:
    return (int(older.any(axis=0).sum()) + 63) // 64


def _bits(chosen: np.ndarray) -> np.ndarray:
    """Pack rows of booleans into words of 64."""
    n_words = (chosen.shape[1] + 63) // 64
    padded = np.zeros((len(chosen), 64 * n_words), dtype=bool)
    padded[:, : chosen.shape[1]] = chosen
    packed = np.packbits(padded, axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64).reshape(len(chosen), n_words)


def _cycle(pairs: np.ndarray) -> Cycle:
    """Take edges (n, 2) of even degrees apart into closed paths."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for i, j in pairs.tolist():
        neighbours[i].append(j)
        neighbours[j].append(i)
    loops = []
    for start in neighbours:
        path = [start]
        # Along unused edges until a point comes twice: what lies between is a closed path. As
        # degrees are even, the way ends where it began.
        while neighbours[path[-1]]:
            here, there = path[-1], neighbours[path[-1]].pop(0)
            neighbours[there].remove(here)
            if there in path:
                first = path.index(there)
                loops.append(np.array(path[first:], dtype=np.int64))
                path = path[: first + 1]
            else:
                path.append(there)
    return Cycle(pairs, tuple(loops))
