"""The two photos of a view: samples, published ones, and what this session has uploaded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from attntopo.attention import Attention
from attntopo.images import Photo, sample
from attntopo.photo_store import PhotoStoreError
from attntopo.synthetic import ring_attention
from attntopo.ui import early, memory
from attntopo.view import PRIVATE, RING, View, is_published

_PHOTOS = "photos"  # what the session holds


@dataclass(frozen=True)
class Side:
    """One photo of the view, with what keeps its results apart from other sessions' results.

    Attributes
    ----------
    photo : Photo
        Of attention that was given, its picture.
    owner : str
        Empty for a sample; of a private photo, the session's own key.
    given : Attention, optional
        What the visitor gave instead of a photo; no model is run for it.
    """

    photo: Photo
    owner: str
    given: Attention | None = None

    @property
    def content(self) -> str:
        """Content hash of what the side's numbers depend on."""
        return (self.given or self.photo).sha256

    @property
    def key(self) -> tuple[str, str]:
        """Key of the photo's results."""
        return self.owner, self.content

    @property
    def nbytes(self) -> int:
        """Memory of the photo, and of attention that was given, in bytes."""
        return self.photo.nbytes + (self.given.nbytes if self.given else 0)


@st.cache_resource(show_spinner=False)
def sample_photo(name: str) -> Photo:
    """Return a sample photo, decoded once."""
    early.wait()
    return sample(name)


@st.cache_resource(show_spinner=False)
def ring() -> Side:
    """Return the synthetic example: attention without a model, for all visitors."""
    given = ring_attention()
    return Side(Photo(given.input_pixels, "ring (synthetic)"), "", given)


def published(name: str, *, fresh: bool = False) -> Side:
    """Return a published photo.

    Parameters
    ----------
    name : str
        As links write it.
    fresh : bool
        Whether to look if it is still published, though it be kept here.

    Raises
    ------
    PhotoStoreError
        If it isn't published, or can't be had.
    """
    key = ("published", "", name)
    if not fresh:
        return Side(memory.results().get_or_make(key, lambda: memory.photo_store().load(name)), "")
    try:
        photo = memory.photo_store().load(name)
    except PhotoStoreError:
        forget_published(name)
        raise
    return Side(memory.results().get_or_make(key, lambda: photo), "")


def forget_published(name: str) -> None:
    """Drop a photo that isn't published any more, and what was computed of it."""
    memory.results().drop_content(name.removeprefix("sha256-"))


def uploaded() -> dict[str, Side]:
    """Return what the session uploaded, photos and attention, by side; gone with the session."""
    return st.session_state.setdefault(_PHOTOS, {})


def keep(side: str, own: Side) -> None:
    """Keep what the session uploaded, in the place of what it uploaded before.

    Parameters
    ----------
    side : {"a", "b"}
    own : Side

    Raises
    ------
    FullError
        If the server has no room for it.
    """
    before = uploaded().get(side)
    _count({**uploaded(), side: own})
    uploaded()[side] = own
    if before and before.content not in {one.content for one in uploaded().values()}:
        memory.results().drop_content(before.content, memory.session_key())


def _count(held: dict[str, Side]) -> None:
    sizes = {one.content: one.nbytes for one in held.values()}
    memory.brought().count(sum(sizes.values()))


def forget() -> None:
    """Forget what the session uploaded, and all that was computed of it."""
    uploaded().clear()
    memory.results().drop(memory.session_key())
    _count({})


def side_of(view: View, side: str) -> Side:
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
    if name == PRIVATE:
        return replace(uploaded()[side], owner=memory.session_key())
    if is_published(name):
        return published(name)
    return ring() if name == RING else Side(sample_photo(name), "")


def given_side(view: View, side: str) -> Side | None:
    """Return what a view shows on one side where it may be attention, which needs no model."""
    name = getattr(view, side)
    return ring() if name == RING else uploaded().get(side) if name == PRIVATE else None
