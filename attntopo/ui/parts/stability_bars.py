"""The Stability page's numbers and bars: what survives, beside what would survive anyway."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from attntopo.analysis import certificate_radii
from attntopo.figures.painting import WholePhoto
from attntopo.figures.perturbed_photos import paint_survival
from attntopo.figures.stability import plot_survival
from attntopo.links import NOTHING, View, parse_selection
from attntopo.topology import Diagrams
from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results.bar_partners import SelectedBar
from attntopo.ui.results.stability import Strengths
from attntopo.ui.runtime import shared

CONFIG = {"displaylogo": False, "displayModeBar": False}
"""Of all figures on the page."""

Bar = tuple[int, int]
"""Dimension and row of a bar."""


def selected_row(view: View, diagrams: Diagrams) -> Bar | None:
    """Return which bar of the clean photo is selected, if one is."""
    selected = parse_selection(view.selection)
    if selected is None or selected.kind != "bar" or selected.side != view.perturbed:
        return None
    there = selected.number < len(diagrams[selected.dimension])
    return (selected.dimension, selected.number) if there else None


def numbers_table(known: Strengths) -> str:
    """Write the numbers of the shown strength, beneath each those of other photos, as Markdown."""
    assert known.shown is not None
    outcome, others = known.shown.outcome, list(known.others.values())
    diagrams, moved = known.clean.topology.diagrams, outcome.distances
    beside = f"of {len(others)} other photos" if others else "of other photos"
    rows = [("", "H0: components", "H1: loops"), (":---", "---:", "---:")]
    # A bar without an end outlives everything.
    ends = [np.isfinite(diagrams[k][:, 1]) for k in (0, 1)]

    def row(name: str, cell: Callable[[int], str]) -> None:
        rows.append((name, cell(0), cell(1)))

    row("Bottleneck", lambda k: f"{moved.bottleneck[k]:.4f}")
    row(beside, lambda k: _spread([one.distances.bottleneck[k] for one in others], ".4f"))
    matched = "" if known.shown.has_same_tokens else ", of matched tokens alone"
    row(f"Bound max\\|D − D′\\|{matched}", lambda _: f"{outcome.bound:.4f}")
    row("1-Wasserstein", lambda k: _exact(moved.wasserstein[k]))
    row(beside, lambda k: _spread([one.distances.wasserstein[k] for one in others], ".4f"))
    row(
        "Bars that survive, of those that end",
        lambda k: f"{int(outcome.survives[k][ends[k]].sum())} of {int(ends[k].sum())}",
    )
    row(
        beside,
        lambda k: _spread([float(one.survives[k][ends[k]].sum()) for one in others], ".0f"),
    )
    if known.shown.has_same_tokens:
        row(
            "Certified: radius above the bound",
            lambda k: str(int((certificate_radii(diagrams[k][ends[k]]) > outcome.bound).sum())),
        )
    return "\n".join(f"| {' | '.join(one)} |" for one in rows)


def paired_words(known: Strengths) -> str:
    """Say how far apart both photos are token by token."""
    assert known.shown is not None
    paired = known.shown.outcome.paired
    numbers = {
        "correlation of merge heights (Spearman)": paired.merge_heights,
        "RTD-lite": paired.rtd_lite,
    }
    there = [f"{name} {value:.4f}" for name, value in numbers.items() if np.isfinite(value)]
    said = f"Token by token: {', '.join(there)}." if there else ""
    if there and not known.shown.has_same_tokens:
        said += " RTD-lite is a sum over matched tokens: the fewer they are, the less it is."
    return f"{said} {paired.note}".strip()


def _exact(value: float) -> str:
    return "too many bars" if np.isnan(value) else f"{value:.4f}"


def _spread(values: list[float], form: str) -> str:
    """Write a median, and the least and the most."""
    if not values:
        return "not computed yet"
    finite = np.array([one for one in values if np.isfinite(one)])
    if not len(finite):
        return "too many bars"
    median, least, most = (f"{f(finite):{form}}" for f in (np.median, np.min, np.max))
    return f"{median} ({least} to {most})"


def draw(
    view: View, known: Strengths, bar: Bar | None, selected: SelectedBar | None, key: str
) -> None:
    """Draw the clean diagrams with what survives, where it is on the photo, and all bars."""
    assert known.shown is not None
    clean, outcome = known.clean, known.shown.outcome
    shares = _other_shares(known)
    diagram, photo, table = st.columns([1.1, 0.9, 1.3], gap="small")
    with diagram:
        st.plotly_chart(
            plot_survival(
                clean.topology.diagrams, outcome, shares, bar, known.shown.has_same_tokens
            ),
            key=f"survival {key}",
            config=CONFIG,
            on_select=lambda: _take_mark(f"survival {key}", clean.topology.diagrams, view),
            selection_mode="points",
            alt="The clean photo's persistence diagrams: bars that survive are filled.",
        )
    with photo:
        whole = WholePhoto(clean.photo.photo.pixels, clean.patches_box)
        picture = shared.kept_results().get_or_compute(
            ("survival", *clean.photo.key, *clean.key, view.perturbation, view.strength),
            lambda: paint_survival(clean.tokens, clean.topology, outcome.survives[0], whole),
        )
        st.image(
            picture,
            width="stretch",
            output_format="JPEG",
            alt="The clean photo: blue where a component begins that survives, orange where one "
            "is lost.",
        )
        explain("H0: blue where the component that begins there survives, orange where it is lost.")
    with table:
        _table(view, known, shares, key)
    if bar is not None and selected is not None:
        explain(_selected_words(known, bar, selected))
    explain(
        "“Survives” says no more than that the bottleneck matching pairs the bar at a cost below "
        "its certificate radius, half its length: its partner may be far shorter, or of other "
        "tokens. Diagrams don't know which token is which, so bars would survive in other photos "
        "too, often most of those of H0: what counts is by how much more they do here."
    )


def _other_shares(known: Strengths) -> tuple[np.ndarray, np.ndarray] | None:
    """Return in what share of the other photos each bar would survive."""
    others = known.others.values()
    if not others:
        return None
    h0, h1 = (np.mean([one.survives[k] for one in others], axis=0) for k in (0, 1))
    return h0, h1


def _table(
    view: View, known: Strengths, shares: tuple[np.ndarray, np.ndarray] | None, key: str
) -> None:
    assert known.shown is not None
    diagrams, survives = known.clean.topology.diagrams, known.shown.outcome.survives
    rows = []
    for k in (0, 1):
        radii = certificate_radii(diagrams[k]).tolist()
        for number, (birth, death) in enumerate(diagrams[k].tolist()):
            share = None if shares is None else 100 * float(shares[k][number])
            rows.append((k, number, birth, death, radii[number], survives[k][number], share))
    rows.sort(key=lambda one: -one[4])
    names = ("bar", "birth", "death", "radius", "survives", "in others")
    columns = [
        [f"H{k} {number}" for k, number, *_ in rows],
        *([one[place] for one in rows] for place in (2, 3, 4, 5, 6)),
    ]
    number_format = st.column_config.NumberColumn(format="%.4f")
    st.dataframe(
        dict(zip(names, columns, strict=True)),
        hide_index=True,
        height=400,
        key=f"bars {key}",
        on_select=lambda: _take_bar(f"bars {key}", [one[:2] for one in rows], view.perturbed),
        selection_mode="single-row",
        column_config={
            "birth": number_format,
            "death": number_format,
            "radius": st.column_config.NumberColumn(
                format="%.4f", help="Certificate radius: half the bar's length."
            ),
            "in others": st.column_config.NumberColumn(
                format="%.0f %%", help="Share of the other photos in which it would survive."
            ),
        },
        alt="All bars of the clean photo: radius, and whether they survive.",
    )
    explain("Select a bar here, or its mark in the diagram, to see it on both photos above.")


def _take_bar(key: str, bars: list[Bar], side: str) -> None:
    """Take the row that was selected; a program in a browser's place may say anything."""
    chosen = st.session_state[key]["selection"].get("rows")
    number = chosen[0] if isinstance(chosen, list) and chosen else None
    if isinstance(number, int) and 0 <= number < len(bars):
        dimension, row = bars[number]
        session.put(selection=f"{side}-h{dimension}-{row}")
    else:
        session.put(selection=NOTHING)


def _take_mark(key: str, diagrams: Diagrams, view: View) -> None:
    """Take the mark that was clicked; a program in a browser's place may say anything."""
    points = st.session_state[key]["selection"].get("points")
    point = points[0] if isinstance(points, list) and points else None
    data = point.get("customdata") if isinstance(point, dict) else None
    # A row of a typed array arrives as an object whose keys are its places.
    last_two = list(data.values() if isinstance(data, dict) else data or ())[-2:]
    for k in (0, 1):
        for row in range(len(diagrams[k])):
            if last_two == [k, row]:
                session.put(selection=f"{view.perturbed}-h{k}-{row}")
                return
    session.put(selection=NOTHING)


def _selected_words(known: Strengths, bar: Bar, selected: SelectedBar) -> str:
    assert known.shown is not None
    dimension, row = bar
    own = known.clean.topology.diagrams[dimension]
    birth, death = own[row].tolist()
    radius = float(certificate_radii(own)[row])
    words = f"Selected: the H{dimension} bar {_text(birth)} to {_text(death)}"
    if selected.partner < 0:
        return f"{words}, radius {_text(radius)}: it has no partner, so it is lost."
    there = known.shown.topology.diagrams[dimension][selected.partner].tolist()
    verdict = "survives" if selected.cost < radius else "is lost"
    return (
        f"{words}, radius {_text(radius)}, is matched with {_text(there[0])} to {_text(there[1])} "
        f"at a cost of {selected.cost:.4f}, so it {verdict}. Its partner is marked on the "
        "perturbed photo; nothing says that both are of the same tokens."
    )


def _text(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else "∞"
