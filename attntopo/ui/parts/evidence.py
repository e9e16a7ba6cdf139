"""Evidence on the Compare page: draws of nulls, asked for in the view, ranked as they come."""

import time

import streamlit as st

from attntopo.analysis import NULLS
from attntopo.attention import MEAN, ROLLOUT
from attntopo.figures.linked_evidence import ranked
from attntopo.ui import linked, session
from attntopo.ui.results import Panels, PhotoPanel, asked_work, nulls_of_heads
from attntopo.ui.results.nulls_of_heads import HeadOfPhoto
from attntopo.ui.runtime import Key, shared

_ASKED = "nulls asked"  # what the session holds: by side, for the draws of which head
_ABOUT = {
    MEAN: "Tested is the mean of the layer's heads as one matrix, not each head.",
    ROLLOUT: "Tested is the rollout as one matrix, not the layers that it is made of.",
}
_TOTAL = len(NULLS) * nulls_of_heads.N_DRAWS


@st.fragment
def send_ranks(identity: str, panels: Panels) -> None:
    """Send the ranks of all bars that are known; draw on where that is asked for.

    Parameters
    ----------
    identity : str
        Of the heads, as `LinkedData` has it.
    panels : tuple of PhotoPanel
    """
    heads = [HeadOfPhoto(one.photo, one.choice, one.key) for one in panels]
    keys = [one.draws_key for one in heads]  # the callback outlives the run, and panels with it
    sides = [_side(k, *each) for k, each in enumerate(zip(panels, heads, strict=True))]
    number = time.time_ns() if any(one["busy"] for one in sides) else 0
    seed, each = nulls_of_heads.SEED, nulls_of_heads.N_DRAWS
    linked.evidence.send(identity, sides, seed, each, number, lambda wish: _take(wish, keys))


def _side(k: int, panel: PhotoPanel, head: HeadOfPhoto) -> linked.evidence.SideEvidence:
    asked: dict[int, Key] = st.session_state.setdefault(_ASKED, {})
    if k in asked and asked[k] != head.draws_key:  # another head
        _leave(asked.pop(k))
    known, note = head.known_draws(), ""
    if k in asked:
        known = head.draws()
        note = _draw_on(panel, head) if known.missing() else ""
    missing = known.missing() if known else []
    busy = k in asked and bool(missing) and not note
    return {
        "busy": busy,
        "done": _TOTAL - len(missing) if known else 0,
        "total": _TOTAL,
        "note": note or (known.note if known else ""),
        "about": _ABOUT.get(str(panel.choice.head), ""),
        "nulls": ranked(panel.topology, map(known.of, NULLS)) if known else [],
    }


def _draw_on(panel: PhotoPanel, head: HeadOfPhoto) -> str:
    """Look at the job that draws, begun if need be; say why there is none, in a sentence."""
    n_tokens = int(panel.topology.distances.tokens[-1]) + 1
    effort = nulls_of_heads.effort_of(n_tokens, panel.key[3], len(NULLS))
    if refused := asked_work.refusal(effort, "Drawing the nulls of this head", "null_draws"):
        return refused
    job = asked_work.jobs().ask(
        head.draws_key,
        shared.session_key(),
        lambda goes_on: nulls_of_heads.draw_heads([head], NULLS, goes_on),
    )
    return job.failure


def _leave(key: Key) -> None:
    asked_work.jobs().leave(key, shared.session_key())


def _take(wish: linked.evidence.Wish, keys: list[Key]) -> None:
    """Take what the visitor wants: the ranks of a side's head, or no more of them."""
    act, k = wish
    asked: dict[int, Key] = st.session_state.setdefault(_ASKED, {})
    if act == "ask":
        if asked.get(k) == keys[k]:  # it has failed
            _leave(keys[k])
        asked[k] = keys[k]
    elif k in asked:
        _leave(asked.pop(k))
    session.write()
