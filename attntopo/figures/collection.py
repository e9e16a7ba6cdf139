"""Distances between many photos -> a map, and rows of neighbours; two groups -> their AUCs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.figures import spec
from attntopo.figures.axes import BARE_AXIS
from attntopo.figures.palette import (
    AXIS_COLOUR,
    OTHER_COLOUR,
    SCALE_COLOUR,
    TWO_COLOURS,
    TWO_SYMBOLS,
)
from attntopo.figures.photo_marks import placed, shortened
from attntopo.topology import Layout


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
    bare = {name: value for name, value in BARE_AXIS.items() if name != "fixedrange"}
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
    look = {"color": OTHER_COLOUR, "symbol": "circle", "size": 7}
    if group is not None:
        look = {"color": TWO_COLOURS[group], "symbol": TWO_SYMBOLS[group], "size": 12}
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
        xaxis={"range": [-0.5, most - 0.5], **BARE_AXIS},
        yaxis={"range": [len(rows) - 0.4, -0.65], **BARE_AXIS},
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
            "marker": {
                "color": TWO_COLOURS[k],
                "symbol": TWO_SYMBOLS[k],
                "size": 9,
                "opacity": 0.8,
            },
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
