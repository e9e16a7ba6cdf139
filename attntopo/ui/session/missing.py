"""Photos of a view that can't be shown: why, and what is shown in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from attntopo.links import NOTHING, View, is_private, is_published
from attntopo.publishing import DamagedPhotoError, PhotoGoneError, PhotoStoreError
from attntopo.ui.results import photo_inputs


def with_what_is_there(view: View) -> tuple[View, list[str]]:
    """Replace the photos of a link that can't be shown by others.

    Returns
    -------
    View
    list of str
        A sentence or two for each photo that was replaced.
    """
    notes = []
    for side in ("a", "b"):
        if reason := _reason(getattr(view, side)):
            name, words = instead(view, side, reason)
            # What was selected is nothing in another photo.
            changes: dict[str, Any] = {side: name, "pick": NOTHING}
            view = replace(view, **changes)
            notes.append(words)
    return view, notes


def instead(view: View, side: str, reason: str) -> tuple[str, str]:
    """Find what to show in the place of a photo that can't be shown.

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
