"""The notebook's formulas written out naively, against the library."""

import gudhi
import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

import attntopo as at
from attntopo.topology.merge_trees import merge_tree
from attntopo.topology.skeleton import skeleton_at
from tests.harness.metrics import REAL_HEADS


def notebook_distances(attention: np.ndarray, dtype: type) -> np.ndarray:
    rows = attention.astype(dtype)
    powers = np.exp(rows)
    rows = powers / powers.sum(axis=1, keepdims=True)
    n = len(rows)
    values = np.zeros((n, n), dtype=dtype)
    for i in range(n):
        for j in range(i + 1, n):
            values[i, j] = values[j, i] = np.sqrt(jensenshannon(rows[i], rows[j]))
    return values


def notebook_diagrams(
    values: np.ndarray, min_persistence: float, dimensions: tuple[int, ...] = (0, 1)
) -> list[np.ndarray]:
    """The notebook has triangles always; no component depends on them, and they take a second."""
    rips = gudhi.RipsComplex(distance_matrix=values)
    tree = rips.create_simplex_tree(max_dimension=1 + max(dimensions))
    tree.compute_persistence(min_persistence=min_persistence)
    return [tree.persistence_intervals_in_dimension(k).reshape(-1, 2) for k in dimensions]


def sorted_points(points: np.ndarray) -> np.ndarray:
    return points[np.lexsort((points[:, 1], points[:, 0]))]


@pytest.fixture(scope="module", params=REAL_HEADS, ids=str)
def pair(request, astronaut, coffee):
    """Both photos of one head: the notebook's float64 distances and ours."""
    photos = []
    for attention in (astronaut, coffee):
        head = attention.head(*request.param)
        # The library normalises rows once more in float64; so does the reference.
        rows = head.astype(np.float64)
        rows /= rows.sum(axis=1, keepdims=True)
        photos.append(
            (notebook_distances(rows, np.float64), at.row_distances(head, "double-softmax"))
        )
    return photos


def test_distances(pair):
    for reference, ours in pair:
        assert np.abs(reference - ours.values).max() < 1e-6


def test_whole_diagrams_and_their_bottleneck_distances(request, pair):
    # The first head with all tokens; of the others every second, which have an eighth of the
    # triangles, and bars as tangled.
    some = np.s_[:: 1 if request.node.callspec.params["pair"] == REAL_HEADS[0] else 2]
    reference = [notebook_diagrams(values[some, some], 0) for values, _ in pair]
    ours = [at.persistence_diagrams(distances.values[some, some]) for _, distances in pair]
    for expected, own in zip(reference, ours, strict=True):
        # Two bars whose deaths differ by rounding may trade places in the order, so sorted
        # columns are compared as well as counts; a bar as short as rounding may be missing.
        for k in (0, 1):
            long_expected = expected[k][expected[k][:, 1] - expected[k][:, 0] > 1e-6]
            long_own = own[k][own[k][:, 1] - own[k][:, 0] > 1e-6]
            assert long_expected.shape == long_own.shape
            for column in (0, 1):
                assert np.allclose(
                    np.sort(long_expected[:, column]),
                    np.sort(long_own[:, column]),
                    rtol=0,
                    atol=1e-6,
                )
            assert gudhi.bottleneck_distance(expected[k], own[k], e=0) < 1e-6
    assert any(len(own[1]) for own in ours)
    for k in (0, 1):
        expected = gudhi.bottleneck_distance(reference[0][k], reference[1][k], e=0)
        assert at.bottleneck_distance(*ours, dimension=k) == pytest.approx(expected, abs=1e-6)


def test_the_notebooks_own_number(pair):
    filtered = [notebook_diagrams(values, 0.01, (0,))[0] for values, _ in pair]
    expected = gudhi.bottleneck_distance(*filtered)
    ours = [at.persistence_diagrams(distances) for _, distances in pair]
    assert at.notebook_bottleneck_distance(*ours) == pytest.approx(expected, abs=1e-6)


def test_the_edges_at_five_scales(pair):
    for reference, ours in pair:
        upper = np.triu_indices(len(reference), k=1)
        lengths = np.sort(reference[upper])
        tree = merge_tree(ours)
        for share in (0.01, 0.1, 0.3, 0.6, 0.95):
            # The middle of a gap near that share of the edges that is wide enough.
            start = int(share * len(lengths))
            gaps = np.nonzero(np.diff(lengths[start:]) > 2e-6)[0]
            scale = lengths[start + gaps[0] : start + gaps[0] + 2].mean()
            assert np.abs(lengths - scale).min() >= 1e-6
            expected = set(zip(*np.nonzero(np.triu(reference <= scale, k=1)), strict=True))
            skeleton = skeleton_at(ours, tree, scale)
            assert {tuple(edge) for edge in skeleton.edges.tolist()} == expected
            # Without isolated vertices, as the notebook's graph.
            touched = {token for edge in expected for token in edge}
            assert touched == set(np.nonzero(skeleton.sizes > 1)[0])


@pytest.mark.parametrize(("photo", "least"), [("astronaut", 100), ("coffee", 10_000)])
def test_in_float32_the_notebook_has_nan_where_ours_has_none(photo, least, request):
    """Near-equal rows of layer 0 cancel: the root of a negative rounding error is NaN."""
    head = request.getfixturevalue(photo).head(0, 5)
    with np.errstate(invalid="ignore"):
        theirs = notebook_distances(head, np.float32)
    assert np.isnan(theirs).sum() > least
    assert not np.isnan(at.row_distances(head, "double-softmax").values).any()
