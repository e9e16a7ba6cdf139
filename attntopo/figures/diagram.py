"""Persistence diagrams and Betti curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.diagrams import betti_curve, checked_points
from attntopo.figures import spec
from attntopo.figures.palette import AXIS_COLOUR, H0_COLOUR, H1_COLOUR, SCALE_COLOUR
from attntopo.topology import Diagrams

_DIMENSIONS = (
    (0, "H0: components", H0_COLOUR, "circle"),
    (1, "H1: loops", H1_COLOUR, "diamond"),
)


def plot_diagrams(diagrams: Diagrams, scale: float, end: float) -> go.Figure:
    """Plot the persistence diagrams in H0 and H1.

    Parameters
    ----------
    diagrams : Diagrams
    scale : float
        The bars alive at this scale lie in the quadrant above and left of the red corner.
    end : float
        Where both axes end; the infinite bar is drawn above, on a line of its own.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    infinity = 1.07 * end
    traces = [
        _line([0, end], [0, end], AXIS_COLOUR, "solid"),
        _line([0, end], [infinity, infinity], AXIS_COLOUR, "dot"),
        _line([0, scale, scale], [scale, scale, infinity], SCALE_COLOUR, "solid"),
    ]
    for dimension, name, colour, symbol in _DIMENSIONS:
        points = checked_points(diagrams[dimension])
        deaths = np.where(np.isinf(points[:, 1]), infinity, points[:, 1])
        shown = [("∞" if np.isinf(death) else f"{death:.4f}") for death in points[:, 1].tolist()]
        traces.append(
            {
                "type": "scatter",
                "x": points[:, 0],
                "y": deaths,
                "mode": "markers",
                "name": name,
                "customdata": np.array(shown),
                "marker": {"color": colour, "symbol": symbol, "size": 7, "opacity": 0.45},
                "hovertemplate": (
                    f"{name}<br>birth %{{x:.4f}}<br>death %{{customdata}}<extra></extra>"
                ),
            }
        )
    low = -0.03 * end
    return spec.figure(
        traces,
        spec.plain_layout(
            400,
            annotations=[
                {
                    "x": end,
                    "y": infinity,
                    "text": "never dies",
                    "yshift": 9,
                    "xshift": -30,
                    "showarrow": False,
                }
            ],
            xaxis=spec.plain_axis("birth", range=[low, end], constrain="domain"),
            yaxis=spec.plain_axis(
                "death", range=[low, 1.14 * end], scaleanchor="x", constrain="domain"
            ),
        ),
    )


def plot_betti_curves(
    first: Diagrams,
    second: Diagrams,
    dimension: int,
    scales: Sequence[float],
    end: float,
    names: tuple[str, str],
) -> go.Figure:
    """Plot the number of components, or of loops, against the scale.

    Parameters
    ----------
    first, second : Diagrams
        Of photo A (solid) and photo B (dashed).
    dimension : int
        0 for components, 1 for loops.
    scales : sequence of float
        A vertical line stands at each.
    end : float
        Largest scale.
    names : tuple of str
        What to call A and B.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    _, title, colour, _ = _DIMENSIONS[dimension]
    both = [diagrams[dimension] for diagrams in (first, second)]
    places = [np.unique([0.0, end, *bars[bars < end]]) for bars in both]  # where the curve steps
    traces = [
        {
            "type": "scatter",
            "x": steps,
            "y": betti_curve(bars, steps),
            "name": name,
            "line": {"color": colour, "dash": dash, "width": 2, "shape": "hv"},
            "hovertemplate": "scale %{x:.5f}: %{y}<extra>" + name + "</extra>",
        }
        for bars, steps, name, dash in zip(both, places, names, ("solid", "dash"), strict=True)
    ]
    return spec.figure(
        traces,
        spec.plain_layout(
            230,
            shapes=[spec.vertical_line(scale, SCALE_COLOUR) for scale in sorted({*scales})],
            xaxis=spec.plain_axis("scale", range=[0, end]),
            yaxis=spec.plain_axis(title, rangemode="tozero"),
        ),
    )


def _line(x: list[float], y: list[float], colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": colour, "dash": dash, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }
