import gudhi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.persistence import persistence_diagrams
from tests.conftest import random_metric


def simplex_tree_diagrams(values: np.ndarray) -> list[np.ndarray]:
    tree = gudhi.RipsComplex(distance_matrix=values).create_simplex_tree(max_dimension=2)
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0)
    found = [tree.persistence_intervals_in_dimension(k).reshape(-1, 2) for k in (0, 1)]
    return [points[np.lexsort((points[:, 1], points[:, 0]))] for points in found]


@pytest.mark.parametrize("n", [2, 3, 4, 5, 40])
def test_whole_diagrams_equal_the_simplex_tree(n):
    values = random_metric(n, n)
    found = persistence_diagrams(values)
    for expected, points in zip(simplex_tree_diagrams(values), found.points, strict=True):
        assert np.array_equal(expected, points)


def test_one_point_is_one_bar_that_never_dies():
    found = persistence_diagrams(np.zeros((1, 1)))
    assert [points.tolist() for points in found.points] == [[[0.0, np.inf]], []]


def test_a_real_head_with_ties_equals_the_simplex_tree(astronaut):
    values = at.row_distances(astronaut.head(9, 3)).values.round(2)
    found = persistence_diagrams(values)
    for expected, points in zip(simplex_tree_diagrams(values), found.points, strict=True):
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


@pytest.mark.parametrize("head", [(0, 5), (4, 0), (9, 3), (9, 5), (11, 5)])
@pytest.mark.parametrize("distance", ["notebook", "jensen-shannon"])
def test_on_real_heads_the_field_makes_no_difference(coffee, head, distance):
    from gudhi.sklearn.rips_persistence import RipsPersistence

    values = at.row_distances(coffee.head(*head), distance).values
    rips = RipsPersistence([0, 1], input_type="full distance matrix", homology_coeff_field=11)
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
        (np.ones((2, 2)), "zero diagonal"),
    ],
)
def test_what_is_no_distance_matrix_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        persistence_diagrams(values)
