"""The sidebar: photos, model, layer and head, distance, options."""

from __future__ import annotations

import math

import streamlit as st

from attntopo.catalogue import catalogue
from attntopo.distances import DISTANCES
from attntopo.images import SAMPLES, PhotoError, decode_photo
from attntopo.models import ModelInfo
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
    refused = st.session_state.get("refused", {})
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
        st.file_uploader(
            f"Your own photo {side.upper()}",
            type=_UPLOAD_TYPES,
            max_upload_size=math.ceil(settings().upload_megabytes),
            key=f"upload_{side}",
            on_change=_take_upload,
            args=(side,),
        )
        if side in refused:
            st.error(refused[side])
    st.button("Swap A and B", on_click=_swap, width="stretch")


def head_controls(view: View, info: ModelInfo) -> None:
    """Draw model, layer, head and distance, bounded by the model."""
    labels = {key: entry.label for key, entry in catalogue().items()}
    choices = cached.model_choices()
    if view.model not in choices:
        choices = [*choices, view.model]
    frame.bound(st.selectbox, "model", "Model", choices, format_func=labels.__getitem__)
    st.caption(
        f"{labels[view.model]}: {info.n_layers} layers of {info.n_heads} heads, "
        f"{info.grid[0]} × {info.grid[1]} patches"
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


def _take_upload(side: str) -> None:
    """Take an uploaded photo, or keep everything as it was and say why not."""
    refused = st.session_state.setdefault("refused", {})
    refused.pop(side, None)
    upload = st.session_state[f"upload_{side}"]
    if upload is None:  # removed from the list: the photo stays until another is chosen
        frame.write()
        return
    limits = settings()
    try:
        photo = decode_photo(
            upload.getvalue(),
            f"your photo {side.upper()}",
            max_megabytes=limits.upload_megabytes,
            max_megapixels=limits.upload_megapixels,
        )
    except PhotoError as error:
        refused[side] = str(error)
        frame.write()
    else:
        frame.photos()[side] = photo
        frame.put(**{side: PRIVATE})


def _swap() -> None:
    photos = frame.photos()
    first, second = photos.pop("a", None), photos.pop("b", None)
    if second is not None:
        photos["a"] = second
    if first is not None:
        photos["b"] = first
    view = frame.current()
    frame.put(a=view.b, b=view.a)
