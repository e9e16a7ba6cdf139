"""What the linked view gets of a head only once it is asked for: cycles, a token's attention."""

import base64

import numpy as np
import pytest

import attntopo as at
from attntopo.figures import linked as linked_figures
from attntopo.figures import linked_answers
from attntopo.figures.tokens import token_grid
from attntopo.links.view import View
from tests.harness.app import component, linked, open_app, tell

HEAD = {"layer": 6, "head": 4, "distance": "jensen-shannon"}
AT_ONCE = 3


@pytest.fixture
def asking(monkeypatch):
    """All as if the photos had far more tokens."""
    monkeypatch.setattr(linked_answers, "CYCLES_AT_ONCE", AT_ONCE)
    monkeypatch.setattr(linked_answers, "_PAIRS_AT_ONCE", 0)
    for module in (linked_figures, linked_answers):
        monkeypatch.setattr(module, "MOST_TOKENS_WITH_HEAT", 100)


@pytest.fixture(scope="module")
def head(astronaut) -> at.HeadTopology:
    return at.analyse(astronaut, *HEAD.values())


def opened(**more: str | int):
    return open_app("compare", **View("astronaut", "coffee", **{**HEAD, **more}).to_query())


def longest_first(head: at.HeadTopology) -> list[int]:
    births, deaths = head.diagrams[1].T
    return sorted(range(len(births)), key=lambda row: (births[row] - deaths[row], row))


def is_the_bars_cycle(head: at.HeadTopology, row: int, loops: list[list[int]]) -> bool:
    """Whether closed paths hold the bar's birth edge, and otherwise only shorter ones."""
    birth, _ = head.diagrams[1][row]
    edges = [
        tuple(sorted(edge))
        for loop in loops
        for edge in zip(loop, loop[1:] + loop[:1], strict=True)
    ]
    own = tuple(head.diagrams.birth_edges[row].tolist())
    return own in edges and max(head.distances.values[edge] for edge in edges) == birth


def test_the_longest_bars_cycles_are_there_at_once(asking, head):
    bars = linked(opened())["sides"][0]["bars"][1]
    order = longest_first(head)
    assert len(order) > 2 * AT_ONCE
    for row in order[:AT_ONCE]:
        assert is_the_bars_cycle(head, row, bars[row]["loops"])
    assert all(bars[row]["loops"] is None for row in order[AT_ONCE:])


def test_a_selected_bars_cycle_comes_with_the_link_and_with_a_click(asking, head):
    order = longest_first(head)
    app = opened(selection=f"a-h1-{order[-1]}")
    (loops,) = component(app, "answers")["sides"][0]["loops"].values()
    assert is_the_bars_cycle(head, order[-1], loops)
    shown, before = component(app, "linked view"), linked(app)
    look = {**shown["now"]["look"]}
    said = {"id": before["id"], "scale": None, "share": None, "look": look, "sent": 1}
    tell(app, "linked view", view={**said, "pick": f"a-h1-{order[AT_ONCE]}"})
    answers = component(app, "answers")
    assert answers["id"] == before["id"]
    assert list(answers["sides"][0]["loops"]) == [str(order[AT_ONCE])]
    assert is_the_bars_cycle(head, order[AT_ONCE], *answers["sides"][0]["loops"].values())
    assert answers["sides"][1]["loops"] == {}
    # One that is there already isn't sent again.
    tell(app, "linked view", view={**said, "sent": 2, "pick": f"a-h1-{order[0]}"})
    assert component(app, "answers")["sides"][0]["loops"] == {}


def test_the_table_of_bars_asks_for_all_cycles(asking, head, astronaut):
    loops = component(opened(tab="bars"), "answers")["sides"][0]["loops"]
    assert sorted(map(int, loops)) == list(range(len(head.diagrams[1])))
    lengths = token_grid(astronaut, ("class token",), head.distances.tokens).lengths
    cycles = at.representative_cycles(head.distances, head.diagrams, lengths)
    for row, cycle in enumerate(cycles):
        assert loops[str(row)] == [loop.tolist() for loop in cycle.loops]


@pytest.mark.parametrize("tokens", ["all", "patches"])
def test_a_tokens_attention_comes_when_it_is_selected(asking, astronaut, tokens):
    token = 77
    app = opened(selection=f"a-token-{token}", tokens=tokens)
    assert linked(app)["sides"][0]["attention"] is None
    first, second = component(app, "answers")["sides"]
    assert second["heat"] == {}
    ((point, heat),) = first["heat"].items()
    begin = 1 if tokens == "patches" else 0
    assert int(point) == token - begin
    maps = astronaut.head(HEAD["layer"], HEAD["head"])[begin:, begin:].astype(np.float64)
    for name, own in (("to", maps[int(point)]), ("by", maps[:, int(point)])):
        shown = np.frombuffer(base64.b64decode(heat[name]), np.uint8) / 255
        assert np.allclose(shown, np.sqrt(own / own.max()), atol=0.5 / 255 + 1e-9)


def test_of_as_many_tokens_as_usual_nothing_needs_to_be_asked_for():
    app = opened(selection="a-token-77", head=3)  # of others what was made above is kept
    sides = linked(app)["sides"]
    assert all(bar["loops"] for bar in sides[0]["bars"][1])
    assert sides[0]["attention"] is not None
    assert component(app, "answers")["sides"] == [{"loops": {}, "heat": {}}] * 2
