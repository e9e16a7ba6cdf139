"""What is drawn of a perturbed photo, against the library's numbers and the merge tree."""

import numpy as np
import plotly.graph_objects as go
import pytest

import attntopo as at
from attntopo.analysis import compare_perturbed, diagram_distances
from attntopo.figures.painting import WholePhoto
from attntopo.figures.perturbed_photos import carried_colours, paint_components, survival_marks
from attntopo.figures.stability import plot_strengths, plot_survival, zeros_words
from attntopo.figures.tokens import token_grid
from attntopo.topology import SINGLE, components_at

HEAD = (9, 3, "jensen-shannon", "patches")
ALL = np.stack([np.arange(257)] * 2, axis=1)


@pytest.fixture(scope="module")
def clean(astronaut):
    return at.analyse(astronaut, *HEAD)


@pytest.fixture(scope="module")
def other(coffee):
    return at.analyse(coffee, *HEAD)


@pytest.fixture(scope="module")
def outcome(clean, other):
    return compare_perturbed(clean, other, ALL)


def drawn(figure: go.Figure, name: str, axis: str = "y") -> list:
    """What a named curve draws; Plotly validates all of the figure."""
    assert go.Figure(figure.to_dict())
    (trace,) = (one for one in figure.data if one.name == name and (one.yaxis or "y") == axis)
    return list(trace.y)


def test_a_curve_is_the_distances_and_what_is_not_known_is_left_out(clean, other, outcome):
    apart = diagram_distances(clean.diagrams, other.diagrams)
    none = compare_perturbed(clean, clean, ALL)
    figure = plot_strengths("123", [none, None, outcome], [apart], 2)
    for k, name in enumerate(("H0: components", "H1: loops")):
        assert drawn(figure, name) == [None, None, outcome.distances.bottleneck[k]]
        assert drawn(figure, name, "y2") == [None, None, outcome.distances.wasserstein[k]]
    assert drawn(figure, "bound") == [None, None, outcome.bound]
    assert max(drawn(figure, "H1: loops")[2:]) < outcome.bound
    plot_strengths("12", [None, None], [], 0)


def test_a_median_is_of_all_other_photos_those_without_a_mark_too(clean, other, outcome):
    near = diagram_distances(clean.diagrams, other.diagrams)
    same = diagram_distances(clean.diagrams, clean.diagrams)

    def lines(others: list) -> list:
        figure = plot_strengths("12", [None, outcome], others, 1)
        return [one.y[0] for one in figure.data if (one.line.dash, one.yaxis) == ("dot", "y")]

    assert lines([near, near, same]) == list(near.bottleneck)
    assert lines([near, same, same]) == [None, None]
    assert lines([near, same]) == pytest.approx(np.array(near.bottleneck) / 2)
    assert zeros_words([near]) == ""
    assert "0, 1 of 3 in H0 and 1 of 3 in H1, have no mark." in zeros_words([near, near, same])
    assert zeros_words([near, same, same]).endswith("A median of 0 has no line.")


def test_bars_are_filled_where_they_survive(clean, outcome):
    shares = tuple(np.linspace(0, 1, len(clean.diagrams[k])) for k in (0, 1))
    figure = plot_survival(clean.diagrams, outcome, shares, (1, 0))
    assert go.Figure(figure.to_dict())
    traces = {one.name: one for one in figure.data}
    for k in (0, 1):
        kept, lost = traces[f"H{k} survives"], traces[f"H{k} is lost"]
        bars, survives = clean.diagrams[k], outcome.survives[k]
        np.testing.assert_array_equal(kept.x, bars[survives, 0])
        np.testing.assert_array_equal(lost.y, np.minimum(bars[~survives, 1], max(kept.y)))
        assert lost.marker.symbol == f"{kept.marker.symbol}-open"
        np.testing.assert_array_equal(lost.customdata[:, 1], shares[k][~survives])
    (ring,) = (one for one in figure.data if one.name == "selected")
    assert (ring.x[0], ring.y[0]) == tuple(clean.diagrams[1][0])


def test_each_patch_has_the_fate_of_the_bar_that_it_begins(clean):
    deaths = clean.diagrams[0][:, 1]
    survives = deaths > np.median(deaths)
    lost, kept = survival_marks(clean, survives).groups
    # A leader is one until its component is absorbed, which is its bar's death.
    for scale in (0.1, 0.2, 0.3):
        leaders = set(clean.tree.leaders(scale).tolist())
        dying = deaths[np.isfinite(deaths) & (deaths <= scale)]
        n_lost = (~survives[: len(dying)]).sum()
        assert len(leaders & set(lost.tolist())) == len(lost) - n_lost
        assert len(leaders & set(kept.tolist())) == survives.sum() - (len(dying) - n_lost)
    assert sorted([*lost, *kept]) == list(range(256))


def test_components_keep_their_colours_where_tokens_correspond(clean, astronaut):
    tokens = token_grid(astronaut, ("class token",), clean.distances.tokens)
    whole = WholePhoto(at.sample("astronaut").pixels, astronaut.patches_box)
    own = paint_components(tokens, clean, 0.25, whole)
    same = carried_colours((clean, own.components), clean, ALL)
    again = paint_components(tokens, clean, 0.25, whole, same)
    np.testing.assert_array_equal(again.picture, own.picture)
    np.testing.assert_array_equal(again.components.colours, own.components.colours)
    # Tokens that are left out bring no colour along, and the class token is no point.
    few = carried_colours((clean, own.components), clean, np.array([[0, 0], [8, 9], [200, 100]]))
    assert np.flatnonzero(few != SINGLE).size <= 2
    assert few[9 - 1] == components_at(clean.tree, 0.25).colours[8 - 1]
