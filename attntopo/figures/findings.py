"""Results of the studies -> Plotly figures: means with their intervals, and curves by layer."""

from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from attntopo.analysis import Curves, Estimates, Interval
from attntopo.figures import spec
from attntopo.figures.palette import SCALE_COLOUR

# Each has a contrast of 3 and more with light paper and with the dark theme's.
_COLOURS = ("#2585C0", "#D55E00", "#1A9850", "#B5651D", "#A05EB5", "#7F7F7F")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
_DASHES = ("solid", "dash", "dot")
_ROW_PIXELS = 54
_ABOVE, _BELOW = 40, 52  # pixels: the legend, and the axis
_LINE_PIXELS = 18
_AXIS_CHARACTERS = 42  # to a line, which a phone has room for


def plot_findings(shown: Estimates | Curves) -> go.Figure:
    """Plot what a section of `findings_sections` shows.

    Parameters
    ----------
    shown : Estimates or Curves

    Returns
    -------
    plotly.graph_objects.Figure
    """
    return plot_estimates(shown) if isinstance(shown, Estimates) else plot_curves(shown)


def plot_estimates(shown: Estimates) -> go.Figure:
    """Plot means as marks and their intervals as bars, a row below the other.

    Parameters
    ----------
    shown : Estimates

    Returns
    -------
    plotly.graph_objects.Figure
        Each row's label stands above its marks, so that narrow screens have room for both.
    """
    traces = [
        _marks(name, values, k, len(shown.series))
        for k, (name, values) in enumerate(shown.series.items())
    ]
    traces.append(_labels(shown))
    n = len(shown.labels)
    axis = _in_lines(shown.axis)
    layout = _layout(
        _ABOVE + _BELOW + n * _ROW_PIXELS + axis.count("<br>") * _LINE_PIXELS,
        xaxis=spec.plain_axis(
            axis,
            range=list(shown.ends),
            showgrid=True,
            gridcolor="rgba(127,127,127,0.2)",
        ),
        yaxis={"visible": False, "range": [n - 0.5, -0.75], "fixedrange": True},
        shapes=[]
        if shown.chance is None
        else [spec.vertical_line(shown.chance, SCALE_COLOUR) | {"layer": "below"}],
    )
    return spec.figure(traces, layout)


def _marks(
    name: str, values: tuple[Interval | None, ...], number: int, n_series: int
) -> dict[str, Any]:
    """Describe one series; series stand a little below each other in a row."""
    there = [(k, value) for k, value in enumerate(values) if value is not None]
    colour = _COLOURS[number % len(_COLOURS)]
    shift = 0.5 * (number + 0.5) / n_series - 0.08
    return {
        "type": "scatter",
        "name": name,
        "x": [value.mean for _, value in there],
        "y": [k + shift for k, _ in there],
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"color": colour, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_width(value, value.high - value.mean) for _, value in there],
            "arrayminus": [_width(value, value.mean - value.low) for _, value in there],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        "customdata": [_interval_words(value) for _, value in there],
        "hovertemplate": f"%{{x:.3~f}} %{{customdata}}<extra>{name}</extra>",
    }


def _width(value: Interval, width: float) -> float | None:
    """Return no width, rather than 0, for a mean without an interval: 0 would draw a tick."""
    return width if value.low < value.high else None


def _interval_words(value: Interval) -> str:
    return f"[{value.low:.3g}, {value.high:.3g}]" if value.low < value.high else ""


def _labels(shown: Estimates) -> dict[str, Any]:
    """Describe the rows' labels: as text in the colour that the page's theme gives to words."""
    n = len(shown.labels)
    return {
        "type": "scatter",
        "x": [shown.ends[0]] * n,
        "y": [k - 0.36 for k in range(n)],
        "text": list(shown.labels),
        "mode": "text",
        "textposition": "middle right",
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def plot_curves(shown: Curves) -> go.Figure:
    """Plot a value for each layer, a curve a name.

    Parameters
    ----------
    shown : Curves

    Returns
    -------
    plotly.graph_objects.Figure
    """
    traces = [
        {
            "type": "scatter",
            "name": name,
            "x": list(range(len(values))),
            "y": list(values),
            "mode": "lines+markers",
            "line": {"color": _COLOURS[k % len(_COLOURS)], "dash": _DASHES[k % len(_DASHES)]},
            "marker": {"symbol": _SYMBOLS[k % len(_SYMBOLS)], "size": 7},
            "hovertemplate": f"layer %{{x}}: %{{y:.3f}}<extra>{name}</extra>",
        }
        for k, (name, values) in enumerate(shown.curves.items())
    ]
    n_layers = max((len(values) for values in shown.curves.values()), default=1)
    layout = _layout(
        360,
        xaxis=spec.plain_axis("layer", dtick=max(1, n_layers // 12)),
        yaxis=spec.plain_axis(_in_lines(shown.axis), range=[0, 1]),
    )
    return spec.figure(traces, layout)


def _in_lines(axis: str) -> str:
    return "<br>".join(wrap(axis, _AXIS_CHARACTERS))


def _layout(height: int, **options: Any) -> dict[str, Any]:
    """Describe a figure whose title stands above it, on the page: there it wraps on phones."""
    layout = spec.plain_layout(height, **options)
    return layout | {
        "margin": {"l": 8, "r": 14, "t": _ABOVE, "b": 8},
        "showlegend": True,
        "hovermode": "closest",
    }
