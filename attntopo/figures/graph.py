"""The 1-skeleton in 3D."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from attntopo.figures.palette import hex_colour
from attntopo.figures.tokens import TokenGrid
from attntopo.layout import Layout
from attntopo.skeleton import SINGLE, MergeTree, Skeleton

EDGE_CAP = 3000
"""Edges drawn at most, about: beyond it they are thinned, and the page says so."""


def edges_drawn(skeleton: Skeleton, tree: MergeTree) -> np.ndarray:
    """Choose the edges to draw: all, or some where they are too many.

    Parameters
    ----------
    skeleton : Skeleton
    tree : MergeTree
        Of the same points.

    Returns
    -------
    ndarray of int64, shape (n_drawn, 2)
        If there are more than `EDGE_CAP`: the edges that hold the components together, and every
        k-th of the others, evenly over the filtration.
    """
    edges = skeleton.edges
    if len(edges) <= EDGE_CAP:
        return edges
    merging = tree.edges[tree.lengths <= skeleton.scale]
    n = len(skeleton.leaders)
    chosen = np.isin(edges @ [n, 1], merging @ [n, 1])
    rest = np.nonzero(~chosen)[0]
    chosen[rest[:: -(-len(rest) // (EDGE_CAP - len(merging)))]] = True
    return edges[chosen]


def plot_skeleton(
    skeleton: Skeleton,
    edges: np.ndarray,
    layout: Layout,
    tokens: TokenGrid,
    colour_by: str = "component",
) -> go.Figure:
    """Plot the 1-skeleton in 3D.

    Parameters
    ----------
    skeleton : Skeleton
    edges : ndarray of int64, shape (n_drawn, 2)
        The edges to draw, from `edges_drawn`.
    layout : Layout
        Of the same points; points at NaN aren't drawn.
    tokens : TokenGrid
        What each point is.
    colour_by : {"component", "photo"}
        Nodes in their component's colour, or in their patch's mean colour.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    numbers = skeleton.colours[edges[:, 0]]
    for number in np.unique(numbers):
        figure.add_trace(_edge_trace(layout.positions, edges[numbers == number], int(number)))
    figure.add_trace(_node_trace(skeleton, layout.positions, tokens, colour_by))
    hidden = {"visible": False, "showspikes": False}
    figure.update_layout(
        height=240,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        scene={
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "aspectmode": "data",
            "camera": {"eye": {"x": 1.45, "y": 1.45, "z": 1.0}},
        },
    )
    return figure


def _edge_trace(positions: np.ndarray, edges: np.ndarray, number: int) -> go.Scatter3d:
    # One float32 array with NaN gaps: lists with None take a hundred times as long.
    gapped = np.full((len(edges), 3, 3), np.nan, dtype=np.float32)
    gapped[:, :2] = positions[edges]
    path = gapped.reshape(-1, 3)
    return go.Scatter3d(
        x=path[:, 0],
        y=path[:, 1],
        z=path[:, 2],
        mode="lines",
        line={"color": hex_colour(number), "width": 2.5},
        opacity=0.55,
        hoverinfo="skip",
    )


def _node_trace(
    skeleton: Skeleton, positions: np.ndarray, tokens: TokenGrid, colour_by: str
) -> go.Scatter3d:
    shown = np.nonzero(np.isfinite(positions[:, 0]))[0]
    single = skeleton.colours[shown] == SINGLE
    colours = (
        [f"rgb{tuple(int(part) for part in colour)}" for colour in tokens.mean_colours[shown]]
        if colour_by == "photo"
        else [hex_colour(number) for number in skeleton.colours[shown]]
    )
    sizes = skeleton.sizes[shown]
    text = [
        f"{tokens.names[point]}<br>component of {size}"
        for point, size in zip(shown, sizes, strict=True)
    ]
    x, y, z = positions[shown].astype(np.float32).T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        marker={
            "color": colours,
            "size": np.where(single, 3, 5),
            "line": {"width": 0},
            "opacity": 0.95,
        },
        text=text,
        hovertemplate="%{text}<extra></extra>",
    )
