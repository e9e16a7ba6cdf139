"""Persistence diagrams and Betti curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.diagrams import Matching, betti_curve, checked_points
from attntopo.figures import spec
from attntopo.figures.palette import AXIS_COLOUR, H0_COLOUR, H1_COLOUR, INK, SCALE_COLOUR
from attntopo.topology import Diagrams

_DIMENSIONS = (
    (0, "H0: components", H0_COLOUR, "circle"),
    (1, "H1: loops", H1_COLOUR, "diamond"),
)


def plot_diagrams(
    diagrams: Diagrams, scale: float, end: float, selected: tuple[int, int] | None = None
) -> go.Figure:
    """Plot the persistence diagrams in H0 and H1.

    Parameters
    ----------
    diagrams : Diagrams
    scale : float
        The bars alive at this scale lie in the quadrant above and left of the red corner.
    end : float
        Where both axes end; the infinite bar is drawn above, on a line of its own.
    selected : tuple of int, optional
        Dimension and number of a bar that is ringed.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    infinity = 1.07 * end
    traces = [
        _line([0, end], [0, end], AXIS_COLOUR, "solid"),
        _line([0, end], [infinity, infinity], AXIS_COLOUR, "dot"),
        _line([0, scale, scale], [scale, scale, infinity], SCALE_COLOUR, "solid"),
        *(_legend_mark(*what) for what in _DIMENSIONS),
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
                "marker": {"color": colour, "symbol": symbol, "size": 7, "opacity": 0.55},
                "legendgroup": name,
                "showlegend": False,
                "hovertemplate": (
                    f"{name}<br>birth %{{x:.4f}}<br>death %{{customdata}}<extra></extra>"
                ),
            }
        )
    if selected is not None:
        birth, death = diagrams[selected[0]][selected[1]].tolist()
        traces.append(spec.ring(birth, min(death, infinity)))
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


def plot_matching(
    first: Diagrams,
    second: Diagrams,
    dimension: int,
    matching: Matching,
    end: float,
    selected: int | None = None,
) -> go.Figure:
    """Plot a matching between two diagrams.

    Parameters
    ----------
    first, second : Diagrams
        Of photo A (filled marks) and photo B (hollow ones).
    dimension : int
        1: both diagrams on the same axes, each bar joined with its partner, or with the diagonal.
        0, where all bars are born at 0: the deaths of A and of B on two axes; a short line goes to
        a bar without partner.
    matching : Matching
    end : float
        Where the axes end.
    selected : int, optional
        Number of a pair that stands out, as the largest step does.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    ends = _ends_on_axes if dimension == 0 else _ends_in_plane
    lines = ends(first[dimension], second[dimension], matching.pairs, 1.07 * end)
    stand = [k for k in dict.fromkeys((matching.attaining, selected)) if k is not None and k >= 0]
    traces = [_joined(lines, AXIS_COLOUR, 1.2), _joined(lines[stand], SCALE_COLOUR, 3.0)]
    _, _, colour, symbol = _DIMENSIONS[dimension]
    markers: tuple[dict[str, Any], ...] = (
        {"color": colour, "symbol": symbol, "size": 8},
        {"color": INK, "symbol": f"{symbol}-open", "size": 9},
    )
    for k, (name, marker) in enumerate(zip("AB", markers, strict=True)):
        there = lines[matching.pairs[:, k] >= 0, k]
        traces.append(
            {
                "type": "scatter",
                "x": there[:, 0],
                "y": there[:, 1],
                "mode": "markers",
                "name": name,
                "marker": marker,
                "hovertemplate": f"{name}<br>death %{{y:.4f}}<extra></extra>",
            }
        )
    if dimension == 0:
        across = spec.plain_axis(
            "", range=[-0.4, 1.4], tickvals=[0, 1], ticktext=["A", "B"], showline=False
        )
        up = spec.plain_axis("death", range=[-0.03 * end, 1.14 * end])
    else:
        traces.insert(0, _line([0, end], [0, end], AXIS_COLOUR, "solid"))
        across = spec.plain_axis("birth", range=[-0.03 * end, end], constrain="domain")
        up = spec.plain_axis(
            "death", range=[-0.03 * end, 1.14 * end], scaleanchor="x", constrain="domain"
        )
    return spec.figure(traces, spec.plain_layout(380, xaxis=across, yaxis=up))


def _ends_in_plane(a: np.ndarray, b: np.ndarray, pairs: np.ndarray, infinity: float) -> np.ndarray:
    """Return where each pair's bars are, (n_pairs, 2, 2): side, then birth and death."""
    ends = np.stack([_picked(a, pairs[:, 0], infinity), _picked(b, pairs[:, 1], infinity)], axis=1)
    for k in (0, 1):
        alone = pairs[:, k] < 0
        ends[alone, k] = ends[alone, 1 - k].mean(axis=1)[:, None]  # the nearest of the diagonal
    return ends


def _ends_on_axes(a: np.ndarray, b: np.ndarray, pairs: np.ndarray, infinity: float) -> np.ndarray:
    """Return the same on two axes of deaths: 0 for A, 1 for B."""
    ends = np.stack([_picked(a, pairs[:, 0], infinity), _picked(b, pairs[:, 1], infinity)], axis=1)
    ends[:, :, 0] = (0, 1)
    for k, short in ((0, 0.85), (1, 0.15)):
        alone = pairs[:, k] < 0
        ends[alone, k, 0] = short
        ends[alone, k, 1] = ends[alone, 1 - k, 1]
    return ends


def _picked(bars: np.ndarray, numbers: np.ndarray, infinity: float) -> np.ndarray:
    """Return bars by number, those that never die at a height of their own; 0 for none."""
    points = np.vstack([bars, np.zeros((1, 2))])[numbers]
    return np.where(np.isinf(points), infinity, points)


def _joined(lines: np.ndarray, colour: str, width: float) -> dict[str, Any]:
    """Describe lines (n, 2, 2) as one trace, with gaps between them."""
    gapped = np.full((len(lines), 3, 2), np.nan)
    gapped[:, :2] = lines
    x, y = gapped.reshape(-1, 2).T
    return {**_line([], [], colour, "solid"), "x": x, "y": y} | {
        "line": {"color": colour, "width": width}
    }


def _legend_mark(_dimension: int, name: str, colour: str, symbol: str) -> dict[str, Any]:
    """Describe a legend's entry in full colour: marks that lie on each other are translucent."""
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "marker": {"color": colour, "symbol": symbol, "size": 9},
    }


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
