"""Own attention on the Compare page, in the place of one photo or of both."""

import numpy as np
import pytest
import streamlit as st

import attntopo as at
from attntopo.links.photo_names import EXAMPLES, is_private
from attntopo.links.view import View
from attntopo.models import loading as models
from attntopo.ui.results import photo_inputs, steps
from tests.harness.app import (
    asked,
    linked,
    open_app,
    printed,
    query,
    script,
    slide,
    table,
    tiles,
    warnings,
    widget,
)
from tests.harness.reference_tiles import expected_tiles, tiles_of
from tests.harness.synthetic import neighbourly_maps


def own(grid=(5, 7), n_prefix=1, n_layers=2, n_heads=3, seed=0) -> at.Attention:
    maps = neighbourly_maps(grid, n_prefix, n_layers, n_heads, seed)
    return at.Attention.from_arrays(maps, grid, n_prefix)


def upload(app, side: str, attention: at.Attention | bytes, name: str = "attention.npz"):
    data = attention if isinstance(attention, bytes) else at.save_attention(attention)
    app.file_uploader["ab".index(side)].upload(name, data, "application/octet-stream").run()
    assert not app.exception
    return app


def press(app, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def text(app) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption])


def held(app) -> View:
    return app.session_state["view"]


def test_a_samples_attention_gives_the_samples_very_own_tiles(model, astronaut):
    view = View("astronaut", "coffee", layer=9, head=3)
    app = open_app("compare", **view.to_query())
    before = tiles(app)
    upload(app, "a", astronaut)
    assert is_private(query(app)["a"])
    assert tiles(app) == before == expected_tiles(model, view)
    assert not app.warning
    assert linked(app)["caveats"] == ""
    assert asked(app)["question"] == (
        "What A shows is attention of your own, which no link can carry: the link opens with a "
        "sample in its place."
    )
    assert asked(app)["publish"] == []
    assert "A shows your own attention: 12 layers of 6 heads, 16 × 16 patches" in text(app)


def test_one_side_with_other_shapes(model, astronaut):
    attention = own()
    view = View("astronaut", layer=9, head=5, distance="hellinger")
    app = upload(open_app("compare", **view.to_query()), "b", attention)
    assert (query(app)["layer"], query(app)["head"]) == ("1", "2")
    assert "no layer 9: its last, 1, is shown" in warnings(app)
    assert widget(app, "layer").max == 1
    assert widget(app, "head").options == ["0", "1", "2", "mean", "rollout"]
    assert tiles(app) == tiles_of([astronaut, attention], held(app))
    assert "A has 257 tokens and B has 36" in linked(app)["caveats"]
    assert "B shows your own attention: 2 layers of 3 heads, 5 × 7 patches" in text(app)
    assert "12 layers of 6 heads" in text(app)
    own_name = query(app)["b"]
    # As soon as a sample is back, so are all layers.
    widget(app, "b").set_value("coffee").run()
    assert widget(app, "layer").max == 11
    assert linked(app)["caveats"] == ""
    widget(app, "b").set_value(own_name).run()
    assert tiles(app) == tiles_of([astronaut, attention], held(app))


def test_both_sides_need_no_model(monkeypatch):
    st.cache_resource.clear()
    first, second = own(), own((4, 4), n_prefix=3, n_layers=4, n_heads=2, seed=1)
    app = upload(open_app("compare"), "a", first)
    st.cache_resource.clear()  # as if the server had just started

    def refuse(*arguments, **options):
        raise AssertionError("a model was asked for")

    for name in ("load_model", "describe_model"):
        monkeypatch.setattr(models, name, refuse)
    upload(app, "b", second)
    assert tiles(app) == tiles_of([first, second], held(app))
    assert widget(app, "layer").max == 1
    assert widget(app, "head").options == ["0", "1", "mean", "rollout"]
    # The scale goes on to where the side with fewer tokens ends.
    assert linked(app)["largest"] == 100_000 * at.DISTANCES[View.distance].largest_scale(19)
    # No model is named where none is run.
    assert "Model: none is run, as the attention shown was given" in text(app)
    assert not [one for one in app.selectbox if one.label == "Model"]
    assert "saliency-tuned" not in text(app)
    for name, value in (("layer", 0), ("head", 1), ("scale", 0.1), ("tokens", "patches")):
        slide(app, 0.1) if name == "scale" else widget(app, name).set_value(value).run()
        assert not app.exception
        assert tiles(app) == tiles_of([first, second], held(app))
    address = query(app)
    chosen = ("0", "1", "0.100", "patches")
    assert tuple(address[name] for name in ("layer", "head", "scale", "tokens")) == chosen
    before = tiles(app)
    press(app, "Swap A and B")
    assert tiles(app) == tiles_of([second, first], held(app))
    press(app, "Swap A and B")
    assert query(app) == address
    assert tiles(app) == before
    for layout in ("spring", "distances"):
        widget(app, "layout").set_value(layout).run()
        assert not app.exception


def test_layers_beyond_the_models_can_be_linked_to_within_the_session():
    deep = own((3, 3), n_layers=15, n_heads=9)
    app = upload(upload(open_app("compare"), "a", deep), "b", deep)
    assert linked(app)["same"]
    widget(app, "layer").set_value(14).run()
    address = query(app)
    widget(app, "layer").set_value(2).run()
    for name, value in address.items():  # Back
        app.query_params[name] = value
    app.run()
    assert query(app) == address
    assert held(app).layer == 14
    assert not app.warning
    # A damaged link says the same.
    app.query_params["a"] = address["a"].title() + ")."
    app.query_params["b"] = address["b"] + "**"
    app.run()
    assert query(app) == address
    assert not app.warning
    # With a sample on a side the model's own bound is back, and is said.
    widget(app, "a").set_value("coins").run()
    assert held(app).layer == 11
    assert "no layer 14" in warnings(app)


def test_attention_of_one_layer_one_head_and_two_patches():
    smallest = at.Attention.from_arrays([[0.9, 0.1], [0.3, 0.7]], (1, 2), 0)
    app = upload(upload(open_app("compare"), "a", smallest), "b", own((1, 9), 5, 1, 1))
    assert "Layer: 0, the only one" in text(app)
    for name, values in {"tokens": ("patches", "all"), "layout": ("spring",)}.items():
        for value in values:
            widget(app, name).set_value(value).run()
            assert not app.exception
    slide(app, linked(app)["range"]["last"] / 100_000)
    assert not app.exception
    assert tiles(app)["Components A | B"] == "1 | 1"


ROWS = {  # grid, and the picture's size where one is given
    "a row": ((1, 144), None),
    "the longest row": ((1, 1099), None),
    "two rows": ((2, 300), None),
    "a column": ((300, 1), None),
    "a picture like a line": ((2, 2), (2, 2048)),
    "a picture like a mast": ((2, 2), (2048, 2)),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_tokens_is_shown_as_any_grid_is(name, model):
    grid, size = ROWS[name]
    picture = None if size is None else np.full((*size, 3), 90, dtype=np.uint8)
    maps = neighbourly_maps(grid, 1, 1, 2, 0)
    attention = at.Attention.from_arrays(maps, grid, 1, picture)
    app = upload(open_app("compare"), "a", attention)
    assert not app.error
    assert f"{grid[0]} × {grid[1]} patches" in text(app)
    shown = tiles_of([attention, model.attend(at.sample(View.b))], held(app))
    app.run()  # the page stays as it is, for as long as it is looked at
    assert not app.exception
    assert tiles(app) == shown
    rows, columns = linked(app)["sides"][0]["grid"]
    assert 1 / 8.01 < columns / (rows * linked(app)["sides"][0]["stretch"]) < 8.01


def test_own_attention_is_forgotten_as_a_photo_is(model):
    app = upload(upload(open_app("compare"), "a", own()), "b", own(seed=1))
    press(app, "Forget your photos")
    assert (query(app)["a"], query(app)["b"]) == (View.a, View.b)
    assert len(widget(app, "a").options) == len(EXAMPLES)
    assert not app.session_state["photos"]
    assert tiles(app) == expected_tiles(model, held(app))


def test_a_model_that_is_not_to_be_had_is_missed_only_where_it_is_needed(model):
    first, second = own(), own(seed=1)
    app = upload(upload(open_app("compare"), "a", first), "b", second)
    hub_model = "google/vit-base-patch16-224"
    # As a link says it: where no model is run there is none to choose.
    app.query_params["model"] = hub_model
    app.run()
    assert not app.warning
    assert query(app)["model"] == hub_model
    before = tiles(app)
    widget(app, "a").set_value("coins").run()
    assert "hub can't be reached" in warnings(app)
    assert tiles(app) == before
    assert is_private(query(app)["a"])
    press(app, "Forget your photos")
    assert "hub can't be reached" in warnings(app)
    assert (query(app)["a"], query(app)["model"]) == (View.a, "embedded")
    assert tiles(app) == expected_tiles(model, held(app))


def test_a_link_to_own_attention_carries_none_of_it(model):
    app = upload(open_app("compare"), "a", own())
    assert is_private(query(app)["a"])
    assert own().sha256[:8] not in " ".join([text(app), *query(app).values()])
    other = open_app("compare", **query(app))
    assert "private" in warnings(other)
    assert tiles(other) == expected_tiles(model, held(other))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (at.save_attention(own())[:-50], "damaged or cut off"),
        (b"no npz at all", "not a file of attention"),
        (b"", "empty"),
        (at.save_attention(own()).replace(b"grid", b"girl"), "holds the arrays"),
    ],
)
def test_a_broken_file_is_a_sentence_and_the_view_stays(data, sentence):
    app = open_app("compare", layer="9", head="3", b="coffee")
    before, address = tiles(app), query(app)
    upload(app, "a", data)
    assert sentence in app.error[0].value
    assert (tiles(app), query(app)) == (before, address)
    upload(app, "a", own())
    assert not app.error
    assert is_private(query(app)["a"])


def test_each_kind_of_file_has_its_own_limit(configured):
    configured(ATTNTOPO_ATTENTION_MB="0.03", ATTNTOPO_UPLOAD_MB="0.5")
    noise = np.random.default_rng(0).bytes(600_000)
    app = upload(open_app("compare"), "a", own())
    assert "more than the 0.03 MB" in app.error[0].value
    upload(app, "b", noise, "photo.jpg")
    assert "more than the 0.5 MB" in app.error[1].value


def test_the_script_asks_for_ones_own_attention(tmp_path, monkeypatch, capsys):
    first, second = own(), own((4, 4), n_prefix=3, seed=1)
    app = upload(upload(open_app("compare"), "a", first), "b", second)
    code = script(app)
    assert "load_model" not in code
    monkeypatch.chdir(tmp_path)
    for letter, attention in (("a", first), ("b", second)):
        (tmp_path / f"attention-{letter}.npz").write_bytes(at.save_attention(attention))
    exec(code, {})
    assert printed(capsys.readouterr().out) == table(app)


def test_another_model_computes_nothing_anew_for_own_attention(monkeypatch):
    side = photo_inputs.PhotoInput(at.sample("coins"), "", own())
    keys = [(model, 0, 0, "double-softmax", "all") for model in ("one@1", "other@2")]
    assert len({steps.depends_on(key, side) for key in keys}) == 1
    photo = photo_inputs.PhotoInput(at.sample("coins"), "")
    assert len({steps.depends_on(key, photo) for key in keys}) == 2


def test_the_same_maps_with_another_picture_or_patch_size_are_another_upload():
    maps = own().maps
    pictures = [np.full((50, 70, 3), grey, dtype=np.uint8) for grey in (0, 255)]
    given = [at.Attention.from_arrays(maps, (5, 7), 1, pixels) for pixels in pictures]
    given.append(at.Attention.from_arrays(maps, (5, 7), 1, pictures[0], 9))
    inputs = [
        photo_inputs.PhotoInput(at.Photo(one.input_pixels, "mine"), "owner", one) for one in given
    ]
    assert len({one.content for one in inputs}) == 3
    again = at.load_attention(at.save_attention(given[0]))
    twin = photo_inputs.PhotoInput(at.Photo(again.input_pixels, "mine"), "owner", again)
    assert twin.content == inputs[0].content
