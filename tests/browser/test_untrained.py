"""The untrained twin in the browser: one click away, and as plain as the model beside it."""

from urllib.parse import urlencode

from attntopo.links.presets import PRESETS
from attntopo.links.view import View


def test_the_switch_shows_the_twin_and_back(visitor, address):
    view = View("camera", "coffee", scale=0.1)
    visitor.page.goto(f"{address}/compare?{urlencode(view.to_query())}")
    visitor.settle()
    trained, sidebar = visitor.tiles(), visitor.page.get_by_test_id("stSidebar")
    switch = sidebar.get_by_text("Untrained twin", exact=True)
    switch.click()
    visitor.settle()
    assert visitor.query() == view.to_query() | {"model": "embedded~untrained"}
    assert visitor.tiles() != trained
    caveats = visitor.page.locator(".caveats")
    assert "Nothing here was learnt" in caveats.inner_text()
    switch.click()
    visitor.settle()
    assert visitor.query() == view.to_query()
    assert visitor.tiles() == trained
    assert not caveats.is_visible()


def test_the_preset_is_marked_until_the_share_is_moved(visitor, address):
    preset = next(one for one in PRESETS if one.label == "Untrained twin")
    visitor.page.goto(address)
    visitor.settle()
    link = visitor.page.get_by_role("link", name=preset.label)
    link.click()
    visitor.settle()
    assert visitor.query() == preset.view.to_query()
    assert link.get_attribute("aria-current") == "true"
    assert visitor.page.locator(".selection-words").inner_text() == preset.seen
    assert "B is shown by an untrained twin" in visitor.page.locator(".caveats").inner_text()
    visitor.page.get_by_role("button", name="Next event").click()
    visitor.settle()
    assert link.get_attribute("aria-current") is None
