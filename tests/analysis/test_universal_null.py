"""Certificates and the universal null, against mathematics and random points."""

import math

import numpy as np
import pytest
from scipy.stats import kstest

import attntopo as at
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.universal_null import FEWEST_LOOPS, certificate_radii, universal_p


def distances_of(points):
    return np.sqrt(np.square(points[:, None] - points).sum(axis=2))


def loops_of(values):
    return at.persistence_diagrams(values)[1]


def test_p_is_what_the_paper_says():
    ratios = (2, 1.25, 1.2, 1.1, 3)
    points = np.array([[1.0, 2.0], [2.0, 2.5], [0.5, 0.6], [0.0, 3.0], [1.0, 1.1], [1.0, 3.0]])
    logs = [math.log(math.log(ratio)) for ratio in ratios]
    mean = sum(logs) / 5
    expected = [math.exp(-math.exp(one - mean - 0.5772156649015329)) for one in logs]
    p = universal_p(points, corrected=False)
    counted = [0, 1, 2, 4, 5]
    assert p[counted] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(p[3])
    corrected = universal_p(points)
    assert corrected[counted] == pytest.approx([min(1, 5 * one) for one in expected], rel=1e-12)
    assert len(universal_p(np.empty((0, 2)))) == 0


def test_few_loops_have_no_p():
    # Alone, each would have the same: its own logarithm is the mean.
    assert np.isnan(universal_p(np.array([[1.0, 2.0]]))).all()
    few = np.array([[1.0, 1.1 + k] for k in range(FEWEST_LOOPS)])
    assert np.isnan(universal_p(few[1:])).all()
    assert np.isnan(universal_p(np.vstack([few[1:], [[0.0, 1.0]]]))).all()
    assert np.isfinite(universal_p(few)).all()


@pytest.mark.parametrize("dimension", [2, 3])
def test_p_is_uniform_for_random_points_in_square_and_cube(dimension):
    generator = np.random.default_rng(dimension)
    clouds = [loops_of(distances_of(generator.random((200, dimension)))) for _ in range(25)]
    p = np.concatenate([universal_p(cloud, corrected=False) for cloud in clouds])
    assert len(p) > 1000
    assert kstest(p, "uniform").statistic < 0.05


def test_p_is_not_uniform_for_distances_without_a_space():
    generator = np.random.default_rng(0)
    noise = [np.triu(generator.random((100, 100)), 1) for _ in range(10)]
    p = np.concatenate([universal_p(loops_of(one + one.T), corrected=False) for one in noise])
    assert kstest(p, "uniform").statistic > 0.05


def test_it_is_conservative_for_random_rows():
    generator = np.random.default_rng(0)
    p = []
    for _ in range(20):
        rows = generator.dirichlet(np.ones(50), size=50)
        diagrams = at.persistence_diagrams(at.row_distances(rows, "jensen-shannon"))
        p.extend(universal_p(diagrams[1], "jensen-shannon", corrected=False))
    assert len(p) > 500
    for level in (0.001, 0.01, 0.02, 0.05):
        assert np.mean(np.array(p) < level) <= level


def test_a_power_of_the_distance_changes_nothing():
    values = distances_of(np.random.default_rng(1).random((60, 2)))
    assert universal_p(loops_of(values)) == pytest.approx(universal_p(loops_of(values**2)))


def test_a_circle_among_noise_is_found():
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    generator = np.random.default_rng(0)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = circle + generator.normal(0, 0.05, circle.shape)
    loops = loops_of(distances_of(np.concatenate([points, 3 + generator.random((60, 2))])))
    p = universal_p(loops)
    longest = np.argmax(loops[:, 1] - loops[:, 0])
    assert p[longest] < 0.01
    assert (np.delete(p, longest) > 0.05).all()


def test_what_it_is_not_a_law_of_gets_a_sentence():
    with pytest.raises(EvidenceError, match="filtration and not a distance"):
        universal_p(np.array([[1.0, 2.0]]), "attention-graph")
    with pytest.raises(EvidenceError, match="all die"):
        universal_p(np.array([[0.0, np.inf]]))
    with pytest.raises(at.DistanceError):
        universal_p(np.array([[1.0, 2.0]]), "no such distance")
    with pytest.raises(at.DiagramError):
        universal_p(np.array([[2.0, 1.0]]))


def test_no_change_within_the_radius_loses_a_bar():
    generator = np.random.default_rng(0)
    kept = 0
    for number in range(1000):
        angles = np.sort(generator.random(10)) * 2 * np.pi
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        values = distances_of(circle + generator.normal(0, 0.1, circle.shape))
        most = generator.choice([0.01, 0.05, 0.1, 0.2])
        change = np.triu(generator.uniform(-most, most, values.shape), 1)
        changed = np.maximum(values + change + change.T, 0)
        before, after = (at.persistence_diagrams(one) for one in (values, changed))
        shift = np.abs(changed - values).max()
        for dimension in (0, 1):
            matching = at.bottleneck_matching(before, after, dimension)
            partners = dict(matching.pairs.tolist())
            radii = certificate_radii(before[dimension])
            for bar in np.nonzero(radii > shift)[0].tolist():
                assert partners[bar] >= 0, number
                birth, death = after[dimension][partners[bar]]
                if np.isfinite(death):
                    assert death - birth >= 2 * radii[bar] - 2 * shift - 1e-12
                kept += dimension
    assert kept > 300


def pulled(values, birth, death, by):
    """The distances pulled towards the middle of a bar, none by more than so much."""
    changed = values + np.clip((birth + death) / 2 - values, -by, by)
    np.fill_diagonal(changed, 0)
    return changed


@pytest.mark.parametrize(("share", "survives"), [(0.5, True), (0.999, True), (1.0, False)])
def test_the_radius_is_sharp_for_loops(share, survives):
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    values = distances_of(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    values = (values + values.T) / 2
    before = at.persistence_diagrams(values)
    ((birth, death),) = before[1]
    by = share * certificate_radii(before[1])[0]
    after = at.persistence_diagrams(pulled(values, birth, death, by))
    ((_, partner), *others) = at.bottleneck_matching(before, after, 1).pairs.tolist()
    assert (partner >= 0) is survives
    assert not others
    if survives:
        assert after[1] == pytest.approx(np.array([[birth + by, death - by]]))


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_and_for_a_real_loop(coffee, share):
    """The pull moves every bar along with its distances, and ends this one at the radius."""
    topology = at.analyse(coffee, 9, 3, "jensen-shannon", "patches")
    loops = topology.diagrams[1]
    longest = int(np.argmax(certificate_radii(loops)))
    birth, death = loops[longest]
    by = share * certificate_radii(loops)[longest]
    after = at.persistence_diagrams(pulled(topology.distances.values, birth, death, by))
    moved = loops + np.clip((birth + death) / 2 - loops, -by, by)
    lasting = moved[:, 1] - moved[:, 0] > 1e-12
    assert lasting[longest] == (share < 1)
    bars = after[1][after[1][:, 1] - after[1][:, 0] > 1e-12]
    assert len(bars) == lasting.sum()
    assert np.sort(bars, axis=0) == pytest.approx(np.sort(moved[lasting], axis=0))


def test_a_component_outlives_the_same_pull():
    """Births of components stay 0: a change of half the bar's length doesn't end it."""
    places = np.array([[0.0], [0.01], [0.02], [1.0], [1.01]])
    values = distances_of(places)
    before = at.persistence_diagrams(values)
    (longest,) = np.nonzero(np.isclose(before[0][:, 1], 0.98))[0]
    radius = certificate_radii(before[0])[longest]
    after = at.persistence_diagrams(pulled(values, 0.0, 0.98, radius))
    partners = dict(at.bottleneck_matching(before, after, 0).pairs.tolist())
    assert partners[longest] >= 0
    assert after[0][partners[longest], 1] == pytest.approx(0.49)
    gone = at.persistence_diagrams(np.maximum(values - 0.98, 0))
    assert gone[0][np.isfinite(gone[0][:, 1])].max(initial=0.0) < 0.02


def test_an_endless_bar_bears_any_change():
    radii = certificate_radii(np.array([[0.0, 0.4], [0.0, np.inf]]))
    assert radii.tolist() == [0.2, np.inf]
