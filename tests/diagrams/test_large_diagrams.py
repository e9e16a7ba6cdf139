"""Diagrams of too many bars for exact Wasserstein distances: what is said of them, and what not."""

import csv
import io
import json
import pickle

import gudhi.hera
import numpy as np
import pytest

import attntopo as at
from attntopo import exports
from attntopo.analysis import QUANTITIES, HeadSummary, number_text
from attntopo.analysis.comparison import Comparison, Counts, number_rows
from attntopo.diagrams import About, all_matchings, effort, large_diagrams, matchings
from attntopo.diagrams.bottleneck import finite_bottleneck
from attntopo.diagrams.effort import bottleneck_effort, matching_effort, wasserstein_effort
from attntopo.diagrams.large_diagrams import large_wasserstein
from attntopo.diagrams.matchings import DIAGONAL
from attntopo.diagrams.split_bars import DiagramError
from attntopo.topology import Diagrams
from tests.harness.allocation import peak_bytes
from tests.harness.javascript import run_modules


def bars(n: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    births = generator.random(n)
    return np.stack([births, births + 0.01 + generator.random(n) ** 2], axis=1)


def in_both(points: np.ndarray) -> Diagrams:
    return Diagrams((np.array([[0, 0.5], [0, np.inf]]), points))


@pytest.fixture
def few(monkeypatch):
    """As if forty bars were too many for the exact distance, and a hundred for any."""
    monkeypatch.setattr(effort, "EXACT_BARS", 40)
    monkeypatch.setattr(effort, "APPROXIMATE_BARS", 100)
    monkeypatch.setattr(large_diagrams, "APPROXIMATE_BARS", 100)


def hostile():
    a, b = bars(80), bars(80, 1)
    generator = np.random.default_rng(2)
    return {
        "random": (a, b),
        "equal": (np.tile(a[:1], (80, 1)), np.tile(a[:1] + np.array([[0.02, 0]]), (60, 1))),
        "in a few places": tuple(a[generator.integers(0, 5, 80)] for _ in range(2)),
        "sharing births": tuple(
            np.stack([one[:, 0].round(1), one[:, 1] + 0.1], 1) for one in (a, b)
        ),
        "alike": (a, a + 1e-4 * generator.random((80, 2))),
        "clustered": tuple(
            np.repeat(a[:4], 20, 0) + 1e-3 * generator.random((80, 2)) * [-1, 1] for _ in range(2)
        ),
    }


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", hostile())
def test_an_approximate_distance_is_within_its_bound(name, order):
    first, second = hostile()[name]
    exact = at.wasserstein_distance(in_both(first), in_both(second), 1, order)
    assert type(exact) is float
    about = large_wasserstein(first, second, order, finite_bottleneck(first, second))
    assert abs(about - exact) <= effort.WITHIN * exact
    # The exact one, too, against Hera: what is compared with is not the same code's.
    hera = gudhi.hera.wasserstein_distance(
        first, second, order=order, internal_p=np.inf, delta=1e-3
    )
    assert exact <= hera * (1 + 1e-9)
    assert hera <= exact * 1.001


def test_it_is_about_with_its_bound_and_without_a_matching(few):
    first, second = in_both(bars(80)), in_both(bars(70, 1))
    for order in (1, 2):
        matching = at.wasserstein_matching(first, second, 1, order)
        assert isinstance(matching.distance, About)
        assert matching.distance.relative_bound == 0.01
        assert matching.pairs.shape == (0, 2)
        assert matching.attaining == -1
        assert "80 bars and 70 bars: too many for the exact distance" in matching.note
        assert at.wasserstein_distance(first, second, 1, order) == matching.distance


def test_infinite_bars_count_by_their_births(few):
    first, second = bars(80), bars(80, 1)
    plain = at.wasserstein_distance(Diagrams((first,)), Diagrams((second,)), 0, 2)
    endless = [
        np.append(points, [[birth, np.inf]], axis=0)
        for points, birth in ((first, 0.25), (second, 1.0))
    ]
    both = at.wasserstein_distance(*(Diagrams((points,)) for points in endless), 0, 2)
    assert float(both) == pytest.approx(np.hypot(float(plain), 0.75))
    other = at.wasserstein_distance(Diagrams((endless[0],)), Diagrams((second,)), 0, 2)
    assert other == np.inf


def test_equal_diagrams_are_exactly_0_apart_however_large(few):
    points = bars(90)
    shuffled = points[np.random.default_rng(1).permutation(90)]
    matching = at.wasserstein_matching(in_both(points), in_both(shuffled), 1)
    assert matching.distance == 0
    assert not isinstance(matching.distance, About)
    own, other = matching.pairs.T
    assert (points[own] == shuffled[other]).all()


def test_a_large_bottleneck_matching_attains_the_distance(few):
    first, second = bars(80), bars(75, 1)
    matching = at.bottleneck_matching(in_both(first), in_both(second), 1)
    assert matching.distance == finite_bottleneck(first, second)
    assert matching.costs.max() == matching.distance
    assert "exact" in matching.note
    for column, n in ((0, 80), (1, 75)):
        named = matching.pairs[:, column]
        assert sorted(named[named != DIAGONAL].tolist()) == list(range(n))
    small = at.bottleneck_matching(in_both(first[:20]), in_both(second[:20]), 1)
    assert small.note == ""


def test_without_a_compiler_it_is_the_distance_alone(few, monkeypatch):
    first, second = in_both(bars(80)), in_both(bars(75, 1))
    expected = at.bottleneck_distance(first, second, 1)
    monkeypatch.setattr(matchings, "numba_runs", lambda: False)
    monkeypatch.setattr("attntopo.diagrams.bottleneck.numba_runs", lambda: False)
    matching = at.bottleneck_matching(first, second, 1)
    assert matching.distance == expected
    assert len(matching.pairs) == 0
    assert "the distance is exact" in matching.note


@pytest.mark.parametrize(
    ("first", "second", "order", "said"),
    [
        (bars(150), bars(120, 1), 1, "1-Wasserstein distance of 150 bars and 120 bars would take"),
        (bars(80), bars(80) + 1e-12, 2, "so much alike that rounding errors hide it"),
    ],
)
def test_what_can_not_be_bounded_is_refused_in_a_sentence(
    few, monkeypatch, first, second, order, said
):
    def never(*_args, **_options):
        raise AssertionError("It was begun.")

    monkeypatch.setattr(gudhi.hera, "wasserstein_distance", never)
    one, other = in_both(first), in_both(second)
    with pytest.raises(DiagramError, match=said):
        at.wasserstein_distance(one, other, 1, order)
    found = all_matchings(one, other) if order == 2 and len(first) < 100 else {}
    if found:  # the page's other numbers are there
        refused = found["h1-wasserstein-2"]
        assert np.isnan(refused.distance)
        assert said in refused.note
        assert found["h0-wasserstein-2"].distance == 0


def test_about_can_not_be_written_without_its_word():
    number = About(0.0312345, 0.01)
    word = "about 0.0312, within 1 %"
    assert f"{number:.4f}" == word
    assert "{:.4f}".format(number) == word  # noqa: UP032
    assert number_text(number) == word
    assert str(number) == "about 0.0312345, within 1 %"
    assert "0.01" in repr(number)
    assert f"{About(1, 0.005):.2f}" == "about 1.00, within 0.5 %"
    again = pickle.loads(pickle.dumps(number))
    assert (again, again.relative_bound) == (number, 0.01)
    written = exports.rows_csv({}, [{"quantity": "H1", "between A and B": number}])
    assert list(csv.reader(io.StringIO(written)))[1] == ["H1", str(number)]


def all_rows(found):
    counts = Counts(0.1, 1, 0.5, 1, 0, 0)
    rows = number_rows(Comparison(0.1, 0.2, 0.3), counts, counts, found)
    return {row["quantity"]: row["between A and B"] for row in rows}


def test_tables_and_exports_carry_the_word_or_the_sentence(few):
    found = all_matchings(in_both(bars(80)), in_both(bars(80, 1)))
    rows = all_rows(found)
    assert number_text(rows["H1 1-Wasserstein"]).startswith("about ")
    assert number_text(rows["H0 1-Wasserstein"]) == "0.0000"
    written = exports.rows_csv({}, [{"value": value} for value in rows.values()])
    assert written.count("about ") == 2
    refused = all_rows(all_matchings(in_both(bars(150)), in_both(bars(150, 1))))
    assert "minutes or longer" in number_text(refused["H1 2-Wasserstein"])


def test_the_browser_says_it_too(few):
    from attntopo.figures.linked import _matching

    about = all_matchings(in_both(bars(80)), in_both(bars(80, 1)))["h1-wasserstein-1"]
    refused = all_matchings(in_both(bars(150)), in_both(bars(150, 1)))["h1-wasserstein-1"]
    exact = at.wasserstein_matching(in_both(bars(9)), in_both(bars(9, 1)), 1)
    sent = json.loads(json.dumps([_matching(one) for one in (about, refused, exact)]))
    said = run_modules({"words.js": "distanceText"}, "given.map(distanceText)", sent)
    assert said == [f"{about.distance:.4f}", "too many bars", f"{exact.distance:.4f}"]
    assert said[0].startswith("about ")
    assert [one["note"] for one in sent] == [about.note, refused.note, ""]


def test_the_atlas_has_exact_numbers_or_none(few):
    def summary(points):
        return HeadSummary(in_both(points), 0.0, 0.0, None)

    between = QUANTITIES["h1-wasserstein-1"].between
    assert np.isnan(between(summary(bars(80)), summary(bars(80, 1))))
    small = between(summary(bars(20)), summary(bars(20, 1)))
    assert small == at.wasserstein_distance(in_both(bars(20)), in_both(bars(20, 1)), 1)


def test_estimates_grow_with_the_bars_and_say_what_will_be_done():
    sizes = [0, 1, 100, 1000, 5600, 20_000]
    for estimate in (bottleneck_effort, wasserstein_effort, matching_effort):
        for quantity in ("seconds", "megabytes"):
            values = [getattr(estimate(n, n), quantity) for n in sizes]
            assert min(values) > 0
            if estimate is not matching_effort:  # beyond a bound it does less
                exact = [estimate(n, n).relative_bound == 0 for n in sizes]
                kept = [value for value, is_exact in zip(values, exact, strict=True) if is_exact]
                assert kept == sorted(kept)
            either = [getattr(estimate(*sizes), quantity) for sizes in ((300, 70), (70, 300))]
            assert either[0] == pytest.approx(either[1])
    assert all(bottleneck_effort(n, n).relative_bound == 0 for n in sizes)
    assert [wasserstein_effort(n, n).relative_bound for n in sizes] == [0, 0, 0, 0, 0.01, 0.01]
    assert [wasserstein_effort(n, n).refused for n in sizes] == [False] * 5 + [True]
    assert wasserstein_effort(5600, 5600, 1, born_together=True).relative_bound == 0
    assert wasserstein_effort(100_000, 5).relative_bound == 0  # few on one side


@pytest.mark.parametrize("n", [400, 1000])
def test_what_is_held_at_once_is_within_the_estimate(n):
    first, second = in_both(bars(n)), in_both(bars(n, 1))
    for order in (1, 2):
        at.wasserstein_distance(in_both(bars(9)), in_both(bars(9, 1)), 1, order)
    for match, estimated in (
        (at.bottleneck_matching, matching_effort(n, n)),
        (at.wasserstein_matching, wasserstein_effort(n, n)),
    ):
        match(in_both(bars(9)), in_both(bars(9, 1)), 1)
        with peak_bytes() as peak:
            match(first, second, 1)
        assert peak() <= 1e6 * estimated.megabytes
        assert 1e6 * estimated.megabytes < 8 * n * n * (1 + (n < 500))


def test_bars_born_together_hold_a_byte_a_pair():
    sides = [Diagrams((np.stack([np.zeros(3000), bars(3000, k)[:, 1]], axis=1),)) for k in (0, 1)]
    small = [Diagrams((side[0][:9],)) for side in sides]
    at.wasserstein_distance(*small, 0)
    with peak_bytes() as peak:
        at.wasserstein_distance(*sides, 0)
    assert peak() <= 1e6 * wasserstein_effort(3000, 3000, 1, born_together=True).megabytes
    assert peak() < 2 * 3000 * 3000
