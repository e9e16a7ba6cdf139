import networkx
import numpy as np
import pytest

import attntopo as at
from attntopo.topology import effort
from attntopo.topology.layout import LayoutError, distance_layout, spring_layout
from attntopo.topology.merge_trees import merge_tree
from attntopo.topology.skeleton import skeleton_at
from tests.harness.metrics import as_distances, random_metric


def test_the_layout_of_points_in_space_is_exact():
    points = np.random.default_rng(3).normal(size=(12, 3))
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    values = np.triu(values, 1) + np.triu(values, 1).T
    layout = distance_layout(as_distances(values))
    laid_out = np.sqrt(((layout.positions[:, None] - layout.positions[None]) ** 2).sum(axis=2))
    assert np.allclose(laid_out, values)
    assert layout.variance_share == pytest.approx(1)
    assert layout.stress == pytest.approx(0, abs=1e-9)
    for axis in range(3):
        column = layout.positions[:, axis]
        assert column[np.argmax(np.abs(column))] > 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_points_have_a_layout_too(n):
    layout = distance_layout(as_distances(random_metric(0, n)))
    assert layout.positions.shape == (n, 3)
    assert np.isfinite(layout.positions).all()


def test_points_on_one_spot_have_a_layout_too():
    layout = distance_layout(as_distances(np.zeros((5, 5))))
    assert (layout.positions == 0).all()
    assert layout.stress == 0


def scaled_classically(values: np.ndarray) -> tuple[np.ndarray, float]:
    """The definition: all eigenvectors of the doubly centred squares; the share of three."""
    n = len(values)
    centring = np.eye(n) - 1 / n
    eigenvalues, vectors = np.linalg.eigh(-0.5 * centring @ values**2 @ centring)
    positive = np.maximum(eigenvalues[::-1], 0)
    axes = vectors[:, ::-1][:, :3] * np.sqrt(positive[:3])
    signs = [np.sign(axis[np.argmax(np.abs(axis))]) for axis in axes.T]
    return axes * signs, positive[:3].sum() / positive.sum()


# The last two are none between points of any space: some eigenvalues are below 0.
@pytest.mark.parametrize(
    "distance",
    ["double-softmax", "jensen-shannon", "hellinger", "total-variation", "attention-graph"],
)
def test_of_many_points_the_axes_are_those_of_all_eigenvectors(astronaut, distance):
    distances = at.row_distances(astronaut.head(9, 3), distance)
    positions, share = scaled_classically(distances.values)
    layout = distance_layout(distances)
    assert np.allclose(layout.positions, positions, rtol=0, atol=1e-12)
    assert layout.variance_share == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("n_apart", [0, 1, 60, 120])
def test_of_many_points_that_look_alike_the_layout_is_always_the_same(n_apart):
    """Where axes are as good as each other nothing says which: all distances equal, or in parts."""
    values = np.ones((120, 120))
    values[:n_apart, :n_apart] = 0.5
    np.fill_diagonal(values, 0)
    one, again = (distance_layout(values.copy()) for _ in range(2))
    assert (one.positions == again.positions).all()
    assert one.variance_share == pytest.approx(scaled_classically(values)[1], rel=1e-9)
    assert one.stress == again.stress


def test_the_spring_layout_is_the_notebooks(astronaut):
    distances = at.row_distances(astronaut.head(1, 2))
    skeleton = skeleton_at(distances, merge_tree(distances), 0.05)
    values = distances.values
    edges = sorted(
        (values[i, j], i, j)
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if values[i, j] <= 0.05
    )
    graph = networkx.Graph()
    graph.add_edges_from((i, j) for _, i, j in edges)
    expected = networkx.spring_layout(graph, dim=3, seed=42)
    layout = spring_layout(skeleton)
    assert set(np.nonzero(np.isfinite(layout.positions[:, 0]))[0]) == set(expected)
    for point, position in expected.items():
        assert (layout.positions[point] == position).all()


def test_the_spring_layout_of_no_edges_is_empty():
    distances = as_distances(random_metric(0))
    layout = spring_layout(skeleton_at(distances, merge_tree(distances), 0.0))
    assert np.isnan(layout.positions).all()


def test_a_spring_layout_of_too_many_edges_is_refused_before_a_graph_is_made(monkeypatch):
    distances = as_distances(random_metric(0, 12))
    skeleton = skeleton_at(distances, merge_tree(distances), float(distances.values.max()))
    monkeypatch.setattr(effort, "MOST_SPRINGS", len(skeleton.edges))
    assert np.isfinite(spring_layout(skeleton).positions).all()
    monkeypatch.setattr(effort, "MOST_SPRINGS", len(skeleton.edges) - 1)
    monkeypatch.setattr(networkx, "Graph", None)
    with pytest.raises(LayoutError, match=r"^A spring layout of 66 edges would take .* distances"):
        spring_layout(skeleton)
