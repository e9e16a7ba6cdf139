"""Figures of the studies' results: marks where the means are, bars where the intervals are."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from attntopo.analysis import Curves, Estimates, Interval, findings_sections
from attntopo.figures.findings import plot_findings

SHOWN = Estimates(
    "A title",
    "an axis",
    ("first", "second"),
    {
        "one": (Interval(0.5, 0.4, 0.7), Interval(0.2, 0.2, 0.2)),
        "other": (None, Interval(0.3, 0.1, 0.4)),
    },
    chance=0.25,
)


def test_bars_reach_from_end_to_end_of_the_intervals():
    figure = plot_findings(SHOWN)
    one, other, words = figure.data
    assert list(one.x) == [0.5, 0.2]
    assert one.x[0] - one.error_x.arrayminus[0] == pytest.approx(0.4)
    assert one.x[0] + one.error_x.array[0] == pytest.approx(0.7)
    # A mean without an interval has no bar, not one of no width, which would look like certainty.
    assert one.error_x.arrayminus[1] is one.error_x.array[1] is None
    assert list(one.customdata) == ["[0.4, 0.7]", ""]
    assert len(other.x) == 1
    # Both series' marks of the second row lie below its label and above the next.
    labels = dict(zip(words.text, words.y, strict=True))
    assert labels["second"] < one.y[1] < other.y[0] < labels["second"] + 1
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 0.25


def test_axes_have_names():
    for shown in (SHOWN, Curves("A title", "an axis", {"a": (0.1, 0.2)})):
        figure = plot_findings(shown)
        axes = {figure.layout.xaxis.title.text, figure.layout.yaxis.title.text}
        assert "an axis" in axes


def test_what_the_page_shows_is_valid_for_plotly():
    figures = [plot_findings(one) for section in findings_sections() for one in section.figures]
    assert len(figures) > 3
    for figure in figures:
        go.Figure(figure.to_dict())  # validates


@pytest.mark.parametrize("shown", [SHOWN, Curves("A title", "an axis", {"a": (0.1, 0.2)})])
def test_a_long_name_of_an_axis_has_lines_that_a_phone_has_room_for(shown):
    """A phone's chart is some 350 pixels wide, a character of its names at least 6."""
    words = "share of altered versions whose nearest original is their own; the line: by chance"
    short, long = plot_findings(shown), plot_findings(replace(shown, axis=words))
    axes = (long.layout.xaxis.title.text, long.layout.yaxis.title.text)
    (name,) = [text for text in axes if text and "share" in text]
    assert name.replace("<br>", " ") == words
    assert max(map(len, name.split("<br>"))) * 6 < 350
    if isinstance(shown, Estimates):
        assert long.layout.height > short.layout.height
