"""The two photos of a view: samples, published ones, and what this session has uploaded."""

import hashlib
import math
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import streamlit as st

from attntopo.attention import Attention, ring_attention
from attntopo.links import PRIVATE, RING, View, is_private, is_published
from attntopo.photos import Photo, sample
from attntopo.publishing import DamagedPhotoError, PhotoGoneError, PhotoStoreError
from attntopo.ui.runtime import FullError, nbytes_of, shared

_PHOTOS = "photos"  # what the session holds
_MOST_KEPT = 3  # uploads a session: both on the screen, and one that Back may find
_LOOK_AGAIN = 60.0  # seconds for which a photo is taken for published
_looked: dict[str, float] = {}  # when, by name; only of photos that were there
_editions: Counter[str] = Counter()  # how often all numbers of a content were made anew


class Owned(Protocol):
    """What some session may hold alone."""

    @property
    def owner(self) -> str:
        """Empty for what is everybody's; else the session's own key."""


@dataclass(frozen=True)
class PhotoInput:
    """One photo of the view, with what keeps its results apart from other sessions' results.

    Attributes
    ----------
    photo : Photo
        Of attention that was given, its picture.
    owner : str
        Empty for a sample; of a private photo, the session's own key.
    given : Attention, optional
        What the visitor gave instead of a photo; no model is run for it.
    edition : int
        How often its numbers had been made anew before this: who holds older ones, and computes
        something of them, keeps it apart from what is computed of newer ones.
    """

    photo: Photo
    owner: str
    given: Attention | None = None
    edition: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "edition", _editions[self.content])

    @property
    def title(self) -> str:
        """What to call it on the page."""
        return self.photo.name.replace("_", " ")

    @property
    def content(self) -> str:
        """Content hash of what is shown of the side; of attention, its picture too."""
        if self.given is None:
            return self.photo.sha256
        seen = f"{self.given.sha256} {self.photo.sha256} {self.given.patch_size}"
        return hashlib.sha256(seen.encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str, int]:
        """Key of the photo's results."""
        return *self.lasting_key, self.edition

    @property
    def lasting_key(self) -> tuple[str, str]:
        """What of the key outlasts this process."""
        return self.owner, self.content


def owner_of(photos: Iterable[Owned]) -> str:
    """Return the session whose photos are among these; empty where all are everybody's."""
    return next((one.owner for one in photos if one.owner), "")


def make_anew(content: str) -> None:
    """Let all results of a content be computed again from now on; what there was is dropped."""
    _editions[content] += 1
    shared.kept_results().drop_content(content)


@st.cache_resource(show_spinner=False)
def sample_photo(name: str) -> Photo:
    """Return a sample photo, decoded once."""
    return sample(name)


@st.cache_resource(show_spinner=False)
def ring() -> PhotoInput:
    """Return the synthetic example: attention without a model, for all visitors."""
    given = ring_attention()
    return PhotoInput(Photo(given.input_pixels, "ring (synthetic)"), "", given)


def published(name: str, *, fresh: bool = False) -> PhotoInput:
    """Return a published photo.

    One that is kept here is looked for in the storage now and then: it may have expired, or been
    deleted through another replica.

    Parameters
    ----------
    name : str
        As links write it.
    fresh : bool
        Whether to look at once if it is still published.

    Raises
    ------
    PhotoStoreError
        If it isn't published, or can't be had.
    """
    key = ("published", "", name)
    kept = shared.kept_results().get(key)
    if kept is not None and _looked_lately(name) and not fresh:
        return PhotoInput(kept, "")
    try:
        photo = shared.photo_store().load(name)
    except (PhotoGoneError, DamagedPhotoError):
        forget_published(name)
        raise
    except PhotoStoreError:
        if kept is None or fresh:
            raise
        photo = kept  # it is in the storage as far as anybody knows
    _looked[name] = time.monotonic()
    return PhotoInput(shared.kept_results().get_or_compute(key, lambda: photo), "")


def needs_storage(name: str) -> bool:
    """Say whether `published` would ask the storage for a photo now."""
    return not _looked_lately(name) or shared.kept_results().get(("published", "", name)) is None


def _looked_lately(name: str) -> bool:
    return time.monotonic() - _looked.get(name, -math.inf) < _LOOK_AGAIN


def forget_published(name: str) -> None:
    """Drop a photo that isn't published any more, and what was computed of it."""
    _looked.pop(name, None)
    # Else anybody could have the results of any content dropped, a sample's say, by naming it.
    if shared.kept_results().get(("published", "", name)) is not None:
        shared.kept_results().drop_content(name.removeprefix("sha256-"))


def uploaded() -> dict[str, PhotoInput]:
    """Return what the session uploaded, photos and attention, by the view's name for it.

    The oldest comes first. It is gone with the session.
    """
    return st.session_state.setdefault(_PHOTOS, {})


def keep(own: PhotoInput, shown: tuple[str, ...] = ()) -> str:
    """Keep what the session uploaded beside what it uploaded before.

    Where there is no room, or there are too many, the oldest uploads go that aren't on the screen;
    what was computed of those that stay goes with all but the shown ones.

    Parameters
    ----------
    own : PhotoInput
    shown : tuple of str
        The view's names of what is on the screen and stays.

    Returns
    -------
    str
        The view's name for it, by which no other session knows anything.

    Raises
    ------
    FullError
        If the server has no room for it; then all is as it was.
    """
    if same := [name for name, one in uploaded().items() if one.content == own.content]:
        return same[0]
    held = {**uploaded(), f"{PRIVATE}-{secrets.token_hex(4)}": own}
    leaving = [name for name in uploaded() if name not in shown]
    while True:
        try:
            if len(held) > _MOST_KEPT and leaving:
                del held[leaving.pop(0)]
                continue
            _count(held)
            break
        except FullError:
            if not leaving:
                raise
            del held[leaving.pop(0)]
    *_, new = held
    # What was computed of the others is computed again where Back finds them: it is large, and
    # would push out what is looked at.
    for name, one in uploaded().items():
        if name not in shown:
            shared.kept_results().drop(shared.session_key(), one.content)
    uploaded().clear()
    uploaded().update(held)
    return new


def private_copy(name: str) -> str:
    """Return what the session calls its own upload of a published photo; empty if it has none."""
    own = (key for key, one in uploaded().items() if f"sha256-{one.content}" == name)
    return next(own, "")


def _count(held: dict[str, PhotoInput]) -> None:
    sizes = {one.content: nbytes_of(one) for one in held.values()}
    shared.session_uploads().reserve("photos", sum(sizes.values()))


def forget() -> None:
    """Forget what the session uploaded, and all that was computed of it."""
    uploaded().clear()
    shared.kept_results().drop(shared.session_key())
    _count({})


def input_of(view: View, side: str) -> PhotoInput:
    """Return what a view shows on one side.

    Parameters
    ----------
    view : View
    side : {"a", "b"}

    Raises
    ------
    PhotoStoreError
        If it is a published photo that can't be had any more.
    """
    name = getattr(view, side)
    if is_private(name):
        return replace(uploaded()[name], owner=shared.session_key())
    if is_published(name):
        return published(name)
    return ring() if name == RING else PhotoInput(sample_photo(name), "")


def photo_size(view: View, side: str) -> tuple[int, int] | None:
    """Return height and width of what a view shows on one side; None where it isn't here yet."""
    name = getattr(view, side)
    if is_private(name):
        own = uploaded().get(name)
        photo = own.photo if own else None
    elif is_published(name):
        photo = shared.kept_results().get(("published", "", name))
    else:
        photo = ring().photo if name == RING else sample_photo(name)
    return photo.pixels.shape[:2] if photo else None


def given_input(view: View, side: str) -> PhotoInput | None:
    """Return what a view shows on one side where it may be attention, which needs no model."""
    name = getattr(view, side)
    return ring() if name == RING else uploaded().get(name)
