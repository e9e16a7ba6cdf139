"""Does the model care? On the Compare page: patches knocked out, as the view asks for it."""

import time
from dataclasses import dataclass, replace

import streamlit as st

from attntopo.attention import MEAN, ROLLOUT
from attntopo.ui import linked, session
from attntopo.ui.linked.knock_outs import AskedKnockOut, KnockOutWish, SideKnockOut
from attntopo.ui.results import Panels, PhotoPanel, asked_work, knock_outs
from attntopo.ui.results.knock_outs import PatchesOfPhoto
from attntopo.ui.runtime import Key, shared
from attntopo.wording import duration_text

_ASKED = "knock-outs asked"  # what the session holds, by side
_ABOUT = {
    MEAN: "It works on all heads after this layer, not on their mean.",
    ROLLOUT: "It works in the layers after this one, not in those that the rollout is made of.",
}


@dataclass(frozen=True)
class _Asked:
    """What a visitor asked for on one side; it holds no photo.

    Attributes
    ----------
    patches : tuple of int
    selection : str
        Which they belong to.
    key : Key
        Of the result.
    is_wanted : bool
        Whether more of it is wanted than there is.
    """

    patches: tuple[int, ...]
    selection: str
    key: Key
    is_wanted: bool = True


@st.fragment
def send_knock_outs(identity: str, panels: Panels) -> None:
    """Send what is known of the patches that are asked for; compute more where that is wanted.

    Parameters
    ----------
    identity : str
        Of the heads, as `LinkedData` has it.
    panels : tuple of PhotoPanel
    """
    sides = [_side(k, panel) for k, panel in enumerate(panels)]
    number = time.time_ns() if any(one["busy"] for one in sides) else 0
    # The callback outlives the run, and panels with it.
    bases = [_patches_of(one, ()).result_key[:-1] for one in panels]
    sizes = [one.tokens.grid[0] * one.tokens.grid[1] for one in panels]

    def take(wish: KnockOutWish) -> None:
        if all(patch < sizes[wish.side] for patch in wish.patches):
            _take(wish, (*bases[wish.side], wish.patches))

    linked.knock_outs.send(identity, sides, number, take)


def _patches_of(panel: PhotoPanel, patches: tuple[int, ...]) -> PatchesOfPhoto:
    return PatchesOfPhoto(panel.photo, panel.choice, panel.key, panel.tokens.grid, patches)


def _all_asked() -> dict[int, _Asked]:
    asked: dict[int, _Asked] = st.session_state.setdefault(_ASKED, {})
    return asked


def _side(k: int, panel: PhotoPanel) -> SideKnockOut:
    note = knock_outs.refusal(panel.photo, panel.choice)
    up_to = "" if note else duration_text(knock_outs.effort_of(panel.photo, panel.choice).seconds)
    about = _ABOUT.get(str(panel.choice.head), "")
    side: SideKnockOut = {
        "note": note,
        "up_to": up_to,
        "about": about,
        "busy": False,
        "asked": None,
    }
    asked = _all_asked().get(k)
    if asked is None or note:
        return side
    patches = _patches_of(panel, asked.patches)
    if asked.key != patches.result_key or asked.selection != session.current().selection:
        _leave(k)
        return side
    known = patches.so_far()
    failure = _compute_on(patches) if asked.is_wanted and not known.is_complete else ""
    side["busy"] = asked.is_wanted and not known.is_complete and not failure
    side["asked"] = _said(asked.patches, known.last, failure)
    return side


def _said(
    patches: tuple[int, ...], known: knock_outs.KnockOut | None, failure: str
) -> AskedKnockOut:
    regions, translations = (known.regions, known.translations) if known else ((), ())
    return {
        "patches": list(patches),
        "note": failure,
        "done": 1 + len(regions) + len(translations) if known else 0,
        "total": 1 + known.n_regions + known.n_translations if known else 0,
        "text": known.text if known else "",
        "shift": known.shift if known else 0.0,
        "regions": [float(one) for one in regions],
        "translations": [float(one) for one in translations],
    }


def _compute_on(patches: PatchesOfPhoto) -> str:
    """Look at the job that computes it, begun if need be; say why there is none, in a sentence."""
    job = asked_work.jobs().ask(
        patches.result_key,
        shared.session_key(),
        lambda goes_on: knock_outs.compute(patches, goes_on),
    )
    return job.failure


def _leave(k: int) -> None:
    asked = _all_asked().pop(k, None)
    if asked is not None:
        asked_work.jobs().leave(asked.key, shared.session_key())


def _take(wish: KnockOutWish, key: Key) -> None:
    """Take what the visitor wants: some patches knocked out, or no more of it."""
    before = _all_asked().get(wish.side)
    _leave(wish.side)  # also what has failed: it is tried again
    if wish.act == "ask":
        _all_asked()[wish.side] = _Asked(wish.patches, wish.selection, key)
    elif before is not None:  # what is known of it stays in sight
        _all_asked()[wish.side] = replace(before, is_wanted=False)
    session.write()
