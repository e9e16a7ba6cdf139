import itertools

import gudhi
import numpy as np
import pytest
import redzed_tda
from hypothesis import given, settings
from hypothesis import strategies as st
from ripser import ripser

import attntopo as at
from attntopo.topology import edge_links, edge_sorting
from attntopo.topology.edge_links import PersistenceError
from attntopo.topology.persistence import MOST_LOOPS_FOR_H2, persistence_diagrams
from attntopo.topology.rips_bars import find_bars
from tests.harness.metrics import random_metric
from tests.harness.resolution import attention_at


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    """Both forms of the algorithm: as compiled, and where numba can't run."""
    if request.param == "NumPy":
        for module in (edge_links, edge_sorting):
            monkeypatch.setattr(module, "numba_runs", lambda: False)


@pytest.fixture(scope="module")
def resolutions(model):
    photo = at.sample("coffee")
    return {n: attention_at(model, photo, n) for n in (197, 257, 577)}


def in_order(points: np.ndarray) -> np.ndarray:
    points = points.reshape(-1, 2)
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def random_distances(seed: int, n: int, steps: int = 0) -> np.ndarray:
    """Structureless distances, that need not be a metric; with steps, many are equal."""
    values = np.random.default_rng(seed).random((n, n))
    values = np.ceil(values * steps) / steps if steps else values
    values = np.triu(values, 1)
    return values + values.T


def simplex_tree_diagrams(
    values: np.ndarray, field: int = 2, max_dimension: int = 1, collapse: bool = False
) -> list[np.ndarray]:
    rips = gudhi.RipsComplex(distance_matrix=values)
    tree = rips.create_simplex_tree(max_dimension=1 if collapse else max_dimension + 1)
    if collapse:  # 32 million triangles at 577 tokens otherwise
        tree.collapse_edges(nb_iterations=3)
        tree.expansion(max_dimension + 1)
    tree.compute_persistence(homology_coeff_field=field, min_persistence=0)
    return [in_order(tree.persistence_intervals_in_dimension(k)) for k in range(max_dimension + 1)]


def reduced_pairs(values: np.ndarray) -> dict[tuple, tuple]:
    """Birth edge -> death triangle, by reducing the boundary matrix of all triangles."""
    n = len(values)
    edges = sorted(itertools.combinations(range(n), 2), key=lambda edge: (values[edge], edge))
    rank = {edge: k for k, edge in enumerate(edges)}
    triangles = []
    for corners in itertools.combinations(range(n), 3):
        sides = sorted(rank[side] for side in itertools.combinations(corners, 2))
        (apex,) = set(corners) - set(edges[sides[2]])
        triangles.append((sides[2], apex, sides))
    columns: dict[int, int] = {}
    pairs = {}
    for latest, apex, sides in sorted(triangles):
        column = sum(1 << side for side in sides)
        while column and (low := column.bit_length() - 1) in columns:
            column ^= columns[low]
        if column:
            columns[low] = column
            pairs[edges[low]] = (*edges[latest], apex)
    return pairs


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9, 16])
@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("seed", range(4))
def test_birth_edges_and_death_triangles_equal_the_reduced_matrix(n, steps, seed, form):
    values = random_distances(seed, n, steps)
    all_bars = find_bars(values)
    pairs = reduced_pairs(values)
    ours = {
        tuple(edge): tuple(triangle)
        for edge, triangle in zip(
            all_bars.birth_edges.tolist(), all_bars.death_triangles.tolist(), strict=True
        )
    }
    # The reduction pairs every other edge, too: with the triangle that closes it at once.
    for edge, triangle in ours.items():
        assert pairs[edge] == triangle
    at_once = {edge: triangle for edge, triangle in pairs.items() if edge not in ours}
    assert all(triangle[:2] == edge for edge, triangle in at_once.items())


def test_the_simplices_of_a_diagram_have_its_lengths(coffee):
    distances = at.row_distances(coffee.head(9, 5), "jensen-shannon")
    values, diagrams = distances.values, persistence_diagrams(distances)
    assert len(diagrams.merging_edges) == len(diagrams[0])
    assert diagrams.merging_edges[-1].tolist() == [-1, -1]
    i, j = diagrams.merging_edges[:-1].T
    assert np.array_equal(values[i, j], diagrams[0][:-1, 1])
    assert len(diagrams.birth_edges) == len(diagrams.death_triangles) == len(diagrams[1]) > 20
    assert np.array_equal(values[tuple(diagrams.birth_edges.T)], diagrams[1][:, 0])
    u, v, w = diagrams.death_triangles.T
    sides = np.stack([values[u, v], values[u, w], values[v, w]])
    assert np.array_equal(sides.max(axis=0), diagrams[1][:, 1])
    assert np.array_equal(sides[0], diagrams[1][:, 1])


@pytest.mark.parametrize("n", [2, 3, 4, 5, 40])
def test_whole_diagrams_equal_the_simplex_tree(n, form):
    values = random_metric(n, n)
    diagrams = persistence_diagrams(values)
    for expected, points in zip(simplex_tree_diagrams(values), diagrams.points, strict=True):
        assert np.array_equal(expected, points)


def test_one_point_is_one_bar_that_never_dies():
    diagrams = persistence_diagrams(np.zeros((1, 1)))
    assert [points.tolist() for points in diagrams.points] == [[[0.0, np.inf]], []]


@pytest.mark.parametrize(("n", "steps"), [(30, 0), (60, 0), (60, 5), (110, 0)])
def test_structureless_distances_equal_the_simplex_tree(n, steps, form):
    """Hundreds of loops are alive at a time here."""
    values = random_distances(n, n, steps)
    expected = simplex_tree_diagrams(values)
    for ours, theirs in zip(persistence_diagrams(values).points, expected, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("n_tokens", [197, 257, 577])
@pytest.mark.parametrize("head", [(0, 5), (4, 0), (9, 5)])
@pytest.mark.parametrize("distance", ["double-softmax", "jensen-shannon", "attention-graph"])
def test_real_heads_equal_ripser(resolutions, n_tokens, head, distance):
    """Ripser computes in float32, so it is given distances that float32 holds."""
    values = at.row_distances(resolutions[n_tokens].head(*head), distance).values
    values = values.astype(np.float32).astype(np.float64)
    expected = ripser(values, distance_matrix=True, maxdim=1)["dgms"]
    for ours, theirs in zip(persistence_diagrams(values).points, expected, strict=True):
        assert np.array_equal(ours, in_order(theirs.astype(np.float64)))


@pytest.mark.parametrize("n_tokens", [197, 257, 577])
@pytest.mark.parametrize("field", [2, 11])
def test_real_heads_equal_the_simplex_tree_over_both_fields(resolutions, n_tokens, field):
    values = at.row_distances(resolutions[n_tokens].head(9, 3), "jensen-shannon").values
    expected = simplex_tree_diagrams(values, field, collapse=n_tokens == 577)
    for ours, theirs in zip(persistence_diagrams(values).points, expected, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(("make", "n"), [(random_metric, 4), (random_metric, 30)])
def test_voids_equal_the_simplex_tree(make, n):
    values = make(3, n)
    expected = simplex_tree_diagrams(values, max_dimension=2)
    for ours, theirs in zip(persistence_diagrams(values, 2).points, expected, strict=True):
        assert np.array_equal(ours, theirs)


def test_an_octahedron_has_a_void():
    values = np.where(np.eye(6) + np.eye(6)[[1, 0, 3, 2, 5, 4]] > 0, 2.0, 1.0)
    np.fill_diagonal(values, 0)
    assert persistence_diagrams(values, 2)[2].tolist() == [[1.0, 2.0]]


def test_voids_that_would_take_too_long_are_refused_before_it_starts():
    values = random_distances(0, 120)
    assert len(find_bars(values).loops) > MOST_LOOPS_FOR_H2
    with pytest.raises(PersistenceError, match=r"H2 of 120 points with .* H0 and H1 can be had"):
        persistence_diagrams(values, 2)
    with pytest.raises(PersistenceError, match="H2 of 601 points"):
        persistence_diagrams(np.ones((601, 601)) - np.eye(601), 2)


@pytest.mark.parametrize(
    ("bound", "size", "message"),
    [
        ("MOST_OPERATIONS", 1e4, r"120 points \([0-9,]+ edges\) would take"),
        ("MOST_OPERATIONS", 1e5, r"120 points \([0-9,]+ edges, [0-9,]+ loops\) would take"),
        ("MOST_BYTES", 1e5, r"120 points \(7,140 edges\) would take"),
        ("MOST_BYTES", 3e5, r"120 points \([0-9,]+ edges, [0-9,]+ loops\) would take"),
    ],
)
def test_bars_that_would_take_too_long_are_refused(bound, size, message, form, monkeypatch):
    """Before anything is done, or where the structure shows that it is too much."""
    monkeypatch.setattr(edge_links, bound, size)
    values = two_camps(120)
    with pytest.raises(PersistenceError, match=message):
        persistence_diagrams(values)


def two_camps(n: int) -> np.ndarray:
    """Distances a little above 1 between two halves, and above 2 within: (n / 2 - 1)^2 loops."""
    values = random_distances(n, n) / 2 + 2
    camps = np.arange(n) % 2
    values -= camps[:, None] != camps
    np.fill_diagonal(values, 0)
    return values


@pytest.mark.parametrize("n", [12, 40])
def test_two_camps_have_all_the_loops_there_can_be(n, form):
    values = two_camps(n)
    diagrams = persistence_diagrams(values)
    assert len(diagrams[1]) == (n // 2 - 1) ** 2
    for expected, points in zip(simplex_tree_diagrams(values), diagrams.points, strict=True):
        assert np.array_equal(expected, points)


def ranks_of(values: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Each edge's number in the order (length, i, j), as a distance matrix; and the edges."""
    i, j = np.triu_indices(len(values), 1)
    order = np.lexsort((j, i, values[i, j]))
    ranks = np.zeros(values.shape)
    ranks[i[order], j[order]] = ranks[j[order], i[order]] = np.arange(1, len(order) + 1)
    return ranks, [(-1, -1), *zip(i[order].tolist(), j[order].tolist(), strict=True)]


CASES = {
    "random": random_distances(7, 90),
    "random, tied": random_distances(7, 90, 4),
    "two camps": two_camps(60),
    "equal": np.ones((40, 40)) - np.eye(40),
    "one-hot rows": at.row_distances(np.eye(90)[np.arange(90) % 30 // 2]).values,
    "uniform rows": at.row_distances(np.full((60, 60), 1 / 60)).values,
    **{
        f"{n} tokens, {head}, {distance}, {decimals} decimals": (n, head, distance, decimals)
        for n in (197, 257)
        for head, distance in (((9, 5), "jensen-shannon"), ((0, 5), "attention-graph"))
        for decimals in (1, 2, 20)
    },
}


@pytest.mark.parametrize("case", CASES)
def test_the_edges_of_all_bars_equal_those_of_redzed(case, resolutions, form):
    """Given the ranks of our order, it pairs the same edges, those of bars of length 0 too."""
    values = CASES[case]
    if isinstance(values, tuple):
        n_tokens, head, distance, decimals = values
        values = at.row_distances(resolutions[n_tokens].head(*head), distance).values
        values = values.round(decimals)
    ranks, edges = ranks_of(values)
    bars = find_bars(values)
    merges, loops = redzed_tda.rips(ranks, maxdim=1)
    deaths = sorted(merges[np.isfinite(merges[:, 1]), 1].astype(int).tolist())
    assert bars.merging_edges.tolist() == [list(edges[k]) for k in deaths]
    expected = {(*edges[int(birth)], *edges[int(death)]) for birth, death in loops}
    simplices = np.concatenate([bars.birth_edges, bars.death_triangles[:, :2]], axis=1)
    assert set(map(tuple, simplices.tolist())) == expected
    assert len(simplices) == len(expected)


@pytest.mark.parametrize("case", CASES)
def test_components_alone_are_those_that_come_with_loops(case, resolutions, form):
    values = CASES[case]
    if isinstance(values, tuple):
        n_tokens, head, distance, decimals = values
        values = at.row_distances(resolutions[n_tokens].head(*head), distance).values
        values = values.round(decimals)
    alone, both = persistence_diagrams(values, max_dimension=0), persistence_diagrams(values)
    assert len(alone.points) == 1
    assert np.array_equal(alone[0], both[0])


def test_a_real_head_with_ties_equals_the_simplex_tree(astronaut, form):
    values = at.row_distances(astronaut.head(9, 3)).values.round(2)
    diagrams = persistence_diagrams(values)
    for expected, points in zip(simplex_tree_diagrams(values), diagrams.points, strict=True):
        assert np.array_equal(expected, points)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_diagrams_do_not_depend_on_the_order_of_tokens(seed):
    values = random_metric(seed)
    order = np.random.default_rng(seed).permutation(len(values))
    first = persistence_diagrams(values)
    second = persistence_diagrams(values[np.ix_(order, order)])
    for one, other in zip(first.points, second.points, strict=True):
        assert np.array_equal(one, other)


@given(st.integers(0, 10_000), st.floats(0, 0.5))
@settings(max_examples=40, deadline=None)
def test_the_stability_theorem_holds(seed, size):
    """Cohen-Steiner, Edelsbrunner, Harer: the bottleneck is at most the largest change."""
    values = random_metric(seed)
    noise = np.random.default_rng(seed + 1).uniform(-size, size, values.shape)
    moved = np.maximum(values + np.triu(noise, 1) + np.triu(noise, 1).T, 0)
    first, second = persistence_diagrams(values), persistence_diagrams(moved)
    bound = np.abs(values - moved).max()
    for k in (0, 1):
        assert at.bottleneck_distance(first, second, k) <= bound + 1e-12


@pytest.mark.parametrize(
    ("seed", "n"), [*((seed, 24) for seed in range(12)), (35, 40), (16, 70), (20, 70)]
)
def test_the_sign_of_zero_makes_no_difference(seed, n, form):
    """Loops are born and die at 0 here; in the larger ones after all is one component."""
    values = random_distances(seed, n, 3) - 1 / 3
    np.fill_diagonal(values, 0)
    values[np.abs(values) < 1e-9] = 0
    signs = np.triu(np.random.default_rng(seed).random(values.shape) < 0.3, 1)
    signed = np.where((values == 0) & (signs | signs.T), -0.0, values)
    assert np.signbit(signed).any()
    one, other = find_bars(values), find_bars(signed)
    assert (one.loops[:, 0] == 0).any()
    for name in ("merging_edges", "birth_edges", "death_triangles", "loops"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_homology_is_over_two_elements():
    """The projective plane has a loop over Z/2 that is none over Z/11."""
    triangles = ["012", "023", "034", "045", "051", "124", "235", "341", "452", "513"]
    simplices = set()
    for triangle in triangles:
        vertices = [int(character) for character in triangle]
        simplices |= {(v,) for v in vertices}
        simplices |= {tuple(sorted((vertices[i], vertices[i - 1]))) for i in range(3)}
        simplices.add(tuple(sorted(vertices)))
    points = sorted(simplices)
    assert len(points) == 31
    values = np.array(
        [
            [0.0 if a == b else 1.0 if set(a) < set(b) or set(b) < set(a) else 2.0 for b in points]
            for a in points
        ]
    )
    assert persistence_diagrams(values)[1].tolist() == [[1.0, 2.0]]
    tree = gudhi.RipsComplex(distance_matrix=values).create_simplex_tree(max_dimension=2)
    tree.compute_persistence(homology_coeff_field=11)
    assert len(tree.persistence_intervals_in_dimension(1)) == 0


@pytest.mark.parametrize("layer", range(12))
@pytest.mark.parametrize("distance", ["double-softmax", "jensen-shannon"])
def test_on_real_heads_the_field_makes_no_difference(astronaut, coffee, layer, distance):
    """On all 144 heads of two photos."""
    from gudhi.sklearn.rips_persistence import RipsPersistence

    rips = RipsPersistence([0, 1], input_type="full distance matrix", homology_coeff_field=11)
    for attention in (astronaut, coffee):
        for head in range(attention.n_heads):
            values = at.row_distances(attention.head(layer, head), distance).values
            for ours, theirs in zip(
                persistence_diagrams(values).points, rips.fit_transform([values])[0], strict=True
            ):
                order = np.lexsort((theirs[:, 1], theirs[:, 0]))
                assert np.array_equal(ours, theirs[order])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((2, 3)), "square"),
        (np.array([[0, 1.0], [1.0 + 1e-16 * 4, 0]]), "symmetric"),
        (np.array([[0, np.nan], [np.nan, 0]]), "finite"),
        (np.array([[0, -1.0], [-1.0, 0]]), "non-negative"),
        (np.ones((2, 2)), "zero diagonal"),
    ],
)
def test_what_is_no_distance_matrix_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        persistence_diagrams(values)
