"""The order of edges, against NumPy's sort by three keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.topology import edge_sorting
from attntopo.topology.edge_sorting import edge_order

rng = np.random.default_rng(0)


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(edge_sorting, "numba_runs", lambda: False)


def symmetric(above: np.ndarray) -> np.ndarray:
    above = np.triu(above, 1)
    return above + above.T


def with_lengths(n: int, lengths: np.ndarray) -> np.ndarray:
    values = np.zeros((n, n))
    values[np.triu_indices(n, 1)] = lengths
    return values + values.T


def crowd(n: int, steps: int, *centres: float) -> np.ndarray:
    """Lengths a few floating-point steps from some centres, in a far wider range of lengths."""
    lengths = rng.choice(centres, n * (n - 1) // 2)
    lengths += np.spacing(lengths) * rng.integers(0, steps, len(lengths))
    lengths[0] = 1e-300
    return with_lengths(n, lengths)


def signed_zeros(n: int) -> np.ndarray:
    values = symmetric(rng.integers(0, 3, (n, n)) / 4)
    values[values == 0] = np.where(rng.random((values == 0).sum()) < 0.5, -0.0, 0.0)
    return values


CASES = {
    "random": symmetric(rng.random((60, 60))),
    "many magnitudes": symmetric(10.0 ** rng.uniform(-300, 300, (60, 60))),
    "two decimals": symmetric(rng.random((60, 60)).round(2)),
    "near-ties": symmetric(0.3 + 1e-13 * rng.random((60, 60))),
    "neighbouring numbers": crowd(60, 3, 0.3),
    "a crowded bucket": crowd(90, 10_000, 0.3),
    "two crowded buckets": crowd(90, 10_000, 0.3, 0.31),
    "subnormal": symmetric(5e-324 * rng.integers(0, 50, (40, 40))),
    "all equal": np.ones((50, 50)) - np.eye(50),
    "all 0": np.zeros((50, 50)),
    "-0 among 0": signed_zeros(50),
    "one-hot rows": at.row_distances(np.eye(60)[np.arange(60) % 20], "jensen-shannon").values,
    "uniform rows": at.row_distances(np.full((60, 60), 1 / 60), "jensen-shannon").values,
    "uniform rows, attention graph": at.row_distances(
        np.full((60, 60), 1 / 60), "attention-graph"
    ).values,
    "largest numbers": symmetric(np.finfo(float).max * rng.random((40, 40))),
    **{f"{n} points": symmetric(rng.random((n, n))) for n in (1, 2, 3)},
}


def assert_in_order(values: np.ndarray) -> None:
    i, j = np.triu_indices(len(values), 1)
    lengths = values[i, j]
    order = np.lexsort((j, i, lengths))
    order = order[lengths[order] <= values.max(axis=1).min()]
    found_i, found_j, found_lengths = edge_order(values)
    assert np.array_equal(found_i, i[order])
    assert np.array_equal(found_j, j[order])
    assert np.array_equal(found_lengths, lengths[order])


@pytest.mark.parametrize("case", CASES)
def test_edges_are_in_the_order_of_length_and_ends(case, form):
    assert_in_order(CASES[case])


def test_what_is_meant_to_crowd_does():
    """All lengths but one agree in 40 bits, and most of them differ."""
    patterns = edge_order(CASES["a crowded bucket"])[2][1:].view(np.int64)
    assert len(set(patterns.tolist())) > 3000
    assert np.ptp(patterns) < 1 << 15
    assert np.signbit(CASES["-0 among 0"]).any()


@given(
    st.integers(1, 30),
    st.lists(st.floats(0, allow_infinity=False, allow_nan=False), min_size=1, max_size=12),
    st.integers(0, 1000),
)
@settings(max_examples=150, deadline=None)
def test_any_lengths_whatever_are_put_in_order(n, choices, seed):
    chosen = np.random.default_rng(seed).choice(choices, n * (n - 1) // 2)
    assert_in_order(with_lengths(n, chosen))


@pytest.mark.parametrize("wrong", [np.nan, -np.nan, np.inf, -np.inf, -1.0, -5e-324])
def test_what_is_no_length_is_refused(wrong, form):
    values = symmetric(rng.random((9, 9)))
    values[2, 5] = values[5, 2] = wrong
    with pytest.raises(ValueError, match="finite and non-negative"):
        edge_order(values)


@given(
    st.integers(1, 45),
    st.integers(0, 1000),
    st.tuples(st.floats(0, 1), st.integers(0, 8)),
    st.tuples(st.integers(0, 45), st.integers(0, 45)),
)
@settings(max_examples=200, deadline=None)
def test_edges_of_some_lengths_are_collected_row_by_row(n, seed, ends, last):
    """In groups of eight and what is left of a row; -0 is 0."""
    from attntopo.topology.edge_scan_kernel import edges_between

    lengths = np.random.default_rng(seed).choice([-0.0, *np.linspace(0, 1, 9)], n * (n - 1) // 2)
    values = with_lengths(n, lengths)
    values[np.triu_indices(n, 1)] = lengths  # with_lengths adds 0 to -0
    values.T[np.triu_indices(n, 1)] = lengths
    low, longest = ends[0] + 0.0, np.linspace(0, 1, 9)[ends[1]]  # no -0
    low, high = np.array([low, longest]).view(np.uint64) + np.array([0, 1], np.uint64)
    last = np.uint32((last[0] << 16) | last[1])
    keys, pairs = edges_between(values.view(np.uint64), low, high, last)
    i, j = np.triu_indices(n, 1)
    wanted = (low.view(np.float64) <= values[i, j]) & (values[i, j] <= longest)
    wanted &= (values[i, j] < longest) | ((i << 16) + j <= last)
    assert np.array_equal(keys.view(np.float64), values[i, j][wanted])
    assert not np.signbit(keys.view(np.float64)).any()
    assert np.array_equal(pairs >> 16, i[wanted])
    assert np.array_equal(pairs & 0xFFFF, j[wanted])
