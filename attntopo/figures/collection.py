"""Distances between many photos -> a clustered heat map, a tree, a map, and rows of neighbours."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.analysis import Clustering
from attntopo.figures import spec
from attntopo.figures.palette import AXIS_COLOUR, FONT_SIZE, SCALE_COLOUR
from attntopo.figures.photo_marks import placed, shortened, told_apart
from attntopo.topology import Layout

# Each has a contrast of 3.7 and more with light paper, and of 4.6 and more with the dark theme's.
GROUP_COLOURS = ("#2585C0", "#D55E00")
_OTHER_COLOUR = "#8B8E96"
_SYMBOLS = ("circle", "diamond")
_ROW_PIXELS, _MANY_ROW_PIXELS = 24, 15
_FEW = 100  # photos
_BARE_AXIS = {
    "showgrid": False,
    "zeroline": False,
    "showticklabels": False,
    "ticks": "",
    "fixedrange": True,
}
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
        xaxis={"type": "category", "range": ends, **_BARE_AXIS},
        yaxis={
            "type": "category",
            "range": ends[::-1],
            "domain": [0, _HEAT_SHARE],
            **_BARE_AXIS,
        },
        xaxis2={"range": ends, "overlaying": "x", "anchor": "y2", **_BARE_AXIS},
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
        "line": {"color": _OTHER_COLOUR, "width": 1.5, "shape": "linear"},
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
        xaxis2={"range": [0, 1], "domain": [0.54, 1], "anchor": "y", **_BARE_AXIS},
        yaxis={"range": [n - 0.5, -0.5], **_BARE_AXIS},
    )
    layout["margin"] = {**layout["margin"], "t": 60}
    return spec.figure([_tree(up, along), written], layout)


def plot_map(
    layout: Layout,
    names: Sequence[str],
    thumbnails: Sequence[str],
    groups: tuple[Sequence[int], Sequence[int]] = ((), ()),
    group_names: tuple[str, str] = ("first group", "second group"),
) -> go.Figure:
    """Plot a map of photos: near each other where their distances are small.

    Parameters
    ----------
    layout : Layout
        In the plane, from `map_photos`.
    names, thumbnails : sequence of str
    groups : tuple of sequence of int
        Photos that stand out, in two ways.
    group_names : tuple of str

    Returns
    -------
    plotly.graph_objects.Figure
        A lasso selects photos: each mark has its photo's number as `customdata`. Both axes have
        the same unit, and no meaning.
    """
    positions, n = layout.positions, len(names)
    member = {photo: k for k, group in enumerate(groups) for photo in group}
    span = float(np.ptp(positions, axis=0).max(initial=0.0)) or 1.0
    size = float(np.clip(1.2 * _apart(positions), 0.06 * span, 0.13 * span))
    traces = []
    for k in (None, 0, 1):
        photos = [photo for photo in range(n) if member.get(photo) == k]
        if photos:
            traces.append(_marks(photos, positions, names, k, group_names))
    images = [
        placed(url, (x, y + 0.06 * size), (size, size), yanchor="bottom", opacity=0.92)
        for url, (x, y) in zip(thumbnails, positions.tolist(), strict=True)
    ]
    low, high = positions.min(axis=0, initial=0.0), positions.max(axis=0, initial=0.0)
    bare = {name: value for name, value in _BARE_AXIS.items() if name != "fixedrange"}
    described = spec.plain_layout(
        520,
        images=images,
        clickmode="event+select",
        hovermode="closest",
        xaxis={"range": [low[0] - size, high[0] + size], **bare},
        yaxis={
            "range": [low[1] - size / 2, high[1] + 1.4 * size],
            "scaleanchor": "x",
            **bare,
        },
    )
    # A click on the legend would hide a group.
    still = {"itemclick": False, "itemdoubleclick": False}
    legend = described["legend"] | still
    return spec.figure(traces, described | {"dragmode": "lasso", "legend": legend})


def _apart(positions: np.ndarray) -> float:
    """Return how far apart neighbours on a map are: the median; 0 of one photo."""
    from scipy.spatial.distance import pdist, squareform

    apart = squareform(pdist(positions))
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1, initial=np.inf)
    return float(np.median(nearest)) if len(positions) > 1 else 0.0


def _marks(
    photos: list[int],
    positions: np.ndarray,
    names: Sequence[str],
    group: int | None,
    group_names: tuple[str, str],
) -> dict[str, Any]:
    look = {"color": _OTHER_COLOUR, "symbol": "circle", "size": 7}
    if group is not None:
        look = {"color": GROUP_COLOURS[group], "symbol": _SYMBOLS[group], "size": 12}
    return {
        "type": "scatter",
        "x": positions[photos, 0].tolist(),
        "y": positions[photos, 1].tolist(),
        "mode": "markers",
        "name": "" if group is None else group_names[group],
        "customdata": photos,
        "hovertext": [names[photo] for photo in photos],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": look,
        "selected": {"marker": {"color": SCALE_COLOUR, "size": 13}},
        "unselected": {"marker": {"opacity": 0.6}},
        "showlegend": group is not None,
    }


def plot_neighbours(
    rows: Mapping[str, Sequence[tuple[int, float]]],
    names: Sequence[str],
    thumbnails: Sequence[str],
) -> go.Figure:
    """Plot the nearest photos of one photo, a row for each of several distances.

    Parameters
    ----------
    rows : mapping of str to sequence of tuple
        By the distance's label: the nearest photos and how far they are, the nearest first.
    names, thumbnails : sequence of str

    Returns
    -------
    plotly.graph_objects.Figure
    """
    most = max((len(row) for row in rows.values()), default=1)
    images, written = [], []
    for down, (label, row) in enumerate(rows.items()):
        written.append((-0.48, down - 0.36, label, "top right"))
        for across, (photo, distance) in enumerate(row):
            images.append(placed(thumbnails[photo], (across, down), (0.92, 0.7)))
            written.append((across, down + 0.36, f"{distance:.3g}", "bottom center"))
    x, y, text, where = zip(*written, strict=True) if written else ((), (), (), ())
    marks = [
        (across, down, names[photo])
        for down, row in enumerate(rows.values())
        for across, (photo, _) in enumerate(row)
    ]
    hovered = {
        "type": "scatter",
        "x": [one[0] for one in marks],
        "y": [one[1] for one in marks],
        "mode": "markers",
        "marker": {"size": 40, "opacity": 0, "symbol": "square"},
        "hovertext": [one[2] for one in marks],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }
    words = {
        "type": "scatter",
        "x": list(x),
        "y": list(y),
        "mode": "text",
        "text": list(text),
        "textposition": list(where),
        "hoverinfo": "skip",
        "showlegend": False,
    }
    layout = spec.plain_layout(
        20 + 150 * max(1, len(rows)),
        images=images,
        xaxis={"range": [-0.5, most - 0.5], **_BARE_AXIS},
        yaxis={"range": [len(rows) - 0.4, -0.65], **_BARE_AXIS},
    )
    return spec.figure([words, hovered], layout)


def plot_two_groups(
    groups: tuple[np.ndarray, np.ndarray],
    names: tuple[Sequence[str], Sequence[str]],
    group_names: tuple[str, str],
    label: str,
) -> go.Figure:
    """Plot one number of the photos of two groups, a mark a photo.

    Parameters
    ----------
    groups : tuple of ndarray of float64, each of shape (n_photos,)
    names : tuple of sequence of str
        Of the photos.
    group_names : tuple of str
    label : str
        Of the number.
    """
    traces = [
        {
            "type": "scatter",
            "x": values.tolist(),
            # Equal numbers lie above one another: a mark has a place by its number, in thirds.
            "y": [k + (number % 5 - 2) * 0.09 for number in range(len(values))],
            "mode": "markers",
            "marker": {"color": GROUP_COLOURS[k], "symbol": _SYMBOLS[k], "size": 9, "opacity": 0.8},
            "hovertext": list(names[k]),
            "hovertemplate": "%{hovertext}: %{x:.4g}<extra></extra>",
            "showlegend": False,
        }
        for k, values in enumerate(groups)
    ]
    layout = spec.plain_layout(
        190,
        xaxis=spec.plain_axis(label, fixedrange=True, automargin=True),
        yaxis={
            "automargin": True,
            "range": [1.5, -0.5],
            "tickvals": [0, 1],
            "ticktext": [shortened(name) for name in group_names],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "linecolor": AXIS_COLOUR,
        },
    )
    return spec.figure(traces, layout)
