"""Ranks under the nulls, asked for on Compare and in the Atlas, against the library's own."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    NULLS,
    component_life,
    evidence_of_heads,
    longest_life,
    null_draws,
)
from attntopo.links.view import View
from attntopo.topology import leader_lives
from attntopo.ui.results import asked_work, nulls_of_heads
from attntopo.ui.runtime import shared
from tests.harness.app import component, linked, open_app, run_until, tell, waits_for, widget
from tests.harness.model_folders import write_tiny

TOTAL = 60


@pytest.fixture
def tiny(tmp_path, configured) -> at.Model:
    """A model of 2 layers with 3 heads each, and 7 × 7 patches; nothing is known of its heads."""
    folder = write_tiny(tmp_path, 112)
    configured(ATTNTOPO_MODELS=str(folder))
    return at.load_model("tiny", extra_models=[folder])


def evidence(app) -> list[dict]:
    return component(app, "evidence")["sides"]


def wish(app, act: str, side: int = 0, **more):
    said = {"id": linked(app)["id"], "act": act, "side": side} | more
    return tell(app, "evidence", wish=said)


def quiet() -> None:
    waits_for(lambda: not asked_work.jobs().busy())


RING = {"a": "ring", "b": "ring", "layer": "0", "head": "0", "distance": "jensen-shannon"}


def test_all_bars_are_ranked_once_somebody_asks(configured):
    configured()
    app = open_app("compare", **RING)
    assert [side["nulls"] for side in evidence(app)] == [[], []]
    wish(app, "ask", id="of other heads")
    assert not any(side["busy"] for side in evidence(app))
    wish(app, "ask")
    assert evidence(app)[0]["busy"] or evidence(app)[0]["done"] == TOTAL
    run_until(app, lambda: evidence(app)[0]["done"] == TOTAL)
    side = evidence(app)[0]
    assert (side["busy"], side["note"], side["about"]) == (False, "", "")
    ring = at.ring_attention()
    topology = at.analyse(ring, 0, 0, "jensen-shannon")
    births, deaths = topology.diagrams[1].T
    lives = leader_lives(topology.tree)
    for said, null in zip(side["nulls"], NULLS, strict=True):
        *_, draws = at.null_draws(ring, 0, 0, "jensen-shannon", null=null)
        assert said["loops"] == [draws.rank_loop(one).beaten for one in (deaths - births).tolist()]
        ranks = [
            draws.rank_component(component_life(topology.tree, point)).beaten
            if start < end < np.inf
            else None
            for point, (start, end) in enumerate(lives)
        ]
        assert said["components"] == ranks


def test_stop_keeps_what_was_drawn_and_another_head_drops_what_was_asked(tiny, monkeypatch):
    drawn, original = [], nulls_of_heads.longest_in_draw
    visitors: set[str] = set()

    def draw(*given):
        drawn.append(given[3:])
        if len(drawn) == 5:  # as if the visitor had left in the middle of it
            visitors.update(shared.open_sessions())
            shared.open_sessions().clear()
        return original(*given)

    monkeypatch.setattr(nulls_of_heads, "longest_in_draw", draw)
    view = View("astronaut", "coffee", model="tiny", layer=1, head=2)
    app = open_app("compare", **view.to_query())
    wish(app, "ask")
    quiet()
    shared.open_sessions().update(visitors)
    wish(app, "stop")
    done = evidence(app)[0]["done"]
    assert 5 <= done < TOTAL
    assert not evidence(app)[0]["busy"]
    wish(app, "ask")
    run_until(app, lambda: evidence(app)[0]["done"] == TOTAL)
    assert len(drawn) == len(set(drawn)) == TOTAL  # none twice
    wish(app, "ask", side=1)
    widget(app, "head").set_value(1).run()
    quiet()
    assert [side["done"] for side in evidence(app)] == [0, 0]
    assert not any(side["busy"] for side in evidence(app))


@pytest.mark.parametrize("head", ["mean", "rollout"])
def test_what_is_tested_is_said_where_it_is_not_one_head(tiny, head):
    view = View("astronaut", "coffee", model="tiny", layer=1, head=head)
    (about,) = {side["about"] for side in evidence(open_app("compare", **view.to_query()))}
    assert head in about
    assert "as one matrix" in about


def test_what_would_take_too_long_or_has_no_null_gets_a_sentence(configured, monkeypatch):
    configured()
    monkeypatch.setattr(asked_work, "MOST_SECONDS", 0.0)
    app = wish(open_app("compare", **RING), "ask")
    assert "too long for this page" in evidence(app)[0]["note"]
    assert not evidence(app)[0]["busy"]
    monkeypatch.undo()
    configured()
    maps = np.eye(50)[None, None]
    file = at.save_attention(at.Attention.from_arrays(maps, (7, 7), 1))
    app = open_app("compare", **RING)
    app.file_uploader[0].upload("attention.npz", file, "application/octet-stream").run()
    wish(app, "ask")
    quiet()
    app.run()
    assert "one-hot" in evidence(app)[0]["note"]
    assert not evidence(app)[0]["busy"]


def captions(app) -> str:
    return " ".join(one.value for one in app.markdown)


def said(app) -> str:
    return " ".join(one.value for one in app.markdown if "**A: " in one.value)


def is_below_all_draws(attention: at.Attention, head: tuple[int, int], view: View, kind: str):
    """Say whether the longest of a head is shorter than those of all draws of the strictest null.

    A head without a loop isn't, where a draw has none either.
    """
    topology = at.analyse(attention, *map(int, head), view.distance)
    *_, draws = null_draws(attention, *map(int, head), view.distance, n_draws=20)
    if kind == "loop":
        bars = topology.diagrams[1]
        own = max((bars[:, 1] - bars[:, 0]).tolist(), default=0.0)
        return own < draws.longest_loops.min()
    return longest_life(topology.tree) < draws.longest_lives.min()


def check_ranks(app, tiny: at.Model, view: View, kind: str) -> None:
    """Compare the table's ranks of all heads, and what is said of them, with the library's."""
    assert not app.exception
    frame = app.dataframe[0].value
    for letter, name in (("A", "astronaut"), ("B", "coffee")):
        attention = tiny.attend(at.sample(name))
        expected = dict(evidence_of_heads(attention, None, view.distance))
        column = next(one for one in frame if "strictest" in one and one.endswith(f", {letter}"))
        ranks = {(row["layer"], row["head"]): row[column] for _, row in frame.iterrows()}
        for head, one in expected.items():
            rank = getattr(one, kind)
            assert ranks[head] == (rank.beaten if rank else 0)
        if letter == "A":
            all_beaten = sum(beaten == 20 for beaten in ranks.values())
            assert f"all 20 draws in {all_beaten} of 6 heads" in said(app)
            below = sum(is_below_all_draws(attention, head, view, kind) for head in ranks)
            assert f"and each draw's outlasts it in {below};" in said(app)
    assert "by chance either would in about 0.3" in said(app)
    assert not any(one.label.startswith(("Test all", "Go on")) for one in app.button)


def test_the_atlas_ranks_every_head_on_request(tiny):
    view = View("astronaut", "coffee", model="tiny", layer=1, head=2, quantity="h1-nulls")
    app = open_app("atlas", **view.to_query())
    assert "No head is tested yet" in said(app)
    # Of some heads it would be no layer's mean.
    assert "once all heads have their number" in captions(app)
    (button,) = (one for one in app.button if one.label.startswith("Test all heads (up to "))
    button.click().run()
    check_ranks(app, tiny, view, "loop")
    assert "is drawn once all heads" not in captions(app)
    assert "The line is the mean over a layer's heads that have a number" in captions(app)
    # The same draws say it of components.
    widget(app, "quantity").select("h0-nulls").run()
    check_ranks(app, tiny, view, "component")
    # Compare knows the strictest null of each head by then.
    compare = open_app("compare", **view.to_query())
    assert [len(side["nulls"]) for side in evidence(compare)] == [1, 1]
