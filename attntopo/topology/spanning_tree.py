"""The edges that merge components -> a tree, and the cycle of each other edge along it."""

from collections import defaultdict

import numpy as np

from attntopo.topology.edge_links import EdgeLinks


class SpanningTree:
    """The minimum spanning tree, along which an edge can be closed to a cycle.

    Parameters
    ----------
    links : EdgeLinks
        Its merging edges are the tree's.
    """

    def __init__(self, links: EdgeLinks) -> None:
        self._ends = links.i, links.j
        neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for edge in links.merges.tolist():
            u, v = int(links.i[edge]), int(links.j[edge])
            neighbours[u].append((v, edge))
            neighbours[v].append((u, edge))
        # Parent, edge to it, and distance from the root, of each point.
        self._above = {0: (0, -1, 0)}
        waiting = [0]
        for x in waiting:
            for y, edge in neighbours[x]:
                if y not in self._above:
                    self._above[y] = x, edge, self._above[x][2] + 1
                    waiting.append(y)

    def closed(self, births: np.ndarray) -> list[int]:
        """Return the sum of the cycles that some edges make with the tree.

        Parameters
        ----------
        births : ndarray of int, shape (n,)
            Edges that aren't in the tree, by number.

        Returns
        -------
        list of int
            The edges that an odd number of those cycles has, ascending.
        """
        total: set[int] = set()
        for birth in births.tolist():
            total ^= {birth}
            u, v = (int(end[birth]) for end in self._ends)
            while u != v:
                if self._above[u][2] < self._above[v][2]:
                    u, v = v, u
                u, edge, _ = self._above[u]
                total ^= {edge}
        return sorted(total)
