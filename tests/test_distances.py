import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attntopo.distances import (
    DISTANCES,
    DistanceError,
    jensen_shannon_divergence,
    row_distances,
    softmaxed,
)


def normalised(attention: np.ndarray) -> np.ndarray:
    rows = np.array(attention, dtype=np.float64)
    return rows / rows.sum(axis=1, keepdims=True)


def exact_divergence(p: np.ndarray, q: np.ndarray) -> mpmath.mpf:
    """The definition in 50 digits, on the very float64 rows."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for x, y in zip(map(mpmath.mpf, p.tolist()), map(mpmath.mpf, q.tolist()), strict=True):
            middle = (x + y) / 2
            total += (x * mpmath.log(x / middle) if x else 0) / 2
            total += (y * mpmath.log(y / middle) if y else 0) / 2
        return total


@pytest.mark.parametrize("distance", ["notebook", "jensen-shannon"])
@pytest.mark.parametrize("head", [(0, 0), (0, 4), (0, 5), (9, 3)])
def test_distances_agree_with_50_digits(astronaut, head, distance):
    attention = astronaut.head(*head)
    values = row_distances(attention, distance).values
    rows = normalised(attention)
    rows, power = (softmaxed(rows), 0.25) if distance == "notebook" else (rows, 0.5)
    # Random pairs, and the closest: those in which the usual form cancels.
    i, j = np.triu_indices(len(rows), k=1)
    closest = np.argsort(values[i, j])[:10]
    sampled = np.random.default_rng(0).integers(0, len(i), 25)
    for k in np.concatenate([closest, sampled]):
        expected = exact_divergence(rows[i[k]], rows[j[k]]) ** mpmath.mpf(power)
        found = values[i[k], j[k]]
        if expected == 0:
            assert found == 0
        else:
            assert abs(found - expected) / expected < 1e-12


@given(
    arrays.arrays(np.float64, (6, 5), elements=st.floats(0, 1)),
    st.floats(1e-18, 1.0),
)
@settings(max_examples=60, deadline=None)
def test_any_distributions_agree_with_50_digits(weights, closeness):
    weights = weights + np.eye(6, 5)
    weights[5] = weights[0] * (1 - closeness) + weights[1] * closeness
    rows = normalised_rectangle(weights)
    found = jensen_shannon_divergence(rows)
    assert not np.isnan(found).any()
    for i in range(6):
        for j in range(i):
            expected = exact_divergence(rows[i], rows[j])
            if expected > 1e-17:
                assert abs(found[i, j] - expected) / expected < 1e-12


def normalised_rectangle(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1)


def test_one_hot_rows_reach_the_bound():
    assert row_distances(np.eye(5), "jensen-shannon").values[0, 1] == pytest.approx(
        math.sqrt(math.log(2)), rel=1e-15
    )
    for n in (197, 257):
        bound = DISTANCES["notebook"].bound(n)
        assert row_distances(np.eye(n), "notebook").values[3, 7] == pytest.approx(bound, rel=1e-14)


def test_the_slider_ends_at_the_bound_rounded_up():
    ends = {n: DISTANCES["notebook"].last_step(n) for n in (197, 257)}
    assert ends == {197: 214, 257: 200}
    assert DISTANCES["jensen-shannon"].last_step(257) == 833


@given(arrays.arrays(np.float32, (7, 7), elements=st.floats(0, 1, width=32)))
@settings(max_examples=80, deadline=None)
@pytest.mark.parametrize("distance", list(DISTANCES))
def test_every_distance_is_a_metric_within_its_bound(distance, weights):
    attention = weights + 1e-6 * np.eye(7, dtype=np.float32)
    values = row_distances(attention, distance).values
    assert not np.isnan(values).any()
    assert (values == values.T).all()
    assert (np.diagonal(values) == 0).all()
    assert values.min() >= 0
    assert values.max() <= DISTANCES[distance].bound(7) * (1 + 1e-12)
    through = (values[:, :, None] + values[None, :, :]).min(axis=1)
    assert (values <= through + 1e-12).all()


@pytest.mark.parametrize("distance", list(DISTANCES))
def test_identical_rows_have_distance_exactly_zero(astronaut, distance):
    attention = astronaut.head(0, 3).copy()
    attention[40] = attention[11]
    assert row_distances(attention, distance).values[40, 11] == 0


@pytest.mark.parametrize("distance", list(DISTANCES))
def test_tokens_are_left_out_as_points_only(astronaut, distance):
    attention = astronaut.head(4, 0)
    whole = row_distances(attention, distance)
    patches = row_distances(attention, distance, tokens=np.arange(1, 257))
    assert (patches.values == whole.values[1:, 1:]).all()
    assert (patches.tokens == np.arange(1, 257)).all()


def test_results_are_read_only(astronaut):
    values = row_distances(astronaut.head(4, 0)).values
    assert not values.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        values[0, 1] = 7


@pytest.mark.parametrize(
    "attention",
    [
        np.ones((3, 4)),
        np.array([[1.0, 0.0], [np.nan, 1.0]]),
        np.array([[1.0, 0.0], [-0.5, 1.5]]),
        np.zeros((2, 2)),
        np.empty((0, 0)),
    ],
)
def test_what_is_not_attention_is_refused(attention):
    with pytest.raises(DistanceError):
        row_distances(attention)


def test_an_unknown_distance_is_refused():
    with pytest.raises(DistanceError, match="no distance called 'euclid'"):
        row_distances(np.eye(3), "euclid")
