"""The end of the Compare page: all numbers, and everything that can be taken away."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from attntopo import exports
from attntopo.analysis import Comparison, Row, TokenComparison, number_rows, slider_range
from attntopo.attention import save_attention, saving_effort
from attntopo.diagrams import Matching, common_grid
from attntopo.distances import SCALE_STEPS
from attntopo.effort import SHORT
from attntopo.figures.effort import report_effort
from attntopo.figures.marks import selected_bar
from attntopo.figures.report import ReportSide, report_html
from attntopo.links import View, parse_selection
from attntopo.models import SharedInfo
from attntopo.settings import app_settings
from attntopo.topology import Cycle
from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.results import (
    Panels,
    PhotoPanel,
    Scales,
    find_cycle,
    match_panels,
    panels_by_token,
)
from attntopo.ui.runtime import Slot, StatusLine

_VECTORS = (
    "Persistence images, landscapes, silhouettes and Betti curves of both, sampled at the same "
    "places; infinite bars count in the curves alone."
)


@dataclass(frozen=True)
class _Shown:
    """What the files are of."""

    view: View
    scales: Scales
    info: SharedInfo
    comparison: Comparison
    panels: Panels
    matchings: dict[str, Matching]
    by_token: TokenComparison | None
    link: str  # known where the page is drawn, not where a file is made

    def about(self) -> dict[str, str]:
        photos = (self.panels[0].photo.photo, self.panels[1].photo.photo)
        refused = [
            one.layout_refusal(self.view, scale)
            for one, scale in zip(self.panels, self.scales, strict=True)
        ]
        view = replace(self.view, layout="distances") if any(refused) else self.view
        return exports.describe_view(view, self.info.models, photos, self.scales)

    def rows(self) -> list[Row]:
        a, b = (one.counts(scale) for one, scale in zip(self.panels, self.scales, strict=True))
        paired = self.by_token.numbers if self.by_token else None
        return number_rows(self.comparison, a, b, self.matchings, paired)

    def drawn_from(self, slot: Slot) -> tuple[Any, ...]:
        """Return what the page as one file needs besides: attention of both, layouts of both."""
        selected = parse_selection(self.view.selection)
        needed = selected is not None and selected.kind == "token"
        attention = (shown.head(slot) if needed else None for shown in self.panels)
        layouts = (
            shown.layout(self.view, scale, slot)
            for shown, scale in zip(self.panels, self.scales, strict=True)
        )
        return *attention, *layouts

    def _selected_cycle(self, k: int) -> dict[int, Cycle] | None:
        """Return the cycle that is selected on a side, by its bar's row; None where none is."""
        selected = parse_selection(self.view.selection)
        if selected is None or selected.dimension != 1:
            return None
        row = selected_bar(selected, k, self.matchings)
        return {row: find_cycle(self.panels[k], row)} if row >= 0 else None

    def report(self, *inputs: Any) -> str:
        """Return the page as one file, from what `drawn_from` has returned."""
        cycles = [self._selected_cycle(k) for k in (0, 1)]
        a, b = (
            ReportSide(
                shown.title(self.view.b_has_own_head),
                shown.topology,
                shown.skeleton(scale),
                shown.tokens,
                layout,
                attention,
                own,
                shown.whole_photo if self.view.frame == "photo" else None,
            )
            for shown, scale, attention, layout, own in zip(
                self.panels, self.scales, inputs[:2], inputs[2:], cycles, strict=True
            )
        )
        return report_html(self.about(), self.rows(), (a, b), self.matchings, self.view, self.link)


def files(
    view: View,
    scales: Scales,
    info: SharedInfo,
    comparison: Comparison,
    panels: Panels,
    status: StatusLine,
) -> None:
    """Draw the downloads and the script; a file is made when it is asked for."""
    link = f"{session.address()}?{urlencode(view.to_query())}"
    matchings, by_token = match_panels(panels, status), panels_by_token(panels, status)
    shown = _Shown(view, scales, info, comparison, panels, matchings, by_token, link)
    above = st.container()
    label = "Take it away: report, diagrams, curves, distances, attention, Python"
    panel = st.expander(label, key="take it away", on_change="rerun")
    if panel.open:
        with panel:
            _buttons(shown)
            explain(
                "A CSV begins with lines marked # that say what it is of: "
                "`pandas.read_csv(file, comment='#')` leaves them out. Attention is that of all "
                "layers and heads, or of the layers that are kept; its file can be dropped in on "
                "this page where a photo can."
            )
            st.markdown("The same numbers by the library, in Python:")
            given = (panels[0].photo.given is not None, panels[1].photo.given is not None)
            script = exports.as_python(view, scales, info.models, given, by_token is not None)
            st.code(script, language="python")
    # Drawn last, though it stands above: with it the page is complete.
    with above:
        table = in_one(lambda: exports.rows_csv(shown.about(), shown.rows()), SHORT)
        button("Download the numbers", "attntopo-numbers", "CSV", table)


def _buttons(shown: _Shown) -> None:
    first, second = (one.topology for one in shown.panels)
    end = slider_range((first, second)).last / SCALE_STEPS
    n_tokens = max(len(one.distances.values) for one in (first, second))
    effort = report_effort(n_tokens)
    diagrams = in_one(lambda: exports.diagrams_csv(shown.about(), first, second), effort)
    curves = in_one(lambda: exports.curves_csv(shown.about(), first, second, end), effort)
    distances = in_one(
        lambda: exports.distances_npz(shown.about(), (first, second), shown.by_token), effort
    )
    both = (first.diagrams, second.diagrams)
    vectors = in_one(
        lambda: exports.vectors_npz(shown.about(), ("A", "B"), both, common_grid(both)), effort
    )
    report = in_one(shown.report, effort, shown.drawn_from)
    note = "All figures and numbers as one page that needs no network and can be printed."
    with st.container(horizontal=True):
        button("Report", "attntopo", "HTML", report, note)
        button("Diagrams", "attntopo-diagrams", "CSV", diagrams)
        button("Betti curves", "attntopo-betti-curves", "CSV", curves)
        button("Distances", "attntopo-distances", "NPZ", distances)
        button("Vectors", "attntopo-vectors", "NPZ", vectors, _VECTORS)
        for one in shown.panels:
            _attention(one)


def _attention(shown: PhotoPanel) -> None:
    letter = shown.letter
    megabytes, limit = shown.attention_bytes / 1e6, app_settings().attention_megabytes
    note = f"{megabytes:.0f} MB unpacked."
    if megabytes > limit:
        note += f" This page takes {limit:g} MB at most; the library any, by `max_megabytes`."

    label, name = f"Attention of {letter}", f"attntopo-attention-{letter}"
    layers = shown.attention_layers
    if layers is not None:
        first, last = layers[0], layers[-1]
        which = f"layers {first} to {last}" if first != last else f"layer {first}"
        label, name = f"{label}, {which}", f"{name}-{which.replace(' ', '-')}"
        note += " All layers at once are too large here; the file counts its layers from 0."
    effort = saving_effort(shown.attention_bytes)
    make = in_one(save_attention, effort, lambda slot: (shown.attention(slot),))
    button(label, name, "NPZ", make, note)
