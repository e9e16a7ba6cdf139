"""Numbers of all layers and heads: heat maps, curves by layer, CROCKER plots."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from attntopo.figures.palette import AXIS_COLOUR, FONT_SIZE, H0_COLOUR, H1_COLOUR, SCALE_COLOUR

CELL_PIXELS = 30
_SEQUENTIAL = "Viridis"
_DIVERGING = "RdBu"
_SIDE_COLOURS = {"A": H0_COLOUR, "B": H1_COLOUR, "A to B": "#117733"}


def plot_heads(
    values: np.ndarray,
    shared: tuple[float, float] | None = None,
    signed: bool = False,
    marked: tuple[int, int] | None = None,
) -> go.Figure:
    """Plot one number of every head as a heat map, layers up and heads across.

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

    Returns
    -------
    plotly.graph_objects.Figure
        Over the cells lie invisible marks at (head, layer): what is selected is read from them,
        for heat maps themselves can't be selected.
    """
    n_layers, n_heads = values.shape
    low, high = shared or _ends(values)
    if signed:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    figure = go.Figure(
        go.Heatmap(
            z=values,
            zmin=low,
            zmax=high if high > low else low + 1e-9,
            colorscale=_DIVERGING if signed else _SEQUENTIAL,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
            colorbar={"thickness": 10, "len": 1.0, "tickformat": ".3~g"},
        )
    )
    layer, head = (index.ravel() for index in np.indices(values.shape))
    figure.add_trace(
        go.Scatter(
            x=head,
            y=layer,
            mode="markers",
            marker={"symbol": "square", "size": CELL_PIXELS - 6, "opacity": 0},
            text=[_in_words(value) for value in values.ravel()],
            hovertemplate="layer %{y}, head %{x}: %{text}<extra></extra>",
            showlegend=False,
        )
    )
    if marked is not None and marked[0] < n_layers and marked[1] < n_heads:
        figure.add_shape(
            type="rect",
            x0=marked[1] - 0.5,
            x1=marked[1] + 0.5,
            y0=marked[0] - 0.5,
            y1=marked[0] + 0.5,
            line={"color": SCALE_COLOUR, "width": 3},
        )
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
    step = max(1, n_heads // 8)
    figure.update_xaxes(title="attention head", dtick=step, range=[-0.5, n_heads - 0.5], **axis)
    step = max(1, n_layers // 12)
    figure.update_yaxes(title="layer", dtick=step, range=[-0.5, n_layers - 0.5], **axis)
    figure.update_layout(height=90 + max(6, n_layers) * CELL_PIXELS * 2 // 3, **_layout())
    figure.update_layout(clickmode="event+select", dragmode=False, hovermode="closest")
    return figure


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
    figure = go.Figure()
    for side, found in values.items():
        colour = _SIDE_COLOURS[side]
        there = np.isfinite(found).any(axis=1)
        layers = np.nonzero(there)[0]
        found = found[there]
        if not len(found):
            continue
        low, high = np.nanmin(found, axis=1), np.nanmax(found, axis=1)
        figure.add_trace(
            go.Scatter(
                x=np.append(layers, layers[::-1]),
                y=np.append(low, high[::-1]),
                fill="toself",
                fillcolor=colour,
                opacity=0.18,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        figure.add_trace(
            go.Scatter(
                x=layers,
                y=np.nanmean(found, axis=1),
                name=f"{side}: mean of the heads",
                line={"color": colour, "width": 2, "dash": "dash" if side == "B" else "solid"},
                hovertemplate=f"layer %{{x}}: %{{y:.4g}}<extra>{side}</extra>",
            )
        )
    axis = {"showgrid": False, "zeroline": False, "linecolor": AXIS_COLOUR, "showline": True}
    n_layers = max((len(found) for found in values.values()), default=1)
    figure.update_xaxes(title="layer", dtick=max(1, n_layers // 12), **axis)
    figure.update_yaxes(title=label, **axis)
    figure.update_layout(height=280, **_layout())
    return figure


def plot_crocker(
    betti: np.ndarray, scales: np.ndarray, scale: float, what: str, largest: float
) -> go.Figure:
    """Plot Betti numbers by scale and layer.

    Parameters
    ----------
    betti : ndarray of float64, shape (n_layers, n_scales)
        From `atlas.crocker`.
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
    figure = go.Figure(
        go.Heatmap(
            x=scales,
            y=np.arange(len(betti)),
            z=np.log1p(betti),
            customdata=betti,
            zmin=0,
            zmax=float(np.log1p(max(1.0, largest))),
            colorscale=_SEQUENTIAL,
            colorbar={
                "thickness": 10,
                "tickvals": np.log1p(ticks).tolist(),
                "ticktext": [str(tick) for tick in ticks],
            },
            hovertemplate=(
                "layer %{y}, scale %{x:.3f}: %{customdata:.1f} " + what + "<extra></extra>"
            ),
        )
    )
    figure.add_vline(x=scale, line_color=SCALE_COLOUR, line_width=2)
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(title="scale", **axis)
    figure.update_yaxes(title="layer", dtick=max(1, len(betti) // 12), **axis)
    figure.update_layout(height=300, **_layout())
    return figure


def shared_ends(*maps: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest value of several maps, 0 to 1 where there is none."""
    return _ends(np.concatenate([values.ravel() for values in maps]))


def _ends(values: np.ndarray) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    return (float(there.min()), float(there.max())) if len(there) else (0.0, 1.0)


def _in_words(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else "not computed yet"


def _layout() -> dict[str, object]:
    return {
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "font": {"size": FONT_SIZE},
    }
