"""The Atlas page's pictures: every head painted, and the ways from a head to Compare."""

from dataclasses import replace
from typing import Any, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import Cell
from attntopo.distances import DISTANCES
from attntopo.figures.head_pictures import painted_heads
from attntopo.links import CHOICES, OF_B, View, largest_scale, scale_text
from attntopo.models import SharedInfo
from attntopo.ui import atlas_view, session
from attntopo.ui.parts import widgets
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import Heads, Scales

_PICTURES = {"own": "each head at its own scale", "one": "all heads at one scale"}


def open_chosen(page: Heads) -> None:
    """Open the head in Compare that was chosen among the pictures, if one was."""
    chosen = atlas_view.take_chosen()
    if chosen in (*page.heads, *page.means):
        _open(_as_painted(page, chosen))


def open_number(page: Heads, head: Cell) -> NoReturn:
    """Open a head in Compare whose number was chosen."""
    _open(_as_counted(page, head))


def _open(view: View) -> NoReturn:
    names = ("layer", "head", "scale", "share", "model_b", "layer_b", "head_b")
    session.go("compare", **{name: getattr(view, name) for name in names})


def _as_painted(page: Heads, head: Cell) -> View:
    """Return the view of a head as it is painted here: both photos by A's model, at its scale."""
    view = _of_head(page, head)
    if view.pictures == "own":
        return replace(view, scale=None, share=None)  # at which Compare opens by itself
    return _at_shown_scales(page, view)


def _of_head(page: Heads, head: Cell) -> View:
    """Return what is looked at with another head; what is selected may have lost its meaning."""
    changes = dict.fromkeys(OF_B) | {"layer": head[0], "head": head[1]}
    return session.current().changed(page.info, **changes)[0]


def _at_shown_scales(page: Heads, view: View) -> View:
    return view if view.share is not None else replace(view, scale=page.scales[0])


def _as_counted(page: Heads, head: Cell) -> View:
    """Return the same at the scale of the quantity shown, where it depends on one."""
    if not page.quantity.of_scale:
        return _as_painted(page, head)
    return _at_shown_scales(page, _of_head(page, head))


def scale_choice(view: View, info: SharedInfo, scales: Scales) -> DeltaGenerator:
    """Draw the choice of the pictures' scale; return the place beside it."""
    choice, beside = st.columns(2, vertical_alignment="bottom")
    with choice:
        widgets.bound(
            st.radio,
            "pictures",
            "Paint",
            list(CHOICES["pictures"]),
            format_func=_PICTURES.__getitem__,
            horizontal=True,
            label_visibility="collapsed",
        )
    if view.pictures == "one":
        scale_control(view, info, scales)
    return beside


def scale_control(view: View, info: SharedInfo, scales: Scales) -> None:
    """Draw the scale's slider and the field to type it; or the share that leads."""
    if view.share is not None:
        label = "Share of merges that have happened, in percent"
        widgets.bound(st.slider, "share", label, 0.0, 100.0, step=0.1, format="%.1f")
        explain("A is at the scale {}, B at {}.".format(*map(scale_text, scales)))
        return
    end = largest_scale(view.distance, info)
    options: dict[str, Any] = {"unset": scales[0], "step": 0.001, "format": "%.5f"}
    slider, field = st.columns([5, 1], vertical_alignment="bottom")
    with slider:
        widgets.bound(
            st.slider,
            "scale",
            "Scale: tokens at most this far apart are joined",
            0.0,
            end,
            help=DISTANCES[view.distance].explanation,
            **options,
        )
    with field:
        options["suffix"] = "_typed"
        widgets.bound(st.number_input, "scale", "Typed scale", 0.0, end, **options)
    if view.scale is None:
        explain(
            "Until you choose a scale it is where nine of ten merges of both photos have happened "
            f"in layer {view.layer}, head {view.head}."
        )


def draw(page: Heads) -> None:
    """Draw the pictures of all heads that are known."""
    atlas_view.mount(_data(page))


def add(page: Heads, number: int) -> None:
    """Fill in what is known by now; another number each time."""
    atlas_view.send_more(_data(page), number)


def _data(page: Heads) -> str:
    view = page.view.together()
    return painted_heads(
        page.trees,
        page.tokens,
        [side.title for side in page.sides],
        (len(page.means), len(page.heads) // len(page.means)),
        page.scales if view.pictures == "one" else None,
        view.to_query(),
        lambda head: _as_painted(page, head).to_query(),
    )


def extremes(page: Heads) -> None:
    """Name the heads in which the two photos are least and most far apart, as links to them."""
    # Neither a rank nor another head says how alike two photos are.
    if page.quantity.of_nulls or page.quantity.of_pairs:
        return
    if page.sides[0].content == page.sides[1].content:
        st.markdown(":small[A and B are the same, so every distance between them is 0.]")
        return
    apart, words = _apart(page)
    if not apart:
        return
    so_far = " so far" if page.missing else ""
    least, most = (choose(sorted(apart), key=apart.__getitem__) for choose in (min, max))
    target = session.pages()["compare"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[By “{page.quantity.label}” the two photos are{so_far}]")
        for how, head in (("nearest", least), ("farthest apart", most)):
            st.page_link(
                target,
                icon=":material/arrow_forward:",
                label=f"**{how}** in layer {head[0]}, head {head[1]} ({words[head]})",
                query_params=_as_counted(page, head).to_query(),
            )
        st.markdown(
            ":small[That names heads, not how alike the photos are: each head's values have their "
            "own spread, so the same heads lead for most pairs of photos.]"
        )


def _apart(page: Heads) -> tuple[dict[Cell, float], dict[Cell, str]]:
    """Return how far apart both photos are in each head, by the quantity shown, and in words."""
    quantity = page.quantity
    if quantity.of_one is None:
        apart: dict[Cell, float] = {
            head: between[quantity.key] for head, between in page.between.items()
        }
        return apart, {head: f"{value:.4f}" for head, value in apart.items()}
    a, b = (
        {head: quantity.of_one(summary, scale) for head, summary in summaries.items()}
        for summaries, scale in zip(page.summaries, page.scales, strict=True)
    )
    both = [head for head in a if head in b]
    return (
        {head: abs(b[head] - a[head]) for head in both},
        {head: f"A {a[head]:.4g}, B {b[head]:.4g}" for head in both},
    )
