"""Who waits for whom: no two can wait for each other for ever.

A thread that computes a result holds on to its key, one that works holds on to a slot, and either
may ask for the other. What is held while what is asked for is noted on every page; a ring of it
would be two visitors who wait for each other sooner or later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
import streamlit as st

from attntopo.links.view import View
from attntopo.models.offered import EMBEDDED
from attntopo.ui.results import sample_pairs
from attntopo.ui.runtime.fair_queue import FairQueue
from attntopo.ui.runtime.result_cache import ResultCache
from tests.harness.app import open_app, waits_for
from tests.harness.model_folders import write_tiny
from tests.harness.photos import jpeg

SLOT = "a slot"
_held: ContextVar[tuple[str, ...]] = ContextVar("held", default=())


@contextmanager
def holding(what: str) -> Iterator[None]:
    token = _held.set((*_held.get(), what))
    try:
        yield
    finally:
        _held.reset(token)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A model with few heads: who waits for whom doesn't depend on how long."""
    return write_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture
def asked(monkeypatch, configured, tiny) -> nx.DiGraph:
    """What was asked for while something was held, as edges from what was held."""
    configured(ATTNTOPO_MODELS=str(tiny))
    graph = nx.DiGraph()
    slot, get_or_compute, submit = (
        FairQueue.slot,
        ResultCache.get_or_compute,
        ThreadPoolExecutor.submit,
    )

    def ask(what: str) -> None:
        graph.add_node(what)
        graph.add_edges_from((held, what) for held in _held.get())

    @contextmanager
    def noted_slot(self, *args, **options):
        ask(SLOT)
        with slot(self, *args, **options), holding(SLOT):
            yield

    def noted_get_or_compute(self, key, make, *waiting):
        # Whether it is there already or not: it may have been pushed out next time.
        ask(key[0])

        def noted_make():
            with holding(key[0]):
                return make()

        return get_or_compute(self, key, noted_make, *waiting)

    def noted_submit(self, function, *args, **options):
        # What a thread works at is held by whoever waits for it.
        return submit(self, copy_context().run, function, *args, **options)

    monkeypatch.setattr(FairQueue, "slot", noted_slot)
    monkeypatch.setattr(ResultCache, "get_or_compute", noted_get_or_compute)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", noted_submit)
    return graph


def test_a_ring_would_be_found(asked):
    queue, cache = FairQueue(1), ResultCache(1)

    def work() -> None:
        with queue.slot("visitor"):
            cache.get_or_compute(("attention", ""), int)

    def make() -> int:
        with queue.slot("visitor"):
            return 0

    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="who holds a slot"):
        pool.submit(work).result()
    assert nx.is_directed_acyclic_graph(asked)
    cache.get_or_compute(("attention", "somebody"), make)
    assert sorted(nx.find_cycle(asked)) == [(SLOT, "attention"), ("attention", SLOT)]


@pytest.fixture
def downloads(monkeypatch) -> dict[str, Callable[[], bytes | str]]:
    """What makes each download of the page that was drawn last, by the button's label."""
    found, draw = {}, st.download_button

    def noted(label, data, **options):
        found[label] = data
        return draw(label, data, **options)

    monkeypatch.setattr(st, "download_button", noted)
    return found


TINY_VIEW = View(model="tiny", layer=1, head=2)
VIEWS = {
    "as it opens": ("compare", TINY_VIEW),
    "the layout of the graph": ("compare", replace(TINY_VIEW, layout="spring")),
    "a head for each photo": (
        "compare",
        replace(TINY_VIEW, model_b=EMBEDDED, layer_b=2, head_b=3),
    ),
    "all heads": ("atlas", TINY_VIEW),
}


@pytest.mark.parametrize("name", VIEWS)
def test_nobody_waits_for_somebody_who_waits_for_them(asked, name):
    page, view = VIEWS[name]
    app = open_app(page, **view.to_query())
    app.file_uploader[1].upload("photo.jpg", jpeg(0), "image/jpeg").run()
    assert not app.exception
    assert {SLOT, "attention", "model"} <= set(asked)
    assert nx.is_directed_acyclic_graph(asked), nx.find_cycle(asked)


@pytest.mark.parametrize("name", VIEWS)
def test_nobody_waits_so_for_a_download(asked, downloads, name):
    page, view = VIEWS[name]
    app = open_app(page, **view.to_query())
    app.file_uploader[1].upload("photo.jpg", jpeg(0), "image/jpeg").run()
    assert not app.exception
    assert len(downloads) == {"compare": 8, "atlas": 3}[page]
    asked.clear()
    for make in downloads.values():
        st.cache_resource.clear()  # all that was computed has been pushed out
        edges = set(asked.edges)
        asked.clear()
        assert make()
        assert SLOT in asked, "it was made without a slot"
        asked.add_edges_from(edges)
    assert ("attention", SLOT) in asked.edges, "the model was run without a slot"
    assert nx.is_directed_acyclic_graph(asked), nx.find_cycle(asked)


def test_nor_does_the_work_in_the_background(asked):
    app = open_app("compare", **TINY_VIEW.to_query())
    (button,) = (one for one in app.button if one.label.startswith("Compare with all pairs"))
    button.click().run()
    waits_for(lambda: not sample_pairs.jobs().busy())
    app.run()
    assert {"sample deaths", "sample pairs"} <= set(asked)
    assert nx.is_directed_acyclic_graph(asked), nx.find_cycle(asked)
