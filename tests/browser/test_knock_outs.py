"""Does the model care? Asked in a real Chromium, against the library's own knock-outs."""

import re

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import KnockOut, knock_out
from attntopo.figures.tokens import token_grid
from attntopo.links.view import View
from tests.harness.accessibility import axe_findings, faint_texts
from tests.harness.browser import Visitor
from tests.harness.selection import button, words

VIEW = View("coffee", "astronaut", model="tiny", layer=0, head=1, distance="jensen-shannon")
SIDE = 14


@pytest.fixture(scope="module")
def model(folders) -> at.Model:
    return at.load_model(folders / "tiny")


def link(address: str, **more: str) -> str:
    query = VIEW.to_query() | more
    return f"{address}/compare?" + "&".join(f"{name}={value}" for name, value in query.items())


def knocked(model: at.Model, tokens: np.ndarray) -> KnockOut:
    patches = np.zeros(SIDE * SIDE, dtype=bool)
    patches[tokens - 1] = True  # behind the class token
    *_, last = knock_out(model, at.sample("coffee"), 0, patches.reshape(SIDE, SIDE))
    return last


def test_a_loop_is_knocked_out_on_request_and_it_can_be_stopped(address, gate, visitor, model):
    page = visitor.page
    attention = model.attend(at.sample("coffee"))
    topology = at.analyse(attention, 0, 1, VIEW.distance)
    births, deaths = topology.diagrams[1].T
    row = int(np.argmax(deaths - births))
    page.goto(link(address, pick=f"a-h1-{row}"))
    visitor.settle()
    button(visitor, re.compile(r"Does the model care\? \(up to \d+ s\)")).focus()
    page.keyboard.press("Enter")
    picture = page.locator(".selection-picture")
    picture.locator("circle").first.wait_for()
    # What changes with each piece isn't read out; the keyboard is where the button was.
    assert page.locator(".selection-words [aria-hidden]").inner_text().endswith("…")
    assert page.evaluate(
        "document.activeElement.shadowRoot?.activeElement?.closest('.selection-tools') !== null"
    )
    assert [one.rule for one in axe_findings(page)] == []
    assert not [one for one in faint_texts(page) if "selection" in one[0]]
    button(visitor, "Stop").click()
    button(visitor, "Go on").wait_for()
    visitor.idle()
    assert re.search(r"Stopped after \d+ of 80\.", words(visitor))
    gate.unlink()
    button(visitor, "Go on").click()
    page.get_by_role("progressbar", name="Regions knocked out").wait_for(state="detached")
    visitor.idle()
    lengths = token_grid(attention, model.info.prefix, topology.distances.tokens).lengths
    cycle = at.representative_cycles(topology.distances, topology.diagrams, lengths)[row]
    tokens = topology.distances.tokens[np.concatenate(cycle.loops)]
    expected = knocked(model, tokens[tokens > 0])
    assert words(visitor).startswith(f"{expected.text}\n")
    assert "its own edges aren't what is knocked out" in words(visitor)
    others = [*expected.regions, *expected.translations]
    end = max(expected.shift, *others)
    drawn = [100 * one / end for one in (expected.shift, *others)]
    places = page.locator(".selection-picture").evaluate(
        """box => [...box.querySelectorAll("line.own, circle")]
          .map(mark => mark.getAttribute(mark.matches("line") ? "x1" : "cx"))"""
    )
    np.testing.assert_allclose(
        sorted(float(one.rstrip("%")) for one in places), sorted(drawn), atol=0.5
    )
    said = re.search(r"cosine: (\S+) without these patches", picture.get_attribute("aria-label"))
    assert float(said[1]) == pytest.approx(expected.shift, rel=0.06)
    # Another selection drops it.
    page.keyboard.press("Escape")
    button(visitor, "Clear selection").click()
    visitor.idle()
    assert picture.is_hidden()
    assert page.evaluate("globalThis['attntopo-knock-out'].sides[0].asked") is None


def test_a_component_of_a_token_on_a_phone_until_the_scale_changes_it(address, browser, model):
    visitor = Visitor(browser, width=390, height=844)
    page = visitor.page
    topology = at.analyse(model.attend(at.sample("coffee")), 0, 1, VIEW.distance)
    scale = round(float(np.quantile(topology.tree.lengths, 0.8)), 5)
    leaders = at.skeleton_at(topology.distances, topology.tree, scale).leaders
    sizes = np.bincount(leaders, minlength=len(leaders))
    point = int(np.argmin(np.abs(sizes[leaders] - 6)))
    token = int(topology.distances.tokens[point])
    page.goto(link(address, pick=f"a-token-{token}", scale=f"{scale:.5f}"))
    visitor.settle()
    button(visitor, re.compile("Does the model care")).click()
    page.get_by_text("last state alone").wait_for()
    visitor.idle()
    tokens = topology.distances.tokens[leaders == leaders[point]]
    assert words(visitor).startswith(f"{knocked(model, tokens[tokens > 0]).text}\n")
    assert page.locator(".selection-picture svg").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".scale-typed").fill("0.0001")
    page.keyboard.press("Enter")
    page.get_by_text("stands alone at this scale").wait_for()
    assert page.locator(".selection-picture").is_hidden()
    visitor.close()


def test_attention_without_a_model_says_so(address, visitor):
    view = View("ring", "ring", layer=0, head=0, distance="jensen-shannon", selection="a-h1-0")
    query = "&".join(f"{name}={value}" for name, value in view.to_query().items())
    visitor.page.goto(f"{address}/compare?{query}")
    visitor.settle()
    button(visitor, "Does the model care?").click()
    visitor.page.get_by_text("came without its model, so nothing can be knocked out").wait_for()
    assert button(visitor, "Stop").count() == 0
    assert visitor.page.locator(".selection-picture").is_hidden()
