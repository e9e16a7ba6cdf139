"""The sidebar: photos, model, layer and head, distance, options."""

from __future__ import annotations

import math

import streamlit as st

from attntopo.catalogue import catalogue
from attntopo.distances import DISTANCES
from attntopo.images import SAMPLES, PhotoError, decode_photo
from attntopo.model_info import ModelInfo
from attntopo.settings import settings
from attntopo.ui import cached, frame
from attntopo.view import CHOICES, PRIVATE, View

_UPLOAD_TYPES = ["jpg", "jpeg", "png", "webp", "avif", "heic", "heif"]
_OPTION_LABELS = {
    "all": "all tokens",
    "patches": "patches only",
    "distances": "from the distances (stays put)",
    "spring": "spring layout (as the notebook)",
    "component": "of the component",
    "photo": "of the photo",
}


def photo_controls() -> None:
    """Draw both photos with their samples, uploads and the swap."""
    for side, photo in zip(("a", "b"), frame.sides(), strict=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.image(photo.photo.pixels, width=72, alt=f"Photo {side.upper()}: {photo.photo.name}")
            own = [PRIVATE] if side in frame.photos() else []
            frame.bound(
                st.selectbox,
                side,
                f"Photo {side.upper()}",
                [*own, *SAMPLES],
                format_func=_photo_label,
            )
        _upload(side)
    st.button("Swap A and B", on_click=_swap, width="stretch")
    if frame.photos():
        st.button("Forget your photos", on_click=_forget, width="stretch")


def _upload(side: str) -> None:
    """Draw the field for an own photo; it is empty again once a photo was taken."""
    key = f"upload {side} {st.session_state.get('uploads', 0)}"
    st.file_uploader(
        f"Your own photo {side.upper()}",
        type=_UPLOAD_TYPES,
        max_upload_size=math.ceil(settings().upload_megabytes),
        key=key,
        on_change=_take_upload,
        args=(side, key),
    )
    refusal, shown = st.session_state.get("refused", {}).get(side, ("", ""))
    if refusal and shown == getattr(frame.current(), side):
        st.error(refusal)


def head_controls(view: View, info: ModelInfo) -> None:
    """Draw model, layer, head and distance, bounded by the model."""
    labels = {key: entry.label for key, entry in catalogue().items()}
    choices = cached.model_choices()
    if view.model not in choices:
        choices = [*choices, view.model]
    frame.bound(st.selectbox, "model", "Model", choices, format_func=labels.__getitem__)
    st.caption(
        f"{labels[view.model]}: {info.n_layers} layers of {info.n_heads} heads, "
        f"{info.grid[0]} × {info.grid[1]} patches. Licence of the weights: "
        f"{catalogue()[view.model].licence or 'not known here'}."
    )
    _number_slider("layer", "Layer", info.n_layers)
    _number_slider("head", "Attention head", info.n_heads)
    frame.bound(
        st.selectbox,
        "distance",
        "Distance between attention rows",
        list(DISTANCES),
        format_func=lambda key: DISTANCES[key].label,
    )
    st.caption(DISTANCES[view.distance].explanation)


def option_controls() -> None:
    """Draw the options: tokens, 3D layout, colour of nodes."""
    with st.expander("Options"):
        for field, label in (
            ("tokens", "Points"),
            ("layout", "3D layout"),
            ("color", "Colour of nodes in 3D"),
        ):
            frame.bound(
                st.selectbox,
                field,
                label,
                list(CHOICES[field]),
                format_func=_OPTION_LABELS.__getitem__,
            )


def _number_slider(field: str, label: str, n: int) -> None:
    if n > 1:
        frame.bound(st.slider, field, label, 0, n - 1)
    else:
        st.markdown(f"{label}: 0, the only one")


def _photo_label(name: str) -> str:
    return "your photo" if name == PRIVATE else name.replace("_", " ")


def _take_upload(side: str, key: str) -> None:
    """Take an uploaded photo, or keep everything as it was and say why not."""
    refused = st.session_state.setdefault("refused", {})
    refused.pop(side, None)
    upload = st.session_state[key]
    if upload is None:  # a refused file was removed from the list
        frame.write()
        return
    limits = settings()
    try:
        photo = decode_photo(
            upload.getvalue(),
            f"your photo {st.session_state.get('uploads', 0) + 1}",
            max_megabytes=limits.upload_megabytes,
            max_megapixels=limits.upload_megapixels,
        )
    except PhotoError as error:
        refused[side] = str(error), getattr(frame.current(), side)
        frame.write()
    else:
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
        frame.photos()[side] = photo
        frame.put(**{side: PRIVATE})


def _swap() -> None:
    view, photos = frame.current(), frame.photos()
    # What isn't shown stays where it is, so that Back finds it there.
    moved = {
        to: photos[side] for side, to in (("a", "b"), ("b", "a")) if getattr(view, side) == PRIVATE
    }
    photos.update(moved)
    frame.put(a=view.b, b=view.a)


def _forget() -> None:
    frame.photos().clear()
    cached.forget_private()
    view, default = frame.current(), View()
    frame.put(**{side: getattr(default, side) for side in "ab" if getattr(view, side) == PRIVATE})
