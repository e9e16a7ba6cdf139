"""Publishing a photo on request, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from attntopo.photo_store import PhotoStoreError, Published
from attntopo.settings import settings
from attntopo.ui import frame, memory, photos
from attntopo.view import PRIVATE, View, is_published

# What the session holds: its own publications by name, why the last one failed, by side, and what
# came of a delete link, by name.
_OWN, _REFUSED, _OUTCOME = "published", "not published", "deletion"

_GONE = "The photo isn't shared any more: links to it say so."
_STILL_THERE = "Your sharing has ended, but somebody else shares the same photo too."


def control(side: str) -> None:
    """Draw what a visitor can do about the publication of one side's photo.

    Parameters
    ----------
    side : {"a", "b"}
    """
    name, letter = getattr(frame.current(), side), side.upper()
    if name == PRIVATE and photos.uploaded()[side].given is None and settings().sharing:
        st.button(
            f"Share photo {letter}",
            key=f"share {side}",
            on_click=_share,
            args=(side,),
            width="stretch",
            help="Publishes the photo, at most 1024 pixels wide and without its metadata, so that "
            f"a link can carry it: whoever has the link sees it, for {_days()}. You get another "
            "link that deletes it.",
        )
    elif is_published(name):
        _about(letter, name)
    refusal, shown = st.session_state.get(_REFUSED, {}).get(side, ("", ""))
    if refusal and shown == name:
        st.error(refusal)


def _days() -> str:
    days = settings().photos_days
    return "a day" if days == 1 else f"{days:g} days"


def _about(letter: str, name: str) -> None:
    own: Published | None = st.session_state.get(_OWN, {}).get(name)
    if own is None:
        st.caption(f"Photo {letter} is shared: whoever has the link sees it.")
        return
    st.caption(
        f"Photo {letter} is shared: whoever has the link to this view sees it, until "
        f"{_day(own.expires)}. Keep the next link to yourself: it deletes the photo."
    )
    query = urlencode({frame.PHOTO: own.name, frame.KEY: own.delete_key})
    st.code(f"{frame.address('shared')}?{query}", language=None, wrap_lines=True)
    st.button(
        f"Delete shared photo {letter}",
        key=f"delete {letter}",
        on_click=_take_back,
        args=(own,),
        width="stretch",
    )


def _day(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day} {day:%B %Y}"


def _share(side: str) -> None:
    """Publish a side's photo and show it as published; an error leaves all as it was."""
    refused = st.session_state.setdefault(_REFUSED, {})
    refused.pop(side, None)
    published = st.session_state.setdefault(_OWN, {})
    photo = photos.uploaded()[side].photo
    try:
        own = published.get(f"sha256-{photo.sha256}")  # of two, one would lose its delete link
        if own is None:
            with memory.turns().take(memory.session_key()):
                own = memory.photo_store().publish(photo)
    except PhotoStoreError as error:
        refused[side] = str(error), getattr(frame.current(), side)
        frame.write()
        return
    published[own.name] = own
    frame.put(**{side: own.name})


def _take_back(own: Published) -> None:
    """Delete what this session has published; it is private again."""
    st.session_state[_OWN].pop(own.name, None)
    _delete(own.name, own.delete_key, lambda _kind, text: frame.note(text))
    shown = [side for side in "ab" if getattr(frame.current(), side) == own.name]
    frame.put(**{side: _instead(side) for side in shown})


def _instead(side: str) -> str:
    return PRIVATE if side in photos.uploaded() else str(getattr(View(), side))


def _delete(name: str, key: str, tell: Callable[[str, str], object]) -> None:
    """Delete a publication, and tell what came of it: "success" or "error", and a sentence."""
    try:
        gone = memory.photo_store().delete(name, key)
    except PhotoStoreError as error:
        tell("error", str(error))
        return
    if gone:
        photos.forget_published(name)
    tell("success", _GONE if gone else _STILL_THERE)


def deletion() -> None:
    """Draw the page of a delete link: the photo, and the button that deletes it."""
    name, key = frame.delete_link()
    if not name:
        st.info("This page deletes a shared photo: please open the delete link you were given.")
        return
    kind, text = st.session_state.get(_OUTCOME, {}).get(name, ("", ""))
    if kind:
        (st.success if kind == "success" else st.error)(text)
        return
    try:
        side = photos.published(name, fresh=True)
    except PhotoStoreError as error:
        st.info(str(error))
        return
    st.image(side.photo.pixels, width=320, alt="The shared photo")
    st.markdown("Whoever has a link to this photo sees it. Deleting it can't be undone.")
    st.button("Delete this photo", type="primary", on_click=_press_delete, args=(name, key))


def _press_delete(name: str, key: str) -> None:
    outcome = st.session_state.setdefault(_OUTCOME, {})
    _delete(name, key, lambda kind, text: outcome.update({name: (kind, text)}))
