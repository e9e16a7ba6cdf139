"""The sidebar's photos: samples, uploads, swap; and what stands on a photo in the linked view."""

import math

import streamlit as st

from attntopo.attention import AttentionError, load_attention, loading_effort
from attntopo.figures.thumbnail import small_picture
from attntopo.links import EXAMPLES, RING, View, is_private, is_published
from attntopo.photos import Photo, PhotoError
from attntopo.settings import app_settings
from attntopo.ui import linked, session
from attntopo.ui.parts import sharing, swapping, widgets
from attntopo.ui.results import PhotoInput, collection_photos, photo_inputs
from attntopo.ui.runtime import FullError, shared
from attntopo.ui.session import uploads

# Streamlit's field tells one limit for all kinds of files, and the reason for which it refuses one
# itself (it is too large) only to the mouse. What was refused before then is a file too many.
_FIELD_STYLE = """
<style>
[class*="st-key-upload-"] [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
[class*="st-key-upload-"]::after {
  content: "LIMITS";
  font-size: 0.875rem;
}
[class*="st-key-upload-"] [data-testid="stFileChip"] { flex-wrap: wrap; height: auto; }
[class*="st-key-upload-"] [data-testid="stFileChip"] [role="alert"] {
  position: static; width: 100%; height: auto; margin: 0;
  clip: auto; clip-path: none; overflow: visible; white-space: normal;
}
[class*="st-key-upload-"]:has([aria-invalid="true"]) + :has([data-testid="stAlert"]) {
  display: none;
}
</style>
"""


def photo_controls(expanded: bool) -> None:
    """Draw both photos with their samples, uploads and the swap.

    Parameters
    ----------
    expanded : bool
        Whether they are in sight at once: where the page has no photos to choose them on.
    """
    panel = st.expander("Photos", expanded=expanded, key="photos panel", on_change="rerun")
    with panel:
        _photos(bool(panel.open))
    sharing.own_publications()


def _photos(in_sight: bool) -> None:
    """Draw what is in sight, and the fields: files that are dropped on a photo go through them."""
    st.html(_FIELD_STYLE.replace("LIMITS", _upload_limits()))
    for side, photo in zip("ab", session.sides(), strict=True):
        if in_sight:
            _photo_choice(side, photo)
        _upload(side)
        if in_sight:
            sharing.control(side)
    if in_sight:
        st.button("Swap A and B", on_click=swapping.swap, width="stretch")
        if photo_inputs.uploaded() or not collection_photos.is_empty():
            st.button("Forget your photos", on_click=_forget, width="stretch")


def _photo_choice(side: str, photo: PhotoInput) -> None:
    # One above the other: beside it the longest sample's name has no room.
    url, width = _small_picture(photo)
    st.image(url, width=width, alt=f"Photo {side.upper()}: {photo.photo.name}")
    options = photo_options(side)
    widgets.bound(
        st.selectbox,
        side,
        f"Photo {side.upper()}",
        list(options),
        format_func=options.__getitem__,
    )


def _small_picture(photo: PhotoInput) -> tuple[str, int]:
    key = ("small picture", *photo.key)
    return shared.kept_results().get_or_compute(key, lambda: small_picture(photo.photo.pixels, 40))


def photo_options(side: str) -> dict[str, str]:
    """Return the label of each photo that a side can show, by the view's name for it."""
    name = getattr(session.current(), side)
    own = {key: one.photo.name for key, one in photo_inputs.uploaded().items()}
    if is_published(name):
        own[name] = f"shared photo {name.removeprefix('sha256-')[:6]}"
    samples = {one: one.replace("_", " ") for one in EXAMPLES}
    return {**own, **samples, RING: "ring (synthetic)"}


def shown_photo(side: str) -> linked.ShownPhoto:
    """Describe what stands on a side's photo, in the linked view."""
    limits = app_settings()
    return {
        "options": list(photo_options(side).items()),
        "chosen": getattr(session.current(), side),
        "refused": session.refusal("upload", side),
        "megabytes": {"photo": limits.upload_megabytes, "attention": limits.attention_megabytes},
    }


def _upload(side: str) -> None:
    """Draw the field for an own photo or attention; it is empty again once one was read."""
    key = f"upload {side} {st.session_state.get('files', 0)}"
    st.file_uploader(
        f"Your own photo or attention (NPZ) {side.upper()}",
        # Of any name: what is in a file decides, and what can't be read is refused in a sentence.
        max_upload_size=math.ceil(app_settings().file_megabytes),
        help=f"{_upload_limits()}. A photo is a JPEG, HEIC (HEIF), PNG, WebP or AVIF; an NPZ holds "
        "a model's attention, README says how.",
        key=key,
        on_change=_take_upload,
        args=(side, key),
    )
    session.draw_refusal("upload", side)


def _upload_limits() -> str:
    limits = app_settings()
    return (
        f"Photo up to {limits.upload_megabytes:g} MB, NPZ up to {limits.attention_megabytes:g} MB"
    )


def _take_upload(side: str, key: str) -> None:
    """Take an uploaded file, or keep everything as it was and say why not."""
    if uploads.was_read(st.session_state[key]):
        return
    session.forget_refusal("upload", side)
    upload = uploads.let_go(st.session_state[key])
    if upload is None:  # a refused file was removed from the list
        session.write()
        return
    st.session_state["files"] = st.session_state.get("files", 0) + 1
    try:
        number = st.session_state.get("uploads", 0) + 1
        own = _read_attention(upload, number) or _read_photo(upload, number)
        view = session.current()
        name = photo_inputs.keep(own, (view.b if side == "a" else view.a,))
    except (PhotoError, AttentionError, FullError) as error:
        session.refuse("upload", side, str(error))
    else:
        st.session_state["uploads"] = number
        session.put(**{side: name})


def _read_attention(upload: uploads.Upload, number: int) -> photo_inputs.PhotoInput | None:
    """Read an upload that is attention; None of one that isn't."""
    if not getattr(upload, "name", "").lower().endswith(".npz"):
        return None
    effort = loading_effort(getattr(upload, "size", 0))
    with shared.own_slot()(effort):
        _name, data = uploads.read(upload)
        largest = app_settings().attention_megabytes
        given = shared.at_its_pace(effort, load_attention, data, largest)
    picture = Photo(given.input_pixels, f"your attention {number}")
    return photo_inputs.PhotoInput(picture, shared.session_key(), given)


def _read_photo(upload: uploads.Upload, number: int) -> photo_inputs.PhotoInput:
    with shared.decoding_slot():
        _name, data = uploads.read(upload)
        photo = shared.photo_decoder().decode(data, f"your photo {number}")
    return photo_inputs.PhotoInput(photo, shared.session_key())


def _forget() -> None:
    view, default = session.current(), View()
    samples = {side: getattr(default, side) for side in "ab" if is_private(getattr(view, side))}
    samples["collection"] = default.collection
    # Attention of one's own needed no model, a sample does.
    if not session.put(**samples) and not session.put(model=default.model, **samples):
        return
    photo_inputs.forget()
    collection_photos.forget()
    sharing.say_what_stays()
