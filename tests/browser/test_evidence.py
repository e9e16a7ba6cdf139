"""How a bar ranks by chance: asked in a real Chromium, on Compare and in the Atlas."""

import re

import numpy as np

import attntopo as at
from attntopo.analysis import NULLS, evidence_of_heads
from attntopo.links.view import View
from tests.harness.accessibility import axe_findings, faint_texts
from tests.harness.browser import Visitor
from tests.harness.instrumented_server import UNGATED_DRAWS
from tests.harness.selection import button, words

VIEW = View("ring", "ring", layer=0, head=0, distance="jensen-shannon", quantity="h1-nulls")
# The server keeps what was drawn: each test has a distance of its own.
OF_THE_BAR, OF_THE_ATLAS = {"distance": "hellinger"}, {"distance": "total-variation"}
TOKEN, SCALE = 37, 0.2  # one that another leads, in a component that is absorbed later


def link(address: str, page: str, **more: str) -> str:
    query = VIEW.to_query() | more
    return f"{address}/{page}?" + "&".join(f"{name}={value}" for name, value in query.items())


def test_a_bar_is_ranked_on_request_and_it_can_be_stopped(address, gate, visitor):
    topology = at.analyse(at.ring_attention(), 0, 0, **OF_THE_BAR)
    births, deaths = topology.diagrams[1].T
    row, page = int(np.argmax(deaths - births)), visitor.page
    page.goto(link(address, "compare", pick=f"a-h1-{row}", **OF_THE_BAR))
    visitor.settle()
    radius = (deaths - births)[row] / 2
    assert f"While no distance changes by {radius:.4f}, half its length" in words(visitor)
    assert "Universal p" not in words(visitor)  # of one loop there is none
    button(visitor, "Rank it").focus()
    page.keyboard.press("Enter")
    progress = page.get_by_role("progressbar", name="Draws of the nulls")
    progress.wait_for()
    page.get_by_text(re.compile(f"in {UNGATED_DRAWS} of {UNGATED_DRAWS} attention")).wait_for()
    # What changes with each draw isn't read out; the keyboard is where the button was.
    assert page.locator(".selection-words [aria-hidden]").inner_text().endswith("…")
    assert page.evaluate(
        "document.activeElement.shadowRoot?.activeElement?.closest('.selection-tools') !== null"
    )
    assert [one.rule for one in axe_findings(page)] == []
    assert not [one for one in faint_texts(page) if "selection" in one[0]]
    button(visitor, "Stop").click()
    button(visitor, "Go on").wait_for()
    visitor.idle()
    assert "Stopped after" in words(visitor)
    gate.unlink()
    button(visitor, "Go on").click()
    page.get_by_text("; seed 0)").wait_for()
    visitor.idle()
    assert progress.count() == 0
    lines = words(visitor).split("\n")
    for line, null in zip(lines, NULLS, strict=False):
        *_, draws = at.null_draws(at.ring_attention(), 0, 0, **OF_THE_BAR, null=null)
        rank = draws.rank_loop((deaths - births)[row])
        assert f"in {rank.beaten} of 20 {NULLS[null].matrices}" in line
    assert "longer than the longest loop" in lines[0]
    # Back, and a photo with other heads: nothing is asked of those.
    button(visitor, "What it is").click()
    assert "tokens in a ring" in words(visitor)
    button(visitor, "Rank it").click()
    page.locator(".photo-choice").first.select_option("text")
    page.wait_for_url(re.compile("a=text"))
    visitor.settle()
    assert page.evaluate("globalThis['attntopo-evidence'].sides[0]")["nulls"] == []
    assert not re.search("longer than", words(visitor))


def test_it_is_offered_however_late_the_server_says_what_it_knows(address, visitor):
    visitor.page.goto(link(address, "compare", pick="none", **OF_THE_BAR))
    visitor.settle()
    visitor.page.evaluate("() => { window.late = globalThis['attntopo-evidence'] }")
    visitor.page.evaluate("() => { globalThis['attntopo-evidence'] = null }")
    visitor.page.locator(".linked").evaluate(
        "(element, token) => {"
        " const view = element.getRootNode().linkedView; view.selectPoint(0, token) }",
        TOKEN,
    )
    button(visitor, "Clear selection").wait_for()
    assert button(visitor, "Rank its component").count() == 0
    visitor.page.evaluate(
        "() => { globalThis['attntopo-evidence'] = window.late;"
        " dispatchEvent(new Event('attntopo-evidence')) }"
    )
    button(visitor, "Rank its component").wait_for()


def test_a_component_of_a_token_is_ranked_on_a_phone(address, browser):
    topology = at.analyse(at.ring_attention(), 0, 0, VIEW.distance)
    visitor = Visitor(browser, width=390, height=844)
    page = visitor.page
    page.goto(link(address, "compare", pick=f"a-token-{TOKEN}", scale=str(SCALE)))
    visitor.settle()
    button(visitor, "Rank its component").click()
    page.get_by_text("; seed 0)").wait_for()
    visitor.idle()
    leader = int(at.skeleton_at(topology.distances, topology.tree, SCALE).leaders[TOKEN])
    *_, draws = at.null_draws(at.ring_attention(), 0, 0, VIEW.distance)
    rank = draws.rank_component(at.component_life(topology.tree, leader))
    assert f"Its component is {rank.text} (by chance " in words(visitor)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.close()


def test_the_atlas_tests_all_heads_stops_and_goes_on(address, gate, visitor):
    visitor.page.goto(link(address, "atlas", **OF_THE_ATLAS))
    visitor.settle_atlas()
    button(visitor, re.compile(r"Test all heads \(up to .* of one core\)")).click()
    visitor.page.get_by_text(f"{UNGATED_DRAWS} of 40 draws").wait_for()  # of 2 heads
    button(visitor, "Stop").click()
    go_on = button(visitor, re.compile("Go on drawing"))
    go_on.wait_for()
    visitor.settle_atlas()
    assert visitor.page.get_by_text("No head is tested yet").count() == 2
    gate.unlink()
    go_on.click()
    go_on.wait_for(state="detached")
    ranks = [one.loop for _, one in evidence_of_heads(at.ring_attention(), **OF_THE_ATLAS)]
    outlasting = sum(rank is not None and rank.is_significant for rank in ranks)
    said = (
        f"all 20 draws in {outlasting} of 2 heads, ticked below, and each draw's outlasts it in 1; "
        "by chance either would in about 0.1."
    )
    visitor.page.get_by_text(said).first.wait_for()
    visitor.settle_atlas()
    assert visitor.page.locator(".js-plotly-plot text").get_by_text("✓").count() == 2 * outlasting
