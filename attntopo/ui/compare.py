"""The parts of the Compare page."""

from __future__ import annotations

import csv
import io

import streamlit as st

from attntopo.analysis import Comparison, Counts, HeadTopology, number_rows
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.figures.diagram import plot_betti_curves, plot_diagrams
from attntopo.figures.graph import edges_drawn, plot_skeleton
from attntopo.figures.photo import plot_components
from attntopo.figures.tokens import TokenGrid
from attntopo.layout import Layout
from attntopo.models import ModelInfo
from attntopo.presets import PRESETS
from attntopo.skeleton import Skeleton
from attntopo.ui import frame
from attntopo.view import View, largest_scale

_CONFIG = {"displaylogo": False, "displayModeBar": "hover"}


def presets(view: View) -> None:
    """Draw the row of presets, and what the present one shows."""
    # The same page under its other address: a link to the present page would look selected.
    pages = frame.pages()
    target = pages["compare"] if st.session_state.get("page") == "" else pages["home"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Start from**", width="content")
        for preset in PRESETS:
            st.page_link(target, label=preset.label, query_params=preset.view.to_query())
    for preset in PRESETS:
        if preset.view == view:
            st.caption(f"**{preset.label}.** {preset.seen}")


def tiles(comparison: Comparison, a: Counts, b: Counts) -> None:
    """Draw the tiles: how far apart, and what there is in each photo."""
    columns = st.columns(4)
    columns[0].metric(
        "H0 bottleneck",
        f"{comparison.h0_bottleneck:.4f}",
        border=True,
        help="How far apart the two photos' H0 persistence diagrams are (components), in the "
        "units of the scale. 0 means the same diagram.",
    )
    columns[1].metric(
        "H1 bottleneck",
        f"{comparison.h1_bottleneck:.4f}",
        border=True,
        help="How far apart the two photos' H1 persistence diagrams are (loops), in the units of "
        "the scale. 0 means the same diagram.",
    )
    columns[2].metric(
        "Components A | B",
        f"{a.components} | {b.components}",
        border=True,
        help="Connected components of the 1-skeleton at this scale, single tokens included.",
    )
    columns[3].metric(
        "Loops A | B",
        f"{a.loops} | {b.loops}",
        border=True,
        help="Loops of the Rips complex at this scale that nothing fills: its first Betti number.",
    )


def curves(view: View, info: ModelInfo, a: HeadTopology, b: HeadTopology) -> None:
    """Draw the Betti curves with the current scale."""
    end = largest_scale(view.distance, info)
    st.plotly_chart(
        plot_betti_curves(
            a.diagrams, b.diagrams, view.scale, end, (f"A: {_name('a')}", f"B: {_name('b')}")
        ),
        key="curves",
        config=_CONFIG,
        alt="Betti curves: components and loops against the scale, photo A solid, B dashed.",
    )
    st.caption(
        "How many components (left) and loops (right) there are at each scale; the vertical line "
        "is the scale chosen below."
    )


def scale_control(view: View, info: ModelInfo) -> None:
    """Draw the scale's slider and the field to type it."""
    end = largest_scale(view.distance, info)
    step = 1 / SCALE_STEPS
    slider, field = st.columns([5, 1], vertical_alignment="bottom")
    with slider:
        frame.bound(
            st.slider,
            "scale",
            "Scale: tokens at most this far apart are joined",
            0.0,
            end,
            step=step,
            format="%.3f",
            help=DISTANCES[view.distance].explanation,
        )
    with field:
        frame.bound(
            st.number_input,
            "scale",
            "Typed scale",
            0.0,
            end,
            step=step,
            format="%.3f",
            suffix="_typed",
        )


def side(
    letter: str,
    view: View,
    tokens: TokenGrid,
    skeleton: Skeleton,
    layout: Layout,
    found: HeadTopology,
    counts: Counts,
    end: float,
) -> None:
    """Draw one photo's column: components, 1-skeleton, persistence diagram."""
    name = _name(letter.lower())
    st.subheader(f"{letter}: {name}", divider="gray")
    st.caption(
        f"Components: {counts.components - counts.single} of two tokens or more, "
        f"{counts.single} single · {counts.loops} loops · {counts.edges:,} edges "
        f"({counts.share_of_edges:.0%})"
    )
    photo, graph = st.columns(2)
    with photo:
        st.plotly_chart(
            plot_components(skeleton, tokens),
            key=f"photo_{letter}",
            config=_CONFIG,
            alt=f"Photo {letter} with its {counts.components} components painted on the patches.",
        )
        st.caption(
            "Patches of one colour are one component: their attention rows are linked by steps no "
            "longer than the scale. Clear patches stand alone; the square at the left is the "
            "class token."
        )
    with graph:
        edges = edges_drawn(skeleton, found.tree)
        st.plotly_chart(
            plot_skeleton(skeleton, edges, layout, tokens, view.color),
            key=f"graph_{letter}",
            config=_CONFIG,
            alt=f"3D 1-skeleton of photo {letter} with {counts.edges} edges.",
        )
        st.caption(_graph_caption(layout, len(edges), counts))
    st.plotly_chart(
        plot_diagrams(found.diagrams, view.scale, end),
        key=f"diagram_{letter}",
        config=_CONFIG,
        alt=f"Persistence diagrams of photo {letter} in H0 and H1.",
    )
    st.caption(
        "Each mark is a component (H0) or a loop (H1): across, the scale at which it appears; up, "
        "the scale at which it merges or fills in. Left of and above the red corner: alive now."
    )


def numbers(view: View, info: ModelInfo, comparison: Comparison, a: Counts, b: Counts) -> None:
    """Draw the table of numbers and its download."""
    rows = number_rows(comparison, a, b)
    shown = [{name: _shown(value) for name, value in row.items()} for row in rows]
    st.dataframe(shown, hide_index=True, alt="All numbers of this comparison.")
    st.caption(
        "Bottleneck distances are exact and of whole diagrams, over Z/2; only “as the notebook” "
        "leaves out bars of at most 0.01, as the notebook did."
    )
    names = _name("a"), _name("b")
    st.download_button(
        "Download the numbers (CSV)",
        lambda: numbers_csv(view, info, rows, names),
        file_name="attntopo-numbers.csv",
        mime="text/csv",
        on_click=frame.write,
    )


def numbers_csv(view: View, info: ModelInfo, rows: list[dict], names: tuple[str, str]) -> str:
    """Return the numbers as CSV, with what they are of: the view, and the model's commit.

    Parameters
    ----------
    view : View
    info : ModelInfo
    rows : list of dict
        From `number_rows`.
    names : tuple of str
        Of the photos A and B.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    about = view.to_query() | {"commit": info.commit, "photo A": names[0], "photo B": names[1]}
    plain = csv.writer(text)
    plain.writerows([name, value, None, None] for name, value in about.items())
    return text.getvalue()


def notes_on_colours(view: View) -> None:
    """Say what colours mean between the two photos."""
    if view.a == view.b:
        st.caption("The same photo on both sides: the same colours, and every distance is 0.")
    else:
        st.caption("Equal colours in A and B mean nothing: components are coloured photo by photo.")


def _graph_caption(layout: Layout, n_drawn: int, counts: Counts) -> str:
    text = "Tokens as points, joined where they are at most the scale apart. "
    if layout.variance_share is None:
        text += (
            "Spring layout of the graph at this scale, as in the notebook; single tokens left out."
        )
    else:
        text += (
            f"Placed by their distances alone: {layout.variance_share:.0%} of the variance, "
            f"stress {layout.stress:.2f}."
        )
    if n_drawn < counts.edges:
        text += f" {n_drawn:,} of {counts.edges:,} edges are drawn, to keep it swift."
    return text


def _name(letter: str) -> str:
    return frame.sides()["ab".index(letter)].photo.name.replace("_", " ")


def _shown(value: str | int | float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
