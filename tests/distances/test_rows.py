import math
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attntopo.compiled import numba_runs
from attntopo.distances import divergences
from attntopo.distances.divergences import (
    jensen_shannon_divergence,
    softmaxed,
    softmaxed_divergence,
    squared_hellinger,
    total_variation,
)
from attntopo.distances.rows import (
    DISTANCES,
    DistanceError,
    row_distances,
    row_distances_of_heads,
)

OF_ROWS = [name for name in DISTANCES if name != "attention-graph"]


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    """Both forms of the divergences: as compiled, and where numba can't run."""
    if request.param == "NumPy":
        monkeypatch.setattr(divergences, "numba_runs", lambda: False)
    else:
        assert numba_runs()
    return request.param


def normalised(attention: np.ndarray) -> np.ndarray:
    rows = np.array(attention, dtype=np.float64)
    return rows / rows.sum(axis=1, keepdims=True)


def exact_divergence(p: np.ndarray, q: np.ndarray) -> mpmath.mpf:
    """The Jensen–Shannon divergence in 50 digits, on the very float64 rows."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for x, y in zip(map(mpmath.mpf, p.tolist()), map(mpmath.mpf, q.tolist()), strict=True):
            middle = (x + y) / 2
            total += (x * mpmath.log(x / middle) if x else 0) / 2
            total += (y * mpmath.log(y / middle) if y else 0) / 2
        return total


def exact_distance(distance: str, p: np.ndarray, q: np.ndarray) -> mpmath.mpf:
    """The definition in 50 digits."""
    with mpmath.workdps(50):
        x, y = list(map(mpmath.mpf, p.tolist())), list(map(mpmath.mpf, q.tolist()))
        pairs = list(zip(x, y, strict=True))
        if distance == "total-variation":
            return mpmath.fsum(abs(a - b) for a, b in pairs) / 2
        if distance == "hellinger":
            return mpmath.sqrt(
                mpmath.fsum((mpmath.sqrt(a) - mpmath.sqrt(b)) ** 2 for a, b in pairs) / 2
            )
        return exact_divergence(p, q) ** (
            mpmath.mpf(1) / (4 if distance == "double-softmax" else 2)
        )


def entering(distance: str, attention: np.ndarray) -> np.ndarray:
    """The float64 rows that enter the kernel."""
    rows = normalised(attention)
    return softmaxed(rows) if distance == "double-softmax" else rows


@pytest.mark.parametrize("distance", OF_ROWS)
@pytest.mark.parametrize("head", [(0, 0), (0, 4), (0, 5), (9, 3)])
def test_distances_agree_with_50_digits(astronaut, head, distance, form):
    attention = astronaut.head(*head)
    values = row_distances(attention, distance).values
    rows = entering(distance, attention)
    # Random pairs, and the closest: those in which the usual form cancels.
    i, j = np.triu_indices(len(rows), k=1)
    closest = np.argsort(values[i, j])[:8]
    sampled = np.random.default_rng(0).integers(0, len(i), 12)
    for k in np.concatenate([closest, sampled]):
        expected = exact_distance(distance, rows[i[k]], rows[j[k]])
        value = values[i[k], j[k]]
        if expected == 0:
            assert value == 0
        else:
            assert abs(value - expected) / expected < 1e-12


@given(
    arrays.arrays(np.float64, (6, 5), elements=st.floats(0, 1)),
    st.floats(1e-18, 1.0),
)
@example(np.eye(6, 5, k=1) * 5e-324, 1.0)  # the least that a float holds
@settings(max_examples=60, deadline=None)
def test_any_distributions_agree_with_50_digits(weights, closeness):
    weights = weights + np.eye(6, 5)
    weights[5] = weights[0] * (1 - closeness) + weights[1] * closeness
    rows = normalised_rectangle(weights)
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(divergences, "numba_runs", lambda compiled=compiled: compiled)
            computed = jensen_shannon_divergence(rows)
            hellinger, variation = np.sqrt(squared_hellinger(rows)), total_variation(rows)
        assert not np.isnan(computed).any()
        for i in range(6):
            for j in range(i):
                expected = exact_divergence(rows[i], rows[j])
                if expected > 1e-17:
                    assert abs(computed[i, j] - expected) / expected < 1e-12
                for name, value in (("hellinger", hellinger), ("total-variation", variation)):
                    expected = exact_distance(name, rows[i], rows[j])
                    assert abs(value[i, j] - expected) <= 1e-12 * expected


@pytest.mark.parametrize(
    "largest", [0.001, 0.0499, 0.0501, 0.18, 0.19, 0.3, 0.49999, 0.5, 0.9, 0.999999, 1.0]
)
def test_every_ratio_of_two_entries_agrees_with_50_digits(largest, form):
    """Two rows whose entries differ by every share of their sum up to the largest."""
    u = np.linspace(-largest, largest, 64)
    rows = normalised_rectangle(np.array([1 + u, 1 - u]))
    expected = exact_divergence(*rows)
    assert abs(jensen_shannon_divergence(rows)[0, 1] - expected) / expected < 1e-14


@pytest.mark.parametrize("largest", [0.001, 0.05, 0.2, 0.3, 0.35, 0.4, 0.45, 0.48, 0.499, 0.7])
@pytest.mark.parametrize("weight", [1.0, 1e-3])
@pytest.mark.parametrize("least", [1.0, 0.0])
def test_one_ratio_of_two_entries_agrees_with_50_digits(largest, weight, least, form):
    """Each entry that differs does so by one share of the sum; a 0 makes rows far apart."""
    apart = weight * np.array([1 + largest, 1 - largest] * 8)
    rows = normalised_rectangle(
        np.array([[*apart, *np.ones(16), 1.0], [*apart[::-1], *np.ones(16), max(least, 1e-9)]])
    )
    rows[0, -1] *= least
    expected = exact_divergence(*rows)
    assert abs(jensen_shannon_divergence(rows)[0, 1] - expected) / expected < 1e-13


@pytest.mark.parametrize("share", [0.001, 0.02, 0.03, 0.04, 0.08, 0.09, 0.1, 0.12, 0.3, 1.0])
def test_rows_with_any_share_apart_agree_with_50_digits(share, form):
    """Rows with heavy and light entries, of which a share has gone elsewhere: sums of all sizes."""
    weights = np.random.default_rng(3).dirichlet(np.full(100, 0.2), size=3)
    weights[weights < 1e-5] = 0
    rows = normalised_rectangle(np.array([weights[0], *(1 - share) * weights[0] + share * weights]))
    computed = jensen_shannon_divergence(rows)
    for other in (2, 3):
        expected = exact_divergence(rows[0], rows[other])
        assert abs(computed[0, other] - expected) / expected < 1e-13


@pytest.mark.parametrize("power", range(1, 9))
def test_divergences_down_to_the_least_agree_with_50_digits(power, form):
    rows = normalised_rectangle(np.ones((2, 40)))
    rows[1, ::2] *= 1 + 10.0**-power
    rows[1, 1::2] *= 1 - 10.0**-power
    expected = exact_divergence(*rows)
    assert expected < 10 ** (-2 * power)
    assert abs(jensen_shannon_divergence(rows)[0, 1] - expected) / expected < 1e-12


@pytest.mark.parametrize("power", range(1, 16))
def test_alike_rows_among_different_ones_agree_with_50_digits(power, form):
    """Their logarithms are large, rounded so, and nearly the same."""
    rng = np.random.default_rng(power)
    weights = rng.uniform(0.6, 1.7, (40, 70))
    weights[::2] = weights[1::2] * (1 + 10.0**-power * rng.uniform(-1, 1, (20, 70)))
    rows = normalised_rectangle(weights)
    computed = jensen_shannon_divergence(rows)
    for k in range(0, 40, 6):
        expected = exact_divergence(rows[k], rows[k + 1])
        assert abs(computed[k, k + 1] - expected) <= 1e-12 * expected


@pytest.mark.parametrize("power", range(3, 15))
@pytest.mark.parametrize("width", [40, 300])
def test_rows_that_are_all_nearly_uniform_agree_with_50_digits(power, width, form):
    rng = np.random.default_rng(power)
    rows = normalised_rectangle(1 + 10.0**-power * rng.uniform(-1, 1, (18, width)))
    computed = jensen_shannon_divergence(rows)
    for j in (1, 17):
        expected = exact_divergence(rows[0], rows[j])
        assert abs(computed[0, j] - expected) <= 1e-12 * expected


def exactly_softmaxed(row: np.ndarray) -> list[mpmath.mpf]:
    powers = [mpmath.exp(mpmath.mpf(entry)) for entry in row.tolist()]
    total = mpmath.fsum(powers)
    return [power / total for power in powers]


@pytest.mark.parametrize("shape", [(2, 2), (2, 1), (3, 3), (15, 15), (16, 7), (17, 17), (41, 50)])
def test_softmaxed_rows_agree_with_50_digits_of_the_softmax_itself(shape, form):
    """Not of its rounded result: rows of one token and of all, alike and different ones."""
    n, width = shape
    rng = np.random.default_rng(n)
    weights = rng.dirichlet(np.full(width, 0.1), n)
    weights[0] = np.eye(width)[-1]
    weights[1] = 1
    if n == width:
        weights[:] = 1 + 1e-9 * rng.uniform(-1, 1, (n, n))  # all alike
    for k in range(2, n, 3):  # nearer and nearer to the row before
        weights[k] = weights[k - 1] + 10.0 ** (-k / 3) * weights[k]
    rows = normalised_rectangle(weights)
    computed = softmaxed_divergence(rows)
    with mpmath.workdps(50):
        exact = [np.array(exactly_softmaxed(row)) for row in rows]
        for i in range(n):
            for j in [*range(min(i, 2)), i - 1] if i else []:
                middle = (exact[i] + exact[j]) / 2
                terms = zip(exact[i], exact[j], middle, strict=True)
                expected = mpmath.fsum(
                    (p * mpmath.log(p / m) + q * mpmath.log(q / m)) / 2 for p, q, m in terms
                )
                rounding = 1e-12 * expected + 1e-15 * mpmath.sqrt(expected)
                assert abs(computed[i, j] - expected) <= rounding


@pytest.mark.parametrize("distance", list(DISTANCES))
def test_the_bits_do_not_depend_on_the_number_of_threads(astronaut, distance):
    for head in ((0, 5), (9, 3)):
        attention = astronaut.head(*head)
        one, two, seven = (
            row_distances(attention, distance, threads=threads).values for threads in (1, 2, 7)
        )
        assert np.array_equal(one, two)
        assert np.array_equal(one, seven)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_many_heads_at_once_are_each_the_same(astronaut, threads):
    maps = astronaut.maps[9]
    tokens = np.arange(1, 257)
    of_heads = list(row_distances_of_heads(maps, "hellinger", tokens, threads))
    assert len(of_heads) == len(maps)
    for head, distances in enumerate(of_heads):
        alone = row_distances(maps[head], "hellinger", tokens)
        assert np.array_equal(alone.values, distances.values)


def test_the_attention_graph_is_its_definition(astronaut):
    attention = astronaut.head(4, 0)
    rows = normalised(attention)
    values = row_distances(attention, "attention-graph").values
    for i, j in np.random.default_rng(0).integers(0, len(rows), (200, 2)):
        assert values[i, j] == (0 if i == j else 1 - max(rows[i, j], rows[j, i]))


def test_one_hot_rows_and_zeros_give_no_nan(form):
    rows = np.zeros((6, 6))
    rows[[0, 1, 2], [0, 0, 5]] = 1
    rows[3, :2] = 0.5
    rows[4, 1:3] = 1e-200, 1
    rows[5] = 1 / 6
    for distance in DISTANCES:
        values = row_distances(rows, distance).values
        assert np.isfinite(values).all()
        if distance != "attention-graph":
            assert values[0, 1] == 0
            assert values[0, 2] == pytest.approx(DISTANCES[distance].bound(6), rel=1e-14)


@pytest.mark.parametrize("tiny", [1e-290, 1e-305, 1e-310, 5e-324])
def test_a_column_of_tiny_entries_gives_no_nan(form, tiny):
    """All alike, so that they count as near, and among the least that a float holds."""
    rows = np.full((16, 16), 1 / 15)
    rows[:, 0] = tiny
    rows[8:, 1] *= 1.0001
    for distance in DISTANCES:
        values = row_distances(rows, distance).values
        assert np.isfinite(values).all()
        if distance != "attention-graph":
            assert (values[:8, :8] == 0).all()
            assert (values[0, 8:] > 0).all()


PLAINEST_PROCESSOR = """
import numpy as np
from attntopo.distances.divergences import jensen_shannon_divergence
rows = np.full((70, 8), 1 / 7)
rows[:, 0] = 1e-310
rows[35:, 1] *= 1.0001
values = jensen_shannon_divergence(rows / rows.sum(axis=1, keepdims=True))
assert np.isfinite(values).all() and (values[:35, :35] == 0).all()
"""


def test_nor_on_the_plainest_processor(tmp_path):
    """Compiled without wide vectors, where products are taken in another order."""
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    subprocess.run([sys.executable, "-c", PLAINEST_PROCESSOR], check=True, env=os.environ | plain)


def normalised_rectangle(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1)


def test_one_hot_rows_reach_the_bound():
    assert row_distances(np.eye(5), "jensen-shannon").values[0, 1] == pytest.approx(
        math.sqrt(math.log(2)), rel=1e-15
    )
    for n in (197, 257):
        bound = DISTANCES["double-softmax"].bound(n)
        assert row_distances(np.eye(n), "double-softmax").values[3, 7] == pytest.approx(
            bound, rel=1e-14
        )


def test_the_scale_ends_at_the_bound_rounded_up():
    ends = {n: DISTANCES["double-softmax"].largest_scale(n) for n in (197, 257)}
    assert ends == {197: 0.214, 257: 0.2}
    assert DISTANCES["jensen-shannon"].largest_scale(257) == 0.833


@given(arrays.arrays(np.float32, (7, 7), elements=st.floats(0, 1, width=32)))
@settings(max_examples=80, deadline=None)
@pytest.mark.parametrize("distance", OF_ROWS)
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


@pytest.mark.parametrize("distance", OF_ROWS)
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


def test_the_older_name_of_a_distance_is_read_and_not_kept():
    rows = np.random.default_rng(0).dirichlet(np.ones(9), size=9)
    older, present = row_distances(rows, "notebook"), row_distances(rows, "double-softmax")
    assert np.array_equal(older.values, present.values)
    assert older.distance == present.distance == row_distances(rows).distance == "double-softmax"
    assert [each.distance for each in row_distances_of_heads(rows[None], "notebook")] == [
        "double-softmax"
    ]
    assert all(key == entry.key != "notebook" for key, entry in DISTANCES.items())


@pytest.mark.parametrize("seed", range(5))
def test_no_distance_is_beyond_the_largest_scale(form, seed):
    """Rows without a common entry, heavy and light ones."""
    generator = np.random.default_rng(seed)
    apart = np.zeros((80, 80))
    for row in range(80):
        weights = generator.dirichlet(np.full(40, 10 ** generator.uniform(-2, 1)))
        apart[row, 40 * (row % 2) :][:40] = weights
    for distance, entry in DISTANCES.items():
        largest = row_distances(apart, distance).values.max()
        assert largest <= entry.bound(80) <= entry.largest_scale(80)


def test_a_mask_of_tokens_is_refused():
    with pytest.raises(DistanceError, match="not by a mask"):
        row_distances(np.eye(3), tokens=np.array([True, False, True]))


ON_ANY_PROCESSOR = """
import sys
import numpy as np
from attntopo.distances.divergences import jensen_shannon_divergence
np.save(sys.argv[2], jensen_shannon_divergence(np.load(sys.argv[1])))
"""


def test_a_processor_without_wide_registers_gives_the_same(astronaut, tmp_path):
    """Numba compiles for the plainest processor of this kind, without any of its extras."""
    rows, ours = normalised(astronaut.head(0, 5)), tmp_path / "ours.npy"
    np.save(tmp_path / "rows.npy", rows)
    plainest = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    environment = os.environ | plainest | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", ON_ANY_PROCESSOR, str(tmp_path / "rows.npy"), str(ours)]
    subprocess.run(command, env=environment, check=True, timeout=300)
    computed, expected = np.load(ours), jensen_shannon_divergence(rows)
    apart = expected > 0
    assert (computed[~apart] == 0).all()
    assert np.abs(computed[apart] / expected[apart] - 1).max() < 1e-12


CACHED = """
from attntopo.distances import divergence_kernels
import numpy as np
rows = np.full((3, 16), 1 / 16)
divergence_kernels.total_variation(rows, np.zeros((3, 3)), 0, 1)
kernel = divergence_kernels.total_variation
print(sum(kernel.stats.cache_hits.values()), kernel.targetoptions["nogil"])
"""


def test_kernels_come_from_the_disk_the_second_time_and_release_the_lock(tmp_path):
    hits = [
        subprocess.run(
            [sys.executable, "-c", CACHED],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        ).stdout.split()
        for _ in range(2)
    ]
    assert hits == [["0", "True"], ["1", "True"]]


def least_variance(values: np.ndarray) -> float:
    """The least eigenvalue of the doubly centred squares, as a share of the largest."""
    centring = np.eye(len(values)) - 1 / len(values)
    eigenvalues = np.linalg.eigvalsh(-0.5 * centring @ values**2 @ centring)
    return eigenvalues[0] / max(eigenvalues[-1], 1e-300)


@pytest.mark.parametrize("distance", list(DISTANCES))
def test_what_is_called_euclidean_has_no_variance_below_0_and_the_others_have(distance):
    draw = np.random.default_rng(0)
    least = 0.0
    for concentration in (0.01, 0.1, 1.0, 10.0):
        rows = draw.dirichlet(np.full(60, concentration), size=60)
        rows[::7] = np.eye(60)[::7]
        least = min(least, least_variance(row_distances(rows, distance).values))
    assert (least > -1e-12) == DISTANCES[distance].is_euclidean
    assert least < -1e-3 or DISTANCES[distance].is_euclidean
