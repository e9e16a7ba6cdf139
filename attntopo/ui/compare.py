"""The parts of the Compare page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from attntopo.analysis import Comparison, Counts, HeadTopology, count
from attntopo.attention import Attention
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.figures.diagram import plot_betti_curves, plot_diagrams, shared_end
from attntopo.figures.graph import edges_drawn, plot_skeleton
from attntopo.figures.photo import plot_components
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.layout import Layout, spring_layout
from attntopo.model_info import ModelInfo, SharedInfo
from attntopo.presets import PRESETS
from attntopo.skeleton import Skeleton, skeleton_at
from attntopo.ui import cached, frame
from attntopo.view import View, largest_scale

_CONFIG = {"displaylogo": False, "displayModeBar": "hover"}


@dataclass(frozen=True, eq=False)
class Half:
    """One photo's half of the page: what there is at the view's scale."""

    letter: str
    side: cached.Side
    tokens: TokenGrid
    topology: HeadTopology
    skeleton: Skeleton
    layout: Layout
    counts: Counts

    @property
    def name(self) -> str:
        """What to call the photo."""
        return self.side.photo.name.replace("_", " ")


def half(
    letter: str,
    view: View,
    info: ModelInfo,
    side: cached.Side,
    maps: Attention,
    topology: HeadTopology,
) -> Half:
    """Take a head's topology at the view's scale: a threshold, nothing more."""
    skeleton = skeleton_at(topology.distances, topology.tree, view.scale)
    return Half(
        letter=letter,
        side=side,
        tokens=token_grid(maps.input_pixels, maps.grid, info.prefix, topology.distances.tokens),
        topology=topology,
        skeleton=skeleton,
        layout=(
            spring_layout(skeleton)
            if view.layout == "spring"
            else cached.layout(side, cached.head_key(view), topology)
        ),
        counts=count(topology, skeleton),
    )


def presets(view: View) -> None:
    """Draw the row of presets, and what the present one shows."""
    # The same page under its other address: a link to the present page would look selected.
    pages = frame.pages()
    target = pages["compare"] if st.session_state.get("page") == "" else pages["home"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Start from**", width="content")
        for preset in PRESETS:
            icon = "check" if preset.view == view else "arrow_forward"
            st.page_link(
                target,
                label=preset.label,
                icon=f":material/{icon}:",
                query_params=preset.view.to_query(),
            )
    for preset in PRESETS:
        if preset.view == view:
            explain(f"**{preset.label}.** {preset.seen}")


def tiles(comparison: Comparison, a: Half, b: Half) -> None:
    """Draw the tiles: how far apart, and what there is in each photo."""
    values = (
        (
            "H0 bottleneck",
            f"{comparison.h0_bottleneck:.4f}",
            "How far apart the two photos' H0 persistence diagrams are (components), in the units "
            "of the scale. 0 means the same diagram.",
        ),
        (
            "H1 bottleneck",
            f"{comparison.h1_bottleneck:.4f}",
            "How far apart the two photos' H1 persistence diagrams are (loops), in the units of "
            "the scale. 0 means the same diagram.",
        ),
        (
            "Components A | B",
            f"{a.counts.components} | {b.counts.components}",
            "Connected components of the 1-skeleton at this scale, single tokens included.",
        ),
        (
            "Loops A | B",
            f"{a.counts.loops} | {b.counts.loops}",
            "Loops of the Rips complex at this scale that nothing fills: its first Betti number.",
        ),
    )
    with st.container(horizontal=True):  # wraps on a phone
        for label, value, explanation in values:
            st.metric(label, value, border=True, help=explanation, width="stretch")


def like_for_like(info: SharedInfo) -> None:
    """Say it where the sides' numbers aren't like for like."""
    if not info.same_tokens:
        a, b = (side.n_tokens for side in info.sides)
        explain(
            f"**Not like for like:** A has {a} tokens and B has {b}, and both the counts and the "
            "distances between attention rows change with the number of tokens."
        )


def scale_control(view: View, info: SharedInfo) -> None:
    """Draw the scale's slider and the field to type it."""
    end = largest_scale(view.distance, info)
    options = {"step": 1 / SCALE_STEPS, "format": "%.3f"}
    slider, field = st.columns([5, 1], vertical_alignment="bottom")
    with slider:
        frame.bound(
            st.slider,
            "scale",
            "Scale: tokens at most this far apart are joined",
            0.0,
            end,
            help=DISTANCES[view.distance].explanation,
            **options,
        )
    with field:
        frame.bound(st.number_input, "scale", "Typed scale", 0.0, end, suffix="_typed", **options)


def photos(view: View, halves: tuple[Half, Half]) -> None:
    """Draw, for A and B, the components on the photo and the 1-skeleton in 3D."""
    thinned = []
    for shown, column in zip(halves, st.columns(2, gap="large"), strict=True):
        counts = shown.counts
        edges = edges_drawn(shown.skeleton, shown.topology.tree)
        if len(edges) < counts.edges:
            thinned.append(f"{len(edges):,} of {shown.letter}'s {counts.edges:,}")
        with column:
            st.subheader(f"{shown.letter}: {shown.name}", divider="gray")
            explain(
                f"Components: {counts.components - counts.single} of two tokens or more, "
                f"{counts.single} single · {counts.loops} loops · {counts.edges:,} edges "
                f"({counts.share_of_edges:.0%} of pairs)"
            )
            photo, graph = st.columns(2)
            photo.plotly_chart(
                plot_components(shown.skeleton, shown.tokens),
                key=f"photo_{shown.letter}",
                config=_CONFIG,
                alt=f"Photo {shown.letter} with its {counts.components} components painted on it.",
            )
            graph.plotly_chart(
                plot_skeleton(shown.skeleton, edges, shown.layout, shown.tokens, view.color),
                key=f"graph_{shown.letter}",
                config=_CONFIG,
                alt=f"3D 1-skeleton of photo {shown.letter} with {counts.edges} edges.",
            )
    explain(_how_to_read_photos(halves))
    explain(_how_to_read_graphs(halves, thinned))


def curves(view: View, info: SharedInfo, a: Half, b: Half) -> None:
    """Draw the Betti curves with the current scale."""
    end = min(
        largest_scale(view.distance, info),
        shared_end(a.topology.diagrams, b.topology.diagrams, view.scale),
    )
    st.subheader("Betti curves")
    for dimension, (column, what) in enumerate(
        zip(st.columns(2, gap="large"), ("components", "loops"), strict=True)
    ):
        column.plotly_chart(
            plot_betti_curves(
                a.topology.diagrams,
                b.topology.diagrams,
                dimension,
                view.scale,
                end,
                (f"A: {a.name}", f"B: {b.name}"),
            ),
            key=f"curves_{dimension}",
            config=_CONFIG,
            alt=f"Betti curves: number of {what} against the scale, A solid, B dashed.",
        )
    explain(
        "How many components (left) and loops (right) there are at each scale. The vertical line "
        "is the scale chosen above."
    )


def diagrams(view: View, halves: tuple[Half, Half]) -> None:
    """Draw both persistence diagrams on the same axes."""
    st.subheader("Persistence diagrams")
    end = shared_end(halves[0].topology.diagrams, halves[1].topology.diagrams, view.scale)
    for shown, column in zip(halves, st.columns(2, gap="large"), strict=True):
        column.markdown(f"{shown.letter}: {shown.name}")
        column.plotly_chart(
            plot_diagrams(shown.topology.diagrams, view.scale, end),
            key=f"diagram_{shown.letter}",
            config=_CONFIG,
            alt=f"Persistence diagrams of photo {shown.letter} in H0 and H1.",
        )
    explain(
        "Each mark is a component (H0) or a loop (H1). Across: the scale at which it appears. Up: "
        "the scale at which a component merges into another, or a loop is filled in. The marks "
        "above and left of the red corner are those alive at the present scale."
    )


def explain(text: str) -> None:
    """Draw a sentence that says how to read something: small, but in full contrast."""
    st.markdown(f":small[{text}]")


def _how_to_read_photos(halves: tuple[Half, Half]) -> str:
    text = (
        "**On the photo,** as the model saw it: a bright colour is one component of four tokens or "
        "more, tokens whose attention rows are linked by steps no longer than the scale. Pale grey "
        "are components of two or three tokens, numbered grey those for which no colour is left; "
        "patches without a tint stand alone. "
    )
    first, second = (shown.side for shown in halves)
    if any((shown.tokens.cells < 0).any() for shown in halves):
        text += "The squares at the left are the tokens that are no patches"
        text += ". " if first.given or second.given else ", the class token first. "
    if first.content == second.content:
        what = "attention" if first.given else "photo"
        return text + f"A and B are the same {what}: equal colours, and every distance is 0."
    return text + "Equal colours in A and B mean nothing."


def _how_to_read_graphs(halves: tuple[Half, Half], thinned: list[str]) -> str:
    text = (
        "**In 3D** (drag to turn): the same tokens, joined where they are at most the scale apart. "
    )
    first, second = (shown.layout for shown in halves)
    if first.variance_share is None or second.variance_share is None:
        text += (
            "A spring layout of the graph at this scale, as in the notebook, without single tokens."
        )
    else:
        text += (
            "They are placed by their distances alone, so they stay where they are; three "
            f"dimensions keep {first.variance_share:.0%} of the variance in A (stress "
            f"{first.stress:.2f}) and {second.variance_share:.0%} in B (stress "
            f"{second.stress:.2f})."
        )
    if thinned:
        text += f" To keep it swift, {' and '.join(thinned)} edges are drawn."
    return text
