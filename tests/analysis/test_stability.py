"""What perturbations do to a head: the theorem's bound, bars by hand, and a model that is code."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.paired import paired_comparison
from attntopo.analysis.paired_points import matched_points
from attntopo.analysis.perturbations import PERTURBATIONS, perturb
from attntopo.analysis.stability import (
    compare_perturbed,
    distances_to_others,
    offered_strengths,
    stability_of_head,
    surviving_bars,
)
from attntopo.analysis.token_matching import matched_tokens
from attntopo.analysis.universal_null import certificate_radii
from attntopo.topology import Diagrams

GRID = (8, 8)


def attend(photo):
    """A model: patches attend to those of a similar colour that are near; one prefix token."""
    image = photo.image().resize((64, 64))
    colours = np.array(image, dtype=float).reshape(8, 8, 8, 8, 3).mean(axis=(1, 3)).reshape(64, 3)
    rows, columns = np.divmod(np.arange(64), 8)
    far = np.hypot(rows[:, None] - rows, columns[:, None] - columns) / 4
    unlike = np.linalg.norm(colours[:, None] - colours, axis=2) / 60
    maps = np.ones((65, 65))
    maps[1:, 1:] = np.exp(-far - unlike)
    return at.Attention.from_arrays(
        maps / maps.sum(axis=1, keepdims=True), GRID, 1, np.array(image)
    )


@pytest.fixture(scope="module")
def photo():
    return at.sample("astronaut")


@pytest.fixture(scope="module")
def outcomes(photo):
    return list(stability_of_head(photo, attend, 0, 0, "jensen-shannon", "patches", seed=1))


def test_all_offered_strengths_are_tried(outcomes):
    assert [(name, strength) for name, strength, _ in outcomes] == offered_strengths()
    assert len(outcomes) == sum(len(one.strengths) for one in PERTURBATIONS.values())


def test_no_diagram_moves_further_than_the_largest_change(outcomes):
    for name, strength, one in outcomes:
        assert max(one.matched_bottleneck) <= one.bound + 1e-12, (name, strength)
        assert one.n_points == 64
        assert one.paired.n_tokens == one.n_matched
        if PERTURBATIONS[name].key in ("noise", "blur", "brightness", "contrast", "jpeg"):
            assert one.n_matched == 64
            assert one.matched_bottleneck == one.distances.bottleneck
        assert one.bound > 0
    by_name = {(name, strength): one for name, strength, one in outcomes}
    assert by_name["rotation", 45].n_matched < by_name["rotation", 5].n_matched <= 64
    assert by_name["zoom", 2].n_matched < 64


def test_whatever_is_certified_survives(photo, outcomes):
    clean = at.analyse(attend(photo), 0, 0, "jensen-shannon", "patches")
    certified = lost = 0
    for name, _strength, one in outcomes:
        for dimension in (0, 1):
            radii = certificate_radii(clean.diagrams[dimension])
            assert one.survives[dimension].shape == radii.shape
            lost += (~one.survives[dimension]).sum()
            if one.n_matched == 64 and name not in ("rotation", "crop", "zoom"):
                sure = radii > one.bound
                assert one.survives[dimension][sure].all()
                certified += sure.sum()
    assert certified > 50
    assert lost > 50


def test_numbers_are_those_of_the_parts(photo):
    options = (0, 0, "hellinger", "all")
    clean, changed = attend(photo), perturb(photo, "zoom", 1.5)
    ((name, strength, one),) = stability_of_head(photo, attend, *options, [("zoom", 1.5)])
    assert (name, strength) == ("zoom", 1.5)
    first, second = (at.analyse(each, *options) for each in (clean, attend(changed.photo)))
    for dimension in (0, 1):
        expected = at.bottleneck_distance(first.diagrams, second.diagrams, dimension)
        assert one.distances.bottleneck[dimension] == expected
        expected = at.wasserstein_distance(first.diagrams, second.diagrams, dimension)
        assert one.distances.wasserstein[dimension] == pytest.approx(expected)
    sizes = [each.pixels.shape[:2] for each in (photo, changed.photo)]
    own, other = matched_tokens(clean, clean, changed.warp, *sizes).T
    values = first.distances.values[np.ix_(own, own)], second.distances.values[np.ix_(other, other)]
    assert one.bound == np.abs(values[0] - values[1]).max()
    matched = matched_points(first.distances, own), matched_points(second.distances, other)
    assert one.paired == paired_comparison(*matched)
    assert one.n_matched == len(own)


def test_points_that_are_left_out_are_not_matched(photo):
    both = [at.analyse(attend(photo), 0, 0, "hellinger", tokens) for tokens in ("patches", "all")]
    pairs = np.stack([np.arange(65)] * 2, axis=1)
    same = compare_perturbed(both[0], both[0], pairs)
    assert (same.n_matched, same.bound, same.matched_bottleneck) == (64, 0, (0, 0))
    assert same.distances.wasserstein == (0, 0)
    assert same.survives[0].all()
    assert same.survives[1].all()
    assert same.paired.rtd_lite == 0
    assert compare_perturbed(*both, pairs).n_matched == 64
    few = compare_perturbed(both[0], both[0], pairs[:3])
    assert few.n_matched == 2
    assert np.isnan(few.paired.rtd_lite)
    assert "three at least" in few.paired.note
    none = compare_perturbed(both[0], both[0], pairs[:0])
    assert (none.n_matched, none.bound, none.matched_bottleneck) == (0, 0, (0, 0))


def test_a_bar_survives_that_is_paired_at_less_than_half_its_length():
    clean = Diagrams((np.empty((0, 2)), np.array([[0.1, 0.5], [0.2, 0.3], [0.4, 0.44]])))
    for moved, expected in (
        ([[0.1, 0.5], [0.2, 0.3], [0.4, 0.44]], [True, True, True]),
        ([[0.2, 0.45], [0.2, 0.3]], [True, True, False]),
        ([[0.22, 0.27]], [False, True, False]),
        ([[0.2, 0.45], [0.26, 0.36]], [True, False, False]),  # paired, but at 0.06
        ([], [False, False, False]),
    ):
        perturbed = Diagrams((np.empty((0, 2)), np.array(moved).reshape(-1, 2)))
        assert surviving_bars(clean, perturbed, 1).tolist() == expected
    endless = Diagrams((np.array([[0.0, 0.3], [0.0, np.inf]]),))
    assert surviving_bars(endless, Diagrams((np.array([[0.0, np.inf]]),)), 0).tolist() == [
        False,
        True,
    ]


def test_other_photos_to_hold_it_against(photo):
    names = ("astronaut", "coffee", "chelsea")
    clean, *others = (at.analyse(attend(at.sample(name)), 0, 0, "hellinger") for name in names)
    (first, second) = distances_to_others(clean, others)
    for one, other in ((first, others[0]), (second, others[1])):
        assert one.bottleneck[0] == at.bottleneck_distance(clean.diagrams, other.diagrams, 0)
        assert one.wasserstein[1] == pytest.approx(
            at.wasserstein_distance(clean.diagrams, other.diagrams, 1)
        )


def test_with_a_real_model(model):
    photo = at.sample("coffee")
    options = (9, 3, "jensen-shannon", "patches")
    tried = [("noise", 4), ("crop", 20)]
    noisy, cropped = (one for *_, one in stability_of_head(photo, model.attend, *options, tried))
    assert 0 < max(noisy.matched_bottleneck) <= noisy.bound
    assert noisy.n_matched == 256
    assert noisy.paired.merge_heights > 0.5
    assert 100 < cropped.n_matched < 256
    assert max(cropped.matched_bottleneck) <= cropped.bound
    assert cropped.paired.rtd_lite > noisy.paired.rtd_lite
