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

from attntopo.links import View, is_private, read_query
from attntopo.models import ModelError, SharedInfo
from attntopo.publishing import DamagedPhotoError, PhotoGoneError, PhotoStoreError
from attntopo.settings import SettingsError
from attntopo.ui.results import steps
from attntopo.ui.results.photo_inputs import PhotoInput, given_side, side_of
from attntopo.ui.runtime import housekeeping, shared
from attntopo.ui.session import missing

PHOTO, KEY = "photo", "key"
"""Parameters of a link that deletes a published photo; it is no view's."""

# What the session holds, besides the widgets' own values.
_VIEW, _NOTES, _PAGE = "view", "notes", "page"
_DELETION = "delete link"
_MOST_BOXES = 3  # notes in boxes of their own; more are one list
_GOOD, _BEFORE = "good model", "view before the model was changed"


def load() -> None:
    """Read the link into the session's view, if it says something new."""
    _check_settings()
    _begin()
    query = _query()
    if {PHOTO, KEY} <= set(query):  # whatever else a mail program may add
        st.session_state[_DELETION] = query[PHOTO][0], query[KEY][0]
        query = {}
    held: View | None = st.session_state.get(_VIEW)
    if held is not None and (not query or _says(query, held)):
        return
    view = View()
    notes: list[str] = []
    if query:
        with st.spinner("Reading the link …"):
            try:
                view, notes = read_query(query, steps.model_choices(), _shared_by_link(query))
            except ModelError as error:
                notes = [str(error)]
    view, lost = missing.with_what_is_there(view)
    notes = [*lost, *notes]
    st.session_state[_VIEW] = view
    note(*notes)
    if query and not _says(query, view):
        write()


def _check_settings() -> None:
    """Say what is wrong with the settings: not every way to start the server checks them."""
    try:
        shared.offered_models()
    except SettingsError as error:
        _navigation(home=False)
        st.error(str(error))
        st.stop()


def _begin() -> None:
    """Count the visitor; with the first one begins what runs beside them all."""
    shared.session_key()
    housekeeping.begin()


def _shared_by_link(query: dict[str, list[str]]) -> Callable[..., SharedInfo]:
    """Return model id -> what both sides have, one of which may be attention held here."""
    a, b = (query.get(side, [""])[0] for side in ("a", "b"))
    return lambda model, own=None: shared_info(
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
        "shared": st.Page(
            "pages/shared.py",
            title="Delete a shared photo",
            url_path="shared",
            visibility="hidden",
        ),
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
    moved = st.session_state.get(_PAGE) != page.url_path
    if moved and page.url_path != "shared" and not _says(_query(), current()):
        write()
    st.session_state[_PAGE] = page.url_path
    return page


def view() -> View:
    """Return the view; the first call on each page, with the notes shown."""
    if _VIEW not in st.session_state:
        # A cold deep link runs the page alone, without app.py: set the pages up and start again.
        _navigation(home=False)
        st.rerun()
    notes = st.session_state.pop(_NOTES, [])
    if len(notes) > _MOST_BOXES:
        notes = ["\n".join(f"- {text}" for text in notes)]
    for text in notes:
        st.warning(text)
    return st.session_state[_VIEW]


def page() -> str:
    """Return the path of the page that is shown; empty for home."""
    return str(st.session_state.get(_PAGE, ""))


def current() -> View:
    """Return the view as it is now, within callbacks."""
    return st.session_state[_VIEW]


def note(*texts: str) -> None:
    """Keep sentences that the next page shows at its top."""
    if texts:
        st.session_state.setdefault(_NOTES, []).extend(texts)


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
        info = shared_info(replace(held, **changes))
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


def sides() -> tuple[PhotoInput, PhotoInput]:
    """Return the two photos of the view.

    A page ends here, with what can be done, while one of them can't be had; the view stays.
    """
    for side in ("a", "b"):
        try:
            side_of(current(), side)
        except (PhotoGoneError, DamagedPhotoError) as error:  # while it was looked at
            instead, words = missing.instead(current(), side, str(error))
            note(words)
            put(**{side: instead})
            st.rerun()
        except PhotoStoreError as error:
            st.error(f"Photo {side.upper()}: {error}")
            st.button("Try again")
            default = getattr(View(), side)
            st.button(f"Show {default} instead", on_click=_show, args=(side, default))
            st.stop()
    return side_of(current(), "a"), side_of(current(), "b")


def _show(side: str, name: str) -> None:
    put(**{side: name})


def shared_info(view: View) -> SharedInfo:
    """Return what both sides of a view have.

    Raises
    ------
    ModelError
        If a side needs the model, and it isn't to be had.
    """
    return SharedInfo(
        tuple(steps.side_info(given_side(view, side), view.side(side).model) for side in ("a", "b"))
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


def back_to_compare() -> None:
    """Draw a way back to where the view is shown."""
    st.page_link(
        pages()["compare"],
        label="Back to Compare",
        icon=":material/arrow_back:",
        query_params=current().to_query(),
    )


def delete_link() -> tuple[str, str]:
    """Return the photo and the key that a delete link named; both empty where none was opened."""
    found: tuple[str, str] = st.session_state.get(_DELETION, ("", ""))
    return found


def address(of: str | None = None) -> str:
    """Return the address of a page of this app, or of the present one, without a query."""
    here = (st.context.url or "").split("?")[0]
    if of is None:
        return here
    return f"{here.rstrip('/').removesuffix(page()).rstrip('/')}/{of}"


def link() -> None:
    """Show the address of this view, ready to copy."""
    st.markdown("Link to this view")
    st.code(f"{address()}?{urlencode(current().to_query())}", language=None, wrap_lines=True)
    if is_private(current().a) or is_private(current().b):
        what = "What you uploaded" if any(side.given for side in sides()) else "Your photo"
        st.caption(
            f"{what} is private: this session alone holds it, so the link opens with a sample "
            "in its place."
        )
