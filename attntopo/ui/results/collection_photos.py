"""The photos of the Collection page: the samples, or what this session has uploaded there."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from attntopo.photos import SAMPLES, PackedPhoto, Photo, reduced
from attntopo.ui.results import photo_inputs
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import FullError, shared
from attntopo.ui.runtime.upload_budget import MOST_PHOTOS

LONGEST_SIDE = 518
"""Pixels: a photo of a collection is kept as a canonical photo of at most so many a side."""
MOST_MEGABYTES = 64.0
"""Most that a session's collection takes, as it is kept: packed without loss."""

_COLLECTION = "collection"  # what the session holds, and what it is counted as


class CollectionFullError(FullError):
    """The collection takes no more photos; the message says so in a sentence."""


class SamePhotoError(ValueError):
    """The photo is in the collection already; the message says so in a sentence."""


@dataclass(frozen=True, eq=False)
class CollectionPhoto:
    """One photo of a collection.

    Attributes
    ----------
    id : str
        What the page and the browser call it: a sample's name, or what the session calls it,
        which is no hash of it and means nothing to anybody else.
    name : str
        As it is shown.
    content : str
        Content hash of the canonical photo.
    owner : str
        As of `PhotoInput`.
    size : tuple of int
        Height and width, in pixels.
    unpacked : callable
        Returns the canonical photo.
    """

    id: str
    name: str
    content: str
    owner: str
    size: tuple[int, int]
    unpacked: Callable[[], Photo]

    @property
    def key(self) -> tuple[str, str]:
        """Key of the photo's results, all of them small.

        The content's bare hash isn't in it: what is dropped of a photo that was looked at on
        another page is another thing.
        """
        return self.owner, f"collection {self.content}"

    def photo_input(self) -> PhotoInput:
        """Return the photo as the other pages have theirs."""
        return PhotoInput(self.unpacked(), self.owner)


def sample_photos() -> list[CollectionPhoto]:
    """Return the sample photos as a collection."""
    return [_of_sample(name) for name in SAMPLES]


def _of_sample(name: str) -> CollectionPhoto:
    photo = photo_inputs.sample_photo(name)
    height, width = photo.pixels.shape[:2]
    shown = name.replace("_", " ")
    return CollectionPhoto(
        name, shown, photo.sha256, "", (height, width), partial(photo_inputs.sample_photo, name)
    )


def own_photos() -> list[CollectionPhoto]:
    """Return what the session has uploaded to its collection, in the order in which it came."""
    owner = shared.session_key()
    return [
        CollectionPhoto(key, one.name, one.sha256, owner, one.size, one.unpacked)
        for key, one in _held().items()
    ]


def _held() -> dict[str, PackedPhoto]:
    return st.session_state.setdefault(_COLLECTION, {})


def is_empty() -> bool:
    """Say whether the session has uploaded nothing to its collection."""
    return not _held()


def add(photo: Photo) -> None:
    """Add a photo to the session's collection, which is gone with the session.

    Parameters
    ----------
    photo : Photo
        Of any size; it is kept with at most `LONGEST_SIDE` pixels a side.

    Raises
    ------
    CollectionFullError
        If there are as many photos as there may be, or they take as much room as they may.
    FullError
        If the server has no room for it.
    SamePhotoError
        If the same photo is there already.
    """
    held = _held()
    if len(held) >= MOST_PHOTOS:
        raise CollectionFullError(f"A collection has at most {MOST_PHOTOS} photos.")
    packed = PackedPhoto.of(reduced(photo, LONGEST_SIDE))
    if any(one.sha256 == packed.sha256 for one in held.values()):
        raise SamePhotoError("The same photo is in the collection already.")
    nbytes = sum(len(one.data) for one in held.values()) + len(packed.data)
    if nbytes > MOST_MEGABYTES * 1e6:
        raise CollectionFullError(
            f"A collection takes at most {MOST_MEGABYTES:g} MB, which {len(held)} photos do."
        )
    shared.session_uploads().reserve(_COLLECTION, nbytes)
    held[secrets.token_hex(4)] = packed


def forget() -> None:
    """Forget the session's collection."""
    _held().clear()
    shared.session_uploads().reserve(_COLLECTION, 0)


def free_name(name: str) -> str:
    """Return a name that no photo of the session's collection has: `a.jpg`, `a.jpg (2)`."""
    taken = {one.name for one in _held().values()}
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)
