"""The Atlas page with Streamlit's AppTest."""

from dataclasses import replace

import streamlit as st

import attntopo as at
from attntopo.analysis import QUANTITIES, heads_of, summarise_head
from attntopo.links.view import View, is_private
from attntopo.ui.results import all_heads
from tests.harness.app import open_app, query, widget
from tests.harness.model_folders import write_tiny
from tests.harness.reference_tiles import scales_of

VIEW = View("astronaut", "coffee", quantity="h1-bottleneck")


def table(app) -> dict[tuple[int, int], dict]:
    frame = app.dataframe[0].value
    return {(row["layer"], row["head"]): row for row in frame.to_dict("records")}


def expected(model: at.Model, view: View) -> dict[tuple[int, int], float]:
    attended = [model.attend(at.sample(name)) for name in (view.a, view.b)]
    quantity = QUANTITIES[view.quantity]
    return {
        head: quantity.between(
            *(summarise_head(one, *head, view.distance, view.tokens) for one in attended)
        )
        for head in heads_of(*attended)
    }


def test_the_atlas_shows_every_head(model):
    app = open_app("atlas", **VIEW.to_query())
    numbers = expected(model, VIEW)
    shown = table(app)
    label = QUANTITIES[VIEW.quantity].label
    assert {head: row[label] for head, row in shown.items()} == numbers
    assert len(shown) == 72
    assert list(app.dataframe[0].value)[2] == label
    least, most = (choose(numbers, key=numbers.get) for choose in (min, max))
    (sentence,) = (text.value for text in app.markdown if "most alike" in text.value)
    assert f"most alike in layer {least[0]}, head {least[1]}** ({numbers[least]:.4f})" in sentence
    assert f"least alike in layer {most[0]}, head {most[1]}** ({numbers[most]:.4f})" in sentence
    assert query(app) == VIEW.to_query()


def test_the_choice_of_a_quantity_is_in_the_link_and_in_front(model):
    app = open_app("atlas", **VIEW.to_query())
    widget(app, "quantity").select("components").run()
    assert query(app)["quantity"] == "components"
    columns = list(app.dataframe[0].value)
    label = QUANTITIES["components"].label
    assert columns[:5] == ["layer", "head", f"{label}, A", f"{label}, B", f"{label}, B minus A"]
    row = table(app)[4, 1]
    topology = at.analyse(model.attend(at.sample("coffee")), 4, 1)
    chosen = [at.analyse(model.attend(at.sample(name)), 1, 2) for name in (VIEW.a, VIEW.b)]
    scale = scales_of(chosen, VIEW)[1]
    skeleton = at.skeleton_at(topology.distances, topology.tree, scale)
    assert row[f"{label}, B"] == skeleton.n_components
    assert row[f"{label}, B minus A"] == row[f"{label}, B"] - row[f"{label}, A"]


def test_what_is_known_is_not_computed_again(monkeypatch, configured, tmp_path):
    folder = write_tiny(tmp_path)
    configured(ATTNTOPO_MODELS=str(folder))
    calls = []
    original = all_heads.summarise_head

    def counted(*args, **kwargs):
        calls.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(all_heads, "summarise_head", counted)
    app = open_app("atlas", **replace(VIEW, model="tiny").to_query())
    assert len(calls) == 12  # 2 layers of 3 heads, two photos
    widget(app, "scale").set_value(0.06).run()
    widget(app, "quantity").select("loops").run()
    assert len(calls) == 12
    widget(app, "b").select("camera").run()
    assert len(calls) == 18


def test_the_same_photo_twice_is_said():
    app = open_app("atlas", **View("coffee", "coffee").to_query())
    assert any("every distance between them is 0" in text.value for text in app.markdown)
    assert all(row["H0 bottleneck distance"] == 0 for row in table(app).values())


def test_own_attention_has_an_atlas_of_the_heads_that_both_have(astronaut):
    own = at.Attention.from_arrays(astronaut.maps[:2, :3], astronaut.grid, astronaut.n_prefix)
    app = open_app("atlas", **View("astronaut", "coffee", layer=0, head=0).to_query())
    data = at.save_attention(own)
    app.file_uploader[1].upload("own.npz", data, "application/octet-stream").run()
    assert not app.exception
    assert is_private(query(app)["b"])
    shown = table(app)
    assert set(shown) == {(layer, head) for layer in (0, 1) for head in (0, 1, 2)}
    # It is astronaut's own attention, so every distance is 0.
    assert all(row["H0 bottleneck distance"] == 0 for row in shown.values())


def test_the_sidebar_says_what_the_link_says_where_the_photos_have_other_heads():
    view = View("astronaut", "ring", layer=9, head=5, model_b="embedded", layer_b=0, head_b=1)
    app = open_app("atlas", **view.to_query())
    assert query(app) == view.to_query()
    assert (widget(app, "layer").value, widget(app, "head").value) == (9, 5)
    assert "None is outlined" in " ".join(text.value for text in app.markdown)
    assert set(table(app)) == {(0, 0), (0, 1)}
    app = open_app("atlas", **VIEW.to_query())
    assert "The outlined cell is the layer and head" in " ".join(t.value for t in app.markdown)


def test_what_would_take_too_long_is_a_sentence(monkeypatch):
    from attntopo.topology import rips_bars

    st.cache_resource.clear()
    monkeypatch.setattr(rips_bars, "MOST_OPERATIONS", 1e4)
    for page in ("atlas", "compare"):
        app = open_app(page, **VIEW.to_query())
        (error,) = app.error
        assert "Persistence of 257 points" in error.value
        assert "Use fewer tokens" in error.value
