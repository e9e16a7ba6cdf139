"""From plain dictionaries to a Plotly figure, fast: a slider move draws eight of them.

Plotly's objects are made here alone. Plotly asks for pandas' classes as soon as another thread has
begun to load pandas, when they aren't there yet: so all of it is loaded first.
"""

from contextlib import suppress
from importlib import import_module
from typing import Any

import plotly.graph_objects as go

from attntopo.figures.palette import AXIS_COLOUR, FONT_SIZE, SCALE_COLOUR


def figure(traces: list[dict[str, Any]], layout: dict[str, Any]) -> go.Figure:
    """Make a figure without validating it, which takes ten times as long as all the rest.

    Parameters
    ----------
    traces : list of dict
        Each with its `type`.
    layout : dict

    Returns
    -------
    plotly.graph_objects.Figure
        What it is made of is validated in the tests instead.
    """
    _load_pandas()
    # Without a template of its own: the page's theme, or the browser's defaults, do.
    return go.Figure({"data": traces, "layout": {"template": {}, **layout}}, _validate=False)


def validated_figure(traces: list[Any], layout: dict[str, Any]) -> go.Figure:
    """Make a figure of traces that Plotly checks, with its own template.

    Parameters
    ----------
    traces : list
        From `scatter` and `heatmap`.
    layout : dict

    Returns
    -------
    plotly.graph_objects.Figure
    """
    _load_pandas()
    return go.Figure(traces, layout)


def scatter(**options: Any) -> go.Scatter:
    """Make a trace of points or lines."""
    _load_pandas()
    return go.Scatter(**options)


def heatmap(**options: Any) -> go.Heatmap:
    """Make a trace of coloured cells."""
    _load_pandas()
    return go.Heatmap(**options)


def _load_pandas() -> None:
    with suppress(ImportError):
        import_module("pandas")


def plain_axis(title: str, **options: Any) -> dict[str, Any]:
    """Describe an axis with a line and without a grid."""
    return {
        "title": {"text": title},
        "showgrid": False,
        "zeroline": False,
        "linecolor": AXIS_COLOUR,
        "showline": True,
        **options,
    }


def plain_layout(height: int, **options: Any) -> dict[str, Any]:
    """Describe what the flat figures have in common: margins, legend above, font."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "font": {"size": FONT_SIZE},
        "dragmode": False,
        **options,
    }


def vertical_line(x: float, colour: str) -> dict[str, Any]:
    """Describe a line over the whole height, as a shape."""
    return {
        "type": "line",
        "xref": "x",
        "yref": "y domain",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 2},
    }


def ring(x: float, y: float) -> dict[str, Any]:
    """Return a trace that marks what is selected, around its mark."""
    marker = {"symbol": "circle-open", "size": 16, "color": SCALE_COLOUR, "line": {"width": 3}}
    return {
        "type": "scatter",
        "x": [x],
        "y": [y],
        "mode": "markers",
        "name": "selected",
        "marker": marker,
        "hoverinfo": "skip",
        "showlegend": False,
    }
