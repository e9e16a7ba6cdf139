"""Knock-outs asked for on Compare, against the library's own."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import knock_out
from attntopo.links.view import View
from attntopo.ui.results import asked_work, knock_outs
from attntopo.ui.runtime import shared
from tests.harness.app import component, linked, open_app, run_until, tell, waits_for, widget
from tests.harness.model_folders import write_tiny

VIEW = View("coffee", "astronaut", model="tiny", layer=0, head=2, selection="a-token-30")
PATCHES = [3, 4, 18]
SIDE = 14


@pytest.fixture
def tiny(tmp_path, configured) -> at.Model:
    """A model of 2 layers with 3 heads each, of 14 x 14 patches."""
    folder = write_tiny(tmp_path)
    configured(ATTNTOPO_MODELS=str(folder))
    return at.load_model("tiny", extra_models=[folder])


def side(app, k: int = 0) -> dict:
    return component(app, "knock-out")["sides"][k]


def wish(app, act: str, k: int = 0, patches=PATCHES, **more):
    said = {"id": linked(app)["id"], "act": act, "side": k, "patches": patches}
    return tell(app, "knock-out", wish=said | {"selection": VIEW.selection} | more)


def finished(app, k: int = 0) -> dict:
    run_until(app, lambda: side(app, k)["asked"] and not side(app, k)["busy"])
    return side(app, k)["asked"]


def quiet() -> None:
    waits_for(lambda: not asked_work.jobs().busy())


def test_it_is_the_librarys_own_and_shared_between_visitors(tiny, monkeypatch):
    app = open_app("compare", **VIEW.to_query())
    assert (side(app)["note"], side(app)["asked"]) == ("", None)
    assert side(app)["up_to"].endswith(" s")
    wish(app, "ask")
    said = finished(app)
    mask = np.zeros(SIDE * SIDE, dtype=bool)
    mask[PATCHES] = True
    *_, last = knock_out(tiny, at.sample("coffee"), 0, mask.reshape(SIDE, SIDE))
    assert (said["patches"], said["text"]) == (PATCHES, last.text)
    assert said["done"] == said["total"] == 81
    for name in ("shift", "regions", "translations"):
        np.testing.assert_allclose(said[name], getattr(last, name), atol=1e-9)

    def refuse(*arguments, **options):
        raise AssertionError("computed again")

    monkeypatch.setattr(knock_outs, "knock_out", refuse)
    other = open_app("compare", **VIEW.to_query())
    assert side(other)["asked"] is None  # nobody has asked in there
    wish(other, "ask", patches=PATCHES[::-1])
    assert side(other)["asked"] == said
    assert not side(other)["busy"]


def test_stop_keeps_what_is_known_and_another_selection_or_head_drops_it(tiny, monkeypatch):
    visitors: set[str] = set()
    original, calls = knock_outs.knock_out, []

    def leaves_after_two(*arguments, known, **options):
        calls.append(known)
        for number, piece in enumerate(original(*arguments, known=known, **options)):
            if len(calls) == 1 and number == 1:  # as if the visitor had left in the middle of it
                visitors.update(shared.open_sessions())
                shared.open_sessions().clear()
            yield piece

    monkeypatch.setattr(knock_outs, "knock_out", leaves_after_two)
    app = open_app("compare", **VIEW.to_query())
    wish(app, "ask")
    quiet()
    shared.open_sessions().update(visitors)
    wish(app, "stop")
    stopped = side(app)["asked"]
    assert 1 < stopped["done"] < stopped["total"] == 81
    assert not side(app)["busy"]
    assert f"of {len(stopped['regions'])} random" in stopped["text"]
    wish(app, "ask")
    assert finished(app)["done"] == 81
    assert calls[0] is None
    assert 1 + len(calls[1].regions) + len(calls[1].translations) == stopped["done"]
    tell(app, "linked view", view=_said(app, pick="a-token-31"))
    assert side(app)["asked"] is None
    wish(app, "ask", selection="a-token-31")
    assert finished(app)["done"] == 81
    wish(app, "ask", 1, selection="a-token-31")
    widget(app, "layer").set_value(1).run()
    quiet()
    assert [side(app, k)["asked"] for k in (0, 1)] == [None, None]


def _said(app, pick: str) -> dict:
    sent = linked(app)
    said = {"id": sent["id"], "scale": sent["step"], "share": sent["share"], "look": sent["look"]}
    return said | {"pick": pick, "sent": 10**15}


@pytest.mark.parametrize(
    ("patches", "words"),
    [([], "No patches are chosen"), (list(range(SIDE * SIDE)), "All patches are chosen")],
)
def test_none_and_all_get_a_sentence(tiny, patches, words):
    app = open_app("compare", **VIEW.to_query())
    wish(app, "ask", patches=patches)
    said = finished(app)
    assert words in said["note"]
    assert said["text"] == ""


def test_what_no_browser_of_ours_says_is_not_taken(tiny):
    app = open_app("compare", **VIEW.to_query())
    for more in (
        {"patches": [SIDE * SIDE]},
        {"patches": [-1]},
        {"patches": [True, 2.5]},
        {"patches": "3"},
        {"patches": None},
        {"side": 2},
        {"act": "drop"},
        {"selection": 7},
        {"id": "of other heads"},
    ):
        wish(app, **{"act": "ask", "patches": PATCHES} | more)
        assert not app.exception
        assert [side(app, k)["asked"] for k in (0, 1)] == [None, None], more


def test_where_it_can_not_be_there_is_a_sentence(tiny, monkeypatch):
    last = open_app("compare", **VIEW.to_query() | {"layer": "1"})
    assert "no layer follows" in side(last)["note"]
    assert side(last)["up_to"] == ""
    ring = {"a": "ring", "b": "ring", "distance": "jensen-shannon"}
    app = open_app("compare", **ring)
    assert "without its model" in side(app)["note"]
    wish(app, "ask")
    assert side(app)["asked"] is None
    monkeypatch.setattr(asked_work, "MOST_SECONDS", 0.0)
    assert "too long for this page" in side(open_app("compare", **VIEW.to_query()))["note"]


@pytest.mark.parametrize(("head", "word"), [("mean", "all heads after"), ("rollout", "rollout")])
def test_what_is_looked_at_with_more_than_one_head_says_where_it_works(tiny, head, word):
    app = open_app("compare", **VIEW.to_query() | {"head": head})
    assert word in side(app)["about"]
