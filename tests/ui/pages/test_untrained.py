"""Untrained twins on the pages: chosen beside the model, said wherever they are shown."""

from dataclasses import replace

import pytest

import attntopo as at
from attntopo.links.view import View
from tests.harness.app import component, linked, open_app, query, script, tiles, widget
from tests.harness.reference_tiles import tiles_of

TWIN = "embedded~untrained"


@pytest.fixture(scope="module")
def twin() -> at.Model:
    return at.load_model(TWIN)


def toggle(app, label: str):
    (found,) = (one for one in app.toggle if one.label == label)
    return found


def captions(app) -> str:
    return " ".join(element.value for element in app.caption)


def test_the_toggle_shows_the_same_heads_without_training(model, twin):
    view = View("camera", "coffee", layer=9, head=3, scale=0.2)
    app = open_app("compare", **view.to_query())
    n_choices = len(widget(app, "model").options)
    assert linked(app)["caveats"] == ""
    toggle(app, "Untrained twin").set_value(True).run()
    photos = (at.sample("camera"), at.sample("coffee"))
    assert tiles(app) == tiles_of([twin.attend(one) for one in photos], view)
    assert query(app) == view.to_query() | {"model": TWIN}
    assert len(widget(app, "model").options) == n_choices
    assert "Nothing here was learnt" in linked(app)["caveats"]
    assert "untrained: drawn as float32 after torch.manual_seed(0)" in captions(app)
    toggle(app, "Untrained twin").set_value(False).run()
    assert tiles(app) == tiles_of([model.attend(one) for one in photos], view)
    assert query(app) == view.to_query()


def test_b_alone_can_be_untrained(model, twin):
    view = View("camera", "camera", layer=9, head=3, scale=0.2)
    app = open_app("compare", **view.to_query())
    toggle(app, "B has its own model, layer and head").set_value(True).run()
    toggle(app, "Untrained twin of B").set_value(True).run()
    photo = at.sample("camera")
    shown = replace(view, model_b=TWIN, layer_b=9, head_b=3)
    assert tiles(app) == tiles_of([model.attend(photo), twin.attend(photo)], shown)
    own = {"model_b": TWIN, "layer_b": "9", "head_b": "3"}
    assert query(app) == view.to_query() | own
    assert "B is shown by an untrained twin" in linked(app)["caveats"]
    assert "what A alone shows may come from it" in linked(app)["caveats"]
    assert [side["name"] for side in linked(app)["sides"]] == [
        "camera, layer 9, head 3",
        "camera, untrained, layer 9, head 3",
    ]
    assert 'at.load_model("embedded~untrained")' in script(app)


def test_the_atlas_says_it_too():
    app = open_app("atlas", **View(model=TWIN).to_query())
    assert "Nothing here was learnt" in " ".join(one.value for one in app.markdown)


def test_attention_that_was_given_has_none():
    app = open_app("compare", **View("ring", "ring", layer=0, head=0).to_query())
    assert not [one for one in app.toggle if one.label.startswith("Untrained twin")]
    assert "it has no untrained twin" in " ".join(one.value for one in app.markdown)


def test_the_presets_mark_a_share_as_well_as_a_scale():
    by_label = {one["label"]: one for one in component(open_app(), "presets")["presets"]}
    assert by_label["Untrained twin"]["share"] == 9000
    assert by_label["Both eyes of a cat"]["share"] is None
