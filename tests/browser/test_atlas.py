"""The Atlas in a real Chromium: filling in, Stop, cells, downloads."""

import csv
import os
import re
from dataclasses import replace

import pytest

import attntopo as at
from attntopo.analysis import summarise_head
from attntopo.distances.rows import DISTANCES
from attntopo.links.view import View
from tests.harness.app import waits_for
from tests.harness.browser import Server, Visitor
from tests.harness.reference_tiles import expected_tiles

VIEW = View("astronaut", "coffee", model="tiny", scale=0.06)


@pytest.fixture(scope="module")
def tiny(folders):
    """A model of 2 layers with 3 heads each."""
    return at.load_model("tiny", extra_models=[folders / "tiny"])


def link(address: str, view: View) -> str:
    return f"{address}/atlas?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def by_head(file) -> dict[tuple[int, int], dict[str, str]]:
    lines = (line for line in file if not line.startswith("#"))
    return {(int(row["layer"]), int(row["head"])): row for row in csv.DictReader(lines)}


def wait_for_atlas(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Download the table").wait_for()
    visitor.idle()


def test_a_cell_opens_its_head_in_compare(address, visitor, tiny):
    # B's own head, as Compare had it, isn't what a cell shows.
    visitor.page.goto(link(address, replace(VIEW, model_b="tiny", layer_b=0, head_b=1)))
    wait_for_atlas(visitor)
    plot = visitor.page.locator(".js-plotly-plot").first
    cell = plot.locator(".scatterlayer .points path").nth(1 * 3 + 2)  # layer 1, head 2
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.page.wait_for_url("**/compare?**")
    visitor.settle()
    expected = replace(VIEW, layer=1, head=2)
    assert visitor.query() == expected.to_query()
    assert visitor.tiles() == expected_tiles(tiny, expected)
    # Back to the Atlas by the menu: it stays there, everything kept.
    visitor.page.get_by_role("link", name="Atlas").click()
    wait_for_atlas(visitor)
    assert "/atlas" in visitor.page.url
    assert visitor.query() == expected.to_query()


def nobody_works(server: Server) -> bool:
    """Whether the last line of the server's log says so."""
    counts = re.findall(r"(\d+) of \d+ workers busy, (\d+) waiting", server.log.read_text("utf-8"))
    return counts[-1:] == [("0", "0")]


def test_stop_stops_and_go_on_goes_on(server, visitor):
    page = visitor.page
    page.goto(link(server.address, View("text", "page", distance="jensen-shannon", scale=0.2)))
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.get_by_text(re.compile(r"Stopped: \d+ of 72 heads"))
    stopped.wait_for()
    wait_for_atlas(visitor)
    done = int(re.search(r"Stopped: (\d+) of 72", stopped.inner_text())[1])
    assert done < 72
    # Had the work gone on, all heads would be done by now, and a run of the page would say so.
    waits_for(lambda: nobody_works(server))
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    page.wait_for_url(re.compile("layer=2"))
    wait_for_atlas(visitor)
    later = int(re.search(r"Stopped: (\d+) of 72", stopped.inner_text())[1])
    # What was at work when Stop took effect is finished; going on, it would be dozens.
    assert later <= done + 4 * (os.cpu_count() or 1)
    page.get_by_role("button", name="Go on").click()
    stopped.wait_for(state="detached")
    wait_for_atlas(visitor)
    assert page.get_by_text("most alike in layer").count() == 1


def test_downloads_are_the_librarys_numbers(address, visitor, tiny):
    visitor.page.goto(link(address, VIEW))
    wait_for_atlas(visitor)
    attended = [tiny.attend(at.sample(name)) for name in (VIEW.a, VIEW.b)]
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download the table").click()
    with open(download.value.path(), newline="") as file:
        rows = by_head(file)
    assert len(rows) == 6
    for head in ((0, 2), (1, 1)):
        first, second = (summarise_head(one, *head).diagrams for one in attended)
        for k, name in ((0, "H0"), (1, "H1")):
            found = float(rows[head][f"{name} bottleneck distance"])
            assert found == at.bottleneck_distance(first, second, k)
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download all features of B").click()
    with open(download.value.path(), newline="") as file:
        rows = by_head(file)
    threshold = DISTANCES["double-softmax"].default_scale
    diagrams = summarise_head(attended[1], 1, 1).diagrams
    features = at.head_features(attended[1], 1, 1, diagrams, threshold)
    assert {name: float(rows[1, 1][name]) for name in features} == features


def test_a_phone_has_the_whole_atlas(address, browser):
    visitor = Visitor(browser, width=390, height=844)
    visitor.page.goto(link(address, VIEW))
    wait_for_atlas(visitor)
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    visitor.close()
