"""All of one comparison as a page of its own, the report: one HTML file that needs nothing else.

What one looks at comes first: photos with what is selected, diagrams, matching; then numbers, and
at the end what it is of. It follows the reader's light or dark theme, and prints on two pages.
"""

import base64
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.analysis import Counts, HeadTopology, Row, count, number_text
from attntopo.diagrams import Matching
from attntopo.distances import DISTANCES
from attntopo.figures.axes import shared_end
from attntopo.figures.jpeg import jpeg_url
from attntopo.figures.marks import MarkedSide, Marks, marks_of, selection_words
from attntopo.figures.painting import WholePhoto
from attntopo.figures.tokens import TokenGrid
from attntopo.links import NOTHING, View, parse_selection
from attntopo.models import catalogue, find_entry
from attntopo.topology import Cycle, Layout, Skeleton
from attntopo.wording import components_text, counted, share_text

_HERE = Path(__file__).parent
_STYLE = (_HERE / "report.css").read_text("utf-8")
_SCRIPT = (_HERE / "report.js").read_text("utf-8")
_SKELETON_HEIGHT = 420  # pixels

_READING = (
    "Patches of one colour are one connected component: from any of them to any other lead steps "
    "between patches that attend alike, no longer than the scale. Both ends may attend otherwise. "
    "The largest component is tinted lightly, and untinted patches stand alone.",
    "Each mark of a persistence diagram is a component (H0, a circle) or a loop (H1, a diamond): "
    "across is the scale at which it appears, up that at which it ends. The farther above the "
    "diagonal, the longer it lasts; the corner is drawn at the scale of this page.",
    "Bottleneck and Wasserstein distances say how far apart the diagrams of A and B are: 0 where "
    "they are equal. The bottleneck is the largest step of the matching that is drawn.",
)


@dataclass(frozen=True, eq=False)
class ReportSide:
    """One photo's half of a report.

    Attributes
    ----------
    name : str
    topology : HeadTopology
    skeleton : Skeleton
        At the scale of the view.
    tokens : TokenGrid
    layout : Layout
    attention : ndarray of float, shape (n_tokens, n_tokens), optional
        The head's; without it a selected token isn't shown.
    cycles : mapping of int to Cycle, or sequence of Cycle, optional
        By the rows of the diagram of dimension 1, that which is selected among them; without them
        a selected loop is an edge and a triangle.
    whole : WholePhoto, optional
        The photo to paint on; without it what the model saw.
    """

    name: str
    topology: HeadTopology
    skeleton: Skeleton
    tokens: TokenGrid
    layout: Layout
    attention: np.ndarray | None = None
    cycles: Mapping[int, Cycle] | Sequence[Cycle] | None = None
    whole: WholePhoto | None = None


def report_html(
    about: Mapping[str, str],
    rows: Sequence[Row],
    sides: tuple[ReportSide, ReportSide],
    matchings: Mapping[str, Matching],
    view: View | None = None,
    link: str = "",
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
    matchings : mapping of str to Matching
        From `diagrams.all_matchings`.
    view : View, optional
        What is selected and how it is looked at; by default nothing is, and all as by default.
    link : str
        To the view; empty for none.

    Returns
    -------
    str
        HTML of about 2.5 MB: Plotly is in it, packed, so that the figures move without a network,
        and each can be saved as PNG or SVG by its own button.
    """
    view = view or View()
    report = _Report(sides, matchings, view)
    names = " and ".join(f"{x}: {side.name}" for x, side in zip("AB", sides, strict=True))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(names)} · AttnTopo</title>"
        f"<style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(names)}</h1>"
        f"<p class='quiet'>The shape of attention in two photos: {escape(_where(about))}</p>"
        f"{_reading()}{report.photos()}{report.figures()}"
        f"<section class='second'>{report.more_figures()}"
        f"<h2>Numbers</h2>{_table(rows)}{_footer(about, link)}</section></main>"
        f"<script type='text/plain' id='packed'>{_packed_plotly()}</script>"
        f"<script type='module'>{_SCRIPT}</script></body></html>"
    )


@cache
def _packed_plotly() -> str:
    """Return Plotly's script as gzip in base64, two fifths of its size: `report.js` unpacks it."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def _reading() -> str:
    words = "".join(f"<p>{escape(words)}</p>" for words in _READING)
    return f"<section class='reading'><h2>How to read it</h2>{words}</section>"


def _where(about: Mapping[str, str]) -> str:
    """Say in a line which heads are compared, as far as it is known."""
    heads = ("model", "layer", "head", "model_b", "layer_b", "head_b")
    named = (*heads, "distance", "scale", "scale of A", "scale of B")
    known = [(name.replace("_b", " of B"), about[name]) for name in named if about.get(name)]
    return ", ".join(f"{name} {_named(name, value)}" for name, value in known) + "."


def _named(name: str, value: str) -> str:
    """Return what the page calls a model or a distance of that key; anything else as it is."""
    if name in ("model", "model of B") and (entry := find_entry(value, catalogue())):
        return entry.label
    return DISTANCES[value].label if name == "distance" and value in DISTANCES else value


class _Report:
    """The parts of one report."""

    def __init__(
        self,
        sides: tuple[ReportSide, ReportSide],
        matchings: Mapping[str, Matching],
        view: View,
    ) -> None:
        self.sides, self.matchings, self.view = sides, matchings, view
        a, b = (
            MarkedSide(side.topology, side.tokens, side.attention, side.cycles) for side in sides
        )
        selected = None if view.selection == NOTHING else parse_selection(view.selection)
        self.marks = marks_of(selected, (a, b), matchings, view.heat)
        self.words = selection_words(selected, (a, b), self.marks, matchings, view.heat)
        self.pair = selected.number if selected and selected.kind == "pair" else None
        self.matching = selected.matching if selected and selected.matching else view.matching
        self.scales = (sides[0].skeleton.scale, sides[1].skeleton.scale)
        first, second = (side.topology.diagrams for side in sides)
        self.end = shared_end(first, second, max(self.scales))

    def photos(self) -> str:
        """Return the photos as the page paints them, and what is selected in words."""
        each = [
            _figure(*one, self.view.paint / 100)
            for one in zip("AB", self.sides, self.marks, strict=True)
        ]
        words = f"<p class='selected'>{escape(self.words)}</p>" if self.words else ""
        return f"<div class='two'>{''.join(each)}</div>{words}"

    def figures(self) -> str:
        """Return the diagrams, and the matching between them."""
        from attntopo.figures.diagram import plot_diagrams, plot_matching

        drawn = [
            _drawn(
                f"{x}: persistence diagrams",
                plot_diagrams(
                    side.topology.diagrams,
                    side.skeleton.scale,
                    self.end,
                    marks.bar if marks else None,
                ),
            )
            for x, side, marks in zip("AB", self.sides, self.marks, strict=True)
        ]
        first, second = (side.topology.diagrams for side in self.sides)
        dimension, _, rule = self.matching.partition("-")
        matching = self.matchings[self.matching]
        title = f"Matching in {dimension.upper()} ({rule.replace('-', ' ')})"
        figure = plot_matching(first, second, int(dimension[1]), matching, self.end, self.pair)
        note = f"<p class='quiet'>{escape(matching.note)}</p>" if matching.note else ""
        return f"<div class='two'>{''.join(drawn)}</div>{_drawn(title, figure)}{note}"

    def more_figures(self) -> str:
        """Return the 1-skeletons and the Betti curves."""
        drawn = "".join(_drawn(*one) for one in (*self._skeletons(), *self._curves()))
        return f"<div class='two'>{drawn}</div>"

    def _skeletons(self) -> Iterator[tuple[str, Any, str]]:
        from attntopo.figures.graph import edges_drawn, plot_skeleton

        for letter, side in zip("AB", self.sides, strict=True):
            edges = edges_drawn(side.skeleton, side.topology.tree)
            camera = self.view.camera_a if letter == "A" else self.view.camera_b
            figure = plot_skeleton(
                side.skeleton, edges, side.layout, side.tokens, self.view.color, camera
            )
            figure.update_layout(height=_SKELETON_HEIGHT)
            yield f"{letter}: 1-skeleton", figure, _thinned(len(edges), len(side.skeleton.edges))

    def _curves(self) -> Iterator[tuple[str, Any]]:
        from attntopo.figures.diagram import plot_betti_curves

        first, second = (side.topology.diagrams for side in self.sides)
        for dimension, what in enumerate(("components", "loops")):
            figure = plot_betti_curves(first, second, dimension, self.scales, self.end, ("A", "B"))
            yield f"Betti curves: {what}", figure


def _figure(letter: str, side: ReportSide, marks: Marks | None, opacity: float) -> str:
    from attntopo.figures.painting import painted_photo

    picture = painted_photo(side.tokens, side.skeleton, marks, opacity, whole=side.whole)
    url = jpeg_url(picture, quality=90, subsampling=0)
    counts = _counts_text(count(side.topology, side.skeleton))
    name = escape(f"{letter}: {side.name}")
    return (
        f"<figure><figcaption><b>{name}</b><br>{counts}</figcaption>"
        f"<img alt='{name}, its components painted' src='{url}'></figure>"
    )


def _counts_text(counts: Counts) -> str:
    return (
        f"{components_text(counts.components, counts.single)}; "
        f"{counted(counts.loops, 'loop')}; {counted(counts.edges, 'edge')}"
    )


def _thinned(n_drawn: int, n_edges: int) -> str:
    """Say how many edges are drawn, where it isn't all of them."""
    if n_drawn == n_edges:
        return ""
    return (
        f"{n_drawn:,} of {n_edges:,} edges are drawn, so that it turns smoothly: all that hold the "
        "components together, and an even choice of the others."
    )


def _drawn(title: str, figure: Any, note: str = "") -> str:
    """Return a figure's place and what `report.js` draws in it."""
    figure.update_xaxes(automargin=True, title_standoff=6)
    figure.update_yaxes(automargin=True, title_standoff=6)
    said = f"<p class='quiet'>{escape(note)}</p>" if note else ""
    data = figure.to_json().replace("<", "\\u003c")  # a name may hold "</script>"
    return (
        f"<div><h2>{escape(title)}</h2>{said}"
        f"<div class='plot' style='height:{figure.layout.height}px'></div>"
        f"<script type='application/json'>{data}</script></div>"
    )


def _table(rows: Sequence[Row]) -> str:
    lines = [tuple(rows[0]), *(_cells(row) for row in rows)]
    return (
        "<table>"
        + "".join(_line(cells, "td" if k else "th") for k, cells in enumerate(lines))
        + "</table>"
    )


def _cells(row: Row) -> list[str]:
    """Return a row as the page has it: shares in percent, all else as numbers."""
    is_share = row["quantity"] == "share of edges"
    return [
        share_text(value) if is_share and isinstance(value, float) else number_text(value)
        for value in row.values()
    ]


def _line(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _footer(about: Mapping[str, str], link: str) -> str:
    """Return what it is of; the link only where it is one that a browser opens as a page."""
    entries = "".join(
        f"<div><dt>{escape(name)}</dt> <dd>{escape(value)}</dd></div>"
        for name, value in about.items()
        if value
    )
    safe = link.startswith(("http://", "https://"))
    opens = f"<p><a href='{escape(link)}'>{escape(link)}</a></p>" if safe else ""
    return f"<footer>{opens}<dl>{entries}</dl></footer>"
