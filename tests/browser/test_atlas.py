"""The Atlas in a real Chromium: pictures, filling in, Stop, cells, downloads."""

import csv
import math
import os
import re
from dataclasses import replace

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import summarise_head
from attntopo.distances import DISTANCES, SCALE_STEPS
from attntopo.links.view import View
from attntopo.wording import components_text
from tests.harness.app import waits_for
from tests.harness.browser import Visitor
from tests.harness.instrumented_server import UNGATED_HEADS
from tests.harness.reference_tiles import expected_tiles

VIEW = View(
    "astronaut", "coffee", model="tiny", layer=1, head=2, distance="double-softmax", scale=0.06
)


@pytest.fixture(scope="module")
def tiny(folders):
    """A model of 2 layers with 3 heads each."""
    return at.load_model("tiny", extra_models=[folders / "tiny"])


def link(address: str, view: View) -> str:
    return f"{address}/atlas?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def by_head(file) -> dict[tuple[int, int], dict[str, str]]:
    lines = (line for line in file if not line.startswith("#"))
    return {(int(row["layer"]), int(row["head"])): row for row in csv.DictReader(lines)}


def own_scale(model: at.Model, view: View) -> float:
    """The first scale on the grid at which nine of ten merges of both photos have happened."""
    trees = [
        at.analyse(model.attend(at.sample(name)), view.layer, view.head, view.distance).tree
        for name in (view.a, view.b)
    ]
    deaths = np.sort(np.concatenate([tree.lengths for tree in trees]))
    return math.ceil(deaths[-(-9 * len(deaths) // 10) - 1] * SCALE_STEPS) / SCALE_STEPS


def counts(model: at.Model, view: View) -> list[str]:
    """What is said of both photos' components."""
    said = []
    for letter, name in zip("AB", (view.a, view.b), strict=True):
        head = at.analyse(model.attend(at.sample(name)), view.layer, view.head, view.distance)
        skeleton = at.skeleton_at(head.distances, head.tree, view.scale)
        words = components_text(skeleton.n_components, skeleton.n_single)
        said.append(f"{letter}: {words}")
    return said


def test_pictures_are_painted_named_played_and_open_compare(address, visitor, tiny):
    # B's own head, as Compare had it, isn't what a picture shows.
    page, own = visitor.page, {"model_b": "tiny", "layer_b": 0, "head_b": 1}
    page.goto(link(address, replace(VIEW, layer=0, head=0, **own)))
    visitor.settle_atlas()
    cells = page.locator("a.cell")
    assert page.locator("a.cell[href]").count() == cells.count() == 2 * 4
    painted = page.evaluate(
        """cells => cells.map(({firstChild: {width, height}, firstChild: canvas}) =>
            new Set(canvas.getContext('2d').getImageData(0, 0, width, height).data).size)""",
        cells.element_handles(),
    )
    assert min(painted) > 20
    # Pointed at, a head says its name, its scale and how many components it has.
    view = replace(VIEW, layer=1, head=2)
    view = replace(view, scale=own_scale(tiny, view))
    cell = page.locator("a.cell[data-key='1,2']")
    cell.hover()
    said = ["Layer 1, head 2", f"Scale {view.to_query()['scale']}", *counts(tiny, view)]
    assert page.locator(".tip").inner_text().split("\n") == said
    assert page.locator(".stage-title").inner_text() == "Layer 1, head 2"
    passing, depth = page.locator(".passing"), page.locator(".depth")
    assert passing.is_visible()
    shown = page.locator(".cell.shown").get_attribute("data-key").split(",")[0]
    assert depth.inner_text() == f"Layer {shown}, mean"
    # The keyboard: one stop, and arrows from there.
    page.mouse.move(0, 0)
    assert not passing.is_visible()
    assert page.locator("a.cell[tabindex='0']").count() == 1
    page.locator("a.cell[tabindex='0']").focus()
    for keys, key in (
        (["ArrowRight", "ArrowRight", "ArrowDown"], "1,1"),
        (["ArrowDown", "End"], "1,2"),
        (["PageUp", "Home", "ArrowLeft"], "0,mean"),
    ):
        for one in keys:
            page.keyboard.press(one)
        assert page.locator("a.cell[tabindex='0']:focus").get_attribute("data-key") == key
    # Play goes through the layers' means, to the last.
    play, title = page.locator("button.play"), page.locator(".stage-title")
    page.get_by_label("Depth: whose mean is shown").press("End")
    assert title.inner_text() == "Layer 1, mean of its heads"
    assert depth.inner_text() == "Layer 1, mean"
    play.click()
    page.get_by_text("Layer 0, mean of its heads", exact=True).wait_for()
    page.get_by_text("Layer 1, mean of its heads", exact=True).wait_for()
    page.get_by_role("button", name="Play layers", pressed=False).wait_for()
    assert page.locator(".cell.shown").get_attribute("data-key") == "1,mean"
    assert page.locator("figure canvas").first.get_attribute("data-head") == "1,mean"
    paused = "button => [0, 1].map(() => (button.click(), button.textContent))"
    assert play.evaluate(paused) == ["Pause", "Play layers"]
    # Where motion isn't wanted it goes by hand.
    page.emulate_media(reduced_motion="reduce")
    page.get_by_label("Depth: whose mean is shown").press("Home")
    page.get_by_role("button", name="Next layer").click()
    assert title.inner_text() == "Layer 1, mean of its heads"
    page.emulate_media(reduced_motion="no-preference")
    cell.click()
    page.wait_for_url("**/compare?**")
    visitor.settle()
    # Compare opens a head at that scale by itself, so the link states none.
    opened = replace(view, scale=None)
    assert visitor.query() == opened.to_query()
    shown = visitor.tiles()
    for name in ("H0 bottleneck", "H1 bottleneck"):
        shown[name] = f"{float(shown[name]):.4f}"  # below 0.001 there are more digits on the page
    assert shown == expected_tiles(tiny, view)
    # Back to the Atlas by the menu: it stays there, everything kept.
    page.get_by_role("link", name="Atlas").click()
    visitor.settle_atlas()
    assert "/atlas" in page.url
    assert visitor.query() == opened.to_query()
    # A cell of the heat map leads there too.
    plot = page.locator(".js-plotly-plot").first
    mark = plot.locator(".scatterlayer .points path").nth(0 * 3 + 1)  # layer 0, head 1
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/compare?**")
    visitor.settle()
    assert visitor.query() == replace(opened, layer=0, head=1).to_query()


def test_stop_stops_and_go_on_goes_on(server, gate, visitor):
    page = visitor.page
    view = View("text", "page", layer=10, head=0, distance="jensen-shannon", scale=0.2)
    page.goto(link(server.address, view))
    page.get_by_text(re.compile(r"[1-9]\d* of 72 heads computed")).wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.get_by_text(re.compile(r"Stopped: \d+ of 72 heads"))
    stopped.wait_for()
    visitor.settle_atlas()
    gate.unlink()
    # Had the work gone on, all heads would be done once nobody works, and the page would say so.
    waits_for(server.is_idle)
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    page.wait_for_url(re.compile("layer=11"))
    visitor.settle_atlas()
    done = int(re.search(r"Stopped: (\d+) of 72", stopped.inner_text())[1])
    # What was at work when Stop took effect is finished: as many heads as there are workers.
    assert 0 < done <= UNGATED_HEADS + (os.cpu_count() or 1)
    page.get_by_role("button", name="Go on").click()
    stopped.wait_for(state="detached")
    visitor.settle_atlas()
    assert page.get_by_role("link", name="nearest in layer").count() == 1


def test_downloads_are_the_librarys_numbers(address, visitor, tiny):
    visitor.page.goto(link(address, VIEW))
    visitor.settle_atlas()
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
    visitor.settle_atlas()
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    visitor.close()
