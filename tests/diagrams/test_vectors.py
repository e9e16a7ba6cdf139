"""Vectors of diagrams against GUDHI's, persim's, and the definitions written out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.topology import Diagrams

GRID = at.VectorGrid((at.VectorRange(0.0, 1.5, 1.25), at.VectorRange(0.25, 2.0, 1.5)), 13, 5, 4)
EMPTY = np.empty((0, 2))
bars = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12)), max_size=9).map(
    lambda pairs: np.array([[b / 8, (b + n) / 8] for b, n in pairs], dtype=float).reshape(-1, 2)
)


def with_an_infinite_bar(points: np.ndarray) -> np.ndarray:
    return np.concatenate([points, [[0.125, np.inf]]])


def random_bars(n_bars: int) -> np.ndarray:
    births, lengths = np.random.default_rng(5).random((2, n_bars))
    return np.stack([births, births + lengths / 2], axis=1)


def tent(bar: np.ndarray, scale: float) -> float:
    return np.sqrt(2) * max(0.0, min(scale - bar[0], bar[1] - scale))


@settings(max_examples=30)
@given(bars, st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_vectors_are_those_of_the_definitions(points, power):
    grid = replace(GRID, power=power, bandwidth=0.2)
    scales, births, lengths = grid.scales(1), grid.births(1), grid.lengths(1)
    vectors = at.head_vectors(Diagrams((EMPTY, with_an_infinite_bar(points))), grid)
    weights = [(death - birth) ** power for birth, death in points]
    for row, length in enumerate(lengths):
        for column, birth in enumerate(births):
            expected = sum(
                weight
                * np.exp(-((b - birth) ** 2 + (d - b - length) ** 2) / (2 * 0.2**2))
                / (2 * np.pi * 0.2**2)
                for (b, d), weight in zip(points, weights, strict=True)
            )
            image = vectors["H1 persistence image"]
            assert image[row, column] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for k, scale in enumerate(scales):
        tents = sorted((tent(bar, scale) for bar in points), reverse=True)[:4]
        landscapes = [*tents, *[0.0] * (4 - len(tents))]
        assert vectors["H1 landscapes"][:, k] == pytest.approx(landscapes, abs=1e-12)
        silhouette = 0.0
        if weights:
            every = zip(points, weights, strict=True)
            silhouette = sum(w * tent(bar, scale) for bar, w in every) / sum(weights)
        assert vectors["H1 silhouette"][k] == pytest.approx(silhouette, abs=1e-12)
        alive = sum(b <= scale < d for b, d in [*points, (0.125, np.inf)])
        assert vectors["H1 Betti curve"][k] == alive
    assert all(not one.any() for name, one in vectors.items() if name.startswith("H0"))


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
def test_a_heads_vectors_are_gudhis(power):
    import gudhi.representations as gudhi

    components = at.analyse(at.ring_attention(), 0, 0, "jensen-shannon").diagrams[0]
    diagrams = Diagrams((components, random_bars(60)))
    grid = replace(at.common_grid([diagrams]), power=power)
    vectors = at.head_vectors(diagrams, grid)
    for k in (0, 1):
        finite = diagrams[k][np.isfinite(diagrams[k][:, 1])]
        own = grid.ranges[k]
        ends = [own.start, own.end]
        expected = {
            "persistence image": gudhi.PersistenceImage(
                grid.width(k), lambda bar: bar[1] ** power, [20, 20], [*ends, 0.0, own.longest]
            ),
            "landscapes": gudhi.Landscape(5, 100, ends),
            "silhouette": gudhi.Silhouette(lambda bar: (bar[1] - bar[0]) ** power, 100, ends),
        }
        for name, theirs in expected.items():
            vector = vectors[f"H{k} {name}"]
            assert vector.dtype == np.float64
            np.testing.assert_allclose(
                vector.ravel(), theirs.fit_transform([finite])[0], rtol=1e-9, atol=1e-12
            )
        curve = gudhi.BettiCurve(predefined_grid=grid.scales(k))
        theirs = curve.fit_transform([diagrams[k]])[0]
        # At the very scale of a bar's end, the one place where a rounding error shows.
        ends_there = np.isin(grid.scales(k), diagrams[k])
        assert np.array_equal(vectors[f"H{k} Betti curve"][~ends_there], theirs[~ends_there])


def test_landscapes_are_persims():
    """Whose own are exact, without the factor sqrt(2)."""
    from persim.landscapes import PersLandscapeExact

    points = random_bars(40)
    scales = np.linspace(points[:, 0].min(), points[:, 1].max(), 57)
    ours = at.persistence_landscapes(points, scales, 3)
    exact = PersLandscapeExact(dgms=[EMPTY, points], hom_deg=1)
    exact.compute_landscape()
    pieces = [*exact.critical_pairs, *[[[0.0, 0.0], [1.0, 0.0]]] * 3]
    for k in range(3):
        corners = np.array(pieces[k], dtype=float)
        theirs = np.interp(scales, *corners.T, left=0.0, right=0.0)
        assert ours[k] == pytest.approx(np.sqrt(2) * theirs, abs=1e-9)


def test_the_common_grid_just_holds_all_bars():
    points = np.array([[0.1, 0.5], [0.3, 0.9], [0.2, np.inf]]), np.array([[0.4, 0.6]])
    others = np.array([[0.0, 0.25]]), EMPTY
    grid = at.common_grid([Diagrams(points), Diagrams(others)])
    of_components, of_loops = grid.ranges
    assert (of_components.start, of_components.end) == (0.0, 0.9)
    assert of_components.longest == 0.9 - 0.3
    assert (of_loops.start, of_loops.end) == (0.4, 0.6)
    assert grid.scales(0)[[0, -1]].tolist() == [0.0, 0.9]
    none = at.common_grid([Diagrams((EMPTY, EMPTY))])
    assert none.ranges == (at.VectorRange(0.0, 1.0, 1.0),) * 2
    assert not any(one.any() for one in at.head_vectors(Diagrams((EMPTY, EMPTY)), none).values())


@pytest.mark.parametrize("distance", at.DISTANCES)
def test_the_bounds_grid_holds_every_diagram(distance):
    attention = at.ring_attention()
    diagrams = at.analyse(attention, 0, 0, distance).diagrams
    common = at.common_grid([diagrams])
    for own, bound in zip(
        common.ranges, at.bound_grid(distance, attention.n_tokens).ranges, strict=True
    ):
        assert bound.start <= own.start
        assert own.end <= bound.end * (1 + 1e-12)
        assert own.longest <= bound.longest * (1 + 1e-12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: at.VectorRange(0.0, 0.0, 1.0), "larger one"),
        (lambda: at.VectorRange(0.0, np.inf, 1.0), "finite"),
        (lambda: at.VectorRange(0.0, np.nan, 1.0), "finite"),
        (lambda: at.VectorRange(0.0, 1.0, 0.0), "above 0"),
        (lambda: replace(GRID, n_scales=1), "two scales"),
        (lambda: replace(GRID, n_landscapes=0), "one landscape"),
        (lambda: replace(GRID, bandwidth=0.0), "bandwidth"),
        (lambda: replace(GRID, power=-1.0), "power"),
        (lambda: at.head_vectors(Diagrams((EMPTY,)), GRID), "dimension"),
        (lambda: at.head_vectors(Diagrams((EMPTY, np.array([[2.0, 1.0]]))), GRID), "before"),
    ],
)
def test_what_is_no_grid_or_no_diagram_is_refused(wrong, said):
    from attntopo.diagrams import DiagramError

    with pytest.raises(DiagramError, match=said):
        wrong()
