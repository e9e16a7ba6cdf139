"""A photo and the same photo perturbed -> figures: distances by strength, and surviving bars."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from attntopo.analysis import (
    DiagramDistances,
    HeadStability,
    certificate_radii,
)
from attntopo.figures import spec
from attntopo.figures.axes import shared_end
from attntopo.figures.palette import AXIS_COLOUR, SCALE_COLOUR, TWO_COLOURS, TWO_SYMBOLS
from attntopo.topology import Diagrams

_NAMES = ("H0: components", "H1: loops")
_BOUND_COLOUR = "#7C7F86"  # with a contrast as good as `TWO_COLOURS` have
_APART = 0.14  # of H0's dots from H1's, beside each other


def plot_strengths(
    labels: Sequence[str],
    outcomes: Sequence[HeadStability | None],
    others: Sequence[DiagramDistances],
    shown: int,
    bound: str = "bound",
) -> go.Figure:
    """Plot how far a photo's diagrams move with the strength, beside how far other photos are.

    Parameters
    ----------
    labels : sequence of str
        Of the strengths, from weak to strong.
    outcomes : sequence of HeadStability, optional
        What each strength did; None where it isn't known yet.
    others : sequence of DiagramDistances
        Of other photos, from the clean one.
    shown : int
        Which strength stands out.
    bound : str
        What the bound is called.

    Returns
    -------
    plotly.graph_objects.Figure
        Bottleneck distances with the bound above, 1-Wasserstein distances below; logarithmic,
        so a distance of 0 has no mark. Other photos stand at the right, with their medians.
    """
    traces: list[dict[str, Any]] = []
    for row, field in enumerate(("bottleneck", "wasserstein")):
        for k, name in enumerate(_NAMES):
            moved = [None if one is None else getattr(one.distances, field)[k] for one in outcomes]
            apart = [getattr(one, field)[k] for one in others]
            traces += _of_dimension(row, k, name, moved, apart)
    traces.append(
        {
            "type": "scatter",
            "x": list(range(len(outcomes))),
            "y": [None if one is None else _drawn(one.bound) for one in outcomes],
            "mode": "lines+markers",
            "name": bound,
            "line": {"color": _BOUND_COLOUR, "dash": "dash", "width": 2},
            "marker": {"color": _BOUND_COLOUR, "symbol": "line-ew-open", "size": 8},
            "hovertemplate": "bound max|D − D′|: %{y:.4f}<extra></extra>",
        }
    )
    n = len(labels)
    ticks = {"tickvals": list(range(n + 1)), "ticktext": [*labels, "other photos"]}
    across: dict[str, Any] = {"range": [-0.4, n + 0.5], "fixedrange": True, **ticks}
    up: dict[str, Any] = {"type": "log", "fixedrange": True, "nticks": 5, "tickformat": "~g"}
    layout = spec.plain_layout(
        420,
        shapes=[spec.vertical_line(shown, SCALE_COLOUR) | {"yref": "paper", "opacity": 0.6}],
        xaxis=spec.plain_axis("", anchor="y2", **across),
        yaxis=spec.plain_axis("bottleneck", domain=[0.42, 1], **up),
        yaxis2=spec.plain_axis("1-Wasserstein", domain=[0, 0.36], **up),
    )
    return spec.figure(traces, layout)


def _of_dimension(
    row: int, k: int, name: str, moved: Sequence[float | None], apart: Sequence[float]
) -> list[dict[str, Any]]:
    """Describe one dimension's curve, and its dots of other photos with their median."""
    axis, colour, n = f"y{row + 1 if row else ''}", TWO_COLOURS[k], len(moved)
    place = n + (_APART if k else -_APART)
    common = {"type": "scatter", "yaxis": axis, "legendgroup": name}
    curve = {
        "x": list(range(n)),
        "y": [_drawn(one) for one in moved],
        "mode": "lines+markers",
        "name": name,
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "symbol": TWO_SYMBOLS[k], "size": 8},
        "hovertemplate": f"H{k}: %{{y:.4f}}<extra></extra>",
        "showlegend": row == 0,
    }
    dots = {
        "x": [place] * len(apart),
        "y": [_drawn(one) for one in apart],
        "mode": "markers",
        "marker": {"color": colour, "symbol": TWO_SYMBOLS[k], "size": 6, "opacity": 0.55},
        "hovertemplate": f"another photo, H{k}: %{{y:.4f}}<extra></extra>",
        "showlegend": False,
    }
    known = [one for one in apart if np.isfinite(one)]
    median = {
        "x": [-0.4, n + 0.5],
        "y": [_drawn(float(np.median(known)))] * 2 if known else [None, None],
        "mode": "lines",
        "line": {"color": colour, "width": 1, "dash": "dot"},
        "hovertemplate": f"median of other photos, H{k}: %{{y:.4f}}<extra></extra>",
        "showlegend": False,
    }
    return [common | one for one in (curve, dots, median)]


def zeros_words(others: Sequence[DiagramDistances]) -> str:
    """Say how many distances of other photos are 0, which a logarithmic axis can't show.

    Parameters
    ----------
    others : sequence of DiagramDistances
        As for `plot_strengths`.

    Returns
    -------
    str
        A sentence; empty where there is none.
    """
    zeros = [sum(one.bottleneck[k] == 0 for one in others) for k in (0, 1)]
    said = [f"{n} of {len(others)} in H{k}" for k, n in enumerate(zeros) if n]
    if not said:
        return ""
    lines = " A median of 0 has no line." if max(zeros) * 2 >= len(others) else ""
    return f"Other photos at a distance of 0, {' and '.join(said)}, have no mark.{lines}"


def _drawn(value: float | None) -> float | None:
    """Return what a logarithmic axis can show."""
    return value if value is not None and value > 0 else None


def plot_survival(
    diagrams: Diagrams,
    outcome: HeadStability,
    other_shares: tuple[np.ndarray, np.ndarray] | None,
    selected: tuple[int, int] | None = None,
    same_tokens: bool = True,
) -> go.Figure:
    """Plot the clean photo's diagrams: bars that survive filled, those that don't hollow.

    Parameters
    ----------
    diagrams : Diagrams
    outcome : HeadStability
    other_shares : tuple of ndarray, each of shape (n_bars,), optional
        In what share of other photos each bar would count as surviving, 0 to 1.
    selected : tuple of int, optional
        Dimension and row of a bar that is ringed.
    same_tokens : bool
        Whether all tokens of both photos are matched, so that the bound holds for the diagrams.

    Returns
    -------
    plotly.graph_objects.Figure
        Above the dashed line bars are longer than twice the bound, so they must survive. It isn't
        drawn where the bound doesn't hold, or no bar is so long. A mark's ``customdata`` ends with
        the bar's dimension and row.
    """
    end = shared_end(diagrams, diagrams, 0.0)
    infinity = 1.07 * end
    traces: list[dict[str, Any]] = [_line([0, end], [0, end], "solid", "")]
    if same_tokens and 2 * outcome.bound < end:
        certified = [0, end - 2 * outcome.bound], [2 * outcome.bound, end]
        traces.append(_line(*certified, "dash", "certified above"))
    for k in (0, 1):
        bars, survives = diagrams[k], outcome.survives[k]
        for kept in (True, False):
            rows = np.nonzero(survives == kept)[0]
            shares = None if other_shares is None else other_shares[k][rows]
            traces.append(_bars(k, rows, bars[rows], kept, shares, infinity))
    if selected is not None:
        birth, death = diagrams[selected[0]][selected[1]].tolist()
        traces.append(spec.ring(birth, min(death, infinity)))
    low = -0.03 * end
    return spec.figure(
        traces,
        spec.plain_layout(
            400,
            legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
            xaxis=spec.plain_axis("birth", range=[low, end], fixedrange=True),
            yaxis=spec.plain_axis("death", range=[low, 1.14 * end], fixedrange=True),
        ),
    )


def _bars(
    k: int,
    rows: np.ndarray,
    bars: np.ndarray,
    kept: bool,
    shares: np.ndarray | None,
    infinity: float,
) -> dict[str, Any]:
    radii = certificate_radii(bars)
    said = "" if shares is None else "<br>in %{customdata[1]:.0%} of other photos too"
    shares = np.zeros(len(bars)) if shares is None else shares
    what = "survives" if kept else "is lost"
    return {
        "type": "scatter",
        "x": bars[:, 0],
        "y": np.minimum(bars[:, 1], infinity),
        "mode": "markers",
        "name": f"H{k} {what}",
        "customdata": np.stack([radii, shares, np.full(len(rows), k), rows], axis=1),
        "marker": {
            "color": TWO_COLOURS[k],
            "symbol": TWO_SYMBOLS[k] if kept else f"{TWO_SYMBOLS[k]}-open",
            "size": 8,
            "opacity": 0.8,
        },
        # The ring says what is selected; the others stay as they are.
        "unselected": {"marker": {"opacity": 0.8}},
        "hovertemplate": f"H{k} {what}<br>birth %{{x:.4f}}, death %{{y:.4f}}"
        f"<br>certificate radius %{{customdata[0]:.4f}}{said}<extra></extra>",
    }


def _line(x: Sequence[float], y: Sequence[float], dash: str, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(x),
        "y": list(y),
        "mode": "lines",
        "name": name,
        "line": {"color": _BOUND_COLOUR if name else AXIS_COLOUR, "dash": dash, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": bool(name),
    }
