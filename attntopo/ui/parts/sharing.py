"""Publishing a photo on request, and taking it back."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from attntopo.links import View, is_published
from attntopo.photos import Photo
from attntopo.publishing import DeleteKeyError, PhotoGoneError, PhotoStoreError, Published
from attntopo.settings import app_settings
from attntopo.ui import session
from attntopo.ui.results import photo_inputs
from attntopo.ui.runtime import shared

# What the session holds: its own publications, and what came of a delete link, by name.
_OWN, _OUTCOME = "published", "deletion"
_MOST = 20  # publications a session, so that one visitor doesn't take all the room

_GONE = "The photo isn't shared any more: links to it say so."
_STILL_THERE = (
    "This sharing has ended, but the same photo was shared another time too, by somebody else or "
    "in another session: links to it still work."
)


def control(side: str) -> None:
    """Say of one side's photo that it is published, if it is.

    Parameters
    ----------
    side : {"a", "b"}
    """
    if is_published(getattr(session.current(), side)):
        st.caption(f"Photo {side.upper()} is shared: whoever has the link to this view sees it.")


def days() -> str:
    """Say for how long a photo is published."""
    days = app_settings().photos_days
    return "a day" if days == 1 else f"{days:g} days"


def _own() -> dict[str, Published]:
    """Return this session's publications that haven't expired, by the view's name."""
    own: dict[str, Published] = st.session_state.setdefault(_OWN, {})
    for name in [name for name, one in own.items() if one.expires <= time.time()]:
        del own[name]
    return own


def own_publications() -> None:
    """Draw what this session has shared, whether it is on the screen or not, to delete it."""
    if not _own():
        return
    with st.expander("Shared by you"):
        st.caption(
            "Each of these links deletes a photo. They are shown in this session only: copy one "
            "to be able to delete its photo after a reload, and keep it to yourself."
        )
        for own in _own().values():
            label = own.name.removeprefix("sha256-")[:6]
            st.markdown(f"**Shared photo {label}**, until {_day(own.expires)}:")
            address = session.delete_address(own.name, own.delete_key)
            st.code(address, language=None, wrap_lines=True)
            st.button(
                f"Delete shared photo {label}",
                key=f"delete {own.name}",
                on_click=_take_back,
                args=(own,),
                width="stretch",
            )


def say_what_stays() -> None:
    """Note that what this session has shared stays shared, if it has."""
    if _own():
        session.note("What you shared stays shared until you delete it, under “Shared by you”.")


def _day(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day} {day:%B %Y}"


def publish(sides: Sequence[str]) -> tuple[dict[str, str], str]:
    """Publish private photos of the view, and show them as published.

    Parameters
    ----------
    sides : sequence of {"a", "b"}
        A side whose photo isn't private, or is attention, is passed over.

    Returns
    -------
    photos : dict of str
        What links call the photos that are published now, by side.
    error : str
        Why one couldn't be, in sentences; all is as it was there. Empty where all could.
    """
    photos: dict[str, str] = {}
    error = ""
    for side in sides if app_settings().sharing else ():
        own = photo_inputs.uploaded().get(getattr(session.current(), side))
        if own is None or own.given is not None:  # a second press of a double click, say
            continue
        try:
            published = _published(own.photo)
        except PhotoStoreError as refusal:
            error = f"Photo {side.upper()} isn't published. {refusal}"
            break
        _own()[published.name] = published
        photos[side] = published.name
    session.put(**photos)
    return photos, error


def _published(photo: Photo) -> Published:
    """Publish a photo, if this session's publication of it doesn't stand still."""
    held = _own().get(f"sha256-{photo.sha256}")
    with shared.queue().slot(shared.session_key()):
        # Of two publications by one visitor, one would lose its delete link.
        if held and shared.photo_store().is_live(held):
            return held
        if len(_own()) >= _MOST and held is None:
            raise PhotoStoreError(
                f"You share {_MOST} photos already: please delete one of them first."
            )
        return shared.photo_store().publish(photo)


def _take_back(own: Published) -> None:
    """Delete what this session has published; where it is shown, it is private again."""
    _kind, text, final = _delete(own.name, own.delete_key)
    session.note(text)
    if not final:
        session.write()
        return
    _own().pop(own.name, None)
    shown = [side for side in "ab" if getattr(session.current(), side) == own.name]
    private = photo_inputs.private_copy(own.name)
    if not private and shown:
        session.note("You have forgotten it, so a sample is shown in its place.")
    session.put(**{side: private or getattr(View(), side) for side in shown})


def _delete(name: str, key: str) -> tuple[str, str, bool]:
    """Delete a publication.

    Returns "success" or "error", a sentence, and whether the publication doesn't stand any more.
    """
    try:
        gone = shared.photo_store().delete(name, key)
    except PhotoStoreError as error:
        return "error", str(error), isinstance(error, PhotoGoneError | DeleteKeyError)
    if gone:
        photo_inputs.forget_published(name)
    return "success", _GONE if gone else _STILL_THERE, True


def deletion() -> None:
    """Draw the page of a delete link: the photo, and the button that deletes it."""
    name, key = session.delete_link()
    if not name:
        st.info("This page deletes a shared photo: please open the delete link you were given.")
        return
    kind, text, final = st.session_state.get(_OUTCOME, {}).get(name, ("", "", False))
    if kind:
        (st.success if kind == "success" else st.error)(text)
    if final:
        return
    try:
        side = photo_inputs.published(name, fresh=True)
    except PhotoStoreError as error:
        st.info(str(error))
        if not isinstance(error, PhotoGoneError):
            st.button("Try again")
        return
    st.image(side.photo.pixels, width=320, alt="The shared photo")
    st.markdown("Whoever has a link to this photo sees it. Deleting it can't be undone.")
    st.button("Delete this photo", type="primary", on_click=_press_delete, args=(name, key))


def _press_delete(name: str, key: str) -> None:
    outcome = st.session_state.setdefault(_OUTCOME, {})
    outcome[name] = _delete(name, key)
    own = _own().get(name)
    if outcome[name][2] and own and own.delete_key == key:
        del _own()[name]
