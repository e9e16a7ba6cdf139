"""All of one comparison as a page of its own: one HTML file that needs nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from attntopo.analysis import HeadTopology, Row, number_text
from attntopo.figures.axes import shared_end
from attntopo.figures.tokens import TokenGrid
from attntopo.topology import Layout, Skeleton

_STYLE = (
    "body{font-family:sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 8px;text-align:left}"
)


@dataclass(frozen=True, eq=False)
class ReportSide:
    """One photo's half of a report."""

    name: str
    topology: HeadTopology
    skeleton: Skeleton
    tokens: TokenGrid
    layout: Layout


def report_html(
    about: Mapping[str, str],
    rows: Sequence[Row],
    sides: tuple[ReportSide, ReportSide],
    colour_by: str = "component",
) -> str:
    """Write a comparison as one self-contained page.

    Parameters
    ----------
    about : mapping of str
        What it is of, from `exports.describe_view`.
    rows : sequence of dict
        The table of numbers, from `analysis.number_rows`.
    sides : tuple of ReportSide
        A and B, at the scale of the view.
    colour_by : {"component", "photo"}
        The colour of nodes in 3D.

    Returns
    -------
    str
        HTML of about 5 MB: Plotly is in it, so that the figures move without a network, and each
        can be saved as PNG or SVG by its own button.
    """
    from plotly.offline import get_plotlyjs

    parts = [_table(("what", "value"), about.items())]
    parts.append(_table(tuple(rows[0]), ([number_text(v) for v in row.values()] for row in rows)))
    for title, figure in _figures(sides, colour_by):
        drawn = figure.to_html(full_html=False, include_plotlyjs=False)
        parts.append(f"<h2>{escape(title)}</h2>{drawn}")
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>AttnTopo</title>"
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head>"
        f"<body><h1>The shape of attention in two photos</h1>{''.join(parts)}</body></html>"
    )


def _figures(sides: tuple[ReportSide, ReportSide], colour_by: str) -> Iterator[tuple[str, Any]]:
    """Yield each figure with its title."""
    from attntopo.figures.diagram import plot_betti_curves, plot_diagrams
    from attntopo.figures.graph import edges_drawn, plot_skeleton
    from attntopo.figures.photo import plot_components

    first, second = (side.topology.diagrams for side in sides)
    scales = tuple(side.skeleton.scale for side in sides)
    end = shared_end(first, second, max(scales))
    for letter, side in zip("AB", sides, strict=True):
        title = f"{letter}: {side.name}"
        edges = edges_drawn(side.skeleton, side.topology.tree)
        thinned = len(edges) < len(side.skeleton.edges)
        some = f" ({len(edges):,} of {len(side.skeleton.edges):,} edges)" if thinned else ""
        yield f"{title}, components", plot_components(side.skeleton, side.tokens)
        yield (
            f"{title}, 1-skeleton{some}",
            plot_skeleton(side.skeleton, edges, side.layout, side.tokens, colour_by),
        )
        diagrams = plot_diagrams(side.topology.diagrams, side.skeleton.scale, end)
        yield f"{title}, persistence diagrams", diagrams
    names = (f"A: {sides[0].name}", f"B: {sides[1].name}")
    for dimension, what in enumerate(("components", "loops")):
        figure = plot_betti_curves(first, second, dimension, scales, end, names)
        yield f"Betti curves: {what}", figure


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [columns, *rows]
    cells = [
        "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in line)
        for tag, line in zip(["th"] + ["td"] * (len(lines) - 1), lines, strict=True)
    ]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in cells) + "</table>"
