"""The linked view by the keyboard alone: where Tab stops, where arrows lead, what is read out."""

import numpy as np
import pytest

from tests.harness.linked_page import GRID, N_TOKENS, STEP, LinkedPage, TwoHeads

SPOKEN = "host.shadowRoot.querySelector('.spoken').textContent"


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


@pytest.fixture(scope="module")
def page(browser, heads):
    page = LinkedPage(browser, heads)
    yield page
    page.visitor.close()


def focused(page: LinkedPage, name: str) -> str | None:
    return page.ask(f"host.shadowRoot.activeElement?.getAttribute('{name}')")


def press(page: LinkedPage, *keys: str) -> str:
    """Press keys, and return what is read out then."""
    for key in keys:
        page.page.keyboard.press(key)
    return page.ask(SPOKEN)


def selected(page: LinkedPage) -> str | None:
    return page.ask("view.state.selection?.text ?? null")


def size_at_step(heads: TwoHeads, point: int) -> int:
    """How many tokens the component of a token has, by growing it."""
    near = heads.topologies[0].distances.values <= STEP / 100_000
    grown = np.arange(N_TOKENS) == point
    while (more := near[grown].any(axis=0)).sum() > grown.sum():
        grown = more
    return int(grown.sum())


def test_tabs_are_one_stop_along_which_arrows_lead(page):
    page.show(tab="barcode")
    page.page.get_by_role("tab", name="Barcode").focus()
    assert page.page.locator(".tab-row [tabindex='0']").count() == 1
    tabs = ["diagrams", "matching", "barcode", "dendrogram", "matrix", "bars", "numbers"]
    keys = [("ArrowRight", 3), ("ArrowRight", 4), ("End", 6), ("Home", 0), ("ArrowRight", 1)]
    for key, place in keys:
        press(page, key)
        assert focused(page, "data-tab") == tabs[place]
        panel = page.page.get_by_role("tabpanel")
        assert panel.get_attribute("aria-labelledby") == f"tab-{tabs[place]}"
        shown = page.page.get_by_role("tab", selected=True).and_(page.page.locator("[data-tab]"))
        assert shown.get_attribute("data-tab") == tabs[place]
    # A button of the panel that makes the panel anew keeps the focus.
    page.page.get_by_role("button", name="H0 2-Wasserstein").focus()
    press(page, "Enter")
    assert focused(page, "data-matching") == "h0-wasserstein-2"


def test_the_table_is_one_stop_along_which_arrows_lead(page, heads):
    page.show(tab="bars")
    table = page.page.get_by_role("grid")
    assert table.locator("[tabindex='0']").count() == 1
    page.page.get_by_role("tab", name="Table of bars").focus()
    press(page, "Tab", "Tab")  # "Display" stands between them
    rows = [row.get_attribute("data-selection") for row in table.locator("tbody tr").all()]
    assert len(rows) == sum(len(bars) for one in heads.topologies for bars in one.diagrams)
    assert focused(page, "data-selection") == rows[0]
    for key, place in (("ArrowDown", 1), ("PageDown", 11), ("ArrowUp", 10), ("End", -1)):
        press(page, key)
        assert focused(page, "data-selection") == rows[place]
    outline = "getComputedStyle(host.shadowRoot.activeElement).outlineStyle"
    assert page.ask(outline) == "solid"
    press(page, "ArrowUp", "Enter")
    assert selected(page) == rows[-2]
    assert table.locator("[aria-selected=true]").get_attribute("data-selection") == rows[-2]
    # One press of Tab leaves the table; back in it, one is where one was.
    press(page, "Shift+Tab", "Shift+Tab")
    assert focused(page, "data-tab") == "bars"
    press(page, "Tab", "Tab")
    assert focused(page, "data-selection") == rows[-2]
    press(page, "Escape", "Home", "ArrowUp")
    assert selected(page) is None
    assert focused(page, "data-key") == "length"  # the column that it is sorted by
    press(page, "ArrowLeft", "Enter")
    assert focused(page, "data-key") == "death"  # kept through the new order
    assert page.ask("view.state.sort") == {"column": "death", "direction": -1}
    press(page, "ArrowDown")
    assert focused(page, "data-selection") == table.locator("tbody tr").first.get_attribute(
        "data-selection"
    )


def test_arrows_on_the_photo_and_in_3d_say_where_they_are(page, heads):
    page.show()
    page.page.locator(".photo-canvas").first.focus()
    said = press(page, "ArrowDown", "ArrowRight")
    row, column = GRID[0] // 2, GRID[1] // 2 + 1
    point = 1 + row * GRID[1] + column
    size = size_at_step(heads, point)
    assert f"A, token {point} (row {row}, column {column})" in said
    assert f"in a component of {size} tokens" in said
    scene = page.page.locator(".scene-canvas").first
    scene.focus()
    before = page.ask("view.parts[0].scene.turn")
    said = press(page, "ArrowRight", "ArrowUp", "+")
    turn, tilt = page.ask("[view.parts[0].scene.turn, view.parts[0].scene.tilt]")
    assert turn > before
    assert said == f"Turned by {np.rad2deg(turn):.0f}°, tilted by {np.rad2deg(tilt):.0f}°, zoom 1.2"
    assert press(page, "PageDown").startswith("A, class token\n")
    assert press(page, "PageDown", "PageDown").startswith("A, token 2 (row 0, column 1)\n")
    press(page, "Enter")
    assert selected(page) == "a-token-2"
    press(page, "Escape")
    assert selected(page) is None


@pytest.mark.parametrize("tab", ["diagrams", "barcode", "dendrogram"])
def test_arrows_on_a_picture_of_bars_say_their_numbers(page, heads, tab):
    page.show(tab=tab)
    page.page.locator(".panel canvas").first.focus()
    if tab == "dendrogram":  # from the last merge on
        deaths = np.sort(heads.topologies[0].diagrams[0][:-1, 1])[::-1]
    elif tab == "barcode":
        deaths = np.sort(heads.topologies[0].diagrams[0][:, 1])
    else:  # longest first
        deaths = np.array([np.inf, *np.sort(heads.topologies[0].diagrams[0][:-1, 1])[::-1][:2]])
    for place, key in enumerate(("ArrowRight", "ArrowDown", "ArrowDown")):
        death = "∞" if np.isinf(deaths[place]) else f"{deaths[place]:.4f}"
        assert press(page, key) == f"A, H0, component: 0.0000 to {death}"
    press(page, "Enter")
    number = int(selected(page).removeprefix("a-h0-"))
    assert heads.topologies[0].diagrams[0][number, 1] == deaths[2]
    press(page, "Escape")


def test_arrows_on_the_matrix_say_which_two_tokens_they_are_at(page, heads):
    page.show(tab="matrix")
    page.page.locator(".panel canvas").first.focus()
    said = press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown")
    order = page.ask("view.panel.content.pictures[0].order")
    length = heads.topologies[0].distances.values[order[1], order[2]]
    assert said.endswith(f"joined from the scale {np.ceil(length * 100_000) / 100_000}")
    press(page, "Enter")
    assert selected(page) == f"a-token-{order[1]}"
