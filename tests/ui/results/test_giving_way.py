"""Long work on the page gives way to all else; short work doesn't."""

import os
import sys
import threading

import pytest
import streamlit as st

import attntopo as at
from attntopo.ui.results import panels, steps
from attntopo.ui.runtime.fair_queue import FairQueue
from tests.harness.app import open_app, warnings
from tests.harness.synthetic import neighbourly_maps

STEPS = (
    (steps, "analyse"),
    (steps, "distance_layout"),
    (panels, "compare"),
    (panels, "find_matching"),
)


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.fixture
def seen(monkeypatch) -> dict[str, set[int]]:
    """By how much each step gave way, by its name, as the system says it."""
    st.cache_resource.clear()
    found: dict[str, set[int]] = {}

    def noted(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def call(*given):
            found.setdefault(name, set()).add(niceness() - usual)
            return original(*given)

        monkeypatch.setattr(owner, name, call)

    usual = niceness()
    for step in STEPS:
        noted(*step)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no thread has a niceness of its own")
def test_only_what_is_long_gives_way(seen, monkeypatch):
    lanes: list[bool] = []
    slot = FairQueue.slot

    def noted(self, *given, is_long=False, **options):
        lanes.append(is_long)
        return slot(self, *given, is_long=is_long, **options)

    monkeypatch.setattr(FairQueue, "slot", noted)
    app = open_app("compare", a="ring", b="ring")
    assert seen == {name: {0} for _, name in STEPS}
    assert not any(lanes)
    seen.clear()
    maps = neighbourly_maps((33, 33), n_layers=1, n_heads=1)
    file = at.save_attention(at.Attention.from_arrays(maps, (33, 33), 1))
    app.file_uploader[0].upload("attention.npz", file, "application/octet-stream").run()
    assert not app.exception
    assert seen["analyse"] == seen["distance_layout"] == {min(19 - niceness(), 10)}
    assert any(lanes)


def test_a_spring_layout_of_too_many_edges_is_one_by_distances_and_says_so(monkeypatch):
    monkeypatch.setattr("attntopo.topology.effort.MOST_SPRINGS", 100)
    app = open_app("compare", a="ring", b="ring", layout="spring", scale="0.5")
    assert not app.exception
    assert "A is laid out by its distances. A spring layout of" in warnings(app)
    assert "Choose a smaller scale" in warnings(app)
