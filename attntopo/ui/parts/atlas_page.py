"""The parts of the Atlas page."""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import QUANTITIES, Head, crocker
from attntopo.attention import MEAN, Attention
from attntopo.distances import SCALE_STEPS
from attntopo.figures.atlas import plot_by_layer, plot_crocker, plot_heads, shared_ends
from attntopo.links import View, largest_scale, scale_text
from attntopo.models import SharedInfo
from attntopo.topology import PersistenceError
from attntopo.ui import session
from attntopo.ui.parts import atlas_pictures, widgets
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.head_names import head_options
from attntopo.ui.results import Heads, PhotoInput, Scales, scales_of, steps
from attntopo.ui.results.nulls_of_heads import N_DRAWS
from attntopo.ui.runtime import StatusLine, end_page
from attntopo.wording import counted

_CONFIG = {"displaylogo": False, "displayModeBar": False}
_STOPPED = "atlas stopped"
# Seconds, while heads are still missing: of the pictures, and of the heat maps.
_PAINTED_EVERY, _REDRAWN_EVERY = 0.7, 1.5
_LEAST_PAUSE = 10  # times as long as it took to put the pictures together: many heads take a while
_MOST_SCALES = 400
_BEFORE_THAT = "before that it would be of those that happen to be there."


def quantity_control(view: View, info: SharedInfo, scales: Scales) -> None:
    """Draw the choice of what is shown for every head, with the scale where it depends on that."""
    quantity = QUANTITIES[view.quantity]
    apart = quantity.of_scale and view.pictures != "one"
    choice, beside = st.columns(2, vertical_alignment="top")
    with choice:
        widgets.bound(
            st.selectbox,
            "quantity",
            "What to show for every head",
            list(QUANTITIES),
            format_func=lambda key: QUANTITIES[key].label,
        )
    with beside:
        if apart:
            atlas_pictures.scale_control(view, info, scales)
        if quantity.of_pairs == "chosen":
            _other_control(view, info)
    at = f" That is {_said(scales)}: see above." if quantity.of_scale and not apart else ""
    explain(f"{quantity.explanation}{at}")


def _other_control(view: View, info: SharedInfo) -> None:
    """Draw the choice of the head that all are compared with."""
    options = head_options(view, info)
    label = "The head to compare with"
    widgets.bound(st.selectbox, "against", label, list(options), format_func=options.__getitem__)


def _said(scales: Scales) -> str:
    a, b = map(scale_text, scales)
    return a if a == b else f"{a} in A, {b} in B"


def one_model(view: View) -> None:
    """Say it where Compare shows B with a model, layer or head of its own."""
    if view.b_has_own_head:
        explain(
            "In Compare B has its own model, layer and head; here both are shown with A's model."
        )


def shown_scales(
    view: View,
    info: SharedInfo,
    sides: tuple[PhotoInput, PhotoInput],
    attended: Sequence[Attention],
    status: StatusLine,
) -> Scales:
    """Say at which scale A and B are counted: as for the chosen head, or the nearest of both."""
    if view.scale is not None and view.share is None:
        return view.scale, view.scale
    key = steps.head_key(view.changed(info)[0], "a")
    try:
        return scales_of(
            view,
            *(
                steps.analyse_head(side, attention, key, status)
                for side, attention in zip(sides, attended, strict=True)
            ),
        )
    except PersistenceError as error:
        st.error(str(error))
        end_page()


def fill_in(page: Heads, beside: DeltaGenerator, maps: DeltaGenerator) -> None:
    """Compute the missing heads on all cores, filling in what is drawn.

    Parameters
    ----------
    page : Heads
    beside : DeltaGenerator
        Where progress and Stop are drawn.
    maps : DeltaGenerator
        An empty element for the heat maps meanwhile.
    """
    if not page.missing:
        return
    if st.session_state.get(_STOPPED) == page.what:
        of = counted(len(page.heads), "head")
        with beside.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"Stopped: {page.n_done} of {of} computed.")
            st.button("Go on", on_click=_stop, args=(None,))
        return
    with beside:
        place, news = st.empty(), st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text="Beginning …")
        st.button("Stop", on_click=_stop, args=(page.what,))
    try:
        _compute_all(page, bar, maps, news)
    except PersistenceError as error:
        st.error(str(error))
        end_page()
    place.empty()


def _compute_all(
    page: Heads, bar: DeltaGenerator, maps: DeltaGenerator, news: DeltaGenerator
) -> None:
    drawn = time.monotonic()
    paint_at, times = drawn + _PAINTED_EVERY, 0

    def show(text: str) -> None:
        done, of = page.n_done, counted(len(page.heads), "head")
        bar.progress(done / len(page.heads), f"{text}: {done} of {of} computed")

    def paint() -> float:
        began = time.monotonic()
        with news.container():
            atlas_pictures.add(page, times)
        now = time.monotonic()
        return now + max(_PAINTED_EVERY, _LEAST_PAUSE * (now - began))

    # Each of these lets Stop take effect.
    waiting = closing(page.fill_in(lambda: show("At work, or waiting for a free slot")))
    with waiting as cells:
        for layer, head in cells:
            show(f"Layer {layer}, {'mean of heads' if head == MEAN else f'head {head}'}")
            times += 1
            if time.monotonic() > paint_at:
                paint_at = paint()
            if time.monotonic() - drawn > _REDRAWN_EVERY:
                with maps.container():
                    draw_maps(page, f"filling {times}", selectable=False)
                drawn = time.monotonic()
    times += 1
    paint()


def _stop(what: object) -> None:
    """Compute no more heads of this; of None, go on."""
    st.session_state[_STOPPED] = what
    session.write()


def places(page: Heads) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where the heat maps and the curve by layer go: beside each other if it is one map."""
    if page.quantity.of_one is None:
        left, right = st.columns(2, gap="large")
        return left, right
    return st.container(), st.container()


def heat_maps(page: Heads) -> None:
    """Draw the heat maps; selecting a cell opens that head in Compare."""
    atlas_pictures.extremes(page)
    head = draw_maps(page, "heat", selectable=True)
    chosen = (page.view.layer, page.view.head)
    explain(
        "One cell for each head: layers go down, from the photo's side to the model's output. "
        + (
            "The outlined cell is the layer and head chosen in the sidebar."
            if chosen in page.heads
            else "None is outlined, as what is chosen in the sidebar isn't one head of both photos."
        )
    )
    if head is not None:
        atlas_pictures.open_number(page, head)


def draw_maps(page: Heads, key: str, *, selectable: bool) -> Head | None:
    """Draw the heat maps alone, under a key of their own; return the head that is selected."""
    values = page.values(page.quantity)
    ticked = float(N_DRAWS) if page.quantity.of_nulls else None
    ends = (0.0, ticked) if ticked else shared_ends(*values.values())
    head = page.view.head
    here = (page.view.layer, head) if isinstance(head, int) else None
    shown = [
        (_title(side, page), plot_heads(of_side, ends, False, here, ticked))
        for side, of_side in values.items()
    ]
    if len(values) == 2:
        difference = plot_heads(values["B"] - values["A"], None, True, here)
        shown.append(("B minus A", difference))
    selected = None
    columns = st.columns(len(shown)) if len(shown) > 1 else [st.container()]
    for number, (column, (title, figure)) in enumerate(zip(columns, shown, strict=True)):
        with column:
            st.markdown(f"**{title}**")
            event: Any = st.plotly_chart(
                figure,
                key=f"{key} {number}",
                config=_CONFIG,
                on_select="rerun" if selectable else "ignore",
                selection_mode="points",
                alt=f"{page.quantity.label} of every layer and head: {title}.",
            )
        point = _first_selected(event, "points") if selectable else None
        if isinstance(point, dict):
            place = point.get("y"), point.get("x")
            selected = next((one for one in page.heads if one == place), selected)
    return selected


def _first_selected(event: Any, what: str) -> Any:
    """Return what is selected first, or None; a program in a browser's place may say anything."""
    chosen = event["selection"].get(what)
    return chosen[0] if isinstance(chosen, list) and chosen else None


def _title(side: str, page: Heads) -> str:
    names = {letter: f"{letter}: {one.title}" for letter, one in zip("AB", page.sides, strict=True)}
    return names.get(side) or f"{page.quantity.label}, A to B"


def by_layer(page: Heads, is_whole: bool) -> None:
    """Draw the curve by layer with the spread of the heads, where all heads have been computed."""
    st.markdown("**By layer**")
    if not is_whole:
        explain(
            "What is common to a layer's heads is drawn once all heads have their number: "
            f"{_BEFORE_THAT}"
        )
        return
    st.plotly_chart(
        plot_by_layer(page.values(page.quantity), page.quantity.label),
        key="by layer",
        config=_CONFIG,
        alt=f"{page.quantity.label} by layer, mean of the heads and their spread.",
    )
    explain(
        "The line is the mean over a layer's heads that have a number, the band goes from the "
        "least to the most."
    )


def through_depth(page: Heads, info: SharedInfo) -> None:
    """Draw the CROCKER plots of both photos in both dimensions."""
    if page.missing:
        explain(
            "What is common to a layer's heads is drawn once all heads have been computed: "
            f"{_BEFORE_THAT}"
        )
        return
    scales = _scales(page, largest_scale(page.view.distance, info))
    for dimension, what in enumerate(("components", "loops")):
        plots = [crocker(summaries, dimension, scales) for summaries in page.summaries]
        largest = shared_ends(*plots)[1]
        columns = st.columns(2, gap="large")
        for letter, betti, scale, column in zip("AB", plots, page.scales, columns, strict=True):
            with column:
                st.markdown(f"**{_title(letter, page)}**, {what} (H{dimension})")
                st.plotly_chart(
                    plot_crocker(betti, scales, scale, what, largest),
                    key=f"crocker {letter} {dimension}",
                    config=_CONFIG,
                    alt=f"Mean number of {what} of photo {letter} by scale and layer.",
                )
    explain(
        "Mean Betti number of a layer's heads: across the scale, down the layers. Follow one "
        "colour downwards to see whether components merge, or loops live, sooner or later with "
        "depth. The line is the chosen scale; all maps of a row share their colours."
    )


def _scales(page: Heads, end: float) -> np.ndarray:
    """Choose scales on the grid up to where everything has merged."""
    deaths = [
        summary.diagrams[k][:, 1]
        for summaries in page.summaries
        for summary in summaries.values()
        for k in (0, 1)
    ]
    finite = np.concatenate([page.scales, *deaths])
    last = min(end, 1.05 * finite[np.isfinite(finite)].max())
    steps = np.arange(round(last * SCALE_STEPS) + 1)
    return steps[:: -(-len(steps) // _MOST_SCALES)] / SCALE_STEPS


def table(page: Heads) -> None:
    """Draw the table of all numbers; selecting a row opens that head in Compare."""
    rows = page.rows()
    first = [name for name in rows[0] if name.startswith(page.quantity.label)]
    names = ["layer", "head", *first]
    names += [name for name in rows[0] if name not in names]
    event: Any = st.dataframe(
        {name: [row[name] for row in rows] for name in names},
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="all heads",
        column_config={name: st.column_config.NumberColumn(format="%.4g") for name in names[2:]},
        alt="All numbers of every layer and head.",
    )
    explain("Click a column's name to sort by it; select a row to open that head in Compare.")
    number = _first_selected(event, "rows")
    if isinstance(number, int) and 0 <= number < len(rows):
        row = rows[number]
        atlas_pictures.open_number(page, (int(row["layer"]), int(row["head"])))
