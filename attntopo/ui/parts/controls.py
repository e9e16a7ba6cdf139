"""The sidebar: photos, model, layer and head, distance, options."""

import math
from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import Head
from attntopo.attention import MEAN, ROLLOUT, AttentionError, load_attention
from attntopo.distances import DISTANCES
from attntopo.figures.thumbnail import small_picture
from attntopo.links import CHOICES, EXAMPLES, RING, View, is_private, is_published
from attntopo.models import ModelInfo, SharedInfo
from attntopo.photos import Photo, PhotoError, decode_photo
from attntopo.settings import app_settings
from attntopo.ui import head_grid, linked, session
from attntopo.ui.parts import sharing, swapping, widgets
from attntopo.ui.results import all_heads, models, photo_inputs
from attntopo.ui.runtime import FullError, shared
from attntopo.ui.session import uploads
from attntopo.wording import counted

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
_OPTION_LABELS = {
    "all": "all tokens",
    "patches": "patches only",
    "distances": "from the distances (stays put)",
    "spring": "spring layout (as the notebook)",
    "component": "of the component",
    "photo": "of the photo",
}


def photo_controls(expanded: bool) -> None:
    """Draw both photos with their samples, uploads and the swap.

    Parameters
    ----------
    expanded : bool
        Whether they are in sight at once: where the page has no photos to choose them on.
    """
    with st.expander("Photos", expanded=expanded):
        _photos()
    sharing.own_publications()


def _photos() -> None:
    st.html(_FIELD_STYLE.replace("LIMITS", _upload_limits()))
    for side, photo in zip(("a", "b"), session.sides(), strict=True):
        # Small and near, so that the longest sample's name fits beside it.
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            pixels, width = small_picture(photo.photo.pixels, 40)
            st.image(pixels, width=width, alt=f"Photo {side.upper()}: {photo.photo.name}")
            options = photo_options(side)
            widgets.bound(
                st.selectbox,
                side,
                f"Photo {side.upper()}",
                list(options),
                format_func=options.__getitem__,
            )
        _upload(side)
        sharing.control(side)
    st.button("Swap A and B", on_click=swapping.swap, width="stretch")
    if photo_inputs.uploaded():
        st.button("Forget your photos", on_click=_forget, width="stretch")


def photo_options(side: str) -> dict[str, str]:
    """Return the label of each photo that a side can show, by the view's name for it."""
    name = getattr(session.current(), side)
    own = {key: one.photo.name for key, one in photo_inputs.uploaded().items()}
    if is_published(name):
        own[name] = f"shared photo {name.removeprefix('sha256-')[:6]}"
    samples = {one: one.replace("_", " ") for one in EXAMPLES}
    return {**own, **samples, RING: "ring (synthetic attention)"}


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
        help=f"{_upload_limits()}. An NPZ holds a model's attention; README says how.",
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


def head_controls(
    view: View, info: SharedInfo, apart: bool = False
) -> Callable[[SharedInfo], None]:
    """Draw model, layer and head, and the distance, bounded by what both sides have.

    Parameters
    ----------
    view : View
    info : SharedInfo
    apart : bool
        Whether the page can show B with a model, layer and head of its own.

    Returns
    -------
    callable
        To be called with what was seen, once the attention is there: says the patch grids.
    """
    # The Atlas shows both with A's model, and keeps what is A's own in Compare.
    own = session.current().b_has_own_head
    values = all_heads.known_values(view, session.sides()) if apart else None
    place = _choice(view.model, "", info.sides[0] if own else info, values)
    place_b = None
    for letter, name, side in zip("AB", (view.a, view.b), info.sides, strict=True):
        if not side.id:
            whose = "synthetic attention" if name == RING else "your own attention"
            st.caption(f"{letter} shows {whose}: {_size(side)}.")
    if apart:
        frame_key = f"apart {own}"  # another widget after each change: see widgets.bound
        st.session_state[frame_key] = own
        st.toggle("B has its own model, layer and head", key=frame_key, on_change=_set_apart)
    if apart and view.model_b is not None:
        place_b = _choice(view.model_b, "_b", info.sides[1], {})
    widgets.bound(
        st.selectbox,
        "distance",
        "Distance between attention rows",
        list(DISTANCES),
        format_func=lambda key: DISTANCES[key].label,
    )
    st.caption(DISTANCES[view.distance].explanation)

    def say_grids(seen: SharedInfo) -> None:
        _say_size(place, view.model, seen.sides if view.model_b is None else seen.sides[:1])
        if place_b is not None and view.model_b is not None:
            _say_size(place_b, view.model_b, seen.sides[1:])

    return say_grids


def _choice(
    model: str,
    suffix: str,
    info: ModelInfo | SharedInfo,
    values: Mapping[Head, float] | None,
) -> DeltaGenerator:
    """Draw model, layer and head of both sides, or (with the suffix) of B alone.

    Returns
    -------
    DeltaGenerator
        Where the model's size is said.
    """
    of = " of B" if suffix else ""
    entries = shared.offered_models()
    choices = models.model_choices()
    if model not in choices:
        choices = [*choices, model]
    widgets.bound(
        st.selectbox,
        f"model{suffix}",
        f"Model{of}",
        choices,
        format_func=lambda key: entries[key].label,
    )
    place = st.empty()
    _say_size(place, model, info.sides if isinstance(info, SharedInfo) else (info,))
    if values is not None:
        head_grid.mount(info, suffix, values)
    if info.n_layers > 1:
        widgets.bound(st.slider, f"layer{suffix}", f"Layer{of}", 0, info.n_layers - 1)
    else:
        st.markdown(f"Layer{of}: 0, the only one")
    widgets.bound(
        st.select_slider,
        f"head{suffix}",
        f"Attention head{of}",
        [*range(info.n_heads), MEAN, ROLLOUT],
        help="After the last head: the mean of all heads of the layer, and attention rollout, "
        "which follows attention through all layers up to this one.",
    )
    return place


def _say_size(place: DeltaGenerator, model: str, sides: Sequence[ModelInfo]) -> None:
    run, entry = [side for side in sides if side.id], shared.offered_models()[model]
    if not run:
        place.caption("No model is run: the attention shown was given.")
        return
    place.caption(
        f"{entry.label}: {_size(*run)}. Licence of the weights: "
        f"{entry.licence or 'not known here'}."
    )


def _set_apart() -> None:
    view = session.current()
    if view.b_has_own_head:
        session.put(model_b=None, layer_b=None, head_b=None)
    else:
        session.put(model_b=view.model, layer_b=view.layer, head_b=view.head)


def _size(info: ModelInfo, *others: ModelInfo) -> str:
    of = f"{counted(info.n_layers, 'layer')} of {counted(info.n_heads, 'head')}"
    grids = [f"{rows} × {columns}" for rows, columns in (one.grid for one in (info, *others))]
    if len(set(grids)) == 1:
        return f"{of}, {grids[0]} patches"
    return f"{of}, {grids[0]} patches of A and {grids[1]} of B"


def option_controls(*fields: str) -> None:
    """Draw those of the options that a page has: tokens, 3D layout, colour of nodes."""
    labels = {"tokens": "Points", "layout": "3D layout", "color": "Colour of nodes in 3D"}
    with st.expander("Options"):
        for field in fields:
            widgets.bound(
                st.selectbox,
                field,
                labels[field],
                list(CHOICES[field]),
                format_func=_OPTION_LABELS.__getitem__,
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
        with shared.queue().slot(shared.session_key()):
            own = _read_upload(*uploads.read(upload), number)
        view = session.current()
        name = photo_inputs.keep(own, (view.b if side == "a" else view.a,))
    except (PhotoError, AttentionError, FullError) as error:
        session.refuse("upload", side, str(error))
    else:
        st.session_state["uploads"] = number
        session.put(**{side: name})


def _read_upload(name: str, data: bytes, number: int) -> photo_inputs.PhotoInput:
    limits = app_settings()
    if name.lower().endswith(".npz"):
        given = load_attention(data, limits.attention_megabytes)
        picture = Photo(given.input_pixels, f"your attention {number}")
        return photo_inputs.PhotoInput(picture, shared.session_key(), given)
    photo = decode_photo(
        data,
        f"your photo {number}",
        max_megabytes=limits.upload_megabytes,
        max_megapixels=limits.upload_megapixels,
    )
    return photo_inputs.PhotoInput(photo, shared.session_key())


def _forget() -> None:
    view, default = session.current(), View()
    samples = {side: getattr(default, side) for side in "ab" if is_private(getattr(view, side))}
    # Attention of one's own needed no model, a sample does.
    if not session.put(**samples) and not session.put(model=default.model, **samples):
        return
    photo_inputs.forget()
    sharing.say_what_stays()
