"""The other heads of a layer are there before anybody asks for them."""

from contextlib import ExitStack
from contextvars import copy_context
from types import SimpleNamespace

import pytest
import streamlit as st

from attntopo.attention import MEAN, ROLLOUT
from attntopo.effort import Effort
from attntopo.topology import PersistenceError
from attntopo.ui.results import asked_work, heads_ahead, steps
from tests.harness.app import open_app, tiles, widget

VIEW = {"a": "astronaut", "b": "rocket", "layer": "8", "head": "3"}
INPUT = "336"  # 577 tokens


@pytest.fixture
def analysed(monkeypatch) -> list[int]:
    """The heads that were analysed, in order; work in the background is done at once."""
    st.cache_resource.clear()
    heads: list[int] = []
    analyse = steps.analyse

    def noted(attention, layer, head, *more):
        heads.append(head)
        return analyse(attention, layer, head, *more)

    monkeypatch.setattr(steps, "analyse", noted)
    ask = SimpleNamespace(ask=lambda _key, _visitor, work: work(lambda: True))
    monkeypatch.setattr(asked_work, "jobs", lambda: ask)
    monkeypatch.setattr(heads_ahead, "_STILL", 0.0)
    return heads


@pytest.mark.parametrize(
    ("head", "others"),
    [("3", [2, 4, 1, 5, 0, MEAN]), ("0", [1, 2, 3, 4, 5, MEAN]), (MEAN, [5, 4, 3, 2, 1, 0])],
)
def test_the_nearest_heads_come_first_and_all_are_there(analysed, head, others):
    open_app("compare", input=INPUT, **VIEW | {"head": head})
    first, *rest = ([one] * 2 for one in (int(head) if head != MEAN else MEAN, *others))
    assert analysed == [*first, *(one for both in rest for one in both)]


def test_what_was_analysed_ahead_is_what_is_shown(analysed):
    app = open_app("compare", input=INPUT, **VIEW)
    analysed.clear()
    widget(app, "head").set_value(5).run()
    assert analysed == []
    shown = tiles(app)
    st.cache_resource.clear()
    assert tiles(open_app("compare", input=INPUT, **VIEW | {"head": "5"})) == shown


def test_each_side_has_other_heads_of_its_own(analysed):
    own = {"model_b": "embedded", "layer_b": "9", "head_b": "0"}
    open_app("compare", input=INPUT, **VIEW, **own)
    assert sorted(analysed[:2]) == [0, 3]
    assert sorted(map(str, analysed[2:])) == sorted(
        [*"01245", "mean", *"12345", "mean"],
    )
    assert set(analysed[2:5]) == {1, 2, 4}


def test_rollout_is_no_one_layers(analysed):
    open_app("compare", input=INPUT, **VIEW | {"head": ROLLOUT})
    assert analysed == [ROLLOUT] * 2


def test_where_a_head_takes_no_time_none_is_analysed_ahead(analysed):
    open_app("compare", **VIEW)
    assert analysed == [3, 3]


def test_nothing_is_pushed_out_for_what_nobody_has_asked_for(analysed, monkeypatch):
    monkeypatch.setattr(heads_ahead, "_FULL", 0.0)
    open_app("compare", input=INPUT, **VIEW)
    assert analysed == [3, 3]


def test_a_head_that_takes_too_long_is_tried_once(analysed, monkeypatch):
    analyse = steps.analyse

    def refused(attention, layer, head, *more):
        topology = analyse(attention, layer, head, *more)
        if head == 4:
            raise PersistenceError("too long")
        return topology

    monkeypatch.setattr(steps, "analyse", refused)
    app = open_app("compare", input=INPUT, **VIEW)
    once = analysed.copy()
    assert once.count(4) == 2
    app.run()
    assert not app.exception
    assert analysed == once


def test_who_has_moved_on_wants_the_heads_there(analysed, monkeypatch):
    """Work that has begun for one view ends where its page shows another."""
    works = []
    ask = SimpleNamespace(ask=lambda _key, _visitor, work: works.append(work))
    monkeypatch.setattr(asked_work, "jobs", lambda: ask)
    app = open_app("compare", input=INPUT, **VIEW)
    widget(app, "head").set_value(0).run()
    analysed.clear()
    first, second = works
    first(lambda: True)
    assert analysed == []
    second(lambda: False)
    assert analysed == []
    second(lambda: True)
    assert analysed[:4] == [1, 1, 2, 2]


def test_a_head_that_waits_for_a_place_keeps_nobody_from_it(analysed, monkeypatch):
    """While no place is free it isn't being computed, so that who asks for it does it himself."""
    idle_slot, tries = steps.shared.idle_slot, []

    def busy_at_first(tool):
        tries.append(steps.shared.kept_results().state["computing"])
        if len(tries) <= 3:

            def taken(effort):
                raise steps.shared.NoSlotError

            return taken
        return idle_slot(tool)

    monkeypatch.setattr(steps.shared, "idle_slot", busy_at_first)
    open_app("compare", input=INPUT, **VIEW)
    assert analysed[:4] == [3, 3, 2, 2]
    assert len(tries) == 3 + 12
    assert set(tries) == {0}


def test_where_every_place_is_taken_it_gives_up_at_once():
    queue = steps.shared.queue()
    with ExitStack() as stack:
        for _ in range(queue.workers):
            taken = copy_context()
            slot = queue.slot("somebody", is_long=True)
            taken.run(slot.__enter__)
            stack.callback(taken.run, slot.__exit__, None, None, None)
        with pytest.raises(steps.shared.NoSlotError):
            copy_context().run(steps.shared.idle_slot("x")(Effort(1.0, 0.0)).__enter__)
        assert queue.state == (queue.workers, 0)
    with steps.shared.idle_slot("x")(Effort(1.0, 0.0)):
        assert queue.state == (1, 0)
