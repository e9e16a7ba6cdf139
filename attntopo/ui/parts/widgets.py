"""Widgets that show and change the view."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from attntopo.ui import session
from attntopo.ui.runtime import page_runs

# What the session holds; the last are the runs in which each was drawn.
_WIDGETS, _KNOWN, _SEEN = "widgets", "known values", "widgets seen"


def bound(widget: Callable[..., Any], field: str, label: str, *args: Any, **options: Any) -> None:
    """Draw a widget that shows and changes one field of the view.

    Parameters
    ----------
    widget : callable
        `st.slider`, `st.selectbox`, …
    field : str
        The view's field.
    label : str
    *args
        Passed to the widget: its options, or the least and the largest number. Nothing else is
        taken from it, whatever comes from the browser.
    **options
        Passed to the widget; `suffix` tells two widgets of one field apart, and `unset` is what
        is shown while the field is None.
    """
    name = field + options.pop("suffix", "")
    value, unset = getattr(session.current(), field), options.pop("unset", None)
    value = unset if value is None else value
    # A widget whose value, range or page is changed starts anew under another key. Were its value
    # set instead, what the browser still sends of the old one (during quick presses of an arrow
    # key on a slider, say) would count as a change by the visitor and put the view back.
    drawn = st.session_state.setdefault(_WIDGETS, {})
    known = st.session_state.setdefault(_KNOWN, {})
    # On another page it is another widget, though the old one's value lingers under its key.
    place = session.page(), args
    generation, before = drawn.get(name, (0, place))
    seen = st.session_state.setdefault(_SEEN, {})
    was_left_out = seen.get(name, 0) < page_runs.last_that_ended_early()
    seen[name] = page_runs.this_run()
    if was_left_out or before != place or known.get((name, generation), value) != value:
        generation += 1
        known.pop((name, generation - 5), None)
    drawn[name] = generation, place
    known[name, generation] = value
    key = f"{name}_{generation}"
    if key not in st.session_state:
        st.session_state[key] = value
    told = field, name, generation, args
    widget(label, *args, key=key, on_change=_take, args=told, **options)


def _offers(args: tuple[Any, ...], value: Any) -> bool:
    """Say whether a value is among a widget's options, or within its range."""
    if len(args) == 1:
        return any(type(value) is type(one) and value == one for one in args[0])
    least, largest = args
    return type(value) is type(least) and bool(least <= value <= largest)


def _take(field: str, name: str, generation: int, args: tuple[Any, ...]) -> None:
    """Take what the visitor chose; a widget that only says what it was told says nothing new."""
    value = st.session_state[f"{name}_{generation}"]
    known = st.session_state[_KNOWN]
    # A number field that was emptied, a choice that was cleared; or no browser said it: Streamlit
    # gives any text for a select box on.
    if value is None or not _offers(args, value):
        known[name, generation] = None  # so that it starts anew with its value
        session.write()
    elif known.get((name, generation), value) != value:
        known[name, generation] = value
        session.put(**{field: value})
