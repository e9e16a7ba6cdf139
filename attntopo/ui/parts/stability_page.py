"""The Stability page: a photo, the same photo perturbed, and how far its diagrams move."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import PERTURBATIONS, EvidenceError, shown_scales
from attntopo.diagrams import DiagramError
from attntopo.figures.marks import MarkedSide, Marks, marks_of
from attntopo.figures.painting import WholePhoto
from attntopo.figures.perturbed_photos import Painted, carried_colours, paint_components
from attntopo.figures.stability import plot_strengths, zeros_words
from attntopo.links import Selection, View, scale_text, strength_text
from attntopo.models import ModelError, SharedInfo
from attntopo.topology import PersistenceError
from attntopo.ui import session
from attntopo.ui.parts import stability_bars, stability_controls
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results.bar_partners import SelectedBar
from attntopo.ui.results.perturbed import SEED, PerturbedHead
from attntopo.ui.results.stability import CleanPhoto, Strengths
from attntopo.ui.runtime import StatusLine, end_page, named_slot, shared
from attntopo.wording import components_text, counted

ERRORS = (EvidenceError, PersistenceError, DiagramError, ModelError)
"""What computing may end with, each a sentence."""

_OTHERS_AT_ONCE = 4  # other photos after which the plot is drawn again
_STOPPED = "stability stopped"  # what the session holds


class Page:
    """All of the page that is of one head: drawn at once as far as it is known, then filled in.

    Parameters
    ----------
    view : View
    info : SharedInfo
    clean : CleanPhoto
    status : StatusLine

    Attributes
    ----------
    beside : DeltaGenerator
        Where progress and Stop are drawn.
    """

    def __init__(self, view: View, info: SharedInfo, clean: CleanPhoto, status: StatusLine) -> None:
        self.view, self.info, self.clean = view, info, clean
        self.known = Strengths(clean, view.perturbation, view.strength)
        self.scale = shown_scales([clean.topology.tree], view.scale, view.share)[0]
        self._bar = stability_bars.selected_row(view, clean.topology.diagrams)
        self._selected: SelectedBar | None = None
        self._status = status
        self._drawn = 0
        # What Stop refers to: another photo, head or perturbation starts anew.
        self._what = clean.photo.key, clean.key, view.perturbation

    def draw(self) -> None:
        """Draw all that is known, and places for the rest."""
        stability_controls.draw(self.view, self.info, self.scale)
        if self.view.perturbed == "b" and session.current().b_has_own_head:
            explain("In Compare B has its own model, layer and head; here A's are shown.")
        own, changed, plot = st.columns([1, 1, 1.15], gap="small")
        with own:
            st.markdown(f"**Clean {self.clean.letter}: {self.clean.photo.title}**")
            self._own = st.empty()
        with changed:
            st.markdown(f"**{self._how_text()}**{self._seed_text()}")
            self._changed = st.empty()
        with plot:
            st.markdown("**How far the diagrams move, by strength**")
            self._plot = st.empty()
        self.beside = st.container()
        self._numbers = st.empty()
        st.markdown("#### Which bars survive")
        self._bars = st.empty()
        self._find_selected()
        self._draw_pictures()
        self._draw_numbers()
        self._draw_bars()

    def _how_text(self) -> str:
        return PERTURBATIONS[self.view.perturbation].text(self.view.strength)

    def _seed_text(self) -> str:
        return f", seed {SEED}" if PERTURBATIONS[self.view.perturbation].is_random else ""

    # What is drawn again once more is known.

    def _find_selected(self) -> None:
        """Find what the selected bar is matched with."""
        if self._bar is None or self.known.shown is None:
            return
        slot = partial(named_slot, "Finding the bar's partner", self._status)
        try:
            self._selected = self.known.selected(self._bar, slot)
        except ERRORS as error:
            st.error(str(error))
        self._status.clear()

    def _draw_pictures(self) -> None:
        clean, shown = self.clean, self.known.shown
        marks = self._marks()
        own = self._painted(
            partial(
                paint_components,
                clean.tokens,
                clean.topology,
                self.scale,
                WholePhoto(clean.photo.photo.pixels, clean.patches_box),
                marks=marks[0],
            ),
            self._bar if marks[0] else None,
        )
        with self._own.container():
            self._picture(own, f"{clean.photo.title}, clean", self.scale)
        with self._changed.container():
            if shown is None:
                explain("Not computed yet.")
                return
            scale = self.scale
            if self.view.share is not None:
                scale = shown_scales([shown.topology.tree], None, self.view.share)[0]
            perturbed = self._painted(
                lambda: paint_components(
                    shown.tokens,
                    shown.topology,
                    scale,
                    WholePhoto(shown.photo.pixels, shown.patches_box),
                    carried_colours((clean.topology, own.components), shown.topology, shown.pairs),
                    marks[1],
                ),
                *(self.view.perturbation, self.view.strength, scale),
                self._bar if marks[1] else None,
            )
            self._picture(perturbed, shown.photo.name, scale)

    def _painted(self, paint: Callable[[], Painted], *what: object) -> Painted:
        """Return a picture of this head, painted once: it is the longest part of a move."""
        key = ("painted", *self.clean.photo.key, *self.clean.key, self.scale, *what)
        return shared.kept_results().get_or_compute(key, paint)

    def _picture(self, painted: Painted, name: str, scale: float) -> None:
        there = painted.components
        n_single = int((there.sizes == 1).sum())
        words = components_text(len(np.unique(there.leaders)), n_single)
        st.image(painted.picture, width="stretch", output_format="JPEG", alt=f"{name}: {words}.")
        own_scale = self.view.share is not None
        explain(f"{words}, at the scale {scale_text(scale)}" if own_scale else words)

    def _marks(self) -> tuple[Marks | None, Marks | None]:
        """Return what the selected bar marks on the clean photo, and its partner on the other."""
        shown, bar, selected = self.known.shown, self._bar, self._selected
        if bar is None or shown is None or selected is None:
            return None, None
        own = MarkedSide(self.clean.topology, self.clean.tokens, None, selected.cycles[0])
        other = MarkedSide(shown.topology, shown.tokens, None, selected.cycles[1])
        first, second = (
            marks_of(Selection("bar", "a", bar[0], row), (one, one), {})[0] if row >= 0 else None
            for one, row in ((own, bar[1]), (other, selected.partner))
        )
        return first, second

    def _draw_numbers(self) -> None:
        """Draw the plot, the numbers and the bars as far as they are known."""
        known, self._drawn = self.known, self._drawn + 1
        with self._plot.container():
            if not (known.outcomes or known.others):
                explain("Not computed yet.")
                return
            others = [one.distances for one in known.others.values()]
            st.plotly_chart(
                plot_strengths(
                    [strength_text(one) for one in known.strengths],
                    [known.outcomes.get(one) for one in known.strengths],
                    others,
                    known.strengths.index(known.strength),
                    "bound" if known.has_same_tokens else "bound of matched tokens",
                ),
                key=f"strengths {self._drawn}",
                config=stability_bars.CONFIG,
                alt="Distances between the diagrams of the clean and the perturbed photo by "
                "strength, the bound, and distances to other photos.",
            )
            explain(
                "Dotted: medians of the other photos. Distances are logarithmic. "
                f"{zeros_words(others)}"
            )
        if known.shown is None:
            return
        with self._numbers.container():
            st.markdown(stability_bars.numbers_table(known))
            explain(
                "Components of the perturbed photo have the colour of a clean one that shares at "
                "least half of the tokens. Distances are from the clean photo; of others the "
                f"median (least to most). {_of_tokens(known.shown)} "
                f"{stability_bars.paired_words(known)}"
            )

    def _draw_bars(self) -> None:
        if self.known.shown is not None:
            key = f"{self._drawn}"
            with self._bars.container():
                stability_bars.draw(self.view, self.known, self._bar, self._selected, key)

    def fill_in(self) -> bool:
        """Compute what is missing, the shown strength first, and draw it as it comes.

        Returns
        -------
        bool
            Whether all of it is there: the visitor may have stopped it.
        """
        wanted: list[float | str] = [*self.known.missing, *self.known.missing_others]
        if not wanted:
            return True
        if st.session_state.get(_STOPPED) == self._what:
            with self.beside.container(horizontal=True, vertical_alignment="center"):
                st.warning(f"Stopped: {counted(len(wanted), 'step')} not computed.")
                st.button("Go on", on_click=_stop, args=(None,))
            return False
        with self.beside:
            place = st.empty()
        with place.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, text="Beginning …")
            st.button("Stop", on_click=_stop, args=(self._what,))
        try:
            self._compute(wanted, bar)
        except ERRORS as error:
            st.error(str(error))
            end_page()
        place.empty()
        return True

    def _compute(self, wanted: list[float | str], bar: DeltaGenerator) -> None:
        perturbation = PERTURBATIONS[self.view.perturbation]
        for number, one in enumerate(wanted, 1):
            what = f"Another photo: {one}" if isinstance(one, str) else perturbation.text(one)
            bar.progress((number - 1) / len(wanted), f"{what} ({number} of {len(wanted)}) …")
            slot = partial(named_slot, what, self._status)
            if isinstance(one, str):
                self.known.compute_other(one, slot)
            else:
                self.known.compute(one, slot)
            if one == self.known.strength:
                self._find_selected()
                self._draw_pictures()
            is_last = number == len(wanted)
            if is_last or isinstance(one, float) or number % _OTHERS_AT_ONCE == 0:
                self._draw_numbers()
            if is_last or one == self.known.strength:
                self._draw_bars()


def _of_tokens(shown: PerturbedHead) -> str:
    """Say which tokens correspond, and what the bound holds for."""
    outcome = shown.outcome
    if shown.has_same_tokens:
        return (
            f"All {counted(outcome.n_points, 'token')} stay in place, so neither bottleneck "
            "distance can be larger than the bound, the largest change of a distance between "
            "two tokens (stability theorem)."
        )
    left_out = outcome.n_points - outcome.n_matched
    h0, h1 = outcome.matched_bottleneck
    return (
        f"{counted(outcome.n_matched, 'token')} of {outcome.n_points:,} are matched with the token "
        f"that shows the same place; {left_out:,} are left out. The bound holds for the "
        f"matched ones alone: their diagrams are {h0:.4f} (H0) and {h1:.4f} (H1) apart."
    )


def _stop(what: Any) -> None:
    """Compute no more of this; of None, go on."""
    st.session_state[_STOPPED] = what
    session.write()
