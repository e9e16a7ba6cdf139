"""The Method page's picture of a filtration, against what the words beside it say."""

import numpy as np
import plotly.graph_objects as go
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from attntopo.figures.filtration import plot_filtration, ring_points


def panels(figure: go.Figure) -> list[list[go.Scatter]]:
    return [[one for one in figure.data if one.xaxis == axis] for axis in ("x", "x2", "x3", "x4")]


def n_simplices(trace: go.Scatter, corners: int) -> int:
    drawn = len(trace.x) / (corners + 2)  # closed, and a gap
    assert drawn == int(drawn)
    return int(drawn)


def test_three_scales_of_a_ring_are_drawn_as_they_are():
    """Edges and triangles as the distances have them; one loop, and at the second scale alone."""
    figure = go.Figure(plot_filtration())  # validated
    *complexes, diagram = panels(figure)
    points = ring_points()
    distances = cdist(points, points)
    scales = [one.x[1] for one in diagram[1:4]]
    for (triangles, edges, _), scale, n_components in zip(
        complexes, scales, (None, 1, 1), strict=True
    ):
        near = distances <= scale
        assert n_simplices(edges, 2) == (near.sum() - len(points)) / 2
        assert n_simplices(triangles, 3) == round(np.trace(_cubed(near)) / 6)
        found = connected_components(near)[0]
        assert found == n_components if n_components else found > 1
    bars = diagram[-1]
    alive = [b <= scales[1] < d for b, d in zip(bars.x, bars.y, strict=True)]
    assert sum(alive) == 1
    assert all(not b <= at < d for at in scales[::2] for b, d in zip(bars.x, bars.y, strict=True))


def _cubed(near: np.ndarray) -> np.ndarray:
    graph = (near & ~np.eye(len(near), dtype=bool)).astype(int)
    return np.linalg.matrix_power(graph, 3)
