"""The other heads of the layers that are looked at, analysed before anybody asks for them.

With many tokens a head takes most of a second, the larger part of which is done here, while nobody
waits for anything else. What is computed ahead pushes nothing else out of memory.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import streamlit as st

from attntopo.analysis import analysis_effort
from attntopo.attention import MEAN
from attntopo.effort import MATRIX_ENTRY
from attntopo.links import View
from attntopo.models import SharedInfo
from attntopo.topology import PersistenceError
from attntopo.ui.results import asked_work, photo_attention, steps
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.background_jobs import GoesOn

_WORTHWHILE = 0.05  # seconds of a core for a head, below which nobody notices that it takes any
_STILL, _LOOKS_UP_EVERY = 0.5, 0.1  # seconds since the last run of the page
_FULL = 0.8  # of the memory for results
_MATRICES = 3  # of a float64 for each pair of tokens, about: what is kept of one head

_TOOL = "heads ahead"  # one at a time in a process
_LOG = logging.getLogger(__name__)

_AT = "heads ahead of"  # what the session holds: of which view its page was run last, and when


def begin(view: View, photos: tuple[PhotoInput, PhotoInput], seen: SharedInfo) -> None:
    """Let a layer's other heads be analysed; to be called at each run of a page, at its end.

    Of attention that was given none is: what it holds may take any time.

    Parameters
    ----------
    view : View
    photos : tuple of PhotoInput
    seen : SharedInfo
        Of both, as it was seen: see `SharedInfo.seen`.
    """
    at = st.session_state.setdefault(_AT, {"refused": set()})
    wanted = {
        _name(*one): one
        for one in _other_views(view, photos, seen)
        if not (steps.is_analysed(*one) or _name(*one) in at["refused"])
    }
    key = ("heads ahead", shared.session_key(), *wanted)
    at |= {"key": key, "since": time.monotonic()}

    def work(goes_on: GoesOn) -> str:
        left = list(wanted)
        while left and at["key"] == key and goes_on() and _has_room(seen):
            try:
                if time.monotonic() - at["since"] >= _STILL:
                    _analyse(*wanted[left[0]])
                    del left[0]
                    continue
            except shared.NoSlotError:
                pass  # later; meanwhile nobody is kept from it
            except Exception as error:  # said where it is asked for; not tried again
                if not isinstance(error, PersistenceError):
                    _LOG.exception("A head couldn't be analysed ahead.")
                at["refused"].add(left.pop(0))
            time.sleep(_LOOKS_UP_EVERY)
        return ""

    if wanted:
        asked_work.jobs().ask(key, shared.session_key(), work)


def _other_views(
    view: View, photos: tuple[PhotoInput, PhotoInput], seen: SharedInfo
) -> Iterator[tuple[View, str, PhotoInput]]:
    """List the sides of the views of the layer's other heads, the nearest first."""
    is_given = any(photo.given is not None for photo in photos)
    effort = analysis_effort(_most_tokens(seen), view.distance)
    if is_given or effort.seconds < _WORTHWHILE:
        return
    moves = [
        (far, field, head)
        for field, info in zip(("head", "head_b"), seen.sides, strict=True)
        for far, head in _others(getattr(view, field), info.n_heads)
    ]
    for _far, field, head in sorted(moves, key=lambda move: move[0]):
        moved: dict[str, Any] = {field: head}
        for side, photo in zip("ab", photos, strict=True):
            yield replace(view, **moved), side, photo


def _others(head: int | str | None, n_heads: int) -> Iterator[tuple[int, int | str]]:
    """List how far each other head of a layer is along the slider, and which it is."""
    heads = [*range(n_heads), MEAN]
    if head in heads:  # not rollout, which is no one layer's
        place = heads.index(head)
        yield from ((abs(k - place), one) for k, one in enumerate(heads) if k != place)


def _name(view: View, side: str, photo: PhotoInput) -> tuple[object, ...]:
    return (*photo.key, *steps.head_key(view, side))


def _analyse(view: View, side: str, photo: PhotoInput) -> None:
    attention = photo_attention.found_attention(photo, view.side(side))
    if attention is not None:
        steps.analyse_side(view, side, photo, attention, shared.idle_slot(_TOOL))


def _has_room(seen: SharedInfo) -> bool:
    state = shared.kept_results().state
    taken = state["results_bytes"] + state["upload_bytes"]
    more = _MATRICES * 1e6 * MATRIX_ENTRY * _most_tokens(seen) ** 2
    return taken + more < _FULL * state["bytes"]


def _most_tokens(seen: SharedInfo) -> int:
    return max(info.n_tokens for info in seen.sides)
