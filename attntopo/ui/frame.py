"""Pages, links and state: what every page begins with.

The truth is one plain session-state key that holds the View. Widgets are set from it before they
are drawn, and change it through a callback; the query string is written from it and read into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st

from attntopo.catalogue import catalogue
from attntopo.link import read_query
from attntopo.model_info import ModelError, SharedInfo
from attntopo.settings import SettingsError
from attntopo.ui import cached
from attntopo.view import PRIVATE, RING, View

# What the session holds, besides the widgets' own values.
_VIEW, _NOTES, _PAGE, _PHOTOS = "view", "notes", "page", "photos"
_WIDGETS, _KNOWN = "widgets", "known values"  # see bound
_GOOD, _BEFORE = "good model", "view before the model was changed"


def load() -> None:
    """Read the link into the session's view, if it says something new."""
    query = _query()
    held: View | None = st.session_state.get(_VIEW)
    if held is not None and (not query or _says(query, held)):
        return
    view = View()
    notes: list[str] = []
    if query:
        with st.spinner("Reading the link …"):
            try:
                view, notes = read_query(query, cached.model_choices(), _shared_by_link(query))
            except (ModelError, SettingsError) as error:
                notes = [str(error)]
    for side in ("a", "b"):
        if getattr(view, side) == PRIVATE and side not in photos():
            default = getattr(View(), side)
            view = replace(view, **{side: default})
            notes.append(
                f"Photo {side.upper()} of this link was uploaded and is private, so the link can't "
                f"carry it: the sample {default} is shown. Upload the photo again to see it."
            )
    st.session_state[_VIEW] = view
    note(*notes)
    if query and not _says(query, view):
        write()


def _shared_by_link(query: dict[str, list[str]]) -> Callable[..., SharedInfo]:
    """Return model id -> what both sides have, one of which may be attention held here."""
    a, b = (query.get(side, [""])[0] for side in ("a", "b"))
    return lambda model, own=None: shared(
        View(a, b, model, model_b=own, layer_b=0 if own else None, head_b=0 if own else None)
    )


def _query() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _says(query: dict[str, list[str]], view: View) -> bool:
    return query == {name: [value] for name, value in view.to_query().items()}


def pages() -> dict[str, Any]:
    """Return the pages by name; Compare is there twice, as `/` and as `/compare`."""
    return {
        "home": st.Page("pages/compare.py", title="Compare", url_path="", default=True),
        "compare": st.Page("pages/compare.py", title="Compare", url_path="compare"),
        "atlas": st.Page("pages/atlas.py", title="Atlas", url_path="atlas"),
        "method": st.Page("pages/method.py", title="Method", url_path="method"),
    }


def _navigation(home: bool) -> Any:
    hidden = "compare" if home else "home"
    listed = []
    for name, page in pages().items():
        if name == hidden:
            page = st.Page(
                "pages/compare.py",
                title="Compare",
                url_path=page.url_path,
                default=name == "home",
                visibility="hidden",
            )
        listed.append(page)
    return st.navigation(listed, position="top")


def navigation() -> Any:
    """Set the pages up and return the one to run; the menu marks it."""
    page = _navigation(home=False)
    if page.url_path == "":
        page = _navigation(home=True)
    # The menu's links carry no query. Written once a page, not at every run: Back to an address
    # without a query would otherwise be sent forward again, for ever.
    if st.session_state.get(_PAGE) != page.url_path and not _says(_query(), current()):
        write()
    st.session_state[_PAGE] = page.url_path
    return page


def view() -> View:
    """Return the view; the first call on each page, with the notes shown."""
    if _VIEW not in st.session_state:
        # A cold deep link runs the page alone, without app.py: set the pages up and start again.
        _navigation(home=False)
        st.rerun()
    try:
        catalogue()
    except SettingsError as error:
        st.error(str(error))
        st.stop()
    for text in st.session_state.pop(_NOTES, []):
        st.warning(text)
    return st.session_state[_VIEW]


def current() -> View:
    """Return the view as it is now, within callbacks."""
    return st.session_state[_VIEW]


def note(*texts: str) -> None:
    """Keep sentences that the next page shows at its top."""
    if texts:
        st.session_state.setdefault(_NOTES, []).extend(texts[:4])


def write() -> None:
    """Write the view into the address; the callback of every widget without one of its own."""
    if _VIEW in st.session_state:
        st.query_params.from_dict(current().to_query())


def put(**changes: Any) -> bool:
    """Change the view, note what had to be moved, and write the address.

    Returns
    -------
    bool
        Whether it was changed; a model that isn't to be had leaves it as it was, with a note.
    """
    held = current()
    try:
        info = shared(replace(held, **changes))
    except ModelError as error:
        note(str(error))
        write()
        return False
    view, notes = held.changed(info, **changes)
    if (view.model, view.model_b) != (held.model, held.model_b):
        st.session_state[_BEFORE] = view, held
    st.session_state[_VIEW] = view
    note(*notes)
    write()
    return True


def go(page: str, **changes: Any) -> NoReturn:
    """Change the view and show another page.

    Parameters
    ----------
    page : str
        A key of `pages`.
    **changes
        As for `put`.
    """
    put(**changes)
    st.switch_page(pages()[page], query_params=current().to_query())


def bound(widget: Callable[..., Any], field: str, label: str, *args: Any, **options: Any) -> None:
    """Draw a widget that shows and changes one field of the view.

    Parameters
    ----------
    widget : callable
        `st.slider`, `st.selectbox`, …
    field : str
        The view's field.
    label : str
    *args, **options
        Passed to the widget; `suffix` tells two widgets of one field apart.
    """
    name = field + options.pop("suffix", "")
    value = getattr(current(), field)
    # A widget whose value, range or page is changed starts anew under another key. Were its value
    # set instead, what the browser still sends of the old one (during quick presses of an arrow
    # key on a slider, say) would count as a change by the visitor and put the view back.
    drawn = st.session_state.setdefault(_WIDGETS, {})
    known = st.session_state.setdefault(_KNOWN, {})
    # On another page it is another widget, though the old one's value lingers under its key.
    place = st.session_state.get(_PAGE), args
    generation, before = drawn.get(name, (0, place))
    if before != place or known.get((name, generation), value) != value:
        generation += 1
        known.pop((name, generation - 5), None)
    drawn[name] = generation, place
    known[name, generation] = value
    key = f"{name}_{generation}"
    if key not in st.session_state:
        st.session_state[key] = value
    widget(label, *args, key=key, on_change=_take, args=(field, name, generation), **options)


def _take(field: str, name: str, generation: int) -> None:
    """Take what the visitor chose; a widget that only says what it was told says nothing new."""
    value = st.session_state[f"{name}_{generation}"]
    known = st.session_state[_KNOWN]
    if value is None:  # a number field that was emptied, a choice that was cleared
        known[name, generation] = None  # so that it starts anew with its value
        write()
    elif known.get((name, generation), value) != value:
        known[name, generation] = value
        put(**{field: value})


def photos() -> dict[str, cached.Side]:
    """Return what the session uploaded, photos and attention, by side; gone with the session."""
    return st.session_state.setdefault(_PHOTOS, {})


def sides() -> tuple[cached.Side, cached.Side]:
    """Return the two photos of the view."""
    return _side("a"), _side("b")


def _side(side: str) -> cached.Side:
    name = getattr(current(), side)
    if name == PRIVATE:
        return photos()[side]
    if name == RING:
        return cached.ring()
    return cached.Side(cached.sample_photo(name), "")


def shared(view: View) -> SharedInfo:
    """Return what both sides of a view have.

    Raises
    ------
    ModelError
        If a side needs the model, and it isn't to be had.
    """

    def given(side: str) -> cached.Side | None:
        name = getattr(view, side)
        return cached.ring() if name == RING else photos().get(side) if name == PRIVATE else None

    return SharedInfo(
        tuple(cached.side_info(given(side), view.side(side).model) for side in ("a", "b"))
    )


def worked() -> None:
    """Remember that the present model works, as the one to come back to."""
    if any(side.given is None for side in sides()):
        st.session_state[_GOOD] = current().model, current().model_b


def fall_back(reason: str) -> NoReturn:
    """Go back to the last model that worked, and say why; stop where there is none."""
    good = st.session_state.get(_GOOD, (View().model, None))
    shown = current().model, current().model_b
    changed, before = st.session_state.pop(_BEFORE, (None, None))
    if good != shown:
        if changed == current() and (before.model, before.model_b) == good:
            st.session_state[_VIEW] = before  # with its layer, head and scale
            write()
            fell_back = True
        else:
            own = good[1]
            b = {} if own else {"layer_b": None, "head_b": None}
            fell_back = put(model=good[0], model_b=own, **b)
        if fell_back:
            note(f"{reason} The model shown is the last one that worked.")
            st.rerun()
    st.error(reason)
    st.stop()


def link() -> None:
    """Show the address of this view, ready to copy."""
    base = (st.context.url or "").split("?")[0]
    st.markdown("Link to this view")
    st.code(f"{base}?{urlencode(current().to_query())}", language=None, wrap_lines=True)
    if PRIVATE in (current().a, current().b):
        what = "What you uploaded" if any(side.given for side in sides()) else "Your photo"
        st.caption(
            f"{what} is private: this session alone holds it, so the link opens with a sample "
            "in its place."
        )
