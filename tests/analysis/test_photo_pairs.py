"""Distances between all pairs of photos, against definitions written naively, and gone on with."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from gudhi.representations import PersistenceImage

import attntopo as at
from attntopo.analysis import (
    BASELINES,
    PHOTO_DISTANCES,
    CollectionError,
    HeadSummary,
    PairDistances,
    PhotoBaselines,
    PhotoHead,
    PhotoMeasures,
    measure_photo,
    photo_baselines,
    standard_scores,
)
from attntopo.diagrams import sliced_wasserstein_distance
from attntopo.models import class_states, class_token_state
from tests.harness.metrics import random_metric

N = 5


def photo(seed: int, n: int = 12, n_tokens: int = 7) -> PhotoMeasures:
    generator = np.random.default_rng(seed)
    births = np.sort(generator.uniform(0, 0.3, n))
    loops = np.stack([births, births + generator.exponential(0.05, n)], axis=1)
    deaths = np.append(np.sort(generator.uniform(0, 0.4, n)), np.inf)
    diagrams = at.Diagrams((np.stack([np.zeros(n + 1), deaths], axis=1), loops))
    features = {"one": generator.normal(), "same": 0.1, "other": 1000 * generator.normal()}
    mean = generator.dirichlet(np.ones(n_tokens), n_tokens).astype(np.float32)
    baselines = PhotoBaselines(mean, generator.normal(size=8), (0, 1))
    values = random_metric(seed, n_tokens)
    tree = at.merge_tree(at.RowDistances(values, "total-variation", np.arange(n_tokens)))
    summary = HeadSummary(diagrams, 1.0, 1.0, tree)
    head = PhotoHead(summary, features, (1, n_tokens), 0, (0, 0, 1, 1))
    return PhotoMeasures(head, baselines)


@pytest.fixture(scope="module")
def photos() -> list[PhotoMeasures]:
    return [photo(seed, 8 + seed) for seed in range(N)]


def filled(photos: list[PhotoMeasures], measure: str) -> np.ndarray:
    pairs = PairDistances(photos, measure)
    for _ in pairs.fill_in(2):
        pass
    assert pairs.is_complete
    return pairs.values


def images(photos: list[PhotoMeasures], k: int) -> np.ndarray:
    bars = [one.diagrams[k][np.isfinite(one.diagrams[k][:, 1])] for one in photos]
    births, deaths = np.concatenate(bars).T
    longest = (deaths - births).max()
    made = PersistenceImage(
        bandwidth=longest / 19,
        weight=lambda bar: bar[1],
        resolution=[20, 20],
        im_range=[births.min(), deaths.max(), 0, longest],
    )
    return made.fit_transform(bars)


def expected(photos: list[PhotoMeasures], measure: str, i: int, j: int) -> float:
    a, b = photos[i], photos[j]
    start, _, kind = measure.partition("-")
    if start in ("h0", "h1"):
        k = int(start[1])
        of_kind = {
            "bottleneck": lambda: at.bottleneck_distance(a.diagrams, b.diagrams, k),
            "1-wasserstein": lambda: at.wasserstein_distance(a.diagrams, b.diagrams, k, 1),
            "sliced-wasserstein": lambda: sliced_wasserstein_distance(a.diagrams, b.diagrams, k),
            "persistence-images": lambda: np.linalg.norm(np.subtract(*images(photos, k)[[i, j]])),
        }
        return of_kind[kind]()
    if measure == "features":
        squares = 0.0
        for name in ("one", "other"):
            values = [one.head.features[name] for one in photos]
            squares += ((a.head.features[name] - b.head.features[name]) / np.std(values)) ** 2
        return squares**0.5
    if measure == "class-token":
        x, y = a.baselines.class_token, b.baselines.class_token
        return 1 - x @ y / np.sqrt((x @ x) * (y @ y))
    x, y = (one.baselines.mean_attention.astype(np.float64) for one in (a, b))
    return float(np.sqrt(((x - y) ** 2).sum()))


@pytest.mark.parametrize("measure", PHOTO_DISTANCES)
def test_each_entry_is_its_definition(photos, measure):
    values = filled(photos, measure)
    np.testing.assert_array_equal(values, values.T)
    assert not np.diagonal(values).any()
    for i, j in combinations(range(N), 2):
        close = 1e-6 if measure == "mean-attention" else 1e-9  # kept as float32
        assert values[i, j] == pytest.approx(expected(photos, measure, i, j), rel=close)


def test_it_stops_and_goes_on_where_it_stopped(photos, monkeypatch):
    monkeypatch.setattr("attntopo.analysis.photo_sets.pairs.PIECE_SECONDS", 0.0)
    whole = filled(photos, "h1-bottleneck")
    pairs = PairDistances(photos, "h1-bottleneck")
    assert (pairs.n_pairs, pairs.n_done) == (10, 0)
    assert pairs.pieces() == [((i, j),) for j in range(N) for i in range(j)]
    for piece in pairs.pieces()[:4]:
        pairs.compute(piece)
    assert pairs.n_done == 4
    before = pairs.values.copy()
    assert np.isfinite(before[:3, :3]).all()  # the first three photos are complete
    numbers = list(pairs.fill_in(2))
    assert len(numbers) == 6  # what is there isn't computed again
    assert numbers[-1] == 10
    assert pairs.pieces() == []
    np.testing.assert_array_equal(pairs.values, whole)


def test_pieces_are_all_that_is_missing_and_estimated_beforehand(photos):
    pairs = PairDistances([photo(seed, 60) for seed in range(20)], "h1-1-wasserstein")
    pieces = pairs.pieces()
    assert len(pieces) > 1
    assert sorted(pair for piece in pieces for pair in piece) == list(combinations(range(20), 2))
    efforts = [pairs.effort(piece).seconds for piece in pieces]
    assert sum(efforts) == pytest.approx(pairs.effort().seconds)
    assert pairs.effort().seconds == pytest.approx(190 * pairs.effort([(0, 1)]).seconds)
    assert max(efforts) < 0.11


def test_standard_scores_have_mean_0_and_deviation_1_and_constants_say_nothing(photos):
    scores = standard_scores(photos)
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scores.std(axis=0), [1, 0, 1])
    fewer = [
        *photos[:-1],
        replace(photos[-1], head=replace(photos[-1].head, features={"one": 0.5})),
    ]
    assert standard_scores(fewer).shape == (N, 1)


def without(one: PhotoMeasures, **changes: object) -> PhotoMeasures:
    return replace(one, baselines=replace(one.baselines, **changes))  # type: ignore[arg-type]


def test_what_cannot_be_measured_is_said(photos):
    from_file = without(photos[0], class_token=np.empty(0))
    with pytest.raises(CollectionError, match="attention from a file has none"):
        PairDistances([from_file, *photos[1:]], "class-token")
    other = without(photos[0], class_token=np.ones(9))
    with pytest.raises(CollectionError, match="different models"):
        PairDistances([other, *photos[1:]], "class-token")
    with pytest.raises(CollectionError, match="different numbers of tokens"):
        PairDistances([photo(0, n_tokens=9), *photos[1:]], "mean-attention")
    (mean,) = (key for key in BASELINES if key != "class-token")
    with pytest.raises(CollectionError, match="isn't kept"):
        PairDistances([without(one, mean_attention=np.empty((0, 0))) for one in photos], mean)
    with pytest.raises(CollectionError, match="different layers"):
        PairDistances([without(photos[0], layers=(3,)), *photos[1:]], "mean-attention")
    with pytest.raises(CollectionError, match="no distance 'cosine'"):
        PairDistances(photos, "cosine")
    with pytest.raises(CollectionError, match="two photos or more"):
        PairDistances(photos[:1], "features")
    many = photo(0, 6001)
    with pytest.raises(CollectionError, match="too many bars"):
        PairDistances([many, many], "h1-1-wasserstein")


def test_photos_with_other_numbers_of_tokens_get_a_sentence(photos):
    mixed = [*photos, photo(9, n_tokens=9)]
    assert "7 to 9 tokens" in PairDistances(mixed, "h0-bottleneck").note
    assert PairDistances(mixed, "class-token").note == ""
    assert PairDistances(photos, "h0-bottleneck").note == ""


@pytest.mark.parametrize("head", [3, "mean", "rollout"])
def test_what_is_kept_of_a_photo_is_what_the_library_says_of_it(astronaut, head):
    kept = measure_photo(astronaut, 9, head, "jensen-shannon", "patches")
    topology = at.analyse(astronaut, 9, head, "jensen-shannon", "patches")
    for k in (0, 1):
        np.testing.assert_array_equal(kept.diagrams[k], topology.diagrams[k])
    scale = at.DISTANCES["jensen-shannon"].default_scale
    assert kept.head.features == at.head_features(astronaut, 9, head, topology.diagrams, scale)
    mean = astronaut.maps.astype(np.float64).reshape(-1, 257, 257).mean(axis=0)
    np.testing.assert_allclose(kept.baselines.mean_attention, mean, rtol=1e-6)
    assert kept.baselines.nbytes == 4 * 257**2
    assert kept.baselines.class_token.size == 0


def test_the_class_tokens_state_is_that_of_the_run_without_knocking_out(model):
    coffee = at.sample("coffee")
    state = class_token_state(model, coffee)
    none = np.zeros((1, 257), dtype=bool)
    np.testing.assert_array_equal(state, next(class_states(model, coffee, 0, none))[0])
    assert state.shape == (384,)


def test_a_state_is_a_row_of_numbers(astronaut):
    for state in (np.zeros(3), np.array([1.0, np.nan]), np.ones((2, 2))):
        with pytest.raises(CollectionError, match="row of finite numbers"):
            photo_baselines(astronaut, state, keep_mean=False)
