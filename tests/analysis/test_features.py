import math

import mpmath
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.analysis import attention_graphs, patch_attention
from attntopo.analysis.features import (
    GRAPH_THRESHOLDS,
    barcode_features,
    graph_features,
    head_features,
)
from attntopo.analysis.patch_attention import (
    attention_entropy,
    mean_attention_distance,
    template_distances,
)
from attntopo.diagrams.curves import persistence_entropy
from tests.harness import naive_features as naive
from tests.harness.metrics import random_metric

GRIDS = [((2, 3), 0), ((3, 2), 1), ((4, 4), 1), ((1, 5), 2), ((3, 4), 5)]
"""Grids with their numbers of prefix tokens."""


def random_attention(n: int, seed: int = 0) -> np.ndarray:
    """Attention of float32 as from a softmax, with exact zeros strewn in."""
    rng = np.random.default_rng(seed)
    values = np.exp(3 * rng.normal(size=(n, n)))
    values[rng.random((n, n)) < 0.2] = 0
    np.fill_diagonal(values, 1)
    return (values / values.sum(axis=1, keepdims=True)).astype(np.float32)


def close(expected: dict[str, float]) -> object:
    return pytest.approx(expected, rel=1e-12, abs=1e-13)


whole_bars = st.lists(
    st.tuples(st.integers(0, 6), st.one_of(st.integers(1, 6), st.just(math.inf))).map(
        lambda bar: (bar[0] / 8, (bar[0] + bar[1]) / 8)
    ),
    max_size=8,
)


@given(whole_bars, st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=300, deadline=None)
def test_barcode_features_of_any_bars_in_any_order_equal_loops(bars, birth, death):
    """Eighths, so that ties and bars at the threshold come up."""
    features = barcode_features(np.array(bars).reshape(-1, 2), birth / 8, death / 8)
    assert features == close(naive.barcode(bars, birth / 8, death / 8))
    assert all(type(value) is float for value in features.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dimension", [0, 1])
def test_barcode_features_equal_those_of_a_simplex_tree(seed, dimension):
    values = random_metric(seed, 30)
    scale = float(np.median(values))
    features = barcode_features(at.persistence_diagrams(values)[dimension], scale, scale / 2)
    assert features["number of bars"] > 1
    assert features == close(
        naive.barcode(naive.simplex_tree_bars(values, dimension), scale, scale / 2)
    )


def test_barcode_features_of_three_bars_by_hand():
    points = np.array([[2, 4], [0, np.inf], [1, 3], [3, 4]], dtype=float)
    expected = {
        "number of bars": 3,
        "sum of lengths": 5,
        "mean of lengths": 5 / 3,
        "standard deviation of lengths": math.sqrt(2) / 3,
        "persistence entropy": math.log(5) - 0.8 * math.log(2),
        "bars born above the threshold": 1,
        "bars born at or below the threshold": 2,
        "bars dying above the threshold": 2,
        "bars dying at or below the threshold": 1,
        "birth of the longest bar": 1,
        "death of the longest bar": 3,
    }
    assert barcode_features(points, 2, 3) == close(expected)


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.array([[0, np.inf]])])
@pytest.mark.filterwarnings("error")
def test_without_finite_bars_everything_is_zero(points):
    features = barcode_features(points, 0.5, 0.5)
    assert len(features) == 11
    assert set(features.values()) == {0.0}


def test_persistence_entropy_of_equal_bars_is_the_logarithm_of_their_number():
    assert persistence_entropy(np.array([[0.5, 0.75]] * 7)) == pytest.approx(math.log(7), rel=1e-14)
    assert str(persistence_entropy(np.array([[0.5, 0.75], [0, np.inf]]))) == "0.0"
    assert str(persistence_entropy(np.empty((0, 2)))) == "0.0"
    # A bar of length 0 is no bar; alone it must not divide by 0.
    assert persistence_entropy(np.array([[0, 1], [0, 3], [2, 2]])) == pytest.approx(
        math.log(4) - 0.75 * math.log(3), rel=1e-14
    )
    assert persistence_entropy(np.array([[2.0, 2.0]])) == 0


@pytest.fixture(params=["compiled", "SciPy"])
def form(request, monkeypatch):
    if request.param == "SciPy":
        monkeypatch.setattr(attention_graphs, "numba_runs", lambda: False)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("n", [1, 2, 9, 40])
@pytest.mark.parametrize("threshold", [0.001, *GRAPH_THRESHOLDS])
def test_graph_features_equal_networkx(n, threshold):
    attention = random_attention(n, seed=n)
    assert graph_features(attention, threshold) == naive.graph(attention, threshold)


def test_graph_features_of_a_directed_triangle_by_hand():
    """0 -> 1 -> 2 -> 0, and 3 <-> 4; 5 attends to itself alone."""
    triangle = np.eye(6)[[1, 2, 0, 4, 3, 5]]
    features = graph_features(triangle, 0.75)
    assert list(features.values()) == [3, 3, 5, 5 / 6, 3, 1]
    # 0 -> 2 instead of 2 -> 0: still a loop, but no longer a directed one.
    acyclic = triangle / 2
    acyclic[0, 2], acyclic[2] = 0.5, [0, 0, 1, 0, 0, 0]
    assert list(graph_features(acyclic, 0.5).values()) == [3, 5, 5, 5 / 6, 3, 1]


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("n", [1, 2, 9, 40])
@pytest.mark.parametrize("threshold", [0.001, *GRAPH_THRESHOLDS])
def test_graph_features_as_published_equal_networkx(n, threshold):
    attention = random_attention(n, seed=n)
    features = graph_features(attention, threshold, "kushnareva")
    assert features == naive.graph_as_published(attention, threshold)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("loops", [False, True])
def test_graphs_at_many_thresholds_equal_networkx(loops):
    """Sparse ones, which have components of all sizes; thresholds in no order, one above all."""
    rng = np.random.default_rng(0)
    for n in (1, 3, 30, 60):
        rows = np.where(rng.random((n, n)) < 3 / n, rng.integers(1, 5, (n, n)), 0) / 4
        thresholds = [0.75, 0.25, 2.0, 0.5, 0.5]
        found = attention_graphs.graph_counts(rows, thresholds, loops)
        for threshold, counts in zip(thresholds, found, strict=True):
            graph = nx.from_numpy_array(rows >= threshold, create_using=nx.DiGraph)
            if not loops:
                graph.remove_edges_from(list(nx.selfloop_edges(graph)))
            assert counts == attention_graphs.GraphCounts(
                nx.number_weakly_connected_components(graph),
                nx.number_strongly_connected_components(graph),
                graph.number_of_edges(),
                graph.to_undirected().number_of_edges(),
            )


@pytest.mark.usefixtures("form")
def test_a_long_path_is_a_component_for_each_token_and_closed_it_is_one():
    cycle = np.roll(np.eye(1500), 1, axis=1)
    path = cycle.copy()
    path[-1] = np.eye(1500)[-1]
    for rows, n_strong in ((path, 1500), (path.T[::-1, ::-1], 1500), (cycle, 1)):
        (counts,) = attention_graphs.graph_counts(rows, [0.5], loops=True)
        assert counts == attention_graphs.GraphCounts(1, n_strong, 1500, 1500)


def test_graph_features_as_published_by_hand():
    """0 -> 1 by half and to itself by half, 1 to itself alone."""
    attention = np.array([[0.5, 0.5], [0, 1]])
    assert list(graph_features(attention, 0.5).values()) == [1, 2, 1, 1 / 2, 1, 0]
    published = graph_features(attention, 0.5, convention="kushnareva")
    assert list(published.values()) == [1, 2, 3, 3, 1, 2]
    many = graph_features(np.eye(510), 0.5, convention="kushnareva")
    assert list(many.values()) == [500, 500, 510, 2, 510, 510]


def test_bars_at_the_threshold_are_published_as_above_and_below():
    points = np.array([[0.25, 0.5], [0.5, 0.75], [0, np.inf]])
    above_and_below = [name for name in barcode_features(points, 0, 0) if "the threshold" in name]
    for convention, counts in (("attntopo", [0, 2, 1, 1]), ("kushnareva", [1, 2, 2, 1])):
        features = barcode_features(points, 0.5, 0.5, convention)
        assert [features[name] for name in above_and_below] == counts


@pytest.mark.parametrize(
    "call",
    [
        lambda word: graph_features(np.eye(3), 0.5, word),
        lambda word: barcode_features(np.empty((0, 2)), 0.5, 0.5, word),
    ],
)
def test_another_convention_is_refused(call):
    with pytest.raises(ValueError, match="attntopo or kushnareva, not 'theirs'"):
        call("theirs")


def test_attention_at_the_threshold_is_an_edge():
    attention = np.array([[0.25, 0.75], [0, 1]])
    assert graph_features(attention, 0.75)["edges"] == 1
    assert graph_features(attention, np.nextafter(0.75, 1))["edges"] == 0
    # float32 has no 0.05; the rows normalised have.
    assert graph_features(np.full((20, 20), 0.05, dtype=np.float32), 0.05)["edges"] == 380


@pytest.mark.parametrize(("grid", "n_prefix"), GRIDS)
def test_templates_entropy_and_distance_equal_loops(grid, n_prefix):
    n_tokens = n_prefix + grid[0] * grid[1]
    for seed in range(3):
        attention = random_attention(n_tokens, seed)
        templates = template_distances(attention, grid, n_prefix)
        assert templates == close(naive.template_distances(attention, grid, n_prefix))
        assert attention_entropy(attention, n_prefix) == pytest.approx(
            naive.attention_entropy(attention, n_prefix), rel=1e-12
        )
        assert mean_attention_distance(attention, grid, n_prefix) == pytest.approx(
            naive.attention_distance(attention, grid, n_prefix), rel=1e-12
        )


@pytest.mark.parametrize(("grid", "n_prefix"), GRIDS)
def test_attention_that_is_a_template_is_at_distance_zero_from_it_alone(grid, n_prefix):
    templates = naive.templates(grid, n_prefix)
    # The prefix tokens' own rows don't matter.
    prefix_rows = random_attention(n_prefix + grid[0] * grid[1])[:n_prefix]
    for name, template in templates.items():
        features = template_distances(np.vstack([prefix_rows, template]), grid, n_prefix)
        same = {other for other in templates if (templates[other] == template).all()}
        assert {other for other in features if features[other] < 1e-7} == same, name


@pytest.mark.parametrize("share", [1e-3, 0.03, 0.1, 0.3])
def test_attention_near_a_template_keeps_the_digits_of_its_distance(share):
    """From distances of 0.001 on, where norm(A)² + norm(T)² - 2 <A, T> has lost ten digits."""
    grid, n_prefix = (4, 5), 2
    other = random_attention(22).astype(np.float64)
    for name, template in naive.templates(grid, n_prefix).items():
        near = (1 - share) * np.vstack([other[:n_prefix], template]) + share * other
        found = template_distances(near, grid, n_prefix)
        expected = naive.template_distances(near, grid, n_prefix)
        assert found == pytest.approx(expected, rel=1e-12, abs=0)
        assert expected[name] < 2.5 * share


def test_template_distances_by_hand():
    """Two patches side by side and the class token, to which both attend by half."""
    half = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5]])
    assert template_distances(half, (1, 2), 1) == close(
        {
            "identity": math.sqrt(1 / 3),
            "uniform": math.sqrt((1 / 3) / (1 + 2 / 3)),
            "class token": math.sqrt(1 / 3),
            "four neighbours": 1,
            "same row": math.sqrt(1 / 2),
            "same column": math.sqrt(1 / 3),
        }
    )


def test_templates_that_there_are_not_are_left_out():
    def names(grid: tuple[int, int], n_prefix: int) -> set[str]:
        return set(template_distances(np.eye(n_prefix + grid[0] * grid[1]), grid, n_prefix))

    always = {"identity", "uniform", "same row", "same column"}
    assert names((1, 1), 0) == always
    assert names((2, 2), 0) == always | {"four neighbours"}
    assert names((2, 2), 1) == always | {"four neighbours", "class token"}
    assert names((2, 2), 2) == always | {"four neighbours", "class token", "other prefix tokens"}


def test_attention_entropy_by_hand():
    assert attention_entropy(np.full((10, 10), 0.1), 1) == pytest.approx(math.log(10), rel=1e-14)
    assert attention_entropy(np.eye(10), 1) == 0
    assert attention_entropy(np.array([[0.2, 0.8], [0.5, 0.5]]), 1) == pytest.approx(math.log(2))
    assert attention_entropy(np.array([[1.0, 0], [0.5, 0.5]]), 0) == pytest.approx(math.log(2) / 2)


@pytest.mark.parametrize("n", [3, 15, 16, 17, 41])
@pytest.mark.parametrize("compiled", [True, False])
def test_attention_entropy_agrees_with_50_digits(n, compiled, monkeypatch):
    monkeypatch.setattr(patch_attention, "numba_runs", lambda: compiled)
    rows = np.random.default_rng(n).dirichlet(np.full(n, 0.05), n)
    rows[rows < 1e-9] = 0
    rows[-1] = np.eye(n)[0]
    rows[1, :2] = 1e-310, 1  # among the least that a float holds
    rows /= rows.sum(axis=1, keepdims=True)
    with mpmath.workdps(50):
        entries = [mpmath.mpf(entry) for entry in rows[1:].ravel().tolist() if entry]
        expected = -mpmath.fsum(entry * mpmath.log(entry) for entry in entries) / (n - 1)
    assert attention_entropy(rows, 1) == pytest.approx(float(expected), rel=1e-13)


def test_mean_attention_distance_by_hand():
    assert mean_attention_distance(np.eye(20), (4, 5), 0) == 0
    # Four rows down and three columns across from corner to corner; the others stay where they are.
    corners = np.eye(21)
    corners[[1, 20]] = corners[[20, 1]]
    assert mean_attention_distance(corners, (5, 4), 1) == pytest.approx(2 * 5 / 20, rel=1e-14)
    # Half to the class token: what is left is all one patch away.
    half = np.array([[1, 0, 0], [0.5, 0, 0.5], [0.9, 0.1, 0]])
    assert mean_attention_distance(half, (2, 1), 1) == 1


@pytest.mark.filterwarnings("error")
def test_a_patch_that_attends_to_no_patch_is_left_out():
    first_only = np.array([[1.0, 0, 0], [0, 0, 1], [1, 0, 0]])
    assert mean_attention_distance(first_only, (1, 2), 1) == 1
    to_class = np.array([[1.0, 0, 0]] * 3)
    assert str(mean_attention_distance(to_class, (1, 2), 1)) == "0.0"
    assert attention_entropy(to_class, 1) == 0
    assert template_distances(to_class, (1, 2), 1)["class token"] == 0
    assert template_distances(to_class, (1, 2), 1)["identity"] == 1


def test_rows_are_normalised_and_the_callers_array_stays():
    attention = random_attention(13)
    scaled = attention * np.float32(4)
    scaled.setflags(write=False)
    assert graph_features(scaled, 0.1) == graph_features(attention, 0.1)
    assert template_distances(scaled, (3, 4), 1) == template_distances(attention, (3, 4), 1)
    assert attention_entropy(scaled, 1) == attention_entropy(attention, 1)
    distance = mean_attention_distance(attention, (3, 4), 1)
    assert mean_attention_distance(scaled, [3, 4], 1) == distance


@pytest.mark.parametrize(
    ("attention", "grid", "n_prefix", "message"),
    [
        (np.ones((5, 4)), (2, 2), 1, "square"),
        (np.empty((0, 0)), (0, 0), 0, "square"),
        (np.full((5, 5), np.nan), (2, 2), 1, "non-negative"),
        (np.diag([1.0, 1, 1, 1, 0]), (2, 2), 1, "not all zero"),
        (np.eye(5) - 0.1, (2, 2), 1, "non-negative"),
        (np.eye(5), (0, 3), 5, "5 prefix tokens"),
        (np.eye(5), (2, 3), -1, "-1 prefix tokens"),
        (np.eye(5), (2, 3), 1, "grid of 2 x 3"),
        (np.eye(5), (-2, -2), 1, "grid of -2 x -2"),
    ],
)
def test_what_is_not_attention_is_refused(attention, grid, n_prefix, message):
    for function in (template_distances, mean_attention_distance):
        with pytest.raises(at.AttentionError, match=message):
            function(attention, grid, n_prefix)
    if "grid" not in message:
        with pytest.raises(at.AttentionError, match=message):
            attention_entropy(attention, n_prefix)
    if "prefix" not in message and "grid" not in message:
        with pytest.raises(at.AttentionError, match=message):
            graph_features(attention, 0.5)


def test_head_features_of_a_real_head_equal_all_the_loops(astronaut):
    distances = at.row_distances(astronaut.head(9, 3), "jensen-shannon", np.arange(0, 257, 4))
    scale = at.DISTANCES["jensen-shannon"].default_scale
    features = head_features(astronaut, 9, 3, at.persistence_diagrams(distances), scale)

    rows = astronaut.head(9, 3)
    expected: dict[str, float] = {}
    for k in (0, 1):
        bars = naive.barcode(naive.simplex_tree_bars(distances.values, k), scale, scale)
        expected |= {f"H{k} {name}": value for name, value in bars.items()}
    for threshold in (0.025, 0.05, 0.1, 0.25, 0.5, 0.75):
        graph = naive.graph(rows, threshold)
        expected |= {f"graph at {threshold}: {name}": value for name, value in graph.items()}
    templates = naive.template_distances(rows, (16, 16), 1)
    expected |= {f"template: {name}": value for name, value in templates.items()}
    expected["attention entropy"] = naive.attention_entropy(rows, 1)
    expected["mean attention distance"] = naive.attention_distance(rows, (16, 16), 1)
    assert features == close(expected)
    assert list(features) == list(expected)
    assert all(type(value) is float for value in features.values())
    assert len(features) == 2 * 11 + 6 * 6 + 6 + 2
    assert expected["H1 number of bars"] > 2
    assert expected["graph at 0.05: b1"] > 2


def test_head_features_take_any_dimensions_and_refuse_a_head_that_is_not_there():
    maps = random_attention(7)[None, None]
    attention = at.Attention(maps, (2, 3), 1, np.zeros((2, 3, 3), dtype=np.uint8))
    components_only = at.Diagrams((np.array([[0, 0.5], [0, np.inf]]),))
    features = head_features(attention, 0, 0, components_only, 0.5)
    assert features["H0 bars dying at or below the threshold"] == 1
    assert not [name for name in features if name.startswith("H1")]
    published = head_features(attention, 0, 0, components_only, 0.5, convention="kushnareva")
    assert published["H0 bars dying above the threshold"] == 1
    for threshold in GRAPH_THRESHOLDS:
        expected = naive.graph_as_published(maps[0, 0], threshold)
        start = f"graph at {threshold:g}: "
        assert {name: published[start + name] for name in expected} == expected
    with pytest.raises(at.AttentionError, match="no head"):
        head_features(attention, 0, 1, components_only, 0.5)
    nan = at.Diagrams((np.array([[0, np.nan]]),))
    with pytest.raises(at.DiagramError, match="NaN is neither"):
        head_features(attention, 0, 0, nan, 0.5)
