"""The parts of the Compare page."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from attntopo.distances import around_token
from attntopo.figures.effort import linked_effort
from attntopo.figures.linked import LinkedData, LinkedSide, linked_data
from attntopo.figures.linked_answers import answered_heat, answered_loops, needs_heat
from attntopo.figures.marks import selected_bar
from attntopo.links import NOTHING, PRESETS, View, largest_scale, parse_selection
from attntopo.models import SharedInfo
from attntopo.threads import map_threaded
from attntopo.topology import Cycle, Layout
from attntopo.ui import linked, session
from attntopo.ui.parts import evidence, knock_outs, photos_panel, swapping
from attntopo.ui.results import (
    Panels,
    PhotoPanel,
    Scales,
    all_cycles,
    compare_panels,
    effort_at_once,
    kept_cycle,
    longest_bars,
    match_panels,
    pair_key,
    panels_by_token,
    steps,
)
from attntopo.ui.runtime import StatusLine, named_slot, shared
from attntopo.wording import share_text


def caveats(info: SharedInfo) -> str:
    """Say what to keep in mind of the models: other token counts, no training; or nothing."""
    return " ".join(words for words in (_unlike(info), _untrained(info)) if words)


def _untrained(info: SharedInfo) -> str:
    """Say which sides are shown by an untrained twin, and what that may and may not show."""
    letters = [letter for letter, side in zip("AB", info.sides, strict=True) if side.weights]
    if not letters:
        return ""
    if len(letters) == 2:
        return (
            "A and B are shown by an untrained twin: the model's architecture with random weights. "
            "Nothing here was learnt; all of it comes from the photo, the architecture and one "
            "draw of weights."
        )
    (letter,) = letters
    twin = f"{letter} is shown by an untrained twin: the architecture with random weights."
    other = "AB".replace(letter, "")
    if not info.sides["AB".index(other)].id:  # given attention, of whatever model
        return twin
    return (
        f"{twin} What both sides show can appear without training; what {other} alone shows may "
        "come from it. One draw of weights is an example, not a test, and no number between A and "
        "B says which is better."
    )


def _unlike(info: SharedInfo) -> str:
    """Say why the sides' numbers aren't like for like; nothing where they are."""
    if info.same_tokens:
        return ""
    a, b = info.sides
    return (
        f"Not like for like: A has {a.n_tokens} tokens and B has {b.n_tokens} (of {a.grid[0]} × "
        f"{a.grid[1]} and {b.grid[0]} × {b.grid[1]} patches), and both the counts and the "
        "distances between attention rows change with the number of tokens."
    )


def draw_caveats(info: SharedInfo) -> None:
    """Draw what is to be kept in mind of the models, if anything is.

    Parameters
    ----------
    info : SharedInfo
        As it was seen: see `SharedInfo.seen`.
    """
    if words := caveats(info):
        explain(words)


def linked_view(
    view: View,
    scales: Scales,
    info: SharedInfo,
    panels: Panels,
    status: StatusLine,
    verdict: str,
    whole_run: bool,
) -> None:
    """Draw photos, 1-skeletons, diagrams, curves and slider, which move together.

    Parameters
    ----------
    view : View
    scales : tuple of float
        Of A and of B.
    info : SharedInfo
        As it was seen: see `SharedInfo.seen`.
    panels : tuple of PhotoPanel
    status : StatusLine
    verdict : str
        What the distance between the photos is worth, see `sample_pairs.verdict`.
    whole_run : bool
        Whether the page runs as a whole, not this part of it alone.
    """
    data = _linked_data(view, scales, info, panels, status)
    swapping.select_pair_again(panels, status)
    status.clear()
    is_there = data.has(session.current().selection)
    if not is_there:
        session.put(selection=NOTHING)
    photos = [photos_panel.shown_photo(side) for side in "ab"]
    seen = next((one.seen for one in PRESETS if session.current().shows_as(one.view)), "")
    by_token = panels_by_token(panels, status)
    told = " ".join(words for words in (caveats(info), by_token and by_token.numbers.note) if words)
    linked.mount(data, photos, (told, seen, verdict), whole_run)
    for side, panel in zip("ab", panels, strict=True):
        linked.photos.send(side, panel.photo)
    linked.heads.send(data)
    # After the first picture, which waits for none of it.
    linked.answers.send(data.identity, _answers(session.current(), panels, status))
    evidence.send_ranks(data.identity, panels)
    knock_outs.send_knock_outs(data.identity, panels)
    for panel, scale in zip(panels, scales, strict=True):
        if refusal := panel.layout_refusal(view, scale):
            st.warning(refusal)
    if not is_there:
        st.warning("The link's `pick` names what isn't here, so nothing is selected.")


def _linked_data(
    view: View, scales: Scales, info: SharedInfo, panels: Panels, status: StatusLine
) -> LinkedData:
    """Return what the browser gets of these heads, put together once."""
    matchings = match_panels(panels, status)
    notebook = compare_panels(panels, status).notebook
    by_token = panels_by_token(panels, status)
    names = [one.title(view.b_has_own_head) for one in panels]

    def inputs() -> tuple[list[np.ndarray | None], list[Layout]]:
        running = partial(named_slot, "Running the model", status)
        laying_out = partial(named_slot, "Laying out the 1-skeleton", status)
        return [None if _asks_for_heat(one) else one.head(running) for one in panels], [
            one.layout(view, scale, laying_out) for one, scale in zip(panels, scales, strict=True)
        ]

    def compute(attention: list[np.ndarray | None], layouts: list[Layout]) -> LinkedData:
        cycles = map_threaded(lambda one: one.cycles(longest_bars(one)), panels)
        first, second = (
            LinkedSide(
                names[k],
                one.topology,
                one.tokens,
                linked.photos.picture(one.photo, one.patches_box),
                layouts[k],
                attention[k],
                cycles[k],
            )
            for k, one in enumerate(panels)
        )
        a, b = panels
        return linked_data(
            (first, second),
            matchings,
            notebook,
            largest_scale(view.distance, info),
            view.color,
            same=a.photo.content == b.photo.content
            and steps.depends_on(a.key, a.photo) == steps.depends_on(b.key, b.photo),
            by_token=by_token,
        )

    # A spring layout is one of the graph at the scale: the only part that moves with it.
    moving = scales if view.layout == "spring" else None
    shown_as = view.layout, view.color, moving, *names
    n_tokens = max(len(one.topology.distances.values) for one in panels)
    effort = linked_effort(n_tokens) + effort_at_once(panels[0]) + effort_at_once(panels[1])
    return shared.compute_once(
        (*pair_key("linked view", panels), *shown_as),
        compute,
        partial(named_slot, "Finding loops", status),
        effort,
        inputs=inputs,
    )


def _asks_for_heat(panel: PhotoPanel) -> bool:
    return needs_heat(len(panel.topology.distances.tokens))


def _answers(view: View, panels: Panels, status: StatusLine) -> list[dict[str, Any]]:
    """Return what isn't in the data and is asked for by what is selected and shown."""
    selected = parse_selection(view.selection)
    sides = []
    for k, panel in enumerate(panels):
        token = selected and selected.kind == "token" and selected.side == "ab"[k]
        heat = {}
        if selected and token and _asks_for_heat(panel):
            heads = panel.head(partial(named_slot, "Running the model", status))
            heat = answered_heat(heads, panel.topology.distances.tokens, selected.number)
        sides.append(
            {"loops": answered_loops(_asked_cycles(view, k, panels, status)), "heat": heat}
        )
    status.clear()
    return sides


def _asked_cycles(view: View, k: int, panels: Panels, status: StatusLine) -> dict[int, Cycle]:
    """Return the cycles that are asked for on one side: the selected bar's; all for the table."""
    panel, finding = panels[k], partial(named_slot, "Finding loops", status)
    at_once = longest_bars(panel)
    if len(at_once) == len(panel.topology.diagrams[1]):
        return {}
    if view.tab == "bars":
        return all_cycles(panel, finding)
    selected = parse_selection(view.selection)
    if selected is None or selected.dimension != 1:
        return {}
    row = selected_bar(selected, k, match_panels(panels, status))
    return {} if row < 0 or row in at_once else {row: kept_cycle(panel, row, finding)}


def selected_token(view: View, panels: Panels) -> None:
    """Draw the numbers of the token that is selected, if one is; last, so that nothing moves."""
    selected = parse_selection(view.selection)
    if selected is None or selected.kind != "token":
        return
    shown = panels["ab".index(selected.side)]
    distances = shown.topology.distances
    point = selected.number - int(distances.tokens[0])
    if not 0 <= point < len(distances.tokens):
        return
    names = dict(zip(distances.tokens.tolist(), shown.tokens.names, strict=True))
    rows = around_token(shown.head(shared.own_slot()), distances, point)
    st.dataframe(
        [
            {
                "attends most to": _named(names, to),
                "share": share_text(to_share, 2),
                "attended most by": _named(names, by),
                "its share": share_text(by_share, 2),
                "attends most alike": _named(names, near),
                "distance": f"{length:.4f}",
            }
            for (to, to_share), (by, by_share), (near, length) in rows
        ],
        hide_index=True,
        height="content",
        alt=f"Tokens that matter most to {names[selected.number]}.",
    )
    explain(
        f"{shown.letter}, {names[selected.number]}: where most of its attention goes, which tokens "
        "give it most of theirs, and which have the nearest rows of attention."
    )


def _named(names: dict[int, str], token: int) -> str:
    return names.get(token, f"prefix token {token}")


def explain(text: str) -> None:
    """Draw a sentence that says how to read something: small, but in full contrast."""
    st.markdown(f":small[{text}]")
