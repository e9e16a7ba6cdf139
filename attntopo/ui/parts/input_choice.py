"""The sidebar's choice of what a model is given: how large a picture, and of which shape."""

from functools import partial

import streamlit as st

from attntopo.links import View
from attntopo.models import SHAPES, ModelInfo, ModelInput, SharedInfo
from attntopo.ui.parts import widgets

_SHAPES = {"square": "square, as the model's own", "photo": "the photo's own"}
_HELP = (
    "A larger picture has more and finer patches. Time and memory grow about as the square of the "
    "number of tokens: how many times as long all takes, compared with the model's own input, is "
    "said beside each."
)


def input_control(view: View, info: SharedInfo) -> None:
    """Draw the choice of the models' input, in one line until it is opened.

    Parameters
    ----------
    view : View
    info : SharedInfo
        Of both sides, with the patch grids of the present input.
    """
    run = [side for side in info.sides if side.id]
    if not run:
        _disabled("Input: none", "Attention that was given needs no model, so it has no input.")
    elif len(info.input_sides) < 2 and not info.takes(ModelInput(None, "photo")):
        _disabled(
            "Input: the model's own",
            "Another input can't be chosen: the model's image processor makes no squares, or its "
            "positions can't be interpolated.",
        )
    else:
        with st.popover(_label(view, info), width="stretch"):
            _choices(view.shape, info)


def _disabled(label: str, reason: str) -> None:
    st.popover(label, disabled=True, width="stretch", help=reason)
    st.caption(reason)


def _label(view: View, info: SharedInfo) -> str:
    """Say the present input: `Input 448 px (32 × 32 patches)`."""
    side = view.input or info.own_side
    size = f"Input {side} px" if side else "The models' own inputs"
    grids = dict.fromkeys(_grid(one) for one in info.sides if one.id)
    return f"{size} ({' and '.join(grids)} patches)"


def _grid(info: ModelInfo) -> str:
    return "{} × {}".format(*info.grid)


def _choices(shape: str, info: SharedInfo) -> None:
    own = info.own_side
    widgets.bound(
        st.radio,
        "input",
        "Input",
        [own, *(side for side in info.input_sides if side != own)],
        format_func=partial(_said, info, shape),
        unset=own,
        help=_HELP,
    )
    widgets.bound(st.radio, "shape", "Shape", list(SHAPES), format_func=_SHAPES.__getitem__)


def _said(info: SharedInfo, shape: str, side: int) -> str:
    """Say what a side comes to: patches, and about how many times as long all takes."""
    if not side:
        return "each model's own"
    run = next(one for one in info.sides if one.id)
    own, chosen = (run.with_input(ModelInput(one)) for one in (run.own_side, side))
    patches = _grid(chosen) if shape == "square" else f"some {chosen.grid[0] * chosen.grid[1]:,}"
    times = (chosen.n_tokens / own.n_tokens) ** 2
    longer = f", about {times:.0f} times as long" if times >= 1.5 else ""
    return f"{side} px: {patches} patches{longer}"
