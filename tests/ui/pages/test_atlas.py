"""The Atlas page with Streamlit's AppTest."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import streamlit as st

import attntopo as at
from attntopo.analysis import QUANTITIES, heads_of, summarise_head
from attntopo.distances import SCALE_STEPS
from attntopo.links.options import scale_text
from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from attntopo.ui import atlas_view
from attntopo.ui.results import all_heads
from tests.harness import app as harness_app
from tests.harness.app import component, open_app, query, widget
from tests.harness.model_folders import write_tiny
from tests.harness.reference_tiles import scales_of

VIEW = View("astronaut", "coffee", layer=10, head=0, quantity="h1-bottleneck")


def table(app) -> dict[tuple[int, int], dict]:
    frame = app.dataframe[0].value
    return {(row["layer"], row["head"]): row for row in frame.to_dict("records")}


def extremes(app) -> dict[str, tuple[int, int]]:
    """The heads where both photos are nearest and farthest apart, by what is said of them."""
    said = {}
    for link in app.get("page_link"):
        query = dict(parse_qsl(link.proto.query_string))
        if link.proto.label.startswith("**"):
            said[link.proto.label] = int(query["layer"]), int(query["head"])
    return said


def pictures(app) -> dict[str, Any]:
    """The data of the pictures that has the most heads."""
    components = (json.loads(one.proto.json) for one in app.get("bidi_component"))
    sent = [json.loads(one["pictures"]) for one in components if "pictures" in one]
    return max(sent, key=lambda data: len(data["cells"]))


def of_chosen_head(model: at.Model) -> list[at.HeadTopology]:
    """What the view's own head makes of both photos."""
    return [
        at.analyse(model.attend(at.sample(name)), VIEW.layer, VIEW.head, VIEW.distance)
        for name in (VIEW.a, VIEW.b)
    ]


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
    assert extremes(app) == {
        f"**nearest** in layer {least[0]}, head {least[1]} ({numbers[least]:.4f})": least,
        f"**farthest apart** in layer {most[0]}, head {most[1]} ({numbers[most]:.4f})": most,
    }
    assert query(app) == VIEW.to_query()


def test_the_choice_of_a_quantity_is_in_the_link_and_in_front(model):
    app = open_app("atlas", **VIEW.to_query())
    widget(app, "quantity").select("components").run()
    assert query(app)["quantity"] == "components"
    columns = list(app.dataframe[0].value)
    label = QUANTITIES["components"].label
    assert columns[:5] == ["layer", "head", f"{label}, A", f"{label}, B", f"{label}, B minus A"]
    row = table(app)[4, 1]
    topology = at.analyse(model.attend(at.sample(VIEW.b)), 4, 1, VIEW.distance)
    scale = scales_of(of_chosen_head(model), VIEW)[1]
    skeleton = at.skeleton_at(topology.distances, topology.tree, scale)
    assert row[f"{label}, B"] == skeleton.n_components
    assert row[f"{label}, B minus A"] == row[f"{label}, B"] - row[f"{label}, A"]
    # The sentence speaks of this quantity too.
    apart = {head: abs(row[f"{label}, B minus A"]) for head, row in table(app).items()}
    least, most = extremes(app).values()
    assert apart[least] == min(apart.values())
    assert apart[most] == max(apart.values())
    row = table(app)[most]
    numbers = f"(A {row[f'{label}, A']:.4g}, B {row[f'{label}, B']:.4g})"
    assert [*extremes(app)][1].endswith(numbers)


def has_scale(app) -> bool:
    return any((one.key or "").startswith("scale_") for one in app.slider)


def test_the_scale_is_there_where_something_depends_on_it():
    app = open_app("atlas", **VIEW.to_query())
    assert not has_scale(app)
    widget(app, "quantity").select("loops").run()
    assert has_scale(app)
    widget(app, "quantity").select("h0-longest").run()
    assert not has_scale(app)
    widget(app, "pictures").set_value("one").run()
    assert has_scale(app)
    assert query(app)["pictures"] == "one"
    widget(app, "quantity").select("loops").run()
    assert query(app)["scale"] == "objects"  # nobody has chosen one, but there is one
    (said,) = (one.value for one in app.markdown if "at the chosen scale" in one.value)
    assert f"That is {scale_text(widget(app, 'scale').value)}: see above." in said


def test_every_head_is_painted_at_its_own_scale_or_all_at_one(model):
    view = replace(VIEW, distance="jensen-shannon", scale=0.2)
    app = open_app("atlas", **view.to_query())
    cells = pictures(app)["cells"]
    assert len(cells) == 12 * 7
    attended = [model.attend(at.sample(name)) for name in (view.a, view.b)]
    for head in ((3, 4), (8, "mean")):
        cell = cells[f"{head[0]},{head[1]}"]
        both = [at.analyse(one, *head, view.distance) for one in attended]
        deaths = np.sort(np.concatenate([one.tree.lengths for one in both]))
        nine_of_ten = deaths[-(-9 * len(deaths) // 10) - 1]
        (scale,) = map(float, set(cell["scales"]))
        assert 0 <= scale - nine_of_ten < 1 / SCALE_STEPS
        for one, (_, single) in zip(both, cell["counts"], strict=True):
            skeleton = at.skeleton_at(one.distances, one.tree, scale)
            assert single == skeleton.n_single
    widget(app, "pictures").set_value("one").run()
    cells = pictures(app)["cells"]
    # The means of heads too: the slider says no other scale than what one sees.
    assert [one["scales"] for one in cells.values()] == [[view.to_query()["scale"]] * 2] * 12 * 7


def test_a_picture_opens_its_head_at_its_scale_and_nothing_else_opens():
    app = open_app("atlas", **VIEW.to_query())
    for hostile in ((99, 99), (0, "rollout"), (3, 6), "3,4", None):
        app.session_state["atlas chosen"] = hostile
        app.run()
        assert not app.exception
        assert query(app) == VIEW.to_query()
    scale = pictures(app)["cells"]["3,mean"]["scales"][0]
    app.session_state["atlas chosen"] = 3, "mean"
    app.run()
    assert query(app) == VIEW.to_query() | {"layer": "3", "head": "mean"}
    (shown,) = (row[1:3] for row in harness_app.table(app) if row[0] == "scale")
    assert shown == [f"{float(scale):.4f}"] * 2


def links(app) -> dict[str, dict[str, str]]:
    """By picture the query that its link has."""
    data = pictures(app)
    both = {key: data["link"] | cell["link"] for key, cell in data["cells"].items()}
    return {
        key: {name: value for name, value in query.items() if value is not None}
        for key, query in both.items()
    }


def test_a_pictures_link_says_what_a_click_on_it_does():
    view = replace(VIEW, scale=0.2, pictures="one", selection="a-h1-0")
    app = open_app("atlas", **view.to_query())
    here, other, mean = (links(app)[key] for key in (f"{view.layer},{view.head}", "3,4", "3,mean"))
    assert here == view.to_query()
    moved = {"layer": "3", "pick": "none"}
    assert other == view.to_query() | moved | {"head": "4"}
    assert mean == view.to_query() | moved | {"head": "mean"}
    app.session_state["atlas chosen"] = 3, 4
    app.run()
    assert query(app) == other
    # A bar of B's own head means nothing where B is looked at as A is.
    apart = replace(view, model_b=view.model, layer_b=2, head_b=1, selection="b-h1-0")
    app = open_app("atlas", **apart.to_query())
    assert links(app)[f"{view.layer},{view.head}"] == view.to_query() | {"pick": "none"}


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("3,4", (3, 4)),
        ("11,mean", (11, "mean")),
        *((said, None) for said in ("", "3,", "-1,2", "3,4 ", "3,rollout", "٣,4", 5, ["3,4"], {})),
        ("99999,1", None),
    ],
)
def test_what_the_browser_says_of_a_picture_is_read_or_dropped(monkeypatch, said, chosen):
    monkeypatch.setattr(st, "session_state", {"atlas pictures": {"open": said}})
    atlas_view._take()
    assert atlas_view.take_chosen() == chosen
    assert atlas_view.take_chosen() is None


def test_at_a_share_of_merges_each_photo_is_counted_at_its_own_scale(model):
    view = replace(VIEW, quantity="components", share=62.5)
    app = open_app("atlas", **view.to_query())
    chosen = of_chosen_head(model)
    scales = scales_of(chosen, view)
    (said,) = (one.value for one in app.markdown if "is at the scale" in one.value)
    assert "A is at the scale {}, B at {}.".format(*map(scale_text, scales)) in said
    row = table(app)[VIEW.layer, VIEW.head]
    for letter, one, scale in zip("AB", chosen, scales, strict=True):
        skeleton = at.skeleton_at(one.distances, one.tree, scale)
        assert row[f"{QUANTITIES['components'].label}, {letter}"] == skeleton.n_components
    # Painted with every head at a scale of its own, links have no share; else they keep it.
    assert {query.get("share") for query in links(app).values()} == {None}
    widget(app, "pictures").set_value("one").run()
    cells = pictures(app)["cells"]
    both = [scale_text(scale) for scale in scales]
    assert [one["scales"] for one in cells.values()] == [both] * 12 * 7
    (said,) = (one.value for one in app.markdown if "at the chosen scale" in one.value)
    assert "That is {} in A, {} in B: see above.".format(*map(scale_text, scales)) in said
    assert {query.get("share") for query in links(app).values()} == {"62.5"}
    widget(app, "share").set_value(70.0).run()
    assert query(app)["share"] == "70.0"


def test_what_is_known_is_not_computed_again(monkeypatch, configured, tmp_path):
    folder = write_tiny(tmp_path)
    configured(ATTNTOPO_MODELS=str(folder))
    calls = []
    original = all_heads.summarise_head

    def counted(*args, **kwargs):
        calls.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(all_heads, "summarise_head", counted)
    app = open_app("atlas", **replace(VIEW, model="tiny", pictures="one").to_query())
    assert len(calls) == 12  # 2 layers of 3 heads, two photos
    widget(app, "scale").set_value(0.06).run()
    widget(app, "quantity").select("loops").run()
    assert len(calls) == 12
    widget(app, "b").select("camera").run()
    assert len(calls) == 18


def test_compare_colours_its_heads_by_what_is_the_same_at_any_scale():
    for quantity in ("h1-bottleneck", "h0-longest", "components"):
        view = replace(VIEW, quantity=quantity, scale=0.2)
        rows = table(open_app("atlas", **view.to_query()))
        of_scale = QUANTITIES[quantity].of_scale
        label = QUANTITIES[quantity].label + (", A" if QUANTITIES[quantity].of_one else "")
        # Whatever scale is looked at there, or none.
        for scale, share in ((0.3, None), (None, 50.0), (None, None)):
            there = open_app("compare", **replace(view, scale=scale, share=share).to_query())
            grid = component(there, "head grid")
            values = {
                (int(layer), int(head)): value
                for layer, of_layer in grid["values"].items()
                for head, value in of_layer.items()
            }
            assert values == ({} if of_scale else {key: row[label] for key, row in rows.items()})
            assert (grid["note"] == "Click a cell.") == of_scale


def test_each_page_says_in_its_first_row_what_can_be_done_there():
    def said(page: str) -> str:
        return " ".join(one.value for one in open_app(page, **VIEW.to_query()).markdown)

    compare, atlas = said("compare"), said("atlas")
    assert "between patches that attend alike. Slide." in compare
    assert "A picture is a head" not in compare
    assert "A picture is a head" in atlas
    assert "Slide." not in atlas


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
    from attntopo.topology import edge_links

    st.cache_resource.clear()
    monkeypatch.setattr(edge_links, "MOST_OPERATIONS", 1e4)
    for page in ("atlas", "compare"):
        app = open_app(page, **VIEW.to_query())
        (error,) = app.error
        assert "Persistence of 257 points" in error.value
        assert "Use fewer tokens" in error.value
