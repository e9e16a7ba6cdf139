"""The Stability page's table of all heads: how much each changed, ranked, and its download."""

import time
from contextlib import closing

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo import exports
from attntopo.analysis import PERTURBATIONS, value_map
from attntopo.effort import SHORT
from attntopo.figures.atlas import plot_heads
from attntopo.links import View, strength_text
from attntopo.models import SharedInfo
from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.parts.stability_bars import CONFIG
from attntopo.ui.parts.stability_page import ERRORS
from attntopo.ui.results import PhotoInput
from attntopo.ui.results.all_heads_perturbed import AllHeadsPerturbed
from attntopo.ui.results.perturbed import SEED
from attntopo.ui.results.stability import CleanPhoto
from attntopo.ui.runtime import end_page, shared
from attntopo.wording import counted, duration_text

_STOPPED, _ASKED = "stability of heads stopped", "stability of heads asked for"
# Seconds: what may take longer is begun when it is asked for. Visitors who are there at the same
# time share them, as they share the cores.
_UNASKED = 60.0
_REDRAWN_EVERY = 1.5  # seconds
_RANKED_BY = "merge heights"
_SHARES = "bars that survive"


class Section:
    """All heads at the shown strength: drawn as far as they are known, then filled in.

    Parameters
    ----------
    view : View
    info : SharedInfo
    clean : CleanPhoto
    other : PhotoInput
        The other photo of the pair.
    """

    def __init__(self, view: View, info: SharedInfo, clean: CleanPhoto, other: PhotoInput) -> None:
        self.view, self.info, self.clean, self.other = view, info, clean, other
        self.how = view.perturbation, view.strength
        self.heads = AllHeadsPerturbed(clean, other, info, self.how)
        self._drawn = 0

    def draw(self) -> None:
        """Draw all heads that are known, and the download."""
        perturbation = PERTURBATIONS[self.view.perturbation]
        st.markdown(f"#### Heads: {perturbation.text(self.view.strength).lower()}")
        if self.info.heads_left_out:
            explain(self.info.heads_left_out)
        self._map_and_table = st.empty()
        self._draw_known()
        self._download()

    def _draw_known(self) -> None:
        self._drawn += 1
        rows = self.heads.rows()
        with self._map_and_table.container():
            if not rows:
                explain("Not computed yet.")
                return
            heat, table = st.columns([1, 1.8], gap="small")
            with heat:
                st.markdown("**Correlation of merge heights**")
                values = dict.fromkeys(self.heads.heads, float("nan"))
                values |= {(int(row["layer"]), int(row["head"])): row[_RANKED_BY] for row in rows}
                head = self.view.head
                here = (self.view.layer, head) if isinstance(head, int) else None
                st.plotly_chart(
                    plot_heads(value_map(values), None, False, here),
                    key=f"stability map {self._drawn}",
                    config=CONFIG,
                    alt="Correlation of merge heights of every layer and head.",
                )
            with table:
                st.dataframe(
                    {name: [row[name] for row in rows] for name in rows[0]},
                    hide_index=True,
                    height=390,
                    key=f"stability table {self._drawn}",
                    column_config={
                        name: st.column_config.NumberColumn(
                            format="percent" if _SHARES in name else "%.4g"
                        )
                        for name in list(rows[0])[2:]
                    },
                    alt="How much every head changed, the least changed first.",
                )
            explain(self._words())

    def _words(self) -> str:
        words = (
            "Ranked by the Spearman correlation of merge heights of the tokens that correspond: 1 "
            "where they join in the same order as before. It and RTD-lite have no unit, but depend "
            "on how spread a head's distances are, so ranks of heads are rough; bottleneck "
            "distances are in the units of the head's own distances. Click a column's name to sort "
            "by it."
        )
        if self.heads.control is not None:
            words += (
                " The last columns hold the clean photo against the other photo of the pair: where "
                "that is no further, or as many bars survive there, small changes say little."
            )
        return words

    def _download(self) -> None:
        photos = session.sides()
        about = exports.describe_view(
            self.view, self.info.models, (photos[0].photo, photos[1].photo), (0.0, 0.0)
        )
        without = ("layer", "head", "scale", "scale of A", "scale of B", "share")
        about = {name: value for name, value in about.items() if name not in without}
        about |= {
            "perturbed": self.clean.letter,
            "perturbation": self.view.perturbation,
            "strength": strength_text(self.view.strength),
            "seed": str(SEED),
        }
        table = in_one(lambda: exports.rows_csv(about, self.heads.rows()), SHORT)
        button("Download the table of heads", "attntopo-stability", "CSV", table)

    def fill_in(self, beside: DeltaGenerator) -> None:
        """Compute the missing heads on all cores, filling in what is drawn.

        Parameters
        ----------
        beside : DeltaGenerator
            Where progress and Stop are drawn.
        """
        heads = self.heads
        if not heads.missing:
            return
        done = len(heads.heads) - len(heads.missing)
        of = counted(len(heads.heads), "head")
        if st.session_state.get(_STOPPED) == heads.what:
            with beside.container(horizontal=True, vertical_alignment="center"):
                st.warning(f"Stopped: {done} of {of} computed.")
                st.button("Go on with all heads", on_click=_set, args=(_STOPPED, None))
            return
        effort = heads.effort
        unasked = _UNASKED / max(1, len(shared.open_sessions()))
        if effort.seconds > unasked and st.session_state.get(_ASKED) != heads.what:
            with beside.container(horizontal=True, vertical_alignment="center"):
                label = f"Compute all {of}: up to {duration_text(effort.seconds)}"
                st.button(label, on_click=_set, args=(_ASKED, heads.what))
            return
        with beside:
            place = st.empty()
        with place.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, text="Beginning …")
            st.button("Stop", key="stop heads", on_click=_set, args=(_STOPPED, heads.what))
        try:
            self._compute(bar)
        except ERRORS as error:
            st.error(str(error))
            end_page()
        place.empty()
        self._draw_known()

    def _compute(self, bar: DeltaGenerator) -> None:
        drawn = time.monotonic()
        total = len(self.heads.heads)

        def show(text: str) -> None:
            done = total - len(self.heads.missing)
            bar.progress(done / total, f"{text}: {done} of {counted(total, 'head')} computed")

        with closing(self.heads.fill_in(lambda: show("At work, or waiting for a slot"))) as cells:
            for layer, head in cells:
                show(f"Layer {layer}, head {head}")
                if time.monotonic() - drawn > _REDRAWN_EVERY:
                    self._draw_known()
                    drawn = time.monotonic()


def _set(name: str, what: object) -> None:
    st.session_state[name] = what
    session.write()
