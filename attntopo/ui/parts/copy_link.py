"""Copy link: the address of this view, one click away; of private photos it asks first."""

from typing import Any

import streamlit as st

from attntopo.links import PRIVATE, is_private
from attntopo.settings import app_settings
from attntopo.ui import copy_link, session
from attntopo.ui.parts import sharing
from attntopo.ui.results import photo_inputs

_ANSWER, _NEWS = "copy link answer", "copy link news"  # what the session holds


def draw() -> None:
    """Draw the button, wherever on a page; once a page.

    It needs no rerun to copy what is shown now, a scale that was moved a moment ago included.
    """
    if session.page() == "shared":  # its address may hold the key that deletes a photo
        return
    if st.session_state.pop(_NEWS, False):
        st.rerun()  # the whole page, whose photo is a published one now
    copy_link.mount(_asked() | {"answer": st.session_state.get(_ANSWER)}, _publish)


def _asked() -> dict[str, Any]:
    """Return what is asked before the link is copied."""
    private = [side for side in "ab" if is_private(getattr(session.current(), side))]
    given = [
        side
        for side in private
        if photo_inputs.uploaded()[getattr(session.current(), side)].given is not None
    ]
    photos = [side for side in private if side not in given]
    publish = photos if app_settings().sharing else []
    words = []
    if publish:
        them = "them" if len(photos) > 1 else "it"
        words.append(
            f"{_names('Photo', photos)} private: this session alone holds {them}. Publish {them} "
            f"for {sharing.days()}, at most 1024 pixels wide and without metadata? Whoever has "
            f"the link sees {them}; you can delete {them} sooner, under “Shared by you”."
        )
    elif photos:
        words.append(
            f"{_names('Photo', photos)} private, and this server publishes no photos: "
            f"{_instead(photos)}."
        )
    if given:
        words.append(
            f"What {_letters(given)} shows is attention of your own, which no link can carry: "
            f"{_instead(given)}."
        )
    if session.page() == "collection" and session.current().collection == PRIVATE:
        words.append(
            "The collection is private: this session alone holds its photos, and the link opens "
            "with the samples in their place."
        )
    as_it_is = "Copy link" if not publish else f"Copy without {_pronoun(photos)}"
    return {"question": "\n\n".join(words), "publish": publish, "as_it_is": as_it_is}


def _letters(sides: list[str]) -> str:
    return " and ".join(side.upper() for side in sides)


def _names(what: str, sides: list[str]) -> str:
    return f"{what}s {_letters(sides)} are" if len(sides) > 1 else f"{what} {_letters(sides)} is"


def _pronoun(sides: list[str]) -> str:
    return "them" if len(sides) > 1 else "it"


def _instead(sides: list[str]) -> str:
    what = "samples in their place" if len(sides) > 1 else "a sample in its place"
    return f"the link opens with {what}"


def _publish(sides: list[str], number: int) -> None:
    photos, error = sharing.publish(sides)
    st.session_state[_ANSWER] = {"number": number, "photos": photos, "error": error}
    st.session_state[_NEWS] = bool(photos)
