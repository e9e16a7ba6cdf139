"""A distance matrix -> its edges in order, and what each does to components and loops, over Z/2.

Edges are in the total order (length, i, j). The *lune* of an edge uv holds the points w with both
uw and vw earlier. Its *link* is the graph on the lune in which w and w' are joined where ww' is
earlier too. An edge with an empty lune merges two components, or gives birth to a loop. Every
other edge is closed at once by the triangle with any apex in the lune, one of which is noted.

Let a(e) be an edge's class, modulo what has died. For w, w' joined in the link the triangles uww'
and vww' are there already, so a(uw) + a(vw) = a(uw') + a(vw'): the sum depends on the link's
component alone. A connected link, as nearly all are, does nothing more. One with c components
gives c - 1 relations between earlier edges, each by a *critical triangle*.

Both sides of a critical triangle come down to births by the noted apexes. The relations are reduced
by those before, the youngest birth as pivot: what is left kills its youngest loop, at the length of
the edge. Millions of triangles are never looked at: of a real head about a hundred are critical.
While no loop is alive all classes are 0, and links needn't be looked at either.

Classes are the annotations of Busaryev, Cabello, Chen, Dey, Wang, Annotating simplices with a
homology basis and its applications (2012); here they are never stored.

Bars are the same as those of the boundary matrix's reduction with triangles in the order of (latest
edge, apex), down to the simplices: the components of a link are taken in the order of their lowest
points, which are the apexes of the critical triangles.
"""

from dataclasses import dataclass

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.topology.edge_sorting import NO_LENGTHS, edge_order, ends_of
from attntopo.wording import counted

MOST_OPERATIONS = 1e11
"""Words that may be looked at, about: half a minute's work on one core."""
MOST_BYTES = 1e9
"""Memory that may be taken."""


class PersistenceError(ValueError):
    """Persistence would take too long or too much memory; the message says what to do."""


@dataclass(frozen=True, eq=False)
class EdgeLinks:
    """What the edges of a distance matrix do, one after the other.

    Attributes
    ----------
    i, j : ndarray of uint16, shape (n_edges,)
        Ends i < j of the edges in their order; those after the last that merges, or begins or ends
        a loop, needn't be there.
    lengths : ndarray of float64, shape (n_edges,)
    ranks : ndarray of int32, shape (n, n)
        Number of each edge; 2^31 - 1, beyond all numbers, for those that needn't be there.
    apexes : ndarray of int32, shape (n_edges,)
        The apex noted for each edge; -1 where its class is 0, as for a merge; -2 - k for the k-th
        birth.
    merges : ndarray of int64, shape (n - 1,)
        Numbers of the edges that merge two components.
    births : ndarray of int64, shape (n_loops,)
        Numbers of the edges that give birth to loops.
    deaths : ndarray of int64, shape (n_loops, 3)
        Number of the loop in the order of births, number of the death edge, and apex of the death
        triangle, in the order of deaths.
    relations : ndarray of uint64
        For each loop b in the order of births b // 512 + 1 blocks of 8 words: the loops, b the
        youngest, whose sum becomes a boundary as b dies. Together they are as if every loop had its
        place in a triangle of bits.
    """

    i: np.ndarray
    j: np.ndarray
    lengths: np.ndarray
    ranks: np.ndarray
    apexes: np.ndarray
    merges: np.ndarray
    births: np.ndarray
    deaths: np.ndarray
    relations: np.ndarray

    def relation(self, loop: int) -> np.ndarray:
        """Return the loops whose sum becomes a boundary as a loop dies, itself among them.

        Parameters
        ----------
        loop : int
            In the order of births.

        Returns
        -------
        ndarray of int64
            Ascending.
        """
        start = n_relation_words(loop)
        words = self.relations[start : n_relation_words(loop + 1)]
        bits = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")
        return np.nonzero(bits)[0]


def n_relation_words(n_loops: int) -> int:
    """Return how many words the relations of the first loops take."""
    whole, rest = divmod(n_loops, 512)
    return 8 * (256 * whole * (whole + 1) + rest * (whole + 1))


def find_links(values: np.ndarray) -> EdgeLinks:
    """Find what each edge of a distance matrix does.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix, symmetric to the bit.

    Returns
    -------
    EdgeLinks

    Raises
    ------
    ValueError
        If a distance is negative, infinite or NaN.
    PersistenceError
        If it would take more than `MOST_OPERATIONS` or `MOST_BYTES`: by an estimate made before,
        or, for what depends on the structure, by a count, which stops there.
    """
    n = len(values)
    n_edges = n * (n - 1) // 2
    if 4 * n_edges * (n // 64 + 1) > MOST_OPERATIONS or 16 * n * n > MOST_BYTES:
        raise _too_much(n, n_edges)
    find = _find_compiled if numba_runs() else _find_in_python
    enough, links = find(values)
    if not enough:
        raise _too_much(n, n_edges, len(links.births))
    return links


def _find_compiled(values: np.ndarray) -> tuple[bool, EdgeLinks]:
    from attntopo.topology.edge_sorting_kernel import length_range
    from attntopo.topology.link_kernels import link_edges

    patterns = np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)
    valid, least, radius, last = length_range(patterns)
    if not valid:
        raise ValueError(NO_LENGTHS)
    enough, pairs, keys, *rest = link_edges(
        patterns,
        np.uint64(least),
        np.uint64(radius),
        np.uint32(last),
        int(MOST_OPERATIONS),
        int(MOST_BYTES),
    )
    return enough, EdgeLinks(*ends_of(pairs), keys.view(np.float64), *rest)


def _find_in_python(values: np.ndarray) -> tuple[bool, EdgeLinks]:
    from attntopo.topology.links_in_python import link_edges

    i, j, lengths = edge_order(values)
    enough, *rest = link_edges(len(values), i, j, int(MOST_OPERATIONS), int(MOST_BYTES))
    return enough, EdgeLinks(i, j, lengths, *rest)


def _too_much(n: int, n_edges: int, n_loops: int = 0) -> PersistenceError:
    structureless = f", {counted(n_loops, 'loop')}" if n_loops else ""
    return PersistenceError(
        f"Persistence of {n:,} points ({n_edges:,} edges{structureless}) would take minutes or "
        "gigabytes. Use fewer tokens: a coarser patch grid, or patches only."
    )
