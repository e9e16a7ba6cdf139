"""Which photos the Collection page shows, and how photos come into it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.links import CHOICES, PRIVATE
from attntopo.photos import (
    SAMPLES,
    ArchivedFile,
    Photo,
    PhotoError,
    archived_files,
    is_archive,
    shown_name,
)
from attntopo.settings import app_settings
from attntopo.ui import session
from attntopo.ui.parts import widgets
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import collection_photos
from attntopo.ui.results.collection_photos import (
    LONGEST_SIDE,
    MOST_MEGABYTES,
    MOST_PHOTOS,
    CollectionFullError,
    CollectionPhoto,
    SamePhotoError,
)
from attntopo.ui.runtime import FullError, shared
from attntopo.ui.session import uploads
from attntopo.wording import counted

# What the session holds: files that wait to be read, what came of the last ones, and how often
# the field was emptied.
_WAITING, _REFUSED, _FIELD = "collection waiting", "collection refused", "collection field"
_OPEN = "open zip"  # as what its bytes are counted
_MOST_SAID = 12  # files that are named for one reason; more are counted
_PHONE_MEGABYTES = 4  # of a photo, as many telephones take them
_UNPACKED = 4  # times the largest zip: photos hardly get smaller in one

Refusal = tuple[str, str]
"""A file's name, fit to be shown, and why it isn't taken, in a sentence."""


def photos_of_view() -> list[CollectionPhoto]:
    """Return the photos of the collection that is shown."""
    if session.current().collection == PRIVATE and not collection_photos.is_empty():
        return collection_photos.own_photos()
    return collection_photos.sample_photos()


def draw() -> None:
    """Draw the choice of photos, the field for own ones, and what came of the last ones.

    It reads the files that wait, one after the other, and shows how far it is; what a rerun
    interrupts goes on in the next one.
    """
    # In one place, whatever stands in it: else the sheet below would be another one, without what
    # it shows at the moment.
    with st.container():
        _draw()


def _draw() -> None:
    own = len(collection_photos.own_photos())
    labels = {"samples": f"{len(SAMPLES)} samples", PRIVATE: f"your own: {counted(own, 'photo')}"}
    with st.container(horizontal=True, vertical_alignment="center"):
        if own:
            widgets.bound(
                st.radio,
                "collection",
                "Photos",
                list(CHOICES["collection"]),
                format_func=labels.__getitem__,
                horizontal=True,
                label_visibility="collapsed",
            )
            st.button("Forget these photos", key="forget collection", on_click=_forget)
        with st.popover("Add photos", width="content"):
            _field()
    progress = st.empty()
    if st.session_state.get(_WAITING):
        _read_waiting(progress)
    _say_refused()


def _field() -> None:
    key = f"collection files {st.session_state.get(_FIELD, 0)}"
    limits = app_settings()
    at_once = limits.waiting_bytes / 1e6
    st.file_uploader(
        f"Up to {MOST_PHOTOS} photos, or a zip of them",
        accept_multiple_files=True,
        max_upload_size=math.ceil(limits.file_megabytes),
        key=key,
        on_change=_take_files,
        args=(key,),
    )
    explain(
        f"JPEG, HEIC (HEIF), PNG, WebP or AVIF of up to {limits.upload_megabytes:g} MB each; a zip "
        f"of up to {limits.file_megabytes:g} MB. **At most {at_once:.0f} MB at once**, "
        f"{at_once / _PHONE_MEGABYTES:.0f} photos of {_PHONE_MEGABYTES} MB: add more when these "
        "are read. They are private: this session alone holds them, and they are gone with it. Of "
        f"each photo is kept what has at most {LONGEST_SIDE} pixels on its longest side, in all at "
        f"most {MOST_MEGABYTES:g} MB, and Compare opens it as it is kept."
    )


def _take_files(key: str) -> None:
    """Note the files of the field; they are read when the page is drawn."""
    chosen = st.session_state[key] or []
    begun = [one for one in st.session_state.get(_WAITING, []) if isinstance(one, _OpenZip)]
    waiting = [uploads.let_go(one) for one in chosen if not uploads.was_read(one)]
    # A rerun that interrupts the reading may call this again for the same files.
    if waiting and not st.session_state.get(_WAITING):
        st.session_state[_REFUSED] = []
    st.session_state[_WAITING] = [*begun, *waiting]
    session.write()


def _read_waiting(progress: DeltaGenerator) -> None:
    """Read the files that wait, show the collection then, and empty the field."""
    waiting: list[Any] = st.session_state[_WAITING]
    refused: list[Refusal] = st.session_state.setdefault(_REFUSED, [])
    total, before = len(waiting), len(collection_photos.own_photos())
    while waiting:
        came = counted(len(collection_photos.own_photos()) - before, "photo")
        done = total - len(waiting)
        # Here alone a rerun takes effect: what was read is kept, and the rest waits for the next.
        progress.progress(done / total, f"Reading file {done + 1} of {total}: {came} so far …")
        try:
            _read_first(waiting, refused)
        except CollectionFullError as error:
            refused.append(("The rest", str(error)))
            _drop_all(waiting)
    shared.session_uploads().reserve(_OPEN, 0)
    progress.empty()
    st.session_state[_FIELD] = st.session_state.get(_FIELD, 0) + 1
    if not collection_photos.is_empty():
        session.put(collection=PRIVATE)
    st.rerun()


@dataclass
class _OpenZip:
    """A zip that was begun."""

    name: str
    files: Iterator[ArchivedFile]


def _read_first(waiting: list[Any], refused: list[Refusal]) -> None:
    """Read the first file that waits, or the next one in a zip that was begun.

    Raises
    ------
    CollectionFullError
        If the collection takes no more.
    """
    first = waiting[0]
    name = first.name if isinstance(first, _OpenZip) else shown_name(getattr(first, "name", ""))
    try:
        if isinstance(first, _OpenZip):
            file = next(first.files, None)
            if file is None:
                waiting.pop(0)
                return
            name = file.name
            if file.refusal:
                raise _FileError(file.refusal)
            _add(name, file.data)
            return
        waiting.pop(0)
        _, data = uploads.read(first)
        if is_archive(data):
            shared.session_uploads().reserve(_OPEN, len(data))
            waiting.insert(0, _OpenZip(name, _inside(data)))
        else:
            _add(name, data)
    except CollectionFullError:
        raise
    except (_FileError, PhotoError, FullError) as error:
        refused.append((name, str(error)))
        if isinstance(first, _OpenZip) and name == first.name:  # the zip itself ends here
            waiting.pop(0)


class _FileError(ValueError):
    """A file isn't taken; the message says why in a sentence."""


def _drop_all(waiting: list[Any]) -> None:
    """Remove the files for which there is no room, unread."""
    for one in waiting:
        if not isinstance(one, _OpenZip):
            uploads.drop(one)
    waiting.clear()


def _inside(data: bytes) -> Iterator[ArchivedFile]:
    limits = app_settings()
    return archived_files(
        data,
        max_megabytes=limits.upload_megabytes,
        max_total_megabytes=_UNPACKED * limits.file_megabytes,
    )


def _add(name: str, data: bytes) -> None:
    """Decode a photo in the decoder's process, and keep it."""
    with shared.decoding_slot():
        photo = shared.photo_decoder().decode(data, name)
        try:
            collection_photos.add(Photo(photo.pixels, collection_photos.free_name(name)))
        except SamePhotoError as error:
            raise _FileError(str(error)) from error


def _say_refused() -> None:
    refused: list[Refusal] = st.session_state.get(_REFUSED, [])
    if not refused:
        return
    with st.container(border=True):
        what = "This file isn't" if len(refused) == 1 else f"{len(refused)} files aren't"
        st.markdown(f"**{what} in the collection:**")
        for why, names in _by_reason(refused).items():
            more = len(names) - _MOST_SAID
            named = ", ".join(names[:_MOST_SAID]) + (f" and {more} more" if more > 0 else "")
            st.text(f"{named}: {why}")  # no Markdown: the names are a stranger's
        st.button("Dismiss", on_click=_dismiss)


def _by_reason(refused: Sequence[Refusal]) -> dict[str, list[str]]:
    """Return the files' names by why they aren't taken, in their order."""
    by_reason: dict[str, list[str]] = {}
    for name, why in refused:
        by_reason.setdefault(why, []).append(name)
    return by_reason


def _dismiss() -> None:
    st.session_state[_REFUSED] = []
    session.write()


def _forget() -> None:
    collection_photos.forget()
    st.session_state[_REFUSED] = []
    session.put(collection="samples")
