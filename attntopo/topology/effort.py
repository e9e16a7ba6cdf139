"""Numbers of points and edges -> what a layout takes, before it is begun.

The paces are measured by `python -m benchmarks.efforts`, and rounded up.
"""

from attntopo.effort import MATRIX_ENTRY, Effort
from attntopo.topology.cycles import MOST_BYTES

MOST_SPRINGS = 200_000
"""Edges of the largest graph that gets a spring layout: some 100 MB."""

_LAYOUT_PACE = 4e-10
_CYCLES_PACE, _CYCLE_PACE = 1e-7, 1.5e-9
# NetworkX moves all points at once, or from `_ONE_BY_ONE` on one after the other.
_ONE_BY_ONE = 500
_TOGETHER_PACE, _SINGLE_PACE, _EDGE_PACE = 5e-6, 5e-3, 1.5e-5


def layout_effort(n_points: int) -> Effort:
    """Estimate what the layout that comes from the distances takes.

    Parameters
    ----------
    n_points : int

    Returns
    -------
    Effort
    """
    return Effort(_LAYOUT_PACE * n_points**3, 8 * MATRIX_ENTRY * n_points**2)


def cycles_effort(n_points: int, n_cycles: int) -> Effort:
    """Estimate what the cycles of some bars of dimension 1 take, where the links are known.

    Parameters
    ----------
    n_points : int
    n_cycles : int
        Of how many bars.

    Returns
    -------
    Effort
    """
    seconds = (_CYCLES_PACE + _CYCLE_PACE * n_cycles) * n_points**2
    return Effort(seconds, MOST_BYTES / 1e6 + 8 * MATRIX_ENTRY * n_points**2)


def spring_effort(n_points: int, n_edges: int) -> Effort:
    """Estimate what the spring layout of a 1-skeleton takes.

    Parameters
    ----------
    n_points, n_edges : int

    Returns
    -------
    Effort
    """
    alone = _TOGETHER_PACE * n_points**2 if n_points < _ONE_BY_ONE else _SINGLE_PACE * n_points
    megabytes = 6e-4 * n_edges + 10 * MATRIX_ENTRY * n_points**2
    return Effort(alone + _EDGE_PACE * n_edges, megabytes, refused=n_edges > MOST_SPRINGS)
