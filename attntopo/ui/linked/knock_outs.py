"""What the class token becomes without the patches that are selected, sent as far as it is known.

As with evidence.py, the browser asks for it by this component, and wants it no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

import streamlit as st

from attntopo.ui.runtime import one_document

_KEY = "knock-out"

_component = st.components.v2.component(
    "attntopo_knock_out",
    html="<span hidden></span>\n",
    js=(Path(__file__).parent / "asked_store.js").read_text("utf-8")
    + '\nexport default (component) => carryAsked("knock-out", component);\n',
)


class AskedKnockOut(TypedDict):
    """What was asked for on one side, and what is known of it.

    Attributes
    ----------
    patches : list of int
        Their numbers on the patch grid.
    note : str
        Why it can't be had, in a sentence; else empty.
    done, total : int
        How many regions were knocked out, this one included, and how many there are to be; 0 of 0
        before the first.
    text : str
        What it comes to, in a sentence; empty before the first.
    shift : float
    regions, translations : list of float
        As of `analysis.KnockOut`.
    """

    patches: list[int]
    note: str
    done: int
    total: int
    text: str
    shift: float
    regions: list[float]
    translations: list[float]


class SideKnockOut(TypedDict):
    """What can be asked for on one side, and what was.

    Attributes
    ----------
    note : str
        Why nothing can be knocked out, in a sentence; else empty.
    up_to : str
        How long it takes at most, as `12 s`; empty where it can't be.
    about : str
        What to keep in mind of what isn't one head; else empty.
    busy : bool
        Whether more is being computed.
    asked : dict, optional
        An `AskedKnockOut`.
    """

    note: str
    up_to: str
    about: str
    busy: bool
    asked: AskedKnockOut | None


@dataclass(frozen=True)
class KnockOutWish:
    """What the browser wants.

    Attributes
    ----------
    act : {"ask", "stop"}
    side : {0, 1}
    patches : tuple of int
        Ascending.
    selection : str
        Which they belong to, as links write it.
    """

    act: Literal["ask", "stop"]
    side: int
    patches: tuple[int, ...]
    selection: str


def send(
    identity: str,
    sides: Sequence[SideKnockOut],
    number: int,
    take: Callable[[KnockOutWish], None],
) -> None:
    """Send what is known, and take what the browser wants.

    Parameters
    ----------
    identity : str
        Of the heads, as `LinkedData` has it.
    sides : sequence of SideKnockOut
        Of A and B.
    number : int
        Another one each time while there is more to come: the browser asks again then.
    take : callable
    """
    _component(
        key=_KEY,
        data=one_document({"id": identity, "sides": list(sides), "number": number}),
        on_wish_change=lambda: _take(identity, take),
        on_look_change=lambda: None,
    )


def _take(identity: str, take: Callable[[KnockOutWish], None]) -> None:
    said = (st.session_state.get(_KEY) or {}).get("wish")
    if not isinstance(said, dict) or said.get("id") != identity:  # of other heads it comes too late
        return
    act, side, selection = said.get("act"), said.get("side"), said.get("selection")
    patches = _patches(said.get("patches"))
    if (
        act in ("ask", "stop")
        and side in (0, 1)
        and isinstance(selection, str)
        and patches is not None
    ):
        take(KnockOutWish(act, side, patches, selection))


def _patches(said: Any) -> tuple[int, ...] | None:
    if not isinstance(said, list) or not all(type(one) is int and one >= 0 for one in said):
        return None
    return tuple(sorted(set(said)))
