"""Edges in order -> bars of the Vietoris–Rips filtration with their simplices, over Z/2.

Go through the edges in the total order (length, i, j). An apex of an edge uv is a token w with
both uw and vw earlier. An edge without one merges two components, or gives birth to a loop; every
other edge is closed at once by the triangle with its first apex. Each edge carries an annotation,
a set of the loops alive: a merging edge none, a birth edge its own loop, any other the sum of the
two other edges of that triangle. A further apex whose triangle doesn't sum to 0 kills the youngest
loop of that sum, which is then added to every edge that has this loop.

The annotations are those of Busaryev, Cabello, Chen, Dey, Wang, Annotating simplices with a
homology basis and its applications (2012), and of Boissonnat, Dey, Maria, The compressed
annotation matrix (2015); that empty lunes give all births is special to Rips filtrations.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attntopo.compiled import numba_runs
from attntopo.wording import counted

MOST_OPERATIONS = 1e11
"""Words that may be looked at, about: half a minute's work on one core."""
MOST_BYTES = 1e9
"""Memory that annotations may take."""


class PersistenceError(ValueError):
    """Persistence would take too long or too much memory; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Bars:
    """What is born and dies in the filtration, in the order of deaths.

    Attributes
    ----------
    merging_edges : ndarray of int64, shape (n_points - 1, 2)
        Edges i < j that merge two components.
    merge_lengths : ndarray of float64, shape (n_points - 1,)
    birth_edges : ndarray of int64, shape (n_loops, 2)
        The edge i < j that gives birth to each loop.
    death_triangles : ndarray of int64, shape (n_loops, 3)
        The triangle that kills it: the latest edge i < j, and the apex.
    loops : ndarray of float64, shape (n_loops, 2)
        Lengths of birth edge and of death edge: some bars have length 0.
    """

    merging_edges: np.ndarray
    merge_lengths: np.ndarray
    birth_edges: np.ndarray
    death_triangles: np.ndarray
    loops: np.ndarray


def edge_order(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put the edges that matter for homology into the one total order (length, i, j).

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix.

    Returns
    -------
    i, j : ndarray of int64, shape (n_edges,)
        Ends of the edges, i < j.
    lengths : ndarray of float64, same shape
        Ascending, up to the enclosing radius: the least scale at which one point is joined to all
        others. From there on the complex is a cone, which is connected and has no loops.
    """
    radius = values.max(axis=1).min()
    i, j = _pairs(len(values))
    lengths = values[i, j]
    near = lengths <= radius
    i, j, lengths = i[near], j[near], lengths[near]
    order = np.argsort(lengths)
    ascending = lengths[order]
    if (ascending[1:] == ascending[:-1]).any():
        # Slower; i, j are in lexicographic order already, which breaks the ties.
        order = np.argsort(lengths, kind="stable")
    return i[order], j[order], ascending


@lru_cache(maxsize=4)
def _pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n, k=1)


def find_bars(values: np.ndarray) -> Bars:
    """Find all bars in dimensions 0 and 1, with the simplices that begin and end them.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n)
        A distance matrix, symmetric to the bit.

    Returns
    -------
    Bars

    Raises
    ------
    PersistenceError
        If it would take more than `MOST_OPERATIONS` or `MOST_BYTES`, by an estimate made before.
    """
    i, j, lengths = edge_order(values)
    merges, loops = merges_and_loops(len(values), i, j)
    births, deaths, apexes = loops.T
    return Bars(
        merging_edges=np.stack([i[merges], j[merges]], axis=1),
        merge_lengths=lengths[merges],
        birth_edges=np.stack([i[births], j[births]], axis=1),
        death_triangles=np.stack([i[deaths], j[deaths], apexes], axis=1),
        loops=np.stack([lengths[births], lengths[deaths]], axis=1),
    )


def merges_and_loops(n: int, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say which edges merge components, and which begin and end loops.

    Parameters
    ----------
    n : int
        Number of points.
    i, j : ndarray of int64, shape (n_edges,)
        Ends of the edges, from `edge_order`.

    Returns
    -------
    merges : ndarray of int64, shape (n - 1,)
        Numbers of the edges that merge two components.
    loops : ndarray of int64, shape (n_loops, 3)
        Number of the birth edge, number of the death edge, and the apex of the death triangle, in
        the order of deaths.

    Raises
    ------
    PersistenceError
        If it would take too long or too much memory.
    """
    if numba_runs():
        from attntopo.topology.rips_kernel import annotate, count_loops
    else:
        annotate, count_loops = _annotate, _count_loops
    n_words, n_loops = 1, 0  # one word is enough for nearly every attention head
    while True:
        _check_work(n, len(i), n_loops, n_words)
        enough, merges, loops = annotate(n, i, j, n_words)
        if enough:
            return merges, loops
        n_loops = count_loops(n, i, j)
        n_words = max(2 * n_words, n_loops // 128)


def _check_work(n: int, n_edges: int, n_loops: int, n_words: int) -> None:
    operations = n_edges * n * n_words + n_loops * n * n * (2 + n_words / 4)
    if operations > MOST_OPERATIONS or 8 * n * n * (n_words + 1) > MOST_BYTES:
        structureless = f", {counted(n_loops, 'loop')}" if n_loops else ""
        raise PersistenceError(
            f"Persistence of {n:,} points ({n_edges:,} edges{structureless}) would take minutes or "
            "gigabytes. Use fewer tokens: a coarser patch grid, or patches only."
        )


def _annotate(
    n: int, i: np.ndarray, j: np.ndarray, n_words: int
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Do what the compiled function does, in NumPy: some fifty times slower."""
    annotation = np.zeros((n, n, n_words), np.uint64)
    present = np.zeros((n, n), bool)
    component = np.arange(n)
    free = list(range(64 * n_words))
    born: dict[int, int] = {}  # bit of a loop alive -> number of its birth edge
    merges, loops = [], []
    for edge, (u, v) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        apexes = np.nonzero(present[u] & present[v])[0]
        if not len(apexes) and component[u] != component[v]:
            component[component == component[v]] = component[u]
            merges.append(edge)
        elif not len(apexes):
            if not free:
                return False, np.empty(0, np.int64), np.empty((0, 3), np.int64)
            born[bit := free.pop(0)] = edge
            annotation[[u, v], [v, u]] = _mask(bit, n_words)
        elif born:
            annotation[[u, v], [v, u]] = annotation[u, apexes[0]] ^ annotation[v, apexes[0]]
            while True:
                sums = annotation[u, apexes] ^ annotation[v, apexes] ^ annotation[u, v]
                killing = np.nonzero(sums.any(axis=1))[0]
                if not len(killing):
                    break
                change = sums[killing[0]]
                youngest = max(
                    (bit for bit in born if (change & _mask(bit, n_words)).any()),
                    key=born.__getitem__,
                )
                loops.append((born.pop(youngest), edge, apexes[killing[0]]))
                free.append(youngest)
                annotation[(annotation & _mask(youngest, n_words)).any(axis=2)] ^= change
        present[u, v] = present[v, u] = True
    return True, np.array(merges, np.int64), np.array(loops, np.int64).reshape(-1, 3)


def _mask(bit: int, n_words: int) -> np.ndarray:
    mask = np.zeros(n_words, np.uint64)
    mask[bit // 64] = np.uint64(1) << np.uint64(bit % 64)
    return mask


def _count_loops(n: int, i: np.ndarray, j: np.ndarray) -> int:
    present = np.zeros((n, n), bool)
    without_apex = 0
    for u, v in zip(i.tolist(), j.tolist(), strict=True):
        without_apex += not (present[u] & present[v]).any()
        present[u, v] = present[v, u] = True
    return without_apex - (n - 1)
