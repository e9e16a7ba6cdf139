"""A bar of dimension 1 -> the edges that make its loop, over Z/2.

Bar (e, t) is born with the edge e and dies at the length d. A cycle that holds e, and otherwise
only edges before e, is no boundary before d. It becomes one at d if, and only if, no loop that was
born before e and dies after d sees it: if the cocycle of each such loop, frozen at its death, holds
an even number of its edges. (At d those cocycles, with younger ones that vanish on the cycle, are a
basis of the first cohomology.) A plain shortest cycle through e is wrong for one bar in ten: it
winds round an older loop too, and so dies too late.

The cycle taken is a shortest one among those made of a shortest path from either end of e and one
edge between the two. Where none of those will do, which is rare, it is the shortest of all, by a
search over points and loops seen. Where that or cocycles would take too long, it is the reduced
boundary column of the death triangle (Edelsbrunner, Letscher, Zomorodian, Topological persistence
and simplification, 2002), which is always right, but longer, and at times several loops.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.distances import RowDistances
from attntopo.topology.persistence import Diagrams
from attntopo.topology.rips_bars import edge_order, merges_and_loops

MOST_OPERATIONS = 2e10
"""Words that may be looked at for cocycles and shortest paths: a few seconds on one core."""
MOST_BYTES = 5e8
"""Memory that cocycles may take."""
MOST_STATES = 20_000
"""Points with loops seen that the search for one cycle may come to."""
MOST_SEARCHED = 500_000
"""The same for all cycles of a head together."""
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
    distances : RowDistances, or array of float64 of shape (n, n)
    diagrams : Diagrams
        Of the same distances.
    weights : ndarray of float64, shape (n, n), optional
        Symmetric; among cycles of equally many edges the one of least sum is taken. By default
        the distances.

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
    values = distances.values if isinstance(distances, RowDistances) else np.asarray(distances)
    if not len(diagrams[1]):
        return ()
    filtration = _Filtration(values)
    wanted = filtration.births(diagrams)
    edges = filtration.shortest(wanted, values if weights is None else weights)
    edges |= filtration.boundaries([birth for birth in wanted if birth not in edges])
    return tuple(_cycle(filtration.ends[edges[birth]]) for birth in wanted)


class _Filtration:
    """Edges in their order, and the loops that they give birth to and fill in.

    Attributes
    ----------
    ends : ndarray of int64, shape (n_edges, 2)
    ranks : ndarray of int32, shape (n, n)
        Number of each edge; beyond the enclosing radius the number of all edges.
    loops : ndarray of int64, shape (n_loops, 3)
        Number of the birth edge and of the death edge, and apex, in the order of deaths.
    """

    def __init__(self, values: np.ndarray) -> None:
        self.n = len(values)
        i, j, self.lengths = edge_order(values)
        self.ends = np.stack([i, j], axis=1)
        self.ranks = np.full((self.n, self.n), len(i), dtype=np.int32)
        self.ranks[i, j] = self.ranks[j, i] = np.arange(len(i))
        _, self.loops = merges_and_loops(self.n, i, j)

    def births(self, diagrams: Diagrams) -> list[int]:
        """Return the number of each bar's birth edge."""
        edges, triangles = diagrams.birth_edges, diagrams.death_triangles
        if edges is None or triangles is None:
            raise ValueError(
                "Cycles need diagrams with birth edges, as persistence_diagrams gives."
            )
        known = {
            (*self.ends[birth].tolist(), *self.ends[death].tolist(), apex): birth
            for birth, death, apex in self.loops.tolist()
        }
        bars = np.concatenate([edges, triangles], axis=1).tolist()
        if not all(tuple(bar) in known for bar in bars):
            raise ValueError(OTHER_DISTANCES)
        return [known[tuple(bar)] for bar in bars]

    def shortest(self, wanted: list[int], weights: np.ndarray) -> dict[int, list[int]]:
        """Return birth edge -> edges of a short cycle, where there is one."""
        n, m, n_words = self.n, len(self.ends), (len(self.loops) + 63) // 64
        left = MOST_OPERATIONS - n_words * (m * n + len(self.loops) * n * n / 4)
        if not wanted or not numba_runs() or left < 0 or 8 * n * n * n_words > MOST_BYTES:
            return {}
        from attntopo.topology import cycle_kernels

        i, j = np.ascontiguousarray(self.ends.T)
        annotation = cycle_kernels.cocycles(n, i, j, self.loops, n_words)
        births, last_edges, _ = self.loops[np.argsort(self.loops[:, 0])].T
        ends = self.lengths[last_edges]
        deaths = dict(zip(births.tolist(), ends.tolist(), strict=True))
        # The longest bars first, should the work become too much.
        chosen = sorted(wanted, key=lambda birth: self.lengths[birth] - deaths[birth])
        chosen = chosen[: int(left // (2 * (n_words + 1) * n * n))]
        older = [_bits((births < birth) & (ends > deaths[birth]), n_words) for birth in chosen]
        points, stops = cycle_kernels.shortest_paths(
            self.ranks,
            np.ascontiguousarray(weights, dtype=np.float64),
            annotation,
            np.array(older, dtype=np.uint64).reshape(-1, n_words),
            self.ends[chosen],
        )
        searched, edges = 0, {}
        for birth, own, path in zip(chosen, older, np.split(points, stops)[:-1], strict=True):
            if not len(path) and searched < MOST_SEARCHED:
                path = self._search(annotation, own, *self.ends[birth])
                searched += MOST_STATES  # at most
            if len(path):
                steps, counts = np.unique(self.ranks[path[:-1], path[1:]], return_counts=True)
                # An edge gone there and back counts for nothing.
                edges[birth] = [*steps[counts % 2 == 1].tolist(), birth]
        return edges

    def _search(self, annotation: np.ndarray, older: np.ndarray, u: int, v: int) -> np.ndarray:
        """Return the shortest path of all whose sum with uv no older loop sees, or none."""
        from attntopo.topology import cycle_search

        chosen = np.nonzero(np.unpackbits(older.view(np.uint8), bitorder="little"))[0]
        codes = np.zeros(64 * len(older), dtype=np.uint64)
        if len(chosen) <= MOST_BITS:
            codes[chosen] = np.uint64(1) << np.arange(len(chosen), dtype=np.uint64)
        else:
            generator = np.random.default_rng(0)
            codes[chosen] = generator.integers(1 << 62, size=len(chosen), dtype=np.uint64)
        limit = int(self.ranks[u, v])
        signature = cycle_search.signatures(self.ranks, annotation, older, codes, limit + 1)
        path = cycle_search.searched_path(
            self.ranks, signature, signature[u, v], u, v, max(MOST_STATES, 1)
        )
        # Random codes may agree by chance: all bits decide.
        steps = annotation[path[:-1], :, path[1:]]
        seen = np.bitwise_xor.reduce(steps, axis=0) ^ annotation[u, :, v]
        return path[:0] if (seen & older).any() else path

    def boundaries(self, wanted: list[int]) -> dict[int, list[int]]:
        """Return birth edge -> edges of the reduced boundary of the death triangle."""
        reduced: dict[int, list[int]] = {}
        left = set(wanted)
        for birth, death, apex in self.loops.tolist():
            if not left:
                break
            u, v = self.ends[death].tolist()
            column = {death, int(self.ranks[u, apex]), int(self.ranks[v, apex])}
            while (youngest := max(column)) != birth:
                column ^= set(reduced.get(youngest) or self._closing(youngest))
            reduced[birth] = sorted(column)
            left.discard(birth)
        return {birth: reduced[birth] for birth in wanted}

    def _closing(self, edge: int) -> tuple[int, int, int]:
        """Return the edges of the triangle that closes an edge at once: that of its first apex."""
        u, v = self.ends[edge]
        apex = int(np.argmax((self.ranks[u] < edge) & (self.ranks[v] < edge)))
        return edge, int(self.ranks[u, apex]), int(self.ranks[v, apex])


def _bits(chosen: np.ndarray, n_words: int) -> np.ndarray:
    padded = np.zeros(64 * n_words, dtype=bool)
    padded[: len(chosen)] = chosen
    return np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)


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
