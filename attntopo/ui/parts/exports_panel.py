"""The end of the Compare page: all numbers, and everything that can be taken away."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from attntopo import exports
from attntopo.analysis import Comparison, number_rows, slider_range
from attntopo.attention import save_attention
from attntopo.distances import SCALE_STEPS
from attntopo.figures.report import ReportSide, report_html
from attntopo.links import View, parse_selection
from attntopo.models import SharedInfo
from attntopo.settings import app_settings
from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.results import Panels, PhotoPanel, Scales, match_panels
from attntopo.ui.runtime import Slot, StatusLine


def files(
    view: View,
    scales: Scales,
    info: SharedInfo,
    comparison: Comparison,
    panels: Panels,
    status: StatusLine,
) -> None:
    """Draw the downloads and the script; a file is made when it is asked for."""
    first, second = (shown.topology for shown in panels)
    both = (panels[0].photo.photo, panels[1].photo.photo)

    def about() -> dict[str, str]:
        return exports.describe_view(view, info.models, both, scales)

    matchings = match_panels(panels, status)
    a, b = (one.counts(scale) for one, scale in zip(panels, scales, strict=True))
    rows = number_rows(comparison, a, b, matchings)
    selected = parse_selection(view.selection)
    link = f"{session.address()}?{urlencode(view.to_query())}"

    def drawn_from(slot: Slot) -> tuple[Any, ...]:
        attention = (
            [shown.head(slot) for shown in panels]
            if selected and selected.kind == "token"
            else [None, None]
        )
        layouts = (
            shown.layout(view, scale, slot) for shown, scale in zip(panels, scales, strict=True)
        )
        return *attention, *layouts

    def report(*inputs: Any) -> str:
        a, b = (
            ReportSide(
                shown.title(view.b_has_own_head),
                shown.topology,
                shown.skeleton(scale),
                shown.tokens,
                layout,
                attention,
                shown.cycles() if selected and selected.dimension == 1 else None,
            )
            for shown, scale, attention, layout in zip(
                panels, scales, inputs[:2], inputs[2:], strict=True
            )
        )
        return report_html(about(), rows, (a, b), matchings, view, link)

    end = slider_range((first, second)).last / SCALE_STEPS
    diagrams = in_one(lambda: exports.diagrams_csv(about(), first, second))
    curves = in_one(lambda: exports.curves_csv(about(), first, second, end))
    distances = in_one(lambda: exports.distances_npz(about(), (first, second)))
    note = "All figures and numbers in one file; each figure saves as PNG or SVG."
    above = st.container()
    label = "Take it away: diagrams, curves, distances, attention, Python"
    panel = st.expander(label, key="take it away", on_change="rerun")
    with panel:
        with st.container(horizontal=True):
            button("Diagrams", "attntopo-diagrams", "CSV", diagrams)
            button("Betti curves", "attntopo-betti-curves", "CSV", curves)
            button("Distances", "attntopo-distances", "NPZ", distances)
            for shown in panels:
                _attention(shown)
            button("The page", "attntopo", "HTML", in_one(report, drawn_from), note)
        explain(
            "A CSV begins with lines marked # that say what it is of: "
            "`pandas.read_csv(file, comment='#')` leaves them out. Attention is that of all "
            "layers and heads; its file can be dropped in on this page where a photo can."
        )
        if panel.open:  # the browser colours code slowly, whether or not it is in sight
            st.markdown("The same numbers by the library, in Python:")
            given = (panels[0].photo.given is not None, panels[1].photo.given is not None)
            st.code(exports.as_python(view, scales, info.models, given), language="python")
    # Drawn last, though it stands above: with it the page is complete.
    with above:
        table = in_one(lambda: exports.rows_csv(about(), rows))
        button("Download the numbers", "attntopo-numbers", "CSV", table)


def _attention(shown: PhotoPanel) -> None:
    letter = shown.letter
    megabytes, limit = shown.attention_bytes / 1e6, app_settings().attention_megabytes
    note = f"{megabytes:.0f} MB unpacked."
    if megabytes > limit:
        note += f" This page takes {limit:g} MB at most; the library any, by `max_megabytes`."

    make = in_one(save_attention, lambda slot: (shown.attention(slot),))
    button(f"Attention of {letter}", f"attntopo-attention-{letter}", "NPZ", make, note)
