"""The 1-skeleton in 3D."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.figures import spec
from attntopo.figures.palette import colour_scale, hex_colour
from attntopo.figures.tokens import TokenGrid
from attntopo.links import CAMERA
from attntopo.topology import SINGLE, Layout, MergeTree, Skeleton

EDGE_CAP = 3000
"""Edges drawn at most, about: beyond it they are thinned, and the page says so."""


_EYE_DISTANCE = 2.3  # in radii of what is drawn


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
    camera: str = CAMERA,
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
    camera : str
        Turn, tilt and zoom as a link has them: it is looked at as on the Compare page.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    numbers = skeleton.colours[edges[:, 0]]
    # A trace a colour: the browser takes a second for a colour of its own at each end.
    edge_traces = [
        _edge_trace(layout.positions, edges[numbers == number], int(number))
        for number in np.unique(numbers)
    ]
    hidden = {"visible": False, "showspikes": False}
    ratio = _aspect(layout.positions)
    return spec.figure(
        [*edge_traces, _node_trace(skeleton, layout.positions, tokens, colour_by)],
        {
            "height": 240,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "scene": {
                "xaxis": hidden,
                "yaxis": hidden,
                "zaxis": hidden,
                "aspectmode": "manual",
                "aspectratio": dict(zip("xyz", ratio.tolist(), strict=True)),
                "camera": _plotly_camera(camera, float(np.linalg.norm(ratio)) / 2),
            },
        },
    )


def _aspect(positions: np.ndarray) -> np.ndarray:
    """Return how long the three axes are for equal units, the longest 1."""
    lengths = np.nan_to_num(np.nanmax(positions, axis=0) - np.nanmin(positions, axis=0))
    return np.maximum(lengths / max(float(lengths.max()), 1e-12), 1e-3)


def _plotly_camera(camera: str, radius: float) -> dict[str, Any]:
    """Return the linked view's camera as Plotly's, which fills the frame at a zoom of 1.

    The linked view draws the first axis upwards in its boxes, which are tall on most screens.
    """
    turn, tilt, zoom = map(float, camera.split(","))
    across = np.array([np.sin(turn), np.cos(turn)])
    away = np.array([np.sin(tilt), *(across * np.cos(tilt))])
    up = np.array([np.cos(tilt), *(-across * np.sin(tilt))])
    eye = -_EYE_DISTANCE * radius / zoom * away
    return {
        name: dict(zip("xyz", vector.tolist(), strict=True))
        for name, vector in (("eye", eye), ("up", up))
    }


def _edge_trace(positions: np.ndarray, edges: np.ndarray, number: int) -> dict[str, Any]:
    # One float32 array with NaN gaps: lists with None take a hundred times as long.
    gapped = np.full((len(edges), 3, 3), np.nan, dtype=np.float32)
    gapped[:, :2] = positions[edges]
    x, y, z = gapped.reshape(-1, 3).T
    return {
        "type": "scatter3d",
        "x": x,
        "y": y,
        "z": z,
        "mode": "lines",
        "line": {"color": hex_colour(number), "width": 2.5},
        "opacity": 0.55,
        "hoverinfo": "skip",
    }


def _node_trace(
    skeleton: Skeleton, positions: np.ndarray, tokens: TokenGrid, colour_by: str
) -> dict[str, Any]:
    shown = np.nonzero(np.isfinite(positions[:, 0]))[0]
    numbers = skeleton.colours[shown]
    colours: dict[str, Any] = {"color": numbers.astype(np.int8), **colour_scale()}
    if colour_by == "photo":
        means = tokens.mean_colours[shown].tolist()
        colours = {"color": np.array([f"rgb{tuple(colour)}" for colour in means])}
    text = [
        f"{tokens.names[point]}<br>component of {size}"
        for point, size in zip(shown.tolist(), skeleton.sizes[shown].tolist(), strict=True)
    ]
    x, y, z = positions[shown].astype(np.float32).T
    return {
        "type": "scatter3d",
        "x": x,
        "y": y,
        "z": z,
        "mode": "markers",
        "marker": {
            **colours,
            "size": np.where(numbers == SINGLE, 3, 5),
            "line": {"width": 0},
            "opacity": 0.95,
        },
        "text": np.array(text),
        "hovertemplate": "%{text}<extra></extra>",
    }
