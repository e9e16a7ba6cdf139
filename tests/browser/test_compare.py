"""The app in a real Chromium: uploads, sliders, links, reload, the console."""

import csv
import re
from dataclasses import replace
from html import escape

import numpy as np
import pytest

import attntopo as at
from attntopo.links.options import scale_text
from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from tests.harness.browser import Visitor
from tests.harness.photos import jpeg
from tests.harness.reference_tiles import expected_tiles, tiles_of
from tests.harness.synthetic import neighbourly_maps

HEADS = [*map(str, range(6)), "mean", "rollout"]


def controls(visitor: Visitor) -> dict[str, str]:
    """What the controls themselves show, in the words of the link."""
    page = visitor.page
    shown = {
        "layer": page.get_by_role("slider", name="Layer").input_value(),
        "head": HEADS[int(page.get_by_role("slider", name="Attention head").input_value())],
        "scale": scale_text(int(page.get_by_role("slider", name="Scale").input_value()) / 100_000),
        "typed": page.get_by_label("Typed scale").input_value(),
    }
    for side, name in enumerate("ab"):
        shown[name] = page.locator(".photo-choice").nth(side).input_value()
    return shown


def assert_the_controls_say_what_the_link_says(visitor: Visitor) -> None:
    link = visitor.query()
    expected = {name: link[name] for name in ("layer", "head", "scale", "a", "b")}
    shown = controls(visitor)
    objects = visitor.page.locator(".go [data-go=objects]").get_attribute("aria-pressed")
    assert objects == str(link["scale"] == "objects").lower()
    if link["scale"] == "objects":
        expected["scale"] = shown["typed"]
    assert shown == {**expected, "typed": expected["scale"]}


def jpeg_file(path, seed: int, size: tuple[int, int]):
    """Write a photo-like JPEG."""
    path.write_bytes(jpeg(seed, size))
    return path


def press(visitor: Visitor, label: str, key: str, times: int) -> None:
    for _ in range(times):
        visitor.page.get_by_role("slider", name=label).press(key)
        visitor.settle()


def assert_each_refusal_is_seen_alone(visitor: Visitor, folder) -> None:
    """Give files that aren't taken: by the server, then by the browser (too large), then again."""
    page, names = visitor.page, ("page.pdf", "LARGE.JPG", "cut.png")
    (folder / names[0]).write_bytes(b"%PDF-1.7")
    with (folder / names[1]).open("wb") as file:
        file.truncate(70_000_000)
    (folder / names[2]).write_bytes(b"\x89PNG\r\n\x1a\n")
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Photos", exact=True).click()
    for name, reason in zip(names, ("not a photo", "64.0MB or smaller", "damaged"), strict=True):
        page.locator("input[type=file]").first.set_input_files(folder / name)
        sidebar.get_by_text(reason).wait_for()
        visitor.settle()
        for other in ("not a photo", "64.0MB or smaller", "damaged"):
            seen = sidebar.get_by_text(other)
            assert (seen.count() and seen.is_visible()) == (other == reason)
        shown = sidebar.get_by_text(reason).bounding_box()
        assert shown["height"] > 10  # not in a tooltip that is a pixel high until it is hovered
    assert not page.get_by_text("per file").first.is_visible()
    field = page.locator("[class*=st-key-upload-a]")
    said = field.evaluate("one => getComputedStyle(one, '::after').content")
    assert said == '"Photo up to 10 MB, NPZ up to 64 MB"'


def test_two_uploads_every_slider_reload_and_a_second_visitor(
    address, browser, visitor, model, tmp_path
):
    paths = [
        jpeg_file(tmp_path / name, k, size)
        for k, (name, size) in enumerate([("0.JFIF", (640, 480)), ("1.jpe", (300, 500))])
    ]
    photos = [at.decode_photo(path.read_bytes(), path.name) for path in paths]
    page = visitor.page
    visitor.open(f"{address}/")
    assert visitor.tiles() == expected_tiles(model, View())

    assert_each_refusal_is_seen_alone(visitor, tmp_path)
    for k in (0, 1):
        page.locator("input[type=file]").nth(k).set_input_files(paths[k])
        page.wait_for_function(f"() => location.search.includes('&{'ab'[k]}=private')")
        visitor.settle()
    assert all(is_private(visitor.query()[side]) for side in "ab")
    assert visitor.tiles() == expected_tiles(model, View(), photos)

    press(visitor, "Layer", "ArrowRight", 1)
    press(visitor, "Attention head", "ArrowLeft", 1)
    press(visitor, "Scale", "ArrowRight", 2)
    scale = float(visitor.query()["scale"])
    assert scale == round(scale, 3) > 0
    moved = View(layer=9, head=5, scale=scale)
    assert {k: v for k, v in visitor.query().items() if k not in "ab"} == {
        k: v for k, v in moved.to_query().items() if k not in "ab"
    }
    assert visitor.tiles() == expected_tiles(model, moved, photos)

    # Another visitor with the same link gets the samples, and is told so.
    other = Visitor(browser)
    other.open(page.url)
    assert other.tiles() == expected_tiles(model, moved)
    assert other.page.get_by_text("was uploaded and is private").count() == 2
    other.close()


def test_a_reload_and_a_second_context_show_the_same(address, browser, visitor, model):
    visitor.open(
        f"{address}/compare?v=2&a=astronaut&layer=9&head=3&distance=double-softmax&scale=0.050"
    )
    press(visitor, "Scale", "ArrowRight", 1)
    view = View("astronaut", layer=9, head=3, distance="double-softmax", scale=0.051)
    expected = expected_tiles(model, view)
    assert visitor.query() == view.to_query()
    assert visitor.tiles() == expected
    visitor.page.reload()
    visitor.settle()
    assert visitor.query() == view.to_query()
    assert visitor.tiles() == expected
    other = Visitor(browser)
    other.open(visitor.page.url)
    assert other.tiles() == expected
    other.close()


def test_the_view_survives_the_menu_presets_and_back(address, visitor):
    page = visitor.page
    visitor.open(f"{address}/")
    assert_the_controls_say_what_the_link_says(visitor)
    # The first changes nearly every value, the second some: each control must follow.
    for preset, seen in (
        ("A loop round the saucer", "tokens in a ring, each near the next"),
        ("Both eyes of a cat", "both eyes are one component"),
    ):
        page.get_by_role("link", name=preset).click()
        page.get_by_text(seen).first.wait_for()
        visitor.settle()
        assert_the_controls_say_what_the_link_says(visitor)
    page.go_back()
    page.wait_for_function("() => location.search.includes('pick=a-h1-44')")
    visitor.settle()
    assert_the_controls_say_what_the_link_says(visitor)
    before = visitor.tiles()
    page.locator(".st-key-nav").get_by_text("Method").click()
    page.get_by_text("from photo to persistence diagram").wait_for()
    page.wait_for_function("() => location.search.includes('layer=9&')")
    page.reload()
    page.get_by_text("from photo to persistence diagram").wait_for()
    page.locator(".st-key-nav").get_by_text("Compare").click()
    visitor.settle()
    assert visitor.tiles() == before
    assert_the_controls_say_what_the_link_says(visitor)
    press(visitor, "Scale", "ArrowRight", 1)
    assert visitor.query()["scale"] == "0.301"
    page.go_back()
    page.wait_for_function("() => location.search.includes('scale=0.300')")
    visitor.settle()
    assert visitor.tiles() == before
    assert_the_controls_say_what_the_link_says(visitor)


def test_quick_presses_never_put_the_view_back(address, visitor):
    """What the browser still sends of other widgets while it is ahead of the server is old."""
    visitor.open(f"{address}/compare?v=1&scale=0.050")
    slider = visitor.page.get_by_role("slider", name="Scale")
    slider.focus()
    for pause, expected in ((0, 0.058), (400, 0.066)):
        for _ in range(8):
            visitor.page.keyboard.press("ArrowRight")
            visitor.page.wait_for_timeout(pause)
        visitor.settle()
        shown = int(slider.input_value()) / 100_000
        assert shown == expected
        assert visitor.query()["scale"] == f"{shown:.3f}"
        assert float(visitor.page.get_by_label("Typed scale").input_value()) == shown


def test_what_can_be_taken_away_is_what_is_shown(address, visitor, coffee):
    """The numbers; the page; and the attention, which is dropped in again."""
    visitor.open(f"{address}/compare?v=1&b=coffee&layer=9&head=3&scale=0.058&pick=a-token-120")
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("button", name="Download the numbers").click()
    with open(caught.value.path(), newline="") as file:
        lines = file.read().splitlines()
    rows = {row[0]: row[1:] for row in csv.reader(lines) if not row[0].startswith("#")}
    tiles = visitor.tiles()
    assert f"{float(rows['H0 bottleneck'][2]):.4f}" == tiles["H0 bottleneck"]
    assert " | ".join(rows["components"][:2]) == tiles["Components A | B"]
    assert "# b: coffee" in lines

    visitor.page.get_by_text("Take it away").click()
    visitor.page.get_by_text("import attntopo as at").wait_for()
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("button", name="Report").click()
    report = caught.value.path().read_text("utf-8")
    assert "Selected in A: token 120: row 7, column 7; yellow is where it looks" in report
    assert f'<a href="{escape(visitor.page.url)}">'.replace('"', "'") in report
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("button", name="Attention of B").click()
    path = caught.value.path().with_name("attntopo-attention-B.npz")
    caught.value.save_as(path)
    assert at.load_attention(path).sha256 == coffee.sha256
    visitor.page.locator("input[type=file]").nth(1).set_input_files(path)
    visitor.page.get_by_text("B shows your own attention").wait_for()
    visitor.settle()
    assert visitor.tiles() == tiles


def test_a_bad_file_and_a_model_without_a_hub_are_refused_and_the_page_stays(
    address, visitor, tmp_path
):
    visitor.open(f"{address}/")
    before = visitor.tiles()
    bad = tmp_path / "photo.jpg"
    bad.write_bytes(b"this is not a photo")
    visitor.page.locator("input[type=file]").first.set_input_files(bad)
    visitor.page.locator(".refusal").get_by_text("not a photo that can be read").wait_for()
    visitor.settle()
    assert visitor.tiles() == before
    # A preset says beforehand that its model isn't here, and at a click why it isn't shown: over
    # the page, where nothing moves.
    preset = visitor.page.get_by_role("link", name="Notebook's settings (needs ViT-Base/16")
    photo = visitor.page.get_by_label("Photo A with its components")
    place, query = photo.bounding_box(), visitor.query()
    said = visitor.page.locator(".attntopo-presets [role=status]")
    for _ in range(2):
        preset.click()
        said.get_by_text("model hub can't be reached").wait_for()
        visitor.settle()
        assert visitor.tiles() == before
        assert visitor.query() == query
        assert photo.bounding_box() == place
        visitor.page.keyboard.press("Escape")
        assert said.inner_text() == ""


def test_own_attention_takes_a_photos_place(address, visitor, model, tmp_path):
    maps = neighbourly_maps((6, 9), n_prefix=2, n_layers=3, n_heads=4)
    own = at.Attention.from_arrays(maps, (6, 9), 2)
    path = tmp_path / "attention.npz"
    path.write_bytes(at.save_attention(own))
    visitor.open(f"{address}/compare?a=astronaut&layer=9&distance=jensen-shannon")
    visitor.page.locator("input[type=file]").nth(1).set_input_files(path)
    visitor.page.wait_for_function("() => /[?&]b=private-/.test(location.search)")
    visitor.settle()
    view = View("astronaut", visitor.query()["b"], layer=2)
    assert is_private(view.b)
    assert visitor.query() == view.to_query()
    assert_the_controls_show_own_attention(visitor)
    astronaut = model.attend(at.sample("astronaut"))
    assert visitor.tiles() == tiles_of([astronaut, own], view)
    visitor.page.get_by_text("A has 257 tokens and B has 56").wait_for()
    press(visitor, "Scale", "ArrowRight", 2)
    view = replace(view, scale=float(visitor.query()["scale"]))
    assert 0 < view.scale == round(view.scale, 3)
    assert visitor.tiles() == tiles_of([astronaut, own], view)
    # A broken file in its place changes nothing.
    path.write_bytes(path.read_bytes()[:-100])
    visitor.page.locator("input[type=file]").nth(1).set_input_files(path)
    visitor.page.locator(".refusal").get_by_text("damaged or cut off").wait_for()
    visitor.settle()
    assert visitor.query() == view.to_query()
    assert visitor.tiles() == tiles_of([astronaut, own], view)


def test_where_no_scale_shows_both_each_has_its_own(address, visitor, tmp_path):
    # Nearly uniform rows: all of them merge before anything of the photo does.
    maps = neighbourly_maps((6, 9), n_prefix=2, n_layers=3, n_heads=4)
    path = tmp_path / "attention.npz"
    near = np.float32(0.01) * maps + np.float32(0.99 / maps.shape[-1])
    path.write_bytes(at.save_attention(at.Attention.from_arrays(near, (6, 9), 2)))
    visitor.open(f"{address}/compare?a=astronaut&layer=9&distance=jensen-shannon")
    visitor.page.locator("input[type=file]").nth(1).set_input_files(path)
    visitor.page.wait_for_function("() => /[?&]b=private-/.test(location.search)")
    visitor.settle()
    visitor.page.get_by_text("In B all is one component.").wait_for()
    visitor.page.get_by_role("button", name="Each at its own scale").click()
    visitor.page.wait_for_function("() => /[?&]share=90.0(&|$)/.test(location.search)")
    visitor.settle()
    assert visitor.page.locator(".offer").is_hidden()
    counts = visitor.page.locator(".counts").all_inner_texts()
    # Nine of ten of 256 and of 55 merges have happened, more where several come at one scale.
    components = [int(words.split(" component")[0]) for words in counts]
    assert all(1 < number <= most for number, most in zip(components, (26, 6), strict=True))


def assert_the_controls_show_own_attention(visitor: Visitor) -> None:
    shown = controls(visitor)
    assert shown["layer"] == "2"
    chosen = visitor.page.locator(".photo-choice").last.locator("option:checked")
    assert chosen.inner_text() == "your attention 1"
    assert visitor.page.get_by_role("slider", name="Layer").get_attribute("max") == "2"


def test_a_download_shows_its_progress_and_the_model_is_shown(other_address, hub, visitor):
    page = visitor.page
    visitor.open(f"{other_address}/compare?layer=9")
    hub.go_on.clear()
    try:
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name="DINO ViT-S/16").click()
        page.get_by_text(re.compile(r"\d+ of \d+ MB downloaded")).wait_for()
    finally:
        hub.go_on.set()
    page.get_by_text("3 layers of 6 heads, 14 × 14 patches").wait_for()
    visitor.settle()
    assert visitor.query()["model"] == "facebook/dino-vits16"
    # At two thirds of its depth, as every other model.
    assert (visitor.query()["layer"], visitor.query()["head"]) == ("2", "mean")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(address, browser, scheme):
    visitor = Visitor(browser, width=390, height=844, color_scheme=scheme)
    visitor.open(f"{address}/compare?b=coffee&layer=9&head=3")
    for part in ("stMain", "stMainBlockContainer"):
        widths = visitor.page.get_by_test_id(part).evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert widths[0] <= widths[1] <= 390
    background = visitor.page.get_by_test_id("stApp").evaluate(
        "element => getComputedStyle(element).backgroundColor"
    )
    brightness = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert (brightness < 80) == (scheme == "dark")
    for text in ("A: camera", "Components and objects", "Story", "Distance matrix", "Numbers"):
        visitor.page.get_by_text(text).first.scroll_into_view_if_needed()
        assert visitor.page.get_by_text(text).first.is_visible()
    numbers = visitor.page.locator(".number:visible").all()
    assert len(numbers) == 4
    for part in numbers:
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    visitor.page.get_by_test_id("stExpandSidebarButton").click()
    for name in ("Photo A", "Model", "Distance between attention rows"):
        visitor.page.get_by_role("combobox", name=name).scroll_into_view_if_needed()
    visitor.page.get_by_role("slider", name="Layer").press("ArrowLeft")
    visitor.page.wait_for_function("() => location.search.includes('layer=8')")
    visitor.settle()
    visitor.close()
