"""Sliced Wasserstein distances, against one-dimensional ones of SciPy, and against GUDHI."""

import numpy as np
import pytest
from gudhi.representations import SlicedWassersteinDistance
from scipy.stats import wasserstein_distance

import attntopo as at
from attntopo.diagrams import DiagramError, sliced_wasserstein_distance


def diagram(seed: int, n: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    births = generator.uniform(0, 0.3, n)
    return np.stack([births, births + generator.exponential(0.05, n)], axis=1)


def pair(n: int = 20, m: int = 35) -> tuple[at.Diagrams, at.Diagrams]:
    return at.Diagrams((diagram(0, n),)), at.Diagrams((diagram(1, m),))


def naive(first: np.ndarray, second: np.ndarray, n_directions: int) -> float:
    distances = []
    for k in range(n_directions):
        line = np.array([np.cos(angle := np.pi * k / n_directions - np.pi / 2), np.sin(angle)])
        one = [*(first @ line), *(np.array([(b + d) / 2] * 2) @ line for b, d in second)]
        other = [*(second @ line), *(np.array([(b + d) / 2] * 2) @ line for b, d in first)]
        distances.append(wasserstein_distance(one, other) * len(one))
    return float(np.mean(distances))


def test_it_is_the_mean_of_one_dimensional_distances():
    first, second = pair()
    expected = naive(first[0], second[0], 50)
    assert sliced_wasserstein_distance(first, second, 0) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein_distance(second, first, 0) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein_distance(first, first, 0) == 0


def test_with_many_directions_it_is_that_of_gudhi():
    first, second = pair()
    of_gudhi = SlicedWassersteinDistance(num_directions=2000).fit([first[0]])
    expected = of_gudhi.transform([second[0]])[0, 0]
    assert sliced_wasserstein_distance(first, second, 0, 2000) == pytest.approx(expected, rel=2e-3)


def test_infinite_bars_are_left_out_and_as_many_are_needed():
    first, second = pair()
    endless = at.Diagrams((np.append(first[0], [[0, np.inf]], axis=0),))
    assert sliced_wasserstein_distance(endless, second, 0) == np.inf
    both = at.Diagrams((np.append(second[0], [[0, np.inf]], axis=0),))
    assert sliced_wasserstein_distance(endless, both, 0) == sliced_wasserstein_distance(
        first, second, 0
    )


def test_an_empty_diagram_is_as_far_as_the_other_is_from_the_diagonal():
    first, empty = pair()[0], at.Diagrams((np.empty((0, 2)),))
    expected = naive(first[0], np.empty((0, 2)), 50)
    assert sliced_wasserstein_distance(first, empty, 0) == pytest.approx(expected, rel=1e-12)
    assert sliced_wasserstein_distance(empty, empty, 0) == 0


def test_no_direction_is_refused():
    with pytest.raises(DiagramError, match="one direction or more, not 0"):
        sliced_wasserstein_distance(*pair(), 0, 0)
