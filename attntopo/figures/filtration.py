"""A ring of points whose scale grows: what a Vietoris–Rips filtration is, in three steps."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from attntopo.figures import spec
from attntopo.figures.palette import AXIS_COLOUR, H0_COLOUR, H1_COLOUR, SCALE_COLOUR
from attntopo.topology import persistence_diagrams

_N_POINTS = 14
_FILLED = "rgba(86, 180, 233, 0.28)"
_PANELS = (("", ""), ("2", "2"), ("3", "3"), ("4", "4"))  # of the axes, x and y
_DOMAINS = (
    ([0.0, 0.46], [0.56, 0.94]),
    ([0.54, 1.0], [0.56, 0.94]),
    ([0.0, 0.46], [0.0, 0.38]),
    ([0.56, 1.0], [0.06, 0.38]),
)


def ring_points() -> np.ndarray:
    """Return points near a circle of radius 1, always the same: float64, shape (14, 2)."""
    around = 2 * np.pi * (np.arange(_N_POINTS) + 0.5) / _N_POINTS
    ring = np.column_stack([np.cos(around), np.sin(around)])
    return ring + np.random.default_rng(4).normal(scale=0.06, size=ring.shape)


def plot_filtration() -> Any:
    """Plot the Rips complex of `ring_points` at three scales, and its persistence diagrams.

    Returns
    -------
    plotly.graph_objects.Figure
        Four panels: before the longest loop is born, while it lives, once it is filled in; and
        the diagrams in H0 and H1, with the three scales.
    """
    points = ring_points()
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    diagrams = persistence_diagrams(distances)
    births, deaths = diagrams[1].T
    longest = int((deaths - births).argmax())
    birth, death = float(births[longest]), float(deaths[longest])
    scales = (0.85 * birth, (birth + death) / 2, 1.05 * death)
    titles = ("loose points begin to join", "one loop", "the loop is filled in")
    traces = [
        trace
        for panel, scale in zip(_PANELS, scales, strict=False)
        for trace in _complex(points, distances, scale, panel)
    ]
    traces += _diagram(diagrams, scales, _PANELS[3])
    layout = spec.plain_layout(540, showlegend=False)
    layout["annotations"] = [
        _title(f"<b>{number}. Scale {scale:.2f}</b>: {title}", domain)
        for number, (scale, title, domain) in enumerate(
            zip(scales, titles, _DOMAINS, strict=False), start=1
        )
    ] + [_title("<b>Its diagram</b>: ● H0, ◆ H1", _DOMAINS[3])]
    for k, ((x, y), (across, up)) in enumerate(zip(_PANELS, _DOMAINS, strict=True)):
        of_points = {"visible": False, "range": [-1.25, 1.25]}
        own = k == len(_PANELS) - 1
        layout[f"xaxis{x}"] = (spec.plain_axis("birth") if own else dict(of_points)) | {
            "domain": across,
            "anchor": f"y{y}",
        }
        layout[f"yaxis{y}"] = (
            spec.plain_axis("death") if own else {**of_points, "scaleanchor": f"x{x}"}
        ) | {"domain": up, "anchor": f"x{x}"}
    return spec.figure(traces, layout)


def _title(words: str, domain: tuple[list[float], list[float]]) -> dict[str, Any]:
    across, up = domain
    return {
        "text": words,
        "x": across[0],
        "y": up[1] + 0.015,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _complex(
    points: np.ndarray, distances: np.ndarray, scale: float, panel: tuple[str, str]
) -> list[dict[str, Any]]:
    """Describe the triangles, the edges and the points there are at a scale."""
    near = distances <= scale
    edges = [pair for pair in combinations(range(len(points)), 2) if near[pair]]
    triangles = [
        (i, j, k)
        for i, j, k in combinations(range(len(points)), 3)
        if near[i, j] and near[i, k] and near[j, k]
    ]
    drawn = [
        _closed(points, triangles, fill="toself", fillcolor=_FILLED, line={"width": 0}),
        _closed(points, edges, line={"color": AXIS_COLOUR, "width": 1.5}),
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "mode": "markers",
            "marker": {"color": H0_COLOUR, "size": 9, "line": {"color": "white", "width": 1}},
        },
    ]
    return [_on(panel, one) for one in drawn]


def _closed(
    points: np.ndarray, simplices: Sequence[tuple[int, ...]], **options: Any
) -> dict[str, Any]:
    """Describe edges or triangles as one line with gaps."""
    gapped = [
        row for simplex in simplices for row in (*points[[*simplex, simplex[0]]], [None, None])
    ]
    x, y = zip(*gapped, strict=True) if gapped else ((), ())
    return {"x": x, "y": y, "mode": "lines", **options}


def _diagram(
    diagrams: Any, scales: tuple[float, ...], panel: tuple[str, str]
) -> list[dict[str, Any]]:
    """Describe the finite bars, the diagonal, and the corner at each scale."""
    end = 1.1 * scales[-1]
    lines = [_line([0, end], [0, end], AXIS_COLOUR)]
    lines += [_line([0, at, at], [at, at, end], SCALE_COLOUR) for at in scales]
    marks = [
        {
            "x": bars[np.isfinite(bars[:, 1]), 0],
            "y": bars[np.isfinite(bars[:, 1]), 1],
            "mode": "markers",
            "marker": {"color": colour, "symbol": symbol, "size": 9},
        }
        for bars, colour, symbol in (
            (diagrams[0], H0_COLOUR, "circle"),
            (diagrams[1], H1_COLOUR, "diamond"),
        )
    ]
    return [_on(panel, one) for one in (*lines, *marks)]


def _line(x: list[float], y: list[float], colour: str) -> dict[str, Any]:
    return {"x": x, "y": y, "mode": "lines", "line": {"color": colour, "width": 1.2}}


def _on(panel: tuple[str, str], trace: dict[str, Any]) -> dict[str, Any]:
    x, y = panel
    return {"type": "scatter", "hoverinfo": "skip", "xaxis": f"x{x}", "yaxis": f"y{y}", **trace}
