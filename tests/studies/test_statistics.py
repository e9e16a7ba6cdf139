"""Bootstrap over photos, and choices that never see what they are scored on."""

import numpy as np
import pytest

from studies.statistics import FEWEST_PHOTOS, chosen_elsewhere, estimate, estimate_row, halves


def test_the_interval_is_that_of_means_of_resampled_photos():
    """With one object a photo it is the ordinary bootstrap: about 1.96 standard errors."""
    scores = np.random.default_rng(1).random(400)
    one = estimate(scores, np.arange(400))
    error = scores.std() / np.sqrt(400)
    assert one.mean == pytest.approx(scores.mean())
    assert (one.mean - one.low) / error == pytest.approx(1.96, rel=0.1)
    assert (one.high - one.mean) / error == pytest.approx(1.96, rel=0.1)
    assert (one.n_objects, one.n_photos) == (400, 400)


def test_objects_of_one_photo_dont_count_as_so_many_draws():
    scores = np.random.default_rng(2).random(60)
    alone = estimate(scores, np.arange(60))
    copied = estimate(np.repeat(scores, 20), np.repeat(np.arange(60), 20))
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=1e-9)
    assert estimate(scores, np.arange(60)) == alone  # the seed is fixed


def test_a_single_photo_has_no_width():
    one = estimate(np.array([0.2, 0.4]), np.array([5, 5]))
    assert one.low == one.high == pytest.approx(0.3)


def test_halves_share_no_photo():
    photos = np.random.default_rng(3).integers(0, 9, 200)
    first = halves(photos)
    assert not set(photos[first]) & set(photos[~first])
    assert len(set(photos[first])) == 4


def test_choices_never_see_what_they_are_scored_on():
    """Whatever happens to one half's scores, that half's choice stays as it was."""
    generator = np.random.default_rng(4)
    photos = np.repeat(np.arange(12), 3)
    scores = generator.random((30, len(photos)))
    first = halves(photos)
    _, (on_first, on_second) = chosen_elsewhere(scores, photos)
    other = scores.copy()
    other[:, ~first] = generator.random((30, (~first).sum()))
    held_out, (again, _) = chosen_elsewhere(other, photos)
    assert again == on_first
    np.testing.assert_array_equal(held_out[~first], other[on_first, ~first])
    assert on_second == int(np.argmax(scores[:, ~first].mean(axis=1)))


def test_choosing_among_noise_gains_nothing():
    scores = np.random.default_rng(5).normal(0, 1, (500, 2000))
    held_out, _ = chosen_elsewhere(scores, np.arange(2000))
    assert abs(held_out.mean()) < 0.07
    assert scores.mean(axis=1).max() > 0.05


def test_of_few_photos_each_has_its_mean_and_there_is_no_interval():
    """Of 5 photos that all agree a sign test's p is above 0.05, of 6 below."""
    assert 2 * 0.5**FEWEST_PHOTOS < 0.05 < 2 * 0.5 ** (FEWEST_PHOTOS - 1)
    scores, photos = np.array([0.2, 0.4, 0.9]), np.array([1, 1, 4])
    few = estimate_row(scores, photos)
    assert few == {"mean": 0.5, "n_objects": 3, "n_photos": 2, "means": [0.3, 0.9]}
    many = estimate_row(np.arange(FEWEST_PHOTOS), np.arange(FEWEST_PHOTOS))
    assert many["low"] < many["mean"] < many["high"]
    assert "means" not in many
