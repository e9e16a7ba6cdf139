"""The line beneath the tiles replaces itself, and nothing else on the page, in a real Chromium."""

from urllib.parse import urlencode

from attntopo.links.view import View
from tests.harness.browser import Visitor, serving
from tests.harness.model_folders import TINY, VIT, write_folder


def test_the_button_gives_way_to_the_sentence_and_the_page_stays(browser, tmp_path):
    folder = write_folder(tmp_path / "tiny", "ViTModel", VIT, **TINY)
    view = View("coffee", "rocket", model="tiny", layer=1, head=2)
    with serving(ATTNTOPO_MODELS=str(folder)) as address:
        visitor = Visitor(browser)
        page = visitor.page
        visitor.open(f"{address}/compare?{urlencode(view.to_query())}")
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
        visitor.close()
