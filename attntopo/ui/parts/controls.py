"""The sidebar's model, layer and head, distance, options."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from attntopo.analysis import Head
from attntopo.attention import MEAN, ROLLOUT
from attntopo.distances import DISTANCES
from attntopo.links import CHOICES, RING, View
from attntopo.models import ModelInfo, SharedInfo, is_untrained, trained_id, untrained_id
from attntopo.ui import head_grid, session
from attntopo.ui.parts import widgets
from attntopo.ui.parts.input_choice import input_control
from attntopo.ui.results import all_heads, models
from attntopo.ui.runtime import shared
from attntopo.wording import counted

_OPTION_LABELS = {
    "all": "all tokens",
    "patches": "patches only",
    "distances": "distances (stays put)",
    "spring": "spring (as the notebook)",
    "component": "of the component",
    "photo": "of the photo",
}


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
    of_input = partial(input_control, view, info)
    place = _choice(view.model, "", info.sides[0] if own else info, values, of_input)
    place_b = None
    for letter, name, side in zip("AB", (view.a, view.b), info.sides, strict=True):
        if not side.id:
            whose = "synthetic attention" if name == RING else "your own attention"
            st.caption(f"{letter} shows {whose}: {_size(side)}.")
    if apart:
        frame_key = f"apart {own}"  # another widget after each change: see widgets.bound
        st.session_state[frame_key] = own
        label = "B has its own model, layer and head"
        st.toggle(label, key=frame_key, on_change=_set_apart, args=(frame_key,))
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
    of_input: Callable[[], object] = lambda: None,
) -> DeltaGenerator:
    """Draw model, input, layer and head of both sides, or (with the suffix) of B alone.

    Returns
    -------
    DeltaGenerator
        Where the model's size is said.
    """
    of = " of B" if suffix else ""
    place = _model_choice(model, suffix, info.sides if isinstance(info, SharedInfo) else (info,))
    of_input()
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


def _model_choice(model: str, suffix: str, sides: Sequence[ModelInfo]) -> DeltaGenerator:
    """Draw the choice of a model where one is run; return where its size is said."""
    of = " of B" if suffix else ""
    if not any(side.id for side in sides):
        st.markdown(
            f"Model{of}: none is run, as the attention shown was given; so it has no untrained twin"
        )
        return st.empty()
    choices = models.model_choices()
    if trained_id(model) not in choices:
        choices = [*choices, trained_id(model)]
    # All trained or all twins: the list is no longer for the twins, and another model stays one.
    choices = [untrained_id(one) for one in choices] if is_untrained(model) else choices
    widgets.bound(st.selectbox, f"model{suffix}", f"Model{of}", choices, format_func=_label)
    frame_key = f"untrained{suffix} {model}"  # another widget after each change: see widgets.bound
    st.session_state[frame_key] = is_untrained(model)
    st.toggle(
        f"Untrained twin{of}",
        key=frame_key,
        on_change=_set_untrained,
        args=(frame_key, f"model{suffix}"),
        help="The same configuration with random weights, drawn anew in the same way each time. "
        "What it shows too needs no training: it comes from the photo and the architecture.",
    )
    place = st.empty()
    _say_size(place, model, sides)
    return place


def _say_size(place: DeltaGenerator, model: str, sides: Sequence[ModelInfo]) -> None:
    run, entry = [side for side in sides if side.id], shared.offered_model(model)
    if not run:
        return
    if is_untrained(model):
        weights = f"Weights {run[0].weights}."
    else:
        licence = entry.licence if entry else ""
        weights = f"Licence of the weights: {licence or 'not known here'}."
    place.caption(f"{_size(*run)}. {weights}")


def _label(model: str) -> str:
    """Return a model's name; a twin's is the same, as the switch beneath says that it is one."""
    entry = shared.offered_model(trained_id(model))
    return entry.label if entry else model


def _set_untrained(frame_key: str, field: str) -> None:
    model = getattr(session.current(), field)
    # As in _set_apart: what the toggle was told is no change.
    if model is None or st.session_state[frame_key] == is_untrained(model):
        return
    session.put(**{field: trained_id(model) if is_untrained(model) else untrained_id(model)})


def _set_apart(frame_key: str) -> None:
    view = session.current()
    # A run that was cut off may not know the toggle's value: what it is told then is no change.
    if st.session_state[frame_key] == view.b_has_own_head:
        return
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
    panel = st.expander("Options", key="options", on_change="rerun")
    with panel:
        for field in fields if panel.open else ():
            widgets.bound(
                st.selectbox,
                field,
                labels[field],
                list(CHOICES[field]),
                format_func=_OPTION_LABELS.__getitem__,
            )
