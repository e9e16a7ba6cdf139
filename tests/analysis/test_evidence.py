"""Ranks among draws of a null, against the pipeline by hand."""

import threading

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.evidence import (
    HeadEvidence,
    evidence_of_heads,
    heads_by_chance,
    null_draws,
)
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.nulls import NULLS, surrogate_attention
from attntopo.analysis.ranks import (
    NullDraws,
    Rank,
    component_life,
    longest_life,
    longest_loop,
)
from attntopo.topology import leader_lives
from tests.harness.app import waits_for

GRID = (6, 6)


def smooth_maps(n_heads=2, seed=0):
    """Heads of 37 tokens that look around themselves, each a little differently."""
    generator = np.random.default_rng(seed)
    rows, columns = np.divmod(np.arange(36), 6)
    away = np.hypot(rows[:, None] - rows, columns[:, None] - columns)
    maps = generator.gamma(2.0, size=(1, n_heads, 37, 37))
    maps[..., 1:, 1:] *= np.exp(-away / 2)
    return maps / maps.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def attention():
    return at.Attention.from_arrays(smooth_maps(), GRID, 1)


def lives_by_hand(values):
    """Births and ends of leaders of four and more, by the rule of who stays, set by set."""
    n = len(values)
    components = {point: {point} for point in range(n)}
    pairs = [(values[i, j], i, j) for i in range(n) for j in range(i + 1, n)]
    starts, ends = {}, {}
    for length, i, j in sorted(pairs):
        one, other = (next(k for k, c in components.items() if end in c) for end in (i, j))
        if one == other:
            continue
        stays = min((one, other), key=lambda k: (-len(components[k]), k))
        goes = other if stays == one else one
        components[stays] |= components.pop(goes)
        ends[goes] = length
        if len(components[stays]) >= 4:
            starts.setdefault(stays, length)
    return {k: (start, ends.get(k, np.inf)) for k, start in starts.items()}


@pytest.mark.parametrize("tokens", ["all", "patches"])
@pytest.mark.parametrize("null", NULLS)
def test_each_draw_goes_through_the_whole_pipeline(attention, null, tokens):
    *_, draws = null_draws(attention, 0, 1, "hellinger", tokens, null, n_draws=4, seed=5)
    assert (draws.null, draws.seed, draws.draws.tolist()) == (null, 5, [0, 1, 2, 3])
    for draw in range(4):
        rows = surrogate_attention(attention.head(0, 1), GRID, 1, null, 5, draw)
        drawn = at.Attention.from_arrays(rows, GRID, 1)
        topology = at.analyse(drawn, 0, 0, "hellinger", tokens)
        bars = topology.diagrams[1]
        assert draws.longest_loops[draw] == pytest.approx((bars[:, 1] - bars[:, 0]).max())
        lives = lives_by_hand(topology.distances.values).values()
        longest = max((end - start for start, end in lives if end < np.inf), default=0.0)
        assert draws.longest_lives[draw] == pytest.approx(longest)


def test_lives_of_real_components(coffee):
    topology = at.analyse(coffee, 10, 0, "jensen-shannon", "patches")
    expected = lives_by_hand(topology.distances.values)
    lives = leader_lives(topology.tree)
    assert {k: tuple(lives[k]) for k in np.nonzero(np.isfinite(lives[:, 0]))[0]} == expected
    finite = {k: end - start for k, (start, end) in expected.items() if end < np.inf}
    assert longest_life(topology.tree) == max(finite.values())
    for leader, life in finite.items():
        assert component_life(topology.tree, leader) == life
    (last,) = set(expected) - set(finite)
    with pytest.raises(EvidenceError, match="all others join"):
        component_life(topology.tree, last)
    small = next(k for k in range(256) if k not in expected)
    with pytest.raises(EvidenceError, match="fewer than four tokens"):
        component_life(topology.tree, small)
    with pytest.raises(EvidenceError, match="points go from 0 to 255"):
        component_life(topology.tree, 256)


def test_draws_come_one_by_one_and_do_not_depend_on_threads(attention):
    runs = [list(null_draws(attention, 0, 0, n_draws=6, threads=n)) for n in (1, 3)]
    for run in runs:
        assert [len(draws.draws) for draws in run] == [1, 2, 3, 4, 5, 6]
    for name in ("draws", "longest_loops", "longest_lives"):
        assert np.array_equal(getattr(runs[0][-1], name), getattr(runs[1][-1], name))
    *_, other = null_draws(attention, 0, 0, n_draws=6, seed=1)
    assert not np.array_equal(other.longest_loops, runs[0][-1].longest_loops)


def test_who_stops_early_leaves_nothing_behind(attention):
    others = threading.active_count()
    draws = null_draws(attention, 0, 0, n_draws=100, threads=2)
    next(draws)
    draws.close()
    waits_for(lambda: threading.active_count() <= others)


def test_a_rank_counts_the_draws_that_are_beaten():
    draws = NullDraws("spectrum", 0, np.arange(20), np.linspace(0.1, 0.29, 20), np.full(20, 0.3))
    rank = draws.rank_loop(0.275)
    assert (rank.beaten, rank.n_draws, rank.is_significant) == (18, 20, False)
    assert rank.p == pytest.approx(3 / 21)
    assert rank.text == (
        "longer than the longest loop in 18 of 20 attention matrices that are as smooth as this one"
    )
    assert draws.rank_component(0.3).beaten == 0  # as long is not longer
    rank = draws.rank_component(0.31)
    assert rank.is_significant
    assert rank.p == pytest.approx(1 / 21)  # never less
    assert rank.text.startswith("longer-lived than the longest-lived component in 20 of 20 att")
    assert not Rank("loop", 1.0, 19, 19, "profile").is_significant  # too few to say so
    assert len({Rank("loop", 1.0, 3, 20, null).text for null in NULLS}) == len(NULLS)
    with pytest.raises(EvidenceError, match="that ends"):
        draws.rank_component(np.inf)


def test_many_are_ranked_at_once_as_one_by_one():
    random = np.random.default_rng(4)
    done = {draw: tuple(random.random(2)) for draw in random.permutation(30).tolist()}
    draws = NullDraws.of(done, "profile", 9)
    assert draws.draws.tolist() == list(range(30))
    lengths = np.append(random.random(50), [*draws.longest_loops, *draws.longest_lives])
    for counts, longest in (
        (draws.beaten_by_loops(lengths), draws.longest_loops),
        (draws.beaten_by_components(lengths), draws.longest_lives),
    ):
        assert counts.tolist() == [int((longest < length).sum()) for length in lengths]
    assert NullDraws.of({}, "profile", 9).beaten_by_loops(lengths).tolist() == [0] * len(lengths)


def test_a_loop_that_anyone_can_foresee_is_significant_against_shuffled_rows():
    ring = at.ring_attention()
    topology = at.analyse(ring, 0, 0, "jensen-shannon")
    *_, draws = null_draws(ring, 0, 0, "jensen-shannon", null="shuffled", seed=2)
    assert draws.rank_loop(longest_loop(topology.diagrams)).is_significant


def test_every_head_has_the_rank_that_it_has_alone(attention):
    options = ("jensen-shannon", "patches", "profile", 5, 7)
    cells = [(0, 0), (0, 1), (0, "mean")]
    ranks = dict(evidence_of_heads(attention, cells, *options, threads=2))
    assert set(ranks) == set(cells)
    for cell, evidence in ranks.items():
        *_, draws = null_draws(attention, *cell, *options)
        topology = at.analyse(attention, *cell, "jensen-shannon", "patches")
        assert evidence.loop == draws.rank_loop(longest_loop(topology.diagrams))
        life = longest_life(topology.tree)
        assert evidence.component == (draws.rank_component(life) if life > 0 else None)
    everyone = evidence_of_heads(attention, distance="jensen-shannon", n_draws=1)
    assert sorted(cell for cell, _ in everyone) == [(0, 0), (0, 1)]
    assert heads_by_chance(72) == pytest.approx(72 / 21)


def test_a_head_without_evidence_says_why_and_others_go_on():
    maps = smooth_maps()
    maps[0, 1] = np.eye(37)
    ranks = dict(evidence_of_heads(at.Attention.from_arrays(maps, GRID, 1), n_draws=1))
    assert ranks[0, 0].loop is not None
    assert ranks[0, 1] == HeadEvidence(None, None, ranks[0, 1].note)
    assert "one-hot" in ranks[0, 1].note


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"null": "white"}, "no null"),
        ({"n_draws": 0}, "1 to 100 draws, not 0"),
        ({"n_draws": 101}, "not 101"),
        ({"seed": -1}, "from 0 on"),
    ],
)
def test_bad_questions_get_a_sentence_at_once(attention, options, words):
    for ask in (
        lambda: null_draws(attention, 0, 0, **options),
        lambda: evidence_of_heads(attention, **options),
    ):
        with pytest.raises(EvidenceError, match=words):
            ask()


def test_a_head_or_distance_that_is_not_there_is_refused_at_once(attention):
    with pytest.raises(at.AttentionError):
        null_draws(attention, 3, 0)
    for ask in (
        lambda: null_draws(attention, 0, 0, "euclidean"),
        lambda: evidence_of_heads(attention, distance="euclidean"),
    ):
        with pytest.raises(at.DistanceError):
            ask()
