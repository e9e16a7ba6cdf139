"""Numbers of all layers and heads -> heat maps, curves by layer, CROCKER plots."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.figures import spec
from attntopo.figures.palette import SCALE_COLOUR

CELL_PIXELS = 30
# Each has a contrast of 3.7 and more with light paper, and of 4.6 and more with the dark theme's.
_SIDE_COLOURS = {"A": "#2585C0", "B": "#D55E00", "A to B": "#1A9850"}
_HEAT_AXIS = {"showgrid": False, "zeroline": False, "fixedrange": True}


def plot_heads(
    values: np.ndarray,
    shared: tuple[float, float] | None = None,
    signed: bool = False,
    marked: tuple[int, int] | None = None,
    ticked: float | None = None,
) -> go.Figure:
    """Plot one number of every head as a heat map, layers down and heads across.

    Parameters
    ----------
    values : ndarray of float64, shape (n_layers, n_heads)
        NaN where there is no value yet: left empty.
    shared : tuple of float, optional
        Ends of the colour scale, where several maps share it.
    signed : bool
        Whether 0 is the middle of the colours, for differences.
    marked : tuple of int, optional
        Layer and head to outline.
    ticked : float, optional
        From which value on a cell is ticked.

    Returns
    -------
    plotly.graph_objects.Figure
        Over the cells lie invisible marks at (head, layer): what is selected is read from them,
        for heat maps themselves can't be selected.
    """
    n_layers, n_heads = values.shape
    low, high = shared or shared_ends(values)
    if signed:
        high = max(abs(low), abs(high))
        low = -high
    heat = spec.heatmap(
        z=values,
        zmin=low,
        zmax=high if high > low else low + 1e-9,
        colorscale="RdBu" if signed else "Viridis",
        xgap=1,
        ygap=1,
        hoverinfo="skip",
        colorbar={"thickness": 10, "len": 1.0, "tickformat": ".3~g"},
    )
    inside = marked is not None and marked[0] < n_layers and marked[1] < n_heads
    layout = spec.plain_layout(
        90 + max(6, n_layers) * CELL_PIXELS * 2 // 3,
        clickmode="event+select",
        hovermode="closest",
        shapes=[_outline(*marked)] if marked and inside else [],
        xaxis=_cell_axis("attention head", n_heads, max(1, n_heads // 8)),
        yaxis=_cell_axis("layer", n_layers, max(1, n_layers // 12), down=True),
    )
    ticks = [] if ticked is None else [_ticks(values, ticked)]
    return spec.validated_figure([heat, *ticks, _invisible_marks(values)], layout)


def _ticks(values: np.ndarray, least: float) -> go.Scatter:
    layer, head = np.nonzero(values >= least)
    return spec.scatter(
        x=head,
        y=layer,
        mode="text",
        text=["✓"] * len(head),
        textfont={"color": "#000000", "size": 13},  # on the brightest colour
        hoverinfo="skip",
        showlegend=False,
    )


def _cell_axis(title: str, n_cells: int, step: int, *, down: bool = False) -> dict[str, Any]:
    ends = [n_cells - 0.5, -0.5] if down else [-0.5, n_cells - 0.5]
    return {"title": title, "dtick": step, "range": ends, **_HEAT_AXIS}


def _outline(layer: int, head: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": head - 0.5,
        "x1": head + 0.5,
        "y0": layer - 0.5,
        "y1": layer + 0.5,
        "line": {"color": SCALE_COLOUR, "width": 3},
    }


def _invisible_marks(values: np.ndarray) -> go.Scatter:
    layer, head = (index.ravel() for index in np.indices(values.shape))
    return spec.scatter(
        x=head,
        y=layer,
        mode="markers",
        marker={"symbol": "square", "size": CELL_PIXELS - 6, "opacity": 0},
        text=[
            f"{value:.4g}" if np.isfinite(value) else "not computed yet" for value in values.flat
        ],
        hovertemplate="layer %{y}, head %{x}: %{text}<extra></extra>",
        showlegend=False,
    )


def plot_by_layer(values: dict[str, np.ndarray], label: str) -> go.Figure:
    """Plot the mean over a layer's heads, with their spread from least to largest.

    Parameters
    ----------
    values : dict of str to ndarray of float64, shape (n_layers, n_heads)
        By side: "A", "B", or "A to B".
    label : str
        Of the number.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    traces = [
        trace
        for side, of_side in values.items()
        if np.isfinite(of_side).any()
        for trace in _band_and_mean(side, of_side)
    ]
    n_layers = max((len(of_side) for of_side in values.values()), default=1)
    layout = spec.plain_layout(
        280,
        dragmode="zoom",
        xaxis=spec.plain_axis("layer", dtick=max(1, n_layers // 12)),
        yaxis=spec.plain_axis(label),
    )
    return spec.validated_figure(traces, layout)


def _band_and_mean(side: str, values: np.ndarray) -> tuple[go.Scatter, go.Scatter]:
    """Draw the layers of which there is a value; nothing leads over those between."""
    known = np.nonzero(np.isfinite(values).any(axis=1))[0]
    means = np.full(len(values), np.nan)
    means[known] = np.nanmean(values[known], axis=1)
    outlines = [
        _band(run, values) for run in np.split(known, np.nonzero(np.diff(known) > 1)[0] + 1)
    ]
    band = spec.scatter(
        x=[layer for outline in outlines for layer in (*outline[0], None)][:-1],
        y=[value for outline in outlines for value in (*outline[1], None)][:-1],
        fill="toself",
        fillcolor=_SIDE_COLOURS[side],
        opacity=0.35,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    mean = spec.scatter(
        x=np.arange(len(values)),
        y=means,
        mode="lines+markers",  # a layer between two without a value is a dot
        marker={"size": 5},
        name=f"{side}: mean of the heads",
        line={
            "color": _SIDE_COLOURS[side],
            "width": 3,
            "dash": "dash" if side == "B" else "solid",
        },
        hovertemplate=f"layer %{{x}}: %{{y:.4g}}<extra>{side}</extra>",
    )
    return band, mean


def _band(layers: np.ndarray, values: np.ndarray) -> tuple[list[int], list[float]]:
    """Go along the least values of some layers, and back along the greatest."""
    low, high = np.nanmin(values[layers], axis=1), np.nanmax(values[layers], axis=1)
    return [*layers.tolist(), *layers[::-1].tolist()], [*low.tolist(), *high[::-1].tolist()]


def plot_crocker(
    betti: np.ndarray, scales: np.ndarray, scale: float, what: str, largest: float
) -> go.Figure:
    """Plot Betti numbers by scale and layer, layers down.

    Parameters
    ----------
    betti : ndarray of float64, shape (n_layers, n_scales)
        From `analysis.crocker`.
    scales : ndarray of float64, shape (n_scales,)
    scale : float
        The chosen scale, at which a line stands.
    what : str
        "components" or "loops".
    largest : float
        End of the colour scale, shared by A and B.

    Returns
    -------
    plotly.graph_objects.Figure
        Colours go by the logarithm of 1 + the Betti number: few and many are told apart alike.
    """
    ticks = np.array([0, 1, 3, 10, 30, 100, 300, 1000])
    ticks = ticks[ticks <= max(1.0, largest)]
    heat = spec.heatmap(
        x=scales,
        y=np.arange(len(betti)),
        z=np.log1p(betti),
        customdata=betti,
        zmin=0,
        zmax=float(np.log1p(max(1.0, largest))),
        colorscale="Viridis",
        colorbar={
            "thickness": 10,
            "tickvals": np.log1p(ticks).tolist(),
            "ticktext": [str(tick) for tick in ticks],
        },
        hovertemplate="layer %{y}, scale %{x:.3f}: %{customdata:.1f} " + what + "<extra></extra>",
    )
    layout = spec.plain_layout(
        300,
        dragmode="zoom",
        shapes=[spec.vertical_line(scale, SCALE_COLOUR)],
        xaxis={"title": "scale", **_HEAT_AXIS},
        yaxis={
            "title": "layer",
            "dtick": max(1, len(betti) // 12),
            "range": [len(betti) - 0.5, -0.5],
            **_HEAT_AXIS,
        },
    )
    return spec.validated_figure([heat], layout)


def shared_ends(*maps: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest value of several maps, 0 to 1 where there is none."""
    values = np.concatenate([each.ravel() for each in maps])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
