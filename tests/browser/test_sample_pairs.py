"""The line beneath the tiles replaces itself, and nothing else on the page, in a real Chromium."""

from urllib.parse import urlencode

from attntopo.links.view import View


def test_the_button_gives_way_to_the_sentence_and_the_page_stays(other_address, visitor):
    view = View("coffee", "rocket", model="tiny", layer=1, head=2)
    page = visitor.page
    visitor.open(f"{other_address}/compare?{urlencode(view.to_query())}")
    before, url = visitor.tiles(), page.url
    # A view that were drawn anew would lose the mark.
    figure = page.locator(".linked")
    figure.evaluate("element => element.marked = true")
    page.get_by_role("button", name="Compare with all pairs").click()
    page.get_by_text("of the 153 pairs of sample photos").wait_for()
    assert page.get_by_role("button", name="Compare with all pairs").count() == 0
    assert figure.evaluate("element => element.marked")
    assert (visitor.tiles(), page.url) == (before, url)
    visitor.page.get_by_role("slider", name="Scale").press("ArrowRight")
    visitor.settle()
    assert page.get_by_text("of the 153 pairs of sample photos").count() == 1
    assert page.url != url
