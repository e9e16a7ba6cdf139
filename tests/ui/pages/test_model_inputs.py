"""Other inputs than the model's own: on the page, in links, and what is kept of their attention."""

import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import QUANTITIES, number_text
from attntopo.links import View
from attntopo.models import ModelInput
from attntopo.ui.results import PhotoInput, asked_work, attention_budget, models, photo_attention
from attntopo.ui.runtime import shared
from tests.harness.app import linked, open_app, query, script, table, warnings, widget
from tests.harness.model_folders import write_tiny


@pytest.fixture
def tiny(configured, tmp_path):
    """The app with a tiny model of 2 layers with 3 heads, patches of 16 pixels."""
    configured(ATTNTOPO_MODELS=str(write_tiny(tmp_path)))
    return at.load_model(tmp_path / "tiny")


def expected(model, view):
    a, b = (
        at.analyse(
            model.attend(at.sample(name), view.model_input),
            view.layer,
            view.head,
            view.distance,
        )
        for name in (view.a, view.b)
    )
    return [[number_text(one) for one in row.values()] for row in at.numbers(a, b, view.scale)]


def text(app) -> str:
    return " ".join(one.value for kind in ("caption", "markdown") for one in app.get(kind))


def wait_for_jobs() -> None:
    while asked_work.jobs().busy():
        time.sleep(0.01)


def kept(kind: str) -> list[tuple]:
    return [key for key in shared.kept_results()._results if key[0] == kind]


@pytest.mark.parametrize(("side", "shape"), [(None, "photo"), (336, "square"), (336, "photo")])
def test_a_link_shows_the_numbers_of_its_input(tiny, side, shape):
    view = View("chelsea", "rocket", "tiny", 1, 1, scale=0.01, input=side, shape=shape)
    app = open_app(**view.to_query())
    assert warnings(app) == ""
    assert app.session_state["view"] == view
    assert query(app) == view.to_query()
    assert table(app) == expected(tiny, view)
    grids = [tiny.attend(at.sample(name), view.model_input).grid for name in (view.a, view.b)]
    assert [tuple(one["grid"]) for one in linked(app)["sides"]] == grids
    called = f"at.ModelInput({side}, {json.dumps(shape)})"
    assert called in script(app)


def test_the_input_is_chosen_beside_the_model(tiny):
    app = open_app(**View("chelsea", "rocket", "tiny", 1, 1).to_query())
    own = linked(app)
    options = widget(app, "input").options
    assert options == [
        "224 px: 14 × 14 patches",
        "336 px: 21 × 21 patches, about 5 times as long",
        "448 px: 28 × 28 patches, about 16 times as long",
        "512 px: 32 × 32 patches, about 27 times as long",
    ]
    widget(app, "input").set_value(336).run()
    assert query(app)["input"] == "336"
    assert "21 × 21 patches" in text(app)
    assert [one["grid"] for one in linked(app)["sides"]] == [[21, 21], [21, 21]]
    widget(app, "shape").set_value("photo").run()
    assert query(app)["shape"] == "photo"
    assert [one["grid"] for one in linked(app)["sides"]] == [[17, 26], [17, 26]]
    widget(app, "input").set_value(224).run()
    widget(app, "shape").set_value("square").run()
    assert "input" not in query(app)
    assert linked(app)["sides"] == own["sides"]


def test_an_input_that_cannot_be_had_is_left_with_a_sentence(tiny):
    app = open_app(**{**View("chelsea", "rocket", "tiny", 1, 1).to_query(), "input": "300"})
    assert "The link's `input` can't be used here, so it is left out." in warnings(app)
    assert app.session_state["view"].input is None
    # What one model has and another hasn't, when the model is changed.
    app = open_app(**View("ring", "rocket", "tiny", 1, 1, input=512).to_query())
    widget(app, "model").set_value("embedded").run()
    assert "There is no input of 512 pixels here: the model's own, 224, is shown." in warnings(app)


def test_given_attention_has_no_input(tiny):
    app = open_app(**View("ring", "ring", "tiny", 0, 0, input=336).to_query())
    assert "Attention that was given needs no model, so it has no input." in text(app)
    with pytest.raises(ValueError, match="not enough values"):
        widget(app, "input")
    # Beside a photo it is the photo's alone.
    app = open_app(**View("ring", "rocket", "tiny", 0, 0, input=336).to_query())
    assert [one["grid"] for one in linked(app)["sides"]] == [[16, 16], [21, 21]]


def test_of_what_is_too_large_the_layer_looked_at_alone_is_kept(configured, tmp_path):
    """442 tokens: a layer of 3 heads takes 2.3 MB, and both photos may take 6 MB."""
    configured(ATTNTOPO_MODELS=str(write_tiny(tmp_path)), ATTNTOPO_MEMORY_MB="24")
    model = at.load_model(tmp_path / "tiny")
    view = View("chelsea", "rocket", "tiny", 1, 1, scale=0.01, input=336)
    info = models.describe("tiny")
    # At 512 pixels two layers of both photos would take more than a third of it.
    assert info.input_sides == (224, 336)
    app = open_app(**view.to_query())
    assert table(app) == expected(model, view)
    assert [key[-2] for key in kept("attention")] == [(1,), (1,)]
    for one in kept("attention"):
        assert shared.kept_results().get(one).maps.shape == (1, 3, 442, 442)
    widget(app, "layer").set_value(0).run()
    moved = app.session_state["view"]
    assert table(app) == expected(model, moved)
    widget(app, "head").set_value("rollout").run()
    widget(app, "layer").set_value(1).run()
    assert not app.error
    for name in (view.a, view.b):  # rollout goes through layer 0 too, which isn't kept
        whole = model.attend(at.sample(name), view.model_input).head(1, "rollout")
        rolled = [shared.kept_results().get(one) for one in kept("attention")]
        rows = [one.head(1, "rollout") for one in rolled if one.rollouts and one.layers == (1,)]
        assert any(np.array_equal(one, whole) for one in rows)
    assert shared.kept_results().state["results_bytes"] <= 24e6


def test_a_first_picture_waits_for_one_layer_and_the_others_come_behind_it(tiny, monkeypatch):
    monkeypatch.setattr(photo_attention, "_MOST_BYTES_AT_FIRST", 1e6)
    monkeypatch.setattr(photo_attention, "_STILL", 0)
    behind = threading.Event()
    slot = shared.background_slot

    def when_asked(*given):
        behind.wait()
        return slot(*given)

    monkeypatch.setattr(shared, "background_slot", when_asked)
    view = View("chelsea", "rocket", "tiny", 1, 1, scale=0.01, input=336)
    app = open_app(**view.to_query())
    assert table(app) == expected(tiny, view)
    assert [key[-2] for key in kept("attention")] == [(1,), (1,)]
    widget(app, "head").set_value(2).run()
    assert [key[-2] for key in kept("attention")] == [(1,), (1,)]
    widget(app, "layer").set_value(0).run()  # not there yet: it comes alone, too
    assert table(app) == expected(tiny, app.session_state["view"])
    assert sorted(key[-2] for key in kept("attention")) == [(0,), (0,), (1,), (1,)]
    behind.set()
    wait_for_jobs()
    assert sum(key[-2] is None for key in kept("attention")) == 2
    then = expected(tiny, replace(app.session_state["view"], layer=1))
    monkeypatch.setattr(at.Model, "attend", None)  # nothing is run any more
    widget(app, "layer").set_value(1).run()
    assert table(app) == then


def test_the_layer_that_is_looked_at_is_copied_once_and_one_is_kept_a_photo(tiny, monkeypatch):
    copied, of_layer = [], at.Attention.of_layer

    def counted(attention, layer):
        copied.append(layer)
        return of_layer(attention, layer)

    monkeypatch.setattr(at.Attention, "of_layer", counted)
    view = View("camera", "brick", "tiny", 1, 1, scale=0.01)
    app = open_app(**view.to_query())
    assert sorted(key[-2] or () for key in kept("attention")) == [(), (), (1,), (1,)]
    assert copied == [1, 1]
    widget(app, "head").set_value(2).run()
    assert copied == [1, 1]
    widget(app, "layer").set_value(0).run()
    assert copied == [1, 1, 0, 0]
    assert sorted(key[-2] or () for key in kept("attention")) == [(), (), (0,), (0,)]
    assert table(app) == expected(tiny, app.session_state["view"])


def test_all_layers_go_into_a_file_though_one_alone_was_kept(tiny, monkeypatch):
    monkeypatch.setattr(photo_attention, "_MOST_BYTES_AT_FIRST", 1e6)
    monkeypatch.setattr(photo_attention, "_STILL", 0)
    view = View("chelsea", "rocket", "tiny", 1, 1, scale=0.01, input=336)
    assert not open_app(**view.to_query()).exception
    photo, choice = PhotoInput(at.sample("chelsea"), ""), view.side("a")
    whole = photo_attention.kept_attention(photo, choice, shared.background_slot)
    assert np.array_equal(whole.maps, tiny.attend(photo.photo, view.model_input).maps)
    assert photo_attention.kept_layers(photo, choice) is None
    wait_for_jobs()


def test_the_atlas_goes_through_the_layers_that_are_kept(configured, tmp_path):
    configured(ATTNTOPO_MODELS=str(write_tiny(tmp_path)), ATTNTOPO_MEMORY_MB="24")
    model = at.load_model(tmp_path / "tiny")
    chosen = ModelInput(336, "photo")
    view = View("chelsea", "rocket", "tiny", 1, 1, input=336, shape="photo")
    app = open_app("atlas", **view.to_query())
    whole = [model.attend(at.sample(name), chosen) for name in (view.a, view.b)]
    page = {(row["layer"], row["head"]): row for row in app.dataframe[0].value.to_dict("records")}
    assert len(page) == 6
    for (layer, head), row in page.items():
        a, b = (at.analyse(one, layer, head, view.distance) for one in whole)
        distance = at.bottleneck_distance(a.diagrams, b.diagrams, dimension=0)
        assert row[QUANTITIES["h0-bottleneck"].label] == pytest.approx(distance, abs=1e-12)
    assert all(len(key[-2]) == 1 for key in kept("attention"))
    assert shared.kept_results().state["results_bytes"] <= 24e6


def test_layers_are_kept_by_as_many_as_fit(configured):
    info = at.ModelInfo("m", 12, 6, (32, 32), ("class token",))  # 25 MB a layer, 303 MB in all
    for megabytes, layers in (
        ("2048", None),
        ("1820", None),
        ("1000", (6, 7, 8, 9, 10, 11)),
        ("310", (10, 11)),
        ("160", (10,)),
        ("10", (10,)),
    ):
        configured(ATTNTOPO_MEMORY_MB=megabytes)
        kept_together = attention_budget.layers_kept(info, 10)
        assert kept_together == layers
        of_both = 2 * info.layer_bytes * len(kept_together or range(12))
        assert of_both <= float(megabytes) * 1e6 / 3 or layers == (10,)
    configured(ATTNTOPO_MEMORY_MB="310")
    assert attention_budget.layers_kept(info, 10, rollout=True) == (10,)


def test_results_of_one_input_are_never_shown_for_another(tiny):
    """Each input's numbers, back and forth, within one process that keeps them all."""
    views = [
        View("chelsea", "rocket", "tiny", 1, 1, scale=0.01, input=side, shape=shape)
        for side, shape in ((None, "square"), (None, "photo"), (336, "square"), (None, "square"))
    ]
    seen = [table(open_app(**view.to_query())) for view in views]
    assert seen == [expected(tiny, view) for view in views]
    assert seen[0] == seen[3]
    assert len({json.dumps(one) for one in seen[:3]}) == 3


def test_the_patch_grid_on_the_page_covers_the_whole_photo(tiny):
    view = View("chelsea", "rocket", "tiny", 1, 1, shape="photo")
    for one in linked(open_app(**view.to_query()))["sides"]:
        assert np.allclose(one["photo"]["box"], (0, 0, 1, 1))
