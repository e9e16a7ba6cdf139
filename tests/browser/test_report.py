"""The report as a file of its own, in Chromium: light, dark and on paper."""

import re

import pytest

import attntopo as at
from attntopo.diagrams import all_matchings
from attntopo.figures.report import ReportSide, report_html
from attntopo.figures.tokens import token_grid
from attntopo.links.view import View
from tests.harness.browser import Visitor

VIEW = View("coffee", "astronaut", layer=9, head=5, distance="jensen-shannon", scale=0.3)


@pytest.fixture(scope="module")
def report(coffee, astronaut, tmp_path_factory) -> str:
    """The address of a report with a loop selected."""
    sides = []
    for name, attention in (("coffee", coffee), ("astronaut", astronaut)):
        topology = at.analyse(attention, 9, 5, "jensen-shannon")
        points = topology.distances.tokens
        sides.append(
            ReportSide(
                name,
                topology,
                at.skeleton_at(topology.distances, topology.tree, VIEW.scale),
                token_grid(attention, ("class token",), points),
                at.distance_layout(topology.distances),
                cycles=at.representative_cycles(topology.distances, topology.diagrams),
            )
        )
    first, second = (side.topology for side in sides)
    view = View(**{**vars(VIEW), "selection": "a-h1-44"})
    rows = at.numbers(first, second, VIEW.scale)
    matchings = all_matchings(first.diagrams, second.diagrams)
    link = "http://localhost/compare?a=coffee"
    path = tmp_path_factory.mktemp("report") / "attntopo.html"
    page = report_html(view.to_query(), rows, (sides[0], sides[1]), matchings, view, link)
    path.write_text(page, "utf-8")
    return path.as_uri()


def test_the_report_follows_the_theme_and_prints_on_two_pages(report, browser):
    visitor = Visitor(browser)
    page = visitor.page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report)
    page.locator("body[data-drawn]").wait_for()
    stills = page.locator(".still[src]")
    assert stills.count() == 2
    text = page.locator("main").inner_text()
    parts = ["A: coffee", "Selected in A: the H1 bar", "persistence diagrams", "Matching in H1"]
    parts += ["1-skeleton", "Betti curves", "Numbers", "http://localhost/compare", "distance"]
    place = 0
    for part in parts:
        place = text.index(part, place)
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    # The words and the marks of all figures, in both themes and on paper.
    inks = (
        "() => [...new Set([...document.querySelectorAll('.main-svg text, .point, .scatterpts')]"
        ".map(one => one.tagName === 'text' ? getComputedStyle(one).fill"
        " : getComputedStyle(one).fill + getComputedStyle(one).stroke))]"
    )
    colours = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        colours[scheme] = ground, set(page.evaluate(inks))
    assert colours["light"][0] == "rgb(255, 255, 255)"
    assert colours["dark"][0] == "rgb(20, 23, 28)"
    assert "rgb(32, 36, 42)" in colours["light"][1]
    assert "rgb(236, 239, 243)" in colours["dark"][1]
    assert not any("rgb(32, 36, 42)" in one or "rgb(0, 114" in one for one in colours["dark"][1])
    # Dark on the screen, light on paper; from a phone's window too.
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
    for size in ({"width": 390, "height": 844}, {"width": 1440, "height": 900}):
        page.set_viewport_size(size)
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 2
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="null", color_scheme="null")
    visitor.close()
