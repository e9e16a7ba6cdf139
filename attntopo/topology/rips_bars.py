"""Edges in order -> bars of the Vietoris–Rips filtration with their simplices, over Z/2."""

from dataclasses import dataclass

import numpy as np

from attntopo.topology.edge_links import EdgeLinks, find_links


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
    ValueError
        If a distance is negative, infinite or NaN.
    PersistenceError
        If it would take too long or too much memory.

    See Also
    --------
    attntopo.topology.edge_links : the method, its limits, and what it goes back to.
    """
    return bars_of(find_links(values))


def bars_of(links: EdgeLinks) -> Bars:
    """Return the bars that `find_bars` finds, where it is known what each edge does.

    Parameters
    ----------
    links : EdgeLinks
        From `find_links`.
    """
    lengths, merges, (loops, deaths, apexes) = links.lengths, links.merges, links.deaths.T
    births = links.births[loops]

    def edges(numbers: np.ndarray, *more: np.ndarray) -> np.ndarray:
        return np.stack([links.i[numbers], links.j[numbers], *more], axis=1).astype(np.int64)

    return Bars(
        merging_edges=edges(merges),
        merge_lengths=lengths[merges],
        birth_edges=edges(births),
        death_triangles=edges(deaths, apexes),
        loops=np.stack([lengths[births], lengths[deaths]], axis=1),
    )
