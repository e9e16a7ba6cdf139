"""The two photos of the view; of those that can't be shown, why, and what is shown instead."""

from dataclasses import replace
from typing import Any

import streamlit as st

from attntopo.links import NOTHING, PRIVATE, View, is_private, is_published
from attntopo.publishing import DamagedPhotoError, PhotoGoneError, PhotoStoreError
from attntopo.ui.results import PhotoInput, collection_photos, photo_inputs
from attntopo.ui.runtime import end_page
from attntopo.ui.session import state


def sides() -> tuple[PhotoInput, PhotoInput]:
    """Return the two photos of the view.

    A page ends here, with what can be done, while one of them can't be had; the view stays.
    """
    for side in "ab":
        try:
            photo_inputs.input_of(state.current(), side)
        except (PhotoGoneError, DamagedPhotoError) as error:  # while it was looked at
            name, words = instead(state.current(), side, str(error))
            state.note(words)
            state.put(**{side: name})
            st.rerun()
        except PhotoStoreError as error:
            st.error(f"Photo {side.upper()}: {error}")
            st.button("Try again")
            sample = getattr(View(), side)
            st.button(f"Show {sample} instead", on_click=_show, args=(side, sample))
            end_page()
    view = state.current()
    return photo_inputs.input_of(view, "a"), photo_inputs.input_of(view, "b")


def _show(side: str, name: str) -> None:
    state.put(**{side: name})


def with_what_is_there(view: View) -> tuple[View, list[str]]:
    """Replace the photos of a link that can't be shown by others.

    Returns
    -------
    View
    list of str
        A sentence or two for each photo that was replaced, and for a collection.
    """
    notes = []
    for side in "ab":
        if reason := _reason(getattr(view, side)):
            name, words = instead(view, side, reason)
            # What was selected is nothing in another photo.
            changes: dict[str, Any] = {side: name, "selection": NOTHING}
            view = replace(view, **changes)
            notes.append(words)
    if view.collection == PRIVATE and collection_photos.is_empty():
        view = replace(view, collection=View.collection)
        notes.append(
            "The collection was uploaded and is private, so the link can't carry it. Upload its "
            "photos again to see them; the samples are shown in their place."
        )
    return view, notes


def instead(view: View, side: str, reason: str) -> tuple[str, str]:
    """Choose what to show in the place of a photo that can't be shown.

    Parameters
    ----------
    view : View
    side : {"a", "b"}
    reason : str
        Why it can't be shown, in sentences.

    Returns
    -------
    name, words : str
        What the view calls it, and what to say.
    """
    letter = side.upper()
    if own := photo_inputs.private_copy(getattr(view, side)):
        return own, f"Photo {letter} isn't shared any more: your own upload of it is shown instead."
    sample = getattr(View(), side)
    return sample, f"Photo {letter}: {reason} The sample {sample} is shown in its place."


def _reason(name: str) -> str:
    """Say why a link's photo can't be shown, if it can't."""
    if is_private(name) and name not in photo_inputs.uploaded():
        return (
            "it was uploaded and is private, so the link can't carry it. Upload it again to see it."
        )
    if is_published(name):
        try:
            photo_inputs.published(name, fresh=True)
        except (PhotoGoneError, DamagedPhotoError) as error:
            return str(error)
        except PhotoStoreError:  # it may be there: the page offers to try again
            return ""
    return ""
