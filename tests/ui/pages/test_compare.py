import io
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from pillow_heif import HeifImageFile

import attntopo as at
from attntopo.analysis import head as analysis
from attntopo.analysis import number_text
from attntopo.links.photo_names import is_private
from attntopo.links.presets import PRESETS
from attntopo.links.view import View
from attntopo.ui.results import models, panels, steps
from attntopo.ui.runtime import shared
from tests.harness.app import (
    asked,
    component,
    linked,
    open_app,
    query,
    slide,
    table,
    tell,
    tiles,
    warnings,
    widget,
)
from tests.harness.model_folders import DINOV2, TINY, VIT, write_folder
from tests.harness.photo_corpus import encoded, gradient
from tests.harness.reference_tiles import expected_tiles, scales_of


def png(colour: str = "navy", size: tuple[int, int] = (80, 60)) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", size, colour)
    image.paste("gold", (10, 10, 40, 40))
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def test_what_is_folded_up_is_not_drawn_but_for_the_fields_that_drops_go_through():
    """A browser takes a sixth of a page's time for it; a photo can be dropped on a photo always."""
    app = open_app("compare")

    def drawn() -> tuple[int, ...]:
        kinds = ("selectbox", "download_button", "code", "file_uploader")
        return tuple(len(app.get(kind)) for kind in kinds)

    unfolded = drawn()
    for panel in ("photos panel", "options", "take it away"):
        app.session_state[panel] = False
    app.run()
    assert not app.exception
    assert drawn() == (2, 1, 0, 2)
    for panel in ("photos panel", "options", "take it away"):
        app.session_state[panel] = True
    app.run()
    assert drawn() == unfolded == (7, 8, 1, 2)


def test_first_open_shows_the_computed_samples(model):
    app = open_app()
    assert tiles(app) == expected_tiles(model, View())
    assert not app.error
    assert not app.warning


def test_a_cold_deep_link(model):
    app = open_app("compare", layer="9")
    assert tiles(app) == expected_tiles(model, View(layer=9))
    assert query(app) == View(layer=9).to_query()


@pytest.mark.parametrize(
    "view",
    [
        View("coffee", "chelsea", layer=9, head=5, distance="jensen-shannon", scale=0.3),
        View("coins", "coins", layer=4, head=0, scale=0.04, tokens="patches"),
        View("rocket", "moon", layer=11, head=1, scale=0.2, layout="spring", color="photo"),
        View("text", "page", layer=0, head=5, scale=0.0, layout="spring"),
        View("coffee", "camera", layer=5, head="mean", selection="a-token-40"),
        View(
            "coffee",
            "camera",
            layer=11,
            head="rollout",
            scale=0.01,
            selection="pair-h0-bottleneck-3",
        ),
        View("coffee", "ring", layer=9, head=3, model_b="embedded", layer_b=0, head_b=1),
        View("coffee", "coffee", layer=9, head=3, model_b="embedded", layer_b=8, head_b="mean"),
    ],
)
def test_a_link_reproduces_its_view(view, model):
    app = open_app("compare", **view.to_query())
    assert tiles(app) == expected_tiles(model, view)
    assert query(app) == view.to_query()
    assert not app.warning


@pytest.mark.parametrize("preset", PRESETS[:-1], ids=lambda preset: preset.label)
def test_presets_show_what_their_names_say(preset, model):
    app = open_app("compare", **preset.view.to_query())
    assert tiles(app) == expected_tiles(model, preset.view)
    assert linked(app)["seen_here"] == preset.seen
    slide(app, 0.123)
    assert linked(app)["seen_here"] == ""


def test_the_presets_are_links_with_every_value():
    links = component(open_app(), "presets")["presets"]
    assert [parse_qs(link["query"]) for link in links] == [
        {name: [value] for name, value in preset.view.to_query().items()} for preset in PRESETS
    ]


def test_each_step_is_computed_only_when_it_must_be(monkeypatch):
    """Counts the calls through the app: scale, head, layer, distance, photo."""
    st.cache_resource.clear()
    calls: dict[str, int] = {}

    def counted(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def call(*args, **kwargs):
            calls[name] = calls.get(name, 0) + 1
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    counted(at.Model, "attend")
    counted(models, "load_model")
    counted(steps, "distance_layout")
    counted(panels, "compare")
    counted(panels, "find_matching")
    for name in ("row_distances", "persistence_diagrams", "merge_tree"):
        counted(analysis, name)
    each = ("row_distances", "persistence_diagrams", "merge_tree", "distance_layout")
    pair = {"compare": 1, "find_matching": 6}
    expected = {**pair, **dict.fromkeys(each, 2)}

    def after(action) -> dict[str, int]:
        calls.clear()
        action()
        return dict(calls)

    app = open_app()
    assert calls == {"load_model": 1, "attend": 2, **expected}
    assert after(lambda: slide(app, 0.07)) == {}
    assert query(app)["scale"] == "0.070"
    assert after(lambda: widget(app, "layer").set_value(9).run()) == expected
    assert after(lambda: widget(app, "head").set_value(3).run()) == expected
    assert after(lambda: widget(app, "distance").set_value("hellinger").run()) == expected
    assert after(lambda: widget(app, "color").set_value("photo").run()) == {}
    one_photo = {"attend": 1, **pair, **dict.fromkeys(each, 1)}
    assert after(lambda: widget(app, "b").set_value("rocket").run()) == one_photo
    # Back to what was seen before: nothing is computed again.
    assert after(lambda: widget(app, "b").set_value("coffee").run()) == {}
    assert after(lambda: swap(app)) == pair
    assert not app.exception


def swap(app) -> None:
    next(button for button in app.button if button.label == "Swap A and B").click().run()


def test_swap_swaps_photos_and_numbers():
    app = open_app()
    before = tiles(app)
    swap(app)
    assert (query(app)["a"], query(app)["b"]) == ("coffee", "camera")
    first, second = before["Components A | B"].split(" | ")
    assert tiles(app)["Components A | B"] == f"{second} | {first}"
    assert tiles(app)["H0 bottleneck"] == before["H0 bottleneck"]


def test_swap_keeps_what_is_selected(model):
    """Side by side: each side's own; a pair of bars is the same two, by whatever number."""
    link = {"a": "astronaut", "layer": "9", "head": "3", "distance": "double-softmax"}
    link["camera_a"] = "1.00,0.50,2.00"
    head = {name: model.attend(at.sample(name)) for name in ("astronaut", "coffee")}
    first, second = (at.analyse(one, 9, 3).diagrams for one in head.values())
    for before, after in (("a-token-37", "b-token-37"), ("b-h1-4", "a-h1-4")):
        app = open_app("compare", pick=before, **link)
        swap(app)
        assert query(app)["pick"] == linked(app)["pick"] == after
        assert query(app)["camera_b"] == "1.00,0.50,2.00"
    for name in ("h1-bottleneck", "h1-wasserstein-2"):
        order = {"order": 2} if name.endswith("2") else {}
        match = at.wasserstein_matching if order else at.bottleneck_matching
        pairs = match(first, second, int(name[1]), **order).pairs
        other = match(second, first, int(name[1]), **order).pairs[:, ::-1].tolist()
        moved = [number for number, pair in enumerate(pairs.tolist()) if pair in other]
        moved = [number for number in moved if other.index(pairs[number].tolist()) != number]
        app = open_app("compare", pick=f"pair-{name}-{moved[-1]}", **link)
        swap(app)
        assert query(app)["pick"] == f"pair-{name}-{other.index(pairs[moved[-1]].tolist())}"
        assert linked(app)["pick"] == query(app)["pick"]
        assert not app.warning
        swap(app)
        assert query(app)["pick"] == f"pair-{name}-{moved[-1]}"


def test_a_pair_that_a_swap_parts_is_said_to_be(monkeypatch):
    app = open_app("compare", b="coffee", layer="8", head="4", pick="pair-h1-bottleneck-2")
    true = panels.find_matching

    def another(*given):
        matching = true(*given)
        return replace(matching, pairs=matching.pairs[:0])

    monkeypatch.setattr(panels, "find_matching", another)
    swap(app)
    assert "aren't partners in the matching the other way round" in warnings(app)
    assert query(app)["pick"] == "none"


def test_an_upload_is_shown_kept_and_private(model):
    app = open_app("compare", layer="4", head="0")
    app.file_uploader[0].upload("holiday.png", png(), "image/png").run()
    assert not app.exception
    assert is_private(query(app)["a"])
    own = at.decode_photo(png(), "own")
    topology = at.analyse(model.attend(own), 4, 0, "jensen-shannon")
    other = at.analyse(model.attend(at.sample("coffee")), 4, 0, "jensen-shannon")
    expected = at.bottleneck_distance(topology.diagrams, other.diagrams, 0)
    assert tiles(app)["H0 bottleneck"] == f"{expected:.4f}"
    assert "Photo A is private" in asked(app)["question"]
    swap(app)
    assert is_private(query(app)["b"])
    assert query(app)["a"] == "coffee"
    own_name = query(app)["b"]
    widget(app, "b").set_value("coffee").run()
    widget(app, "b").set_value(own_name).run()
    assert tiles(app)["H0 bottleneck"] == f"{expected:.4f}"


def test_a_phones_photo_is_read_and_not_in_this_process(monkeypatch):
    def here(*_):
        raise AssertionError("decoded in the server's own process")

    photo = encoded(gradient(), "HEIF")
    for name in ("load", "frombytes"):
        monkeypatch.setattr(HeifImageFile, name, here)
    app = open_app("compare")
    app.file_uploader[0].upload("IMG_0001.HEIC", photo, "image/heic").run()
    assert not app.error
    assert not app.exception
    assert is_private(query(app)["a"])
    assert shared.photo_decoder().process_id is not None


def test_two_different_uploads_are_not_called_the_same_photo():
    app = open_app("compare", layer="4", head="0")
    app.file_uploader[0].upload("one.png", png(), "image/png").run()
    app.file_uploader[1].upload("two.png", png("darkred"), "image/png").run()
    assert not app.exception
    assert not linked(app)["same"]
    assert tiles(app)["H0 bottleneck"] != "0.0000"
    app.file_uploader[1].upload("again.png", png(), "image/png").run()
    assert linked(app)["same"]
    assert tiles(app)["H0 bottleneck"] == "0.0000"


def test_back_after_a_swap_finds_the_uploaded_photo():
    app = open_app("compare", layer="4", head="0")
    app.file_uploader[0].upload("one.png", png(), "image/png").run()
    before, address = tiles(app), query(app)
    swap(app)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert tiles(app) == before
    assert not app.warning


def test_an_uploaded_photo_can_be_forgotten():
    app = open_app("compare", layer="4")
    app.file_uploader[1].upload("one.png", png(), "image/png").run()
    next(button for button in app.button if button.label == "Forget your photos").click().run()
    assert query(app)["b"] == View.b
    assert "your photo 1" not in widget(app, "b").options
    assert not any(button.label == "Forget your photos" for button in app.button)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("photo.jpg", b"this is no photo", "not a photo"),
        ("photo.png", png()[:-40], "damaged or cut off"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100, "damaged or cut off"),
        ("photo.png", b"", "empty"),
        ("line.png", png(size=(800, 16)), "8 times"),
    ],
)
def test_a_refused_upload_leaves_everything_else_as_it_was(name, data, sentence):
    app = open_app("compare", layer="9", head="3", b="coffee")
    before, address = tiles(app), query(app)
    app.file_uploader[1].upload(name, data, "image/png").run()
    assert not app.exception
    assert len(app.error) == 1
    assert sentence in app.error[0].value
    assert tiles(app) == before
    assert query(app) == address
    widget(app, "b").set_value("rocket").run()
    assert not app.error
    app.file_uploader[1].upload("good.png", png(), "image/png").run()
    assert not app.error
    assert is_private(query(app)["b"])


def test_a_file_may_have_any_name_and_a_refused_one_makes_room_for_the_next():
    app = open_app("compare")
    for name, sentence in (("notes.txt", "not a photo"), ("none.PNG", "empty"), ("a.NPZ", "empty")):
        data = b"" if sentence == "empty" else b"text"
        app.file_uploader[1].upload(name, data, "image/png").run()
        assert [sentence in error.value for error in app.error] == [True]
        assert app.file_uploader[1].value is None
    for name in ("HOLIDAY.PNG", "holiday.jfif", "holiday.JPE", "holiday"):
        app.file_uploader[1].upload(name, png("teal"), "").run()
        assert not app.error
        assert not app.exception
        assert is_private(query(app)["b"])


def test_a_link_to_a_private_photo_says_what_it_cannot_carry():
    app = open_app("compare", **{**View(layer=9).to_query(), "b": "private"})
    assert "private" in warnings(app)
    assert View.b in warnings(app)
    assert query(app) == View(layer=9).to_query()


def test_a_model_without_a_hub_is_refused_in_a_sentence_and_the_last_good_one_stays():
    app = open_app("compare", layer="9")
    before = tiles(app)
    widget(app, "model").set_value("google/vit-base-patch16-224").run()
    assert not app.exception
    assert "hub can't be reached" in warnings(app)
    assert "saliency-tuned" in warnings(app)
    assert tiles(app) == before
    assert widget(app, "model").value == "embedded"
    assert query(app)["model"] == "embedded"


@pytest.fixture
def broken_model(tmp_path, configured):
    """A configured local model whose description can be read and whose weights can't."""
    folder = write_folder(tmp_path / "broken", "ViTModel", VIT, **TINY)
    (folder / "model.safetensors").write_bytes(b"damaged" * 100)
    configured(ATTNTOPO_MODELS=str(folder))
    return "broken"


def test_a_model_that_fails_to_load_gives_back_layer_head_and_scale(broken_model):
    app = open_app("compare", layer="9", head="5", scale="0.061")
    before, address = tiles(app), query(app)
    widget(app, "model").set_value(broken_model).run()
    assert not app.exception
    assert "couldn't be loaded" in warnings(app)
    assert tiles(app) == before
    assert query(app) == address


def test_a_link_to_a_model_that_fails_to_load_shows_another(broken_model):
    app = open_app("compare", model=broken_model, layer="1")
    assert not app.exception
    assert "couldn't be loaded" in warnings(app)
    assert query(app)["model"] == "embedded"
    assert tiles(app)


def words(app) -> str:
    """What is said on the page, and in the linked view where there is one."""
    of_page = " ".join(one.value for one in [*app.markdown, *app.caption])
    return of_page + (component(app, "linked view")["caveats"] if tiles(app) else "")


@pytest.mark.parametrize("page", ["compare", "atlas"])
def test_photos_of_other_grids_are_not_like_for_like(page, tmp_path, configured):
    """An image processor that doesn't crop: rocket and chelsea have other shapes, and so tokens."""
    small = {key: value for key, value in TINY.items() if key != "intermediate_size"}
    processor = DINOV2 | {"do_center_crop": False}
    folder = write_folder(
        tmp_path / "uncropped", "Dinov2Model", processor, **small, patch_size=16, image_size=256
    )
    configured(ATTNTOPO_MODELS=str(folder))
    app = open_app(page, a="rocket", b="chelsea", model="uncropped", layer="1", head="1")
    shown = words(app)
    assert "2 layers of 3 heads, 16 × 23 patches of A and 16 × 24 of B" in shown
    assert "A has 369 tokens and B has 385 (of 16 × 23 and 16 × 24 patches)" in shown
    widget(app, "b").set_value("rocket").run()
    assert not app.exception
    shown = words(app)
    assert "2 layers of 3 heads, 16 × 23 patches." in shown
    assert "Not like for like" not in shown


def test_bad_settings_are_a_sentence_on_the_page(configured):
    configured(ATTNTOPO_UPLOAD_MB="ten")
    app = open_app()
    assert "ATTNTOPO_UPLOAD_MB" in app.error[0].value


def test_the_notebooks_preset_falls_back_with_a_note(model):
    notebook = PRESETS[-1].view
    assert notebook.model != View.model
    app = open_app("compare", **notebook.to_query())
    assert "hub can't be reached" in warnings(app)
    assert tiles(app) == expected_tiles(model, replace(notebook, model=View.model))


def test_a_preset_without_its_model_says_so_and_changes_nothing():
    app = open_app()
    before, numbers = query(app), tiles(app)
    lacking = {one["label"]: one["lacks"] for one in component(app, "presets")["presets"]}
    assert "ViT-Base/16" in lacking.pop("Notebook's settings")
    assert set(lacking.values()) == {""}
    assert component(app, "presets")["refusal"] is None
    refusals = []
    for _ in range(2):
        tell(app, "presets", preset=None)  # as a browser, which says a choice but once
        tell(app, "presets", preset="Notebook's settings")
        refusals.append(component(app, "presets")["refusal"])
        assert "hub can't be reached" in refusals[-1]["reason"]
        assert not app.warning
        assert (query(app), tiles(app)) == (before, numbers)
    assert refusals[0]["number"] != refusals[1]["number"]
    tell(app, "presets", preset="Both eyes of a cat")
    assert query(app) == PRESETS[1].view.to_query()


def test_bad_values_fall_back_with_a_note():
    app = open_app("compare", layer="99", scale="nan", model="<b>x</b>", a="../../etc/passwd")
    assert not app.error
    for name in ("layer", "scale", "model", "`a`"):
        assert name in warnings(app)
    assert "<b>" not in warnings(app)
    assert "etc" not in warnings(app)
    assert query(app) == View().to_query()


def test_every_value_that_was_replaced_is_named():
    bad = {
        "a": "sha256-" + 64 * "0", "layer": "99", "head": "x", "distance": "x", "scale": "9",
        "tokens": "x", "layout": "x", "color": "x", "quantity": "x", "paint": "101", "tab": "x",
        "matching": "x", "heat": "x", "sort": "x", "shown": "x", "camera_a": "x", "camera_b": "x",
    }  # fmt: skip
    app = open_app("compare", **bad)
    (said,) = app.warning
    assert said.value.startswith("- Photo A: This photo isn't published here")
    assert said.value.count("\n- ") == len(bad) - 1
    assert all(f"`{name}`" in said.value for name in bad if name != "a")


def test_controls_keep_their_values_over_a_page_switch():
    app = open_app()
    widget(app, "layer").set_value(9).run()
    slide(app, 0.07)
    expected, address = tiles(app), query(app)
    app.query_params.clear()  # as the menu does
    app.switch_page("pages/method.py").run()
    assert not app.exception
    app.query_params.clear()
    app.switch_page("pages/compare.py").run()
    assert tiles(app) == expected
    assert query(app) == address


def test_the_numbers_are_the_same_in_the_table_and_in_the_library(model):
    view = View(layer=9, head=3)
    topologies = [
        at.analyse(model.attend(at.sample(name)), 9, 3, view.distance) for name in (view.a, view.b)
    ]
    rows = at.numbers(*topologies, scale=scales_of(topologies, view)[0])
    shown = table(open_app("compare", **view.to_query()))
    assert shown == [[number_text(value) for value in row.values()] for row in rows]
    assert all(np.isfinite(float(row[3] or 0)) for row in shown)
