"""The nulls of attention: what each keeps, and what it must not."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.attention_fit import fit_attention
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.nulls import NULLS, same_spectrum, surrogate_attention
from attntopo.attention import normalised_rows

SOME_HEADS = ((0, 0), (8, "mean"), (9, 3), (10, 0))


def some_attention(grid=(4, 5), n_prefix=2, seed=0):
    n_tokens = n_prefix + grid[0] * grid[1]
    return np.random.default_rng(seed).dirichlet(np.full(n_tokens, 0.5), size=n_tokens)


def residual_by_least_squares(attention, grid, n_prefix):
    """The residual of the model with one column for each row, offset and column of patches."""
    height, width = grid
    n = height * width
    design = []
    for i in range(n):
        for j in range(n):
            row = np.zeros(n + (2 * height - 1) * (2 * width - 1) + n)
            down, across = j // width - i // width, j % width - i % width
            row[i] = row[n + (down + height - 1) * (2 * width - 1) + across + width - 1] = 1
            row[-n + j] = 1
            design.append(row)
    logarithms = np.log(np.maximum(attention[n_prefix:, n_prefix:], 1e-12)).ravel()
    weights = np.linalg.lstsq(np.array(design), logarithms)[0]
    return (logarithms - np.array(design) @ weights).reshape(n, n)


@pytest.mark.parametrize(("grid", "n_prefix"), [((4, 5), 2), ((1, 7), 0), ((3, 3), 1)])
def test_the_fit_is_that_of_least_squares(grid, n_prefix):
    attention = some_attention(grid, n_prefix)
    fit = fit_attention(attention, grid, n_prefix)
    expected = residual_by_least_squares(attention, grid, n_prefix)
    assert np.abs(fit.residual - expected).max() < 1e-8
    sums = fit.row_levels + fit.profile + fit.sinks + fit.residual
    assert np.abs(np.exp(sums) - attention[n_prefix:, n_prefix:]).max() < 1e-9
    variance = np.var(np.log(attention[n_prefix:, n_prefix:]))
    assert fit.explained == pytest.approx(1 - np.var(expected) / variance, abs=1e-8)


def test_a_profile_is_one_of_offsets():
    fit = fit_attention(some_attention((4, 5), 2), (4, 5), 2)
    profile = fit.profile.reshape(4, 5, 4, 5)
    assert profile[0, 0, 2, 1] == profile[1, 3, 3, 4]
    assert profile[2, 1, 0, 0] == profile[3, 4, 1, 3]
    assert profile[2, 1, 0, 0] != profile[0, 0, 2, 1]


@pytest.mark.parametrize("null", NULLS)
@pytest.mark.parametrize("cell", SOME_HEADS)
def test_prefix_and_mass_on_patches_are_kept(coffee, null, cell):
    rows = normalised_rows(coffee.head(*cell))
    drawn = surrogate_attention(rows, coffee.grid, coffee.n_prefix, null, seed=3)
    assert np.abs(drawn[:1] - rows[:1]).max() < 1e-15
    assert np.abs(drawn[:, :1] - rows[:, :1]).max() < 1e-15
    assert np.abs(drawn.sum(axis=1) - 1).max() < 1e-12
    assert drawn.min() >= 0
    assert np.abs(drawn - rows).max() > 1e-3


@pytest.mark.parametrize("null", NULLS)
def test_seed_and_draw_determine_it(coffee, null):
    fit = fit_attention(coffee.head(9, 3), coffee.grid, coffee.n_prefix)
    drawn = [
        surrogate_attention(fit, null=null, seed=seed, draw=draw)
        for seed, draw in ((0, 1), (0, 1), (0, 2), (1, 1), (1, 0))
    ]
    assert np.array_equal(drawn[0], drawn[1])
    for k, one in enumerate(drawn[2:], start=2):
        assert not any(np.array_equal(one, other) for other in drawn[:k])


@pytest.mark.parametrize("cell", SOME_HEADS)
def test_the_strictest_null_keeps_values_exactly_and_the_spectrum_nearly(astronaut, coffee, cell):
    for attention in (astronaut, coffee):
        fit = fit_attention(attention.head(*cell), attention.grid, attention.n_prefix)
        residual = fit.residual.reshape(16, 16, 16, 16)
        drawn = same_spectrum(residual, np.random.default_rng(0))
        assert np.array_equal(np.sort(drawn, axis=None), np.sort(residual, axis=None))
        spectra = [np.abs(np.fft.fftn(one)) for one in (residual, drawn)]
        assert np.linalg.norm(spectra[1] - spectra[0]) < 0.03 * np.linalg.norm(spectra[0])
        # It isn't the same again: the two share no more than chance has them share.
        assert abs(np.corrcoef(residual.ravel(), drawn.ravel())[0, 1]) < 0.2


def test_one_round_would_not_do(coffee):
    """The bound above is one that can fail."""
    fit = fit_attention(coffee.head(0, 0), coffee.grid, coffee.n_prefix)
    residual = fit.residual.reshape(16, 16, 16, 16)
    drawn = same_spectrum(residual, np.random.default_rng(0), rounds=1)
    spectra = [np.abs(np.fft.fftn(one)) for one in (residual, drawn)]
    assert np.linalg.norm(spectra[1] - spectra[0]) > 0.03 * np.linalg.norm(spectra[0])


def unexplained(drawn, fit):
    """What of the logarithm isn't profile and sinks: the residual and a number for each row."""
    return np.log(drawn[fit.n_prefix :, fit.n_prefix :]) - fit.profile - fit.sinks


def test_the_strictest_null_keeps_profile_and_sinks(coffee):
    fit = fit_attention(coffee.head(9, 3), coffee.grid, coffee.n_prefix)
    drawn = unexplained(surrogate_attention(fit, null="spectrum", seed=0, draw=4), fit)
    expected = same_spectrum(fit.residual.reshape((16,) * 4), np.random.default_rng((0, 4)))
    differences = drawn - expected.reshape(256, 256)
    assert np.ptp(differences, axis=1).max() < 1e-9


def test_profile_and_sinks_are_kept_and_the_rest_is_rolled():
    grid, n_prefix = (4, 5), 2
    fit = fit_attention(some_attention(grid, n_prefix), grid, n_prefix)
    offsets = set()
    for draw in range(10):
        drawn = surrogate_attention(fit, null="profile", draw=draw)
        for own, rolled in zip(fit.residual, unexplained(drawn, fit), strict=True):
            fitting = [
                (down, across)
                for down in range(4)
                for across in range(5)
                if np.ptp(np.roll(own.reshape(grid), (down, across), (0, 1)).ravel() - rolled)
                < 1e-9
            ]
            assert len(fitting) == 1
            offsets.update(fitting)
    assert len(offsets) == 20  # 200 rows have had every offset


def test_shuffled_rows_have_the_same_values(coffee):
    rows = normalised_rows(coffee.head(9, 3))
    drawn = surrogate_attention(rows, coffee.grid, 1, "shuffled")
    before, after = (np.sort(one[1:, 1:], axis=1) for one in (rows, drawn))
    assert np.abs(before - after).max() < 1e-15
    moved = np.argsort(rows[1:, 1:], axis=1) != np.argsort(drawn[1:, 1:], axis=1)
    assert moved.any(axis=1).all()


def test_one_hot_rows_get_a_sentence():
    rows = np.zeros((10, 10))
    rows[np.arange(10), np.roll(np.arange(10), 3)] = 1
    with pytest.raises(EvidenceError, match="9 of 9 patches attend to one patch alone"):
        surrogate_attention(rows, (3, 3), 1)


def test_a_few_one_hot_rows_and_rows_without_patches_are_drawn_all_the_same():
    rows = some_attention((4, 4), 1)
    rows[3] = np.eye(17)[5]
    rows[4] = np.eye(17)[0]
    for null in NULLS:
        drawn = surrogate_attention(rows, (4, 4), 1, null)
        assert np.isfinite(drawn).all()
        assert drawn[4, 0] == 1
        assert drawn[4, 1:].sum() == 0
        assert drawn[3].sum() == pytest.approx(1, abs=1e-12)


def test_attention_that_is_explained_wholly_stays_as_it_is():
    drawn = surrogate_attention(np.full((10, 10), 0.1), (3, 3), 1)
    assert np.abs(drawn - 0.1).max() < 1e-9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((4, 4), 2), "aren't 2 prefix tokens"),
        (((4, 5), -1), "two or more patches"),
        (((4, 5), 2, "white"), "no null called 'white'"),
        ((), "needs the patch grid"),
    ],
)
def test_what_cannot_be_drawn_gets_a_sentence(arguments, words):
    with pytest.raises(EvidenceError, match=words):
        surrogate_attention(some_attention(), *arguments)
    with pytest.raises(at.AttentionError):
        surrogate_attention(np.full((22, 22), np.nan), (4, 5), 2)
