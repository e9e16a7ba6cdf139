"""Clustered photos -> a heat map of their distances with its tree, and the tree alone."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.analysis import Clustering
from attntopo.figures import spec
from attntopo.figures.axes import BARE_AXIS
from attntopo.figures.palette import FONT_SIZE, OTHER_COLOUR
from attntopo.figures.photo_marks import placed, shortened, told_apart

_ROW_PIXELS, _MANY_ROW_PIXELS = 24, 15
_FEW = 100  # photos
_HEAT_SHARE = 0.84  # of the height; the tree has the rest


def plot_clustered(
    distances: np.ndarray,
    clustering: Clustering,
    names: Sequence[str],
    thumbnails: Sequence[str],
    label: str = "",
) -> go.Figure:
    """Plot distances as a heat map in the order of a tree, which stands above it.

    Parameters
    ----------
    distances : ndarray of float64, shape (n_photos, n_photos)
    clustering : Clustering
        Of the same distances.
    names, thumbnails : sequence of str
        Of the photos; the latter from `thumbnail_url`.
    label : str
        Of the distance.

    Returns
    -------
    plotly.graph_objects.Figure
        With the photos along both axes, larger than their cells where there are many: in several
        rows then, one after the other.
    """
    n, order = len(order_of := clustering.order.tolist()), clustering.order
    labels = told_apart(names)
    shown = [labels[k] for k in order_of]
    heat = {
        "type": "heatmap",
        "x": shown,
        "y": shown,
        "z": distances[np.ix_(order, order)],
        "colorscale": "Viridis",
        # Beneath: a phone has no width to spare.
        "colorbar": {
            "orientation": "h",
            "thickness": 10,
            "y": 0,
            "yanchor": "top",
            "tickformat": "~g",
            "title": {"text": label, "side": "bottom"},
        },
        "hovertemplate": "%{x}<br>%{y}<br>%{z:.4g}<extra></extra>",
    }
    rows = min(5, ceil(n / 25))  # of pictures, each as many cells wide
    strip, height = rows * rows, 530 + min(240, 4 * n)
    images = []
    for place, photo in enumerate(order_of):
        beside = -0.5 - rows * (place % rows + 0.5)
        for at in ((place, beside), (beside, place)):
            images.append(placed(thumbnails[photo], at, (rows * 0.96, rows * 0.96)))
    ends = [-0.5 - strip, n - 0.5]
    layout = spec.plain_layout(
        height,
        images=images,
        xaxis={"type": "category", "range": ends, **BARE_AXIS},
        yaxis={
            "type": "category",
            "range": ends[::-1],
            "domain": [0, _HEAT_SHARE],
            **BARE_AXIS,
        },
        xaxis2={"range": ends, "overlaying": "x", "anchor": "y2", **BARE_AXIS},
        yaxis2=spec.plain_axis(
            "",
            domain=[_HEAT_SHARE + 0.01, 1],
            fixedrange=True,
            nticks=3,
            rangemode="tozero",
            automargin=True,
        ),
    )
    across, up = branches(clustering)
    return spec.figure([heat, _tree(across, up, xaxis="x2", yaxis="y2")], layout)


def branches(clustering: Clustering) -> tuple[list[float | None], list[float | None]]:
    """Return the lines of a tree: along the leaves, which lie at 0, 1, … in order, and the height.

    Parameters
    ----------
    clustering : Clustering

    Returns
    -------
    tuple of list
        Each step has four points and None after them: up from the left group, across, and down.
    """
    n = len(clustering.order)
    places = np.argsort(clustering.order).astype(float).tolist()
    heights = [0.0] * n
    along: list[float | None] = []
    up: list[float | None] = []
    for first, second, height, _ in clustering.steps.tolist():
        one, other = int(first), int(second)
        along += [places[one], places[one], places[other], places[other], None]
        up += [heights[one], height, height, heights[other], None]
        places.append((places[one] + places[other]) / 2)
        heights.append(height)
    return along, up


def _tree(x: list[float | None], y: list[float | None], **axes: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": OTHER_COLOUR, "width": 1.5, "shape": "linear"},
        "hoverinfo": "skip",
        "showlegend": False,
        **axes,
    }


def plot_tree(
    clustering: Clustering, names: Sequence[str], thumbnails: Sequence[str], label: str
) -> go.Figure:
    """Plot the tree of a clustering from left to right, a photo a row.

    Parameters
    ----------
    clustering : Clustering
    names, thumbnails : sequence of str
    label : str
        Of the distance.

    Returns
    -------
    plotly.graph_objects.Figure
        It grows with the number of photos.
    """
    n, order = len(clustering.order), clustering.order.tolist()
    along, up = branches(clustering)
    top = float(clustering.steps[:, 2].max(initial=0.0)) or 1.0
    row = _ROW_PIXELS if n <= _FEW else _MANY_ROW_PIXELS
    # The pictures and names have almost half of the width, in a unit of their own.
    images = [
        placed(thumbnails[photo], (0.12, place), (0.22, 0.92), xref="x2")
        for place, photo in enumerate(order)
    ]
    written = {
        "type": "scatter",
        "x": [0.26] * n,
        "y": list(range(n)),
        "mode": "text",
        "text": [shortened(names[photo]) for photo in order],
        "textposition": "middle right",
        "textfont": {"size": min(FONT_SIZE, row - 3)},
        "hovertext": [names[photo] for photo in order],
        "hoverinfo": "text",
        "showlegend": False,
        "xaxis": "x2",
    }
    title = {"title": {"text": label}, "side": "top"}
    layout = spec.plain_layout(
        70 + row * n,
        images=images,
        xaxis={
            **spec.plain_axis("", range=[1.02 * top, 0], domain=[0, 0.53], fixedrange=True),
            **title,
        },
        xaxis2={"range": [0, 1], "domain": [0.54, 1], "anchor": "y", **BARE_AXIS},
        yaxis={"range": [n - 0.5, -0.5], **BARE_AXIS},
    )
    layout["margin"] = {**layout["margin"], "t": 60}
    return spec.figure([_tree(up, along), written], layout)
