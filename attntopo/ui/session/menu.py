"""Pages and the ways between them: what app.py and every page begin with."""

from typing import Any, NoReturn

import streamlit as st

from attntopo.links import View
from attntopo.settings import SettingsError
from attntopo.ui.runtime import end_page, housekeeping, page_runs, shared
from attntopo.ui.session import links, shown_photos, state

_GOOD = "good models"  # what the session holds
_MOST_BOXES = 3  # notes in boxes of their own; more are one list


def begin() -> Any:
    """Read the address, set the pages up, and return the one to run; what app.py does."""
    try:
        shared.offered_models()
    except SettingsError as error:  # not every way to start the server checks them
        _navigation(home=False)
        st.error(str(error))
        st.stop()
    shared.session_key()  # counts the visitor
    housekeeping.begin()
    page_runs.begin_run()
    links.load()
    page = _navigation(home=False)
    if page.url_path == "":
        page = _navigation(home=True)
    # The menu's links carry no query. Written once a page, not at every run: Back to an address
    # without a query would otherwise be sent forward again, for ever.
    moved = state.set_page(page.url_path)
    if (
        moved
        and page.url_path != "shared"
        and not state.says(state.address_query(), state.current())
    ):
        state.write()
    return page


def pages() -> dict[str, Any]:
    """Return the pages by name; Compare is there twice, as `/` and as `/compare`."""
    return _pages(hidden="")


def _pages(hidden: str) -> dict[str, Any]:
    def page(name: str, script: str, title: str, path: str) -> Any:
        return st.Page(
            f"pages/{script}.py",
            title=title,
            url_path=path,
            default=name == "home",
            visibility="hidden" if name in (hidden, "shared") else "visible",
        )

    return {
        "home": page("home", "compare", "Compare", ""),
        "compare": page("compare", "compare", "Compare", "compare"),
        "atlas": page("atlas", "atlas", "Atlas", "atlas"),
        "stability": page("stability", "stability", "Stability", "stability"),
        "collection": page("collection", "collection", "Collection", "collection"),
        "method": page("method", "method", "Method", "method"),
        "what_holds": page("what_holds", "what_holds", "What holds", "what_holds"),
        "shared": page("shared", "shared", "Delete a shared photo", "shared"),
    }


def _navigation(home: bool) -> Any:
    """Set the pages up; the menu is a row of the page's own, which needs no room above it."""
    return st.navigation(list(_pages("compare" if home else "home").values()), position="hidden")


def page_links() -> None:
    """Draw the ways to the pages; Compare stands there once, and is marked where it is shown."""
    hidden = ("shared", "compare" if state.page() == "" else "home")
    for name, page in pages().items():
        if name not in hidden:
            st.page_link(page, label=page.title)


def begin_page() -> View:
    """Return the view; the first call on each page."""
    if not state.has_view():
        # A cold deep link runs the page alone, without app.py: set the pages up and start again.
        _navigation(home=False)
        st.rerun()
    return state.current()


def draw_notes() -> None:
    """Draw what is to be said once, of a link's values that couldn't be used, say."""
    notes = state.take_notes()
    if len(notes) > _MOST_BOXES:
        notes = ["\n".join(f"- {text}" for text in notes)]
    for text in notes:
        st.warning(text)


def go(page: str, **changes: Any) -> NoReturn:
    """Change the view and show another page.

    Parameters
    ----------
    page : str
        A key of `pages`.
    **changes
        As for `put`.
    """
    state.put(**changes)
    st.switch_page(pages()[page], query_params=state.current().to_query())


def back_to_compare() -> None:
    """Draw a way back to where the view is shown."""
    st.page_link(
        pages()["compare"],
        label="Back to Compare",
        icon=":material/arrow_back:",
        query_params=state.current().to_query(),
    )


def remember_model() -> None:
    """Remember that the present model works, as the one to come back to."""
    if any(side.given is None for side in shown_photos.sides()):
        st.session_state[_GOOD] = state.model_runs(state.current())


def fall_back(reason: str) -> NoReturn:
    """Go back to the last model and input that worked, and say why; stop where there is none."""
    good = st.session_state.get(_GOOD, state.model_runs(View()))
    before = state.take_view_before()
    if good != state.model_runs(state.current()):
        if before is not None and state.model_runs(before) == good:
            state.show(before)  # with its layer, head and scale
            state.write()
            fell_back = True
        else:
            b: dict[str, Any] = {} if good[1] else {"layer_b": None, "head_b": None}
            model, model_b, chosen = good
            b |= {"input": chosen.side, "shape": chosen.shape}
            fell_back = state.put(model=model, model_b=model_b, **b)
        if fell_back:
            state.note(f"{reason} The model and input shown are the last that worked.")
            st.rerun()
    st.error(reason)
    end_page()
