"""Every page at several sizes and in both themes: contrast, nothing cut off; axe-core at most.

A page is loaded once, and then resized and its theme switched. What Streamlit's own elements cause
is listed here, each with what it is.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from tests.harness.accessibility import (
    axe_findings,
    cut_off_texts,
    faint_texts,
    wider_than_their_place,
)
from tests.harness.browser import Visitor

# The theme changes colours alone, so two sizes do in the dark.
SIZES = {
    "light": [(1920, 1080), (1440, 900), (768, 1024), (390, 844)],
    "dark": [(1440, 900), (390, 844)],
}
# axe-core takes seconds, and has nothing else to look at where a window is only wider or narrower;
# our own look at contrast is taken at every size.
WIDTHS_FOR_AXE = {"light": (1440, 390), "dark": (390,)}
# Rule -> parts of selectors, and why none of it can be mended here.
STREAMLITS_AXE: dict[str, tuple[str, ...]] = {}
STREAMLITS_FAINT = (
    # Its theme for Plotly writes axes in a fixed grey, #808495 (3.7 on white), for which it has no
    # setting; a colour of our own would be left where the theme is switched.
    "js-plotly-plot < stPlotlyChart",
)
STREAMLITS_CUT_OFF = (
    # The list of file types is cut off where it doesn't fit; the help beside it has it all.
    "stFileUploaderDropzoneInstructions < stFileUploaderDropzone",
)


@pytest.fixture
def visitor(visitor: Visitor) -> Iterator[Visitor]:
    yield visitor
    visitor.page.emulate_media(color_scheme="light")  # the next visitor's


def faults_by_axe(visitor: Visitor, *, only_colours: bool = False) -> list[tuple]:
    """Return what axe-core finds, Streamlit's own left out."""
    return [
        (one.rule, one.selector, one.html)
        for one in axe_findings(visitor.page, only_colours=only_colours)
        if not any(part in one.selector for part in STREAMLITS_AXE.get(one.rule, ()))
    ]


def faults_by_ruler(visitor: Visitor) -> list[tuple]:
    """Return what is faint, cut off or too wide, Streamlit's own left out."""
    page = visitor.page
    faint = [one for one in faint_texts(page) if not one[0].endswith(STREAMLITS_FAINT)]
    cut = [one for one in cut_off_texts(page) if not one[0].startswith(STREAMLITS_CUT_OFF)]
    return [*faint, *cut, *wider_than_their_place(page)]


def faults(visitor: Visitor) -> list[tuple]:
    return [*faults_by_axe(visitor), *faults_by_ruler(visitor)]


def faults_at_all_sizes(visitor: Visitor) -> dict[tuple, list[tuple]]:
    """Return what is wrong, by theme and size."""
    wrong = {}
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        for width, height in SIZES[scheme]:
            visitor.resize(width, height)
            wrong[scheme, width] = faults_by_ruler(visitor)
            if width in WIDTHS_FOR_AXE[scheme]:
                wrong[scheme, width] += faults_by_axe(visitor, only_colours=scheme == "dark")
    return {where: what for where, what in wrong.items() if what}


def link(address: str, page: str, view: View) -> str:
    return f"{address}/{page}?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def test_compare_can_be_read_by_everybody(address, visitor):
    page = visitor.page
    # The longest names that there are.
    view = View("immunohistochemistry", "hubble_deep_field", layer=9, head=3, scale=0.058)
    view = replace(view, model_b="embedded", layer_b=11, head_b="rollout", selection="b-token-40")
    visitor.open(link(address, "compare", view))
    assert faults_at_all_sizes(visitor) == {}
    # On a phone, and in the dark, still: the sidebar, and what the tabs hold.
    for tab in ("Barcode", "Dendrogram", "Distance matrix", "Numbers", "Table of bars"):
        page.get_by_role("tab", name=tab).click()
        visitor.still()
        # 600 rows are as many times the same.
        page.locator("tbody tr:nth-child(n + 9)").evaluate_all(
            "all => all.map(one => one.remove())"
        )
        assert faults(visitor) == [], tab
    page.get_by_test_id("stExpandSidebarButton").click()
    sidebar = page.get_by_test_id("stSidebarContent")
    sidebar.get_by_text("Photos", exact=True).click()
    sidebar.get_by_text("Photo A").first.wait_for()
    visitor.still()
    assert faults(visitor) == []


def test_the_atlas_can_be_read_by_everybody(address, visitor):
    page = visitor.page
    view = View("immunohistochemistry", "hubble_deep_field", model="tiny", scale=0.06)
    page.goto(link(address, "atlas", view))
    page.get_by_role("button", name="Download the table").wait_for()
    assert faults_at_all_sizes(visitor) == {}


def test_stability_can_be_read_by_everybody(address, visitor):
    view = View("immunohistochemistry", "hubble_deep_field", "tiny", 1, 2, scale=0.06)
    view = replace(view, perturbation="occlusion", strength=2.0, selection="a-h0-40")
    visitor.page.goto(link(address, "stability", view))
    visitor.settle_stability()
    assert faults_at_all_sizes(visitor) == {}


def test_a_collection_can_be_read_by_everybody(address, visitor):
    view = View(model="tiny", layer=1, head=2, sheet="template-same-column-down")
    visitor.page.goto(link(address, "collection", view))
    visitor.settle_collection(len(SAMPLES))
    assert faults_at_all_sizes(visitor) == {}


@pytest.mark.parametrize("name", ["method", "what_holds", "shared"])
def test_a_page_of_words_can_be_read_by_everybody(address, visitor, name):
    visitor.page.goto(f"{address}/{name}")
    visitor.page.get_by_text("Back to Compare").wait_for()
    assert faults_at_all_sizes(visitor) == {}


def test_what_is_wrong_is_noticed(visitor):
    """A page with one fault of each kind, and beside each what isn't one."""
    visitor.page.set_content("""<html lang="en"><title>Faults</title><main><h1>Faults</h1>
      <p style="color: #999; background: #fff" data-testid="faint">grey</p>
      <p style="color: #666; background: #fff">darker</p>
      <p style="background: #000"><b style="opacity: 0.4; color: #fff" data-testid="dim">dim</b></p>
      <p style="width: 3em; overflow: hidden; white-space: nowrap" data-testid="cut">a long name</p>
      <p style="width: 3em; overflow: auto; white-space: nowrap" tabindex="0">a long name</p>
      <button></button><div style="width: 3000px">wide</div></main>""")
    assert [one[0] for one in faint_texts(visitor.page)] == ["faint", "dim"]
    assert cut_off_texts(visitor.page) == [("cut", "a long name")]
    assert wider_than_their_place(visitor.page) == ["HTML"]
    rules = {one.rule for one in axe_findings(visitor.page)}
    assert rules == {"button-name", "color-contrast"}
    colours = {one.rule for one in axe_findings(visitor.page, only_colours=True)}
    assert colours == {"color-contrast"}
