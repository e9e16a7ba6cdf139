"""The Collection page's contact sheet: drawn as far as it is known, then filled in; its table."""

import hashlib
from collections.abc import Iterable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo import exports
from attntopo.effort import SHORT
from attntopo.figures.contact_sheet import packed_heads, packed_pictures, small_jpeg
from attntopo.links import SHEET_COLUMNS, View, column_of
from attntopo.models import ModelInfo
from attntopo.ui import contact_sheet, session
from attntopo.ui.parts import collection_page
from attntopo.ui.parts.asked_panel import watch_job
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.results.collection import Collection, shown_share
from attntopo.ui.results.collection_photos import LONGEST_SIDE, CollectionPhoto
from attntopo.ui.runtime import StatusLine, shared
from attntopo.wording import counted, duration_text

_STOPPED, _ASKED = "collection stopped", "collection asked for"  # what the session holds
_UNASKED = 60.0  # seconds: what may take longer is begun when it is asked for
_AT_ONCE = 24  # pictures in a message


class Sheet:
    """The sheet of a collection.

    Parameters
    ----------
    collection : Collection
    info : ModelInfo
        Of the model that is run.
    status : StatusLine
    """

    def __init__(self, collection: Collection, info: ModelInfo, status: StatusLine) -> None:
        self.collection, self._info, self._status = collection, info, status
        self._identity = hashlib.sha256(repr(collection.key).encode()).hexdigest()[:16]
        self._sent = 0

    def draw(self) -> None:
        """Draw the sheet with all that is known, and places for the rest."""
        self.beside = st.container()
        # A fragment waits until the page's run has ended, and what is still computed isn't to be
        # waited for: until all is there, what the sheet says runs the page anew.
        follow = self._follow if self.collection.missing else st.fragment(self._follow)
        follow()
        self._messages = st.container(gap=None)  # of no height, many of them
        with self._messages:
            self._send_pictures()
            self._send(self.collection.known)

    def _follow(self) -> None:
        """Draw what follows the slider and the order; only this runs when they change."""
        if contact_sheet.is_chosen():
            st.rerun()
        collection, view = self.collection, session.current()
        contact_sheet.mount(
            self._identity,
            collection_page.sheet_photos(collection.photos),
            self._columns(),
            shown_share(view),
            collection_page.link_of(collection),
        )
        self._downloads(view)

    def _columns(self) -> list[str]:
        """Return what can be sorted by: what a photo's features lack can't."""
        known = self.collection.known.values()
        features = {column_of(name) for one in known for name in one.features}
        lacking = {column_of(name) for name in SHEET_COLUMNS.values()} - features if known else ()
        return [key for key in SHEET_COLUMNS if key not in lacking]

    def _send_pictures(self) -> None:
        photos = self.collection.photos
        self._status.say("Drawing the photos …")
        for first in range(0, len(photos), _AT_ONCE):
            some = photos[first : first + _AT_ONCE]
            packed = packed_pictures({one.id: _small(one) for one in some})
            contact_sheet.send(packed, f"pictures {first}")
        self._status.clear()

    def _send(self, ids: Iterable[str]) -> None:
        known = self.collection.known
        heads = {one: known[one] for one in ids if one in known}
        if heads:
            contact_sheet.send(packed_heads(self._identity, heads), f"heads {self._sent}")
            self._sent += 1

    def _downloads(self, view: View) -> None:
        about = about_photos(self.collection, self._info, view)
        table = in_one(
            lambda: exports.rows_csv(about, self.collection.rows(view)),
            SHORT,
        )
        button("Download the table of photos", "attntopo-collection", "CSV", table)

    def fill_in(self) -> None:
        """Compute what is missing, and draw it as it comes; the page is drawn anew in the end."""
        collection = self.collection
        if not collection.missing:
            return
        done, of = len(collection.known), counted(len(collection.photos), "photo")
        if refusal := collection.refusal:
            with self.beside:
                explain(refusal)
            return
        seconds = collection.effort.seconds
        if st.session_state.get(_STOPPED) == collection.key:
            with self._row():
                st.warning(f"Stopped: {done} of {of} computed.")
                st.button("Go on", on_click=_set, args=(_STOPPED, None))
            return
        if seconds > _UNASKED and st.session_state.get(_ASKED) != collection.key:
            with self._row():
                label = f"Compute {len(collection.missing)} photos: up to {duration_text(seconds)}"
                st.button(label, on_click=_set, args=(_ASKED, collection.key))
            return
        with self._row():
            st.button("Stop", key="stop photos", on_click=_set, args=(_STOPPED, collection.key))
            bar = st.progress(0.0, text="Beginning …")
        failure = self._watch(bar)
        if failure:
            with self.beside:
                st.error(failure)
            return
        st.rerun()

    def _row(self) -> DeltaGenerator:
        with self.beside:
            return st.container(horizontal=True, vertical_alignment="center")

    def _watch(self, bar: DeltaGenerator) -> str:
        """Show how far the job is until it is done; return why it can't be, in a sentence."""
        collection = self.collection

        def count() -> tuple[int, int]:
            return len(collection.known), len(collection.photos)

        work = partial(collection.work, shared.own_slot())
        return watch_job(collection.key, count, "photo", work, bar, self._send_new)

    def _send_new(self) -> None:
        if new := self.collection.look_up():
            with self._messages:
                self._send([one.id for one in new])


def _small(photo: CollectionPhoto) -> bytes:
    """Return a photo's small picture, made once."""
    key = ("small picture", *photo.key)
    jpeg: bytes = shared.kept_results().get_or_compute(key, lambda: small_jpeg(photo.unpacked()))
    return jpeg


def about_photos(collection: Collection, info: ModelInfo, view: View) -> dict[str, str]:
    """Say what a table of the collection is of."""
    about = exports.describe_collection(view, info, shown_share(view))
    about["photos"] = f"{len(collection.photos)}"
    about["computed"] = f"{len(collection.known)}"
    if any(one.owner for one in collection.photos):
        about["longest side"] = f"at most {LONGEST_SIDE} pixels"
    return about


def _set(name: str, what: object) -> None:
    st.session_state[name] = what
    session.write()
