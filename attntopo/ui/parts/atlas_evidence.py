"""Evidence on the Atlas page: every head's longest loop, or life, against the strictest null."""

import time
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import heads_by_chance
from attntopo.effort import Effort
from attntopo.ui import session
from attntopo.ui.parts.atlas_page import draw_maps
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import Heads, nulls_of_heads
from attntopo.ui.results.nulls_of_heads import N_DRAWS, STRICTEST, HeadOfPhoto
from attntopo.ui.runtime import shared
from attntopo.wording import counted, duration_text

_ASKED = "all nulls asked"  # what the session holds: of which Atlas
_LOOKS_EVERY, _REDRAWN_EVERY = 0.3, 1.5  # seconds
_LONGEST = {"loop": "longest loop", "component": "longest-lived component"}


def draw_nulls(page: Heads, place: DeltaGenerator, maps: DeltaGenerator) -> None:
    """Say what the nulls say, offer to draw those that are missing, and draw them if asked.

    To be called when all else on the page is drawn: it waits for what it draws.

    Parameters
    ----------
    page : Heads
        Nothing is done where the quantity shown isn't one of nulls.
    place : DeltaGenerator
        Where it is said and offered.
    maps : DeltaGenerator
        An element for the heat maps, which fill in meanwhile.
    """
    if not page.quantity.of_nulls:
        return
    missing = _missing(page.of_photos)
    with place:
        verdict = st.empty()
        _say(page, verdict)
        if not missing:
            return
        effort = nulls_of_heads.effort_of(page.n_tokens, page.view.distance, 1, len(missing))
        whole = "Drawing the nulls of all heads"
        if refused := nulls_of_heads.refusal(effort, whole, "evidence_of_heads"):
            explain(f"{refused} Compare tests one head.")
            return
        if st.session_state.get(_ASKED) != page.what:
            _offer(page, effort, _n_draws(page.of_photos) > 0)
            return
        with _row():
            # First: the button of before fades at the row's end, and Stop mustn't move with it.
            st.button("Stop", key="stop drawing nulls", on_click=_ask, args=(None,))
            bar = st.progress(0.0, text="Beginning …")
        failure = _watch(page, bar, verdict, maps)
        if failure:
            st.warning(failure)
    if not failure:
        st.rerun()  # all maps, curves and tables are drawn with it


def _offer(page: Heads, effort: Effort, begun: bool) -> None:
    time_said = f"up to {duration_text(effort.seconds)} of one core"
    with _row():
        st.button(
            f"Go on drawing ({time_said})" if begun else f"Test all heads ({time_said})",
            help=f"{N_DRAWS} draws a head of each photo, of seed {nulls_of_heads.SEED}. It can be "
            "stopped, and what was drawn is kept.",
            on_click=_ask,
            args=(page.what,),
        )


def _row() -> DeltaGenerator:
    """Return the same row before and after the click: what takes another's place replaces it."""
    return st.container(horizontal=True, vertical_alignment="center")


def _ask(what: object) -> None:
    """Draw the nulls of this Atlas; of None, stop."""
    st.session_state[_ASKED] = what
    session.write()


def _say(page: Heads, verdict: DeltaGenerator) -> None:
    with verdict.container():
        for letter, heads in zip("AB", page.of_photos, strict=True):
            explain(_verdict(page, letter, heads))


def _watch(page: Heads, bar: DeltaGenerator, verdict: DeltaGenerator, maps: DeltaGenerator) -> str:
    """Show how far the job is until it is done; return why it can't be, in a sentence."""
    key, visitor = ("all nulls", *page.what), shared.session_key()
    jobs, drawn = nulls_of_heads.jobs(), time.monotonic()
    shown = len(_missing(page.of_photos))
    heads = [head for both in zip(*page.of_photos, strict=True) for head in both]
    try:
        while _missing(page.of_photos):
            job = jobs.ask(
                key,
                visitor,
                lambda goes_on: nulls_of_heads.draw_heads(heads, [STRICTEST], goes_on),
            )
            if job.failure:
                return job.failure
            done, total = _n_draws(page.of_photos), N_DRAWS * len(_keys(page.of_photos))
            bar.progress(done / total, f"{done:,} of {counted(total, 'draw')}")
            time.sleep(_LOOKS_EVERY)
            # Only where there is news: what is redrawn moves what is below it under the pointer.
            missing = len(_missing(page.of_photos))
            if missing != shown and time.monotonic() - drawn > _REDRAWN_EVERY:
                _say(page, verdict)
                with maps.container():
                    draw_maps(page, f"nulls {missing}", selectable=False)
                drawn, shown = time.monotonic(), missing
    finally:  # also where Stop, or another page, comes up through here
        jobs.leave(key, visitor)
    return ""


def _keys(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> dict[object, HeadOfPhoto]:
    """Return all heads, each once where A and B are the same."""
    return {head.draws_key: head for heads in of_photos for head in heads}


def _missing(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> list[HeadOfPhoto]:
    return [head for head in _keys(of_photos).values() if not _is_known(head)]


def _is_known(head: HeadOfPhoto) -> bool:
    known = head.known_draws()
    return known is not None and not known.missing([STRICTEST])


def _n_draws(of_photos: Sequence[Sequence[HeadOfPhoto]]) -> int:
    """Count the draws that are there; a head that has no null counts as drawn."""
    known = (head.known_draws() for head in _keys(of_photos).values())
    return sum(N_DRAWS - len(one.missing([STRICTEST])) for one in known if one is not None)


def _verdict(page: Heads, letter: str, heads: Sequence[HeadOfPhoto]) -> str:
    """Say in how many heads all draws are outlasted, and in how many they would be by chance."""
    values = page.values(page.quantity)[letter]
    tested = int((values == values).sum())
    name = f"**{letter}: {page.sides['AB'.index(letter)].title}.**"
    longest = _LONGEST[page.quantity.of_nulls]
    known = [one for head in heads if (one := head.known_draws()) is not None]
    without = sum(bool(one.note) for one in known)
    one_hot = (
        f" In {counted(without, 'head')} half of the patches and more attend to one patch alone: "
        "there is no structure that a null could keep, so nothing is tested."
        if without
        else ""
    )
    if not tested:
        return f"{name} No head is tested yet.{one_hot}"
    outlasting = int((values >= N_DRAWS).sum())
    return (
        f"{name} The {longest} outlasts those of all {N_DRAWS} draws in {outlasting} of "
        f"{counted(tested, 'head')}, ticked below; by chance it would in "
        f"{heads_by_chance(tested):.1f}.{one_hot}"
    )
