"""The Collection page in a real Chromium: uploads, the slider, the order, the way to Compare."""

import csv
import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Locator

import attntopo as at
from attntopo.analysis import (
    PHOTO_DISTANCES,
    PairDistances,
    compare_groups,
    feature_table,
    features_of_heads,
    mantel_test,
    measure_photo,
    numbers_at,
    photo_head,
    shown_scales,
)
from attntopo.analysis.photo_sets.heads import PhotoHead
from attntopo.links.view import View
from attntopo.models import class_token_state
from attntopo.photos.samples import SAMPLES
from attntopo.wording import components_text
from tests.harness.browser import Visitor
from tests.harness.photos import jpeg

VIEW = View(model="tiny", layer=1, head=2)
FILES = {f"photo {seed:02}.jpg": jpeg(seed) for seed in range(12)}
PIXELS = """cells => cells.map(cell => {
    const canvas = cell.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, k) => (31 * sum + value * (k + 1)) % 4294967291, 7);
  })"""


@pytest.fixture(scope="module")
def tiny(folders):
    return at.load_model("tiny", extra_models=[folders / "tiny"])


def link(address: str, view: View) -> str:
    return f"{address}/collection?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def heads(model: at.Model, view: View, photos: list[at.Photo]) -> list[PhotoHead]:
    key = view.layer, view.head, view.distance
    return [photo_head(model.attend(photo), *key) for photo in photos]


def names(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".sheet .name").all_inner_texts()


def ids(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".sheet .cell").evaluate_all(
        "all => all.map(one => one.dataset.id)"
    )


def test_uploads_are_painted_slid_sorted_and_opened(address, visitor, tiny):
    page = visitor.page
    page.goto(link(address, VIEW))
    visitor.settle_collection(len(SAMPLES))
    visitor.add_to_collection(FILES | {"broken.jpg": FILES["photo 00.jpg"][:300]})
    visitor.settle_collection(len(FILES))
    assert names(visitor) == list(FILES)
    assert page.get_by_text("broken.jpg: This photo is damaged").count() == 1
    # Painted at nine of ten of each photo's own merges, and otherwise at another share.
    cells = page.locator(".sheet .cell")
    before = cells.evaluate_all(PIXELS)
    assert len(set(before)) == len(FILES)
    slider = page.locator(".sheet .range")
    slider.press("Home")
    page.wait_for_url(re.compile("share=0.0"))
    visitor.settle_collection(len(FILES))
    assert all(one != two for one, two in zip(before, cells.evaluate_all(PIXELS), strict=True))
    assert set(page.locator(".sheet .value").all_inner_texts()) == {"largest 1 %"}
    cells.nth(3).hover()
    assert "197 components, all single tokens" in page.locator(".sheet .tip").inner_text()
    # One scale for all: what is said of each is what the library says.
    page.get_by_role("button", name="Scale", exact=True).click()
    page.wait_for_url(lambda url: "share=" not in url)
    slider.press("End")
    page.wait_for_url(lambda url: "scale=objects" not in url and "scale=0.000" not in url)
    for _ in range(30):
        slider.press("ArrowLeft")
    visitor.settle_collection(len(FILES))
    scale = float(visitor.query()["scale"])
    kept = heads(tiny, VIEW, [at.decode_photo(one, name) for name, one in FILES.items()])
    numbers = dict(zip(FILES, (numbers_at(one, scale) for one in kept), strict=True))
    cells.nth(3).hover()
    own = numbers["photo 03.jpg"]
    lines = page.locator(".sheet .tip").inner_text().split("\n")
    assert lines[:2] == [
        "photo 03.jpg",
        components_text(int(own["components"]), int(own["single"])),
    ]
    assert lines[-1] == f"scale {visitor.query()['scale']}"
    # By a number of the scale, and by a feature.
    page.get_by_label("Sort by").select_option("largest")
    page.wait_for_url(re.compile("sheet=largest-down"))
    visitor.idle()
    by_largest = sorted(FILES, key=lambda name: -numbers[name]["largest"])
    assert names(visitor) == by_largest
    page.get_by_role("button", name="Descending").click()
    page.get_by_label("Sort by").select_option("h0-persistence-entropy")
    page.wait_for_url(re.compile("sheet=h0-persistence-entropy-down"))
    visitor.idle()
    entropy = dict(
        zip(FILES, (one.features["H0 persistence entropy"] for one in kept), strict=True)
    )
    order = sorted(FILES, key=lambda name: -entropy[name])
    assert names(visitor) == order
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table of photos").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert {row["photo"]: float(row["components"]) for row in rows} == {
        name: one["components"] for name, one in numbers.items()
    }
    # The keyboard: one stop, and arrows from there; Enter opens the photo as A.
    assert page.locator(".sheet .cell[tabindex='0']").count() == 1
    page.locator(".sheet .cell[tabindex='0']").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    focused = page.locator(".sheet .cell:focus")
    assert focused.locator(".name").inner_text() == order[1]
    assert focused.get_attribute("aria-label").startswith(f"{order[1]}. ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?**")
    visitor.settle()
    said = visitor.query()
    assert said["a"].startswith("private-")
    assert (said["layer"], said["head"], float(said["scale"])) == ("1", "2", scale)
    (components, single) = (numbers[order[1]][key] for key in ("components", "single"))
    words = components_text(int(components), int(single))
    assert page.locator(".linked .counts:visible").first.inner_text().startswith(words)


def test_a_link_opens_the_same_of_the_samples(address, visitor, tiny):
    view = replace(VIEW, share=70.0, sheet="loops-down", distance="hellinger")
    visitor.page.goto(link(address, view))
    visitor.settle_collection(len(SAMPLES))
    assert visitor.query() == view.to_query()
    kept = heads(tiny, view, [at.sample(name) for name in SAMPLES])
    scales = shown_scales([one.summary.tree for one in kept], None, 70.0)
    loops = [numbers_at(one, scale)["loops"] for one, scale in zip(kept, scales, strict=True)]
    order = sorted(range(len(SAMPLES)), key=lambda k: -loops[k])
    assert ids(visitor) == [SAMPLES[k] for k in order]
    assert visitor.page.locator(".sheet .range").get_attribute("aria-valuetext") == "70 % merged"
    cell = visitor.page.locator(".sheet .cell", has_text="coffee")
    cell.hover()
    assert "a=coffee" in cell.get_attribute("href")
    cell.click()
    visitor.page.wait_for_url("**/compare?**")
    visitor.settle()
    assert visitor.query() == replace(view, a="coffee").to_query()
    # Back leads to the same sheet.
    visitor.page.go_back()
    visitor.page.wait_for_url("**/collection?**")
    visitor.settle_collection(len(SAMPLES))
    assert ids(visitor)[0] == SAMPLES[order[0]]


def test_a_phone_has_the_whole_sheet(address, browser):
    visitor = Visitor(browser, width=390, height=844)
    page = visitor.page
    page.goto(link(address, VIEW))
    visitor.settle_collection(len(SAMPLES))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    controls = page.locator(".sheet :is(button, select, .cell, .range):visible")
    assert controls.count() > len(SAMPLES)
    sizes = controls.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect())"
        ".map(({ width, height }) => [width, height])"
    )
    assert min(map(min, sizes)) >= 44
    # What is out of sight is painted once it comes into it.
    last = page.locator(".sheet .cell").last
    last.scroll_into_view_if_needed()
    page.wait_for_function(
        "cell => cell.querySelector('canvas').width !== 300", arg=last.element_handle()
    )
    visitor.close()


def stop(visitor: Visitor, gate) -> Locator:
    """Stop what waits at the gate, and let what is begun end; return the button that goes on."""
    visitor.page.get_by_role("button", name="Stop", exact=True).click()
    go_on = visitor.page.get_by_role("button", name=re.compile("^Go on"))
    go_on.wait_for()  # before, all would end before anybody has heard of it
    gate.unlink()
    visitor.idle()
    assert go_on.is_visible()
    return go_on


def test_the_sheet_stops_and_goes_on_where_it_stopped(address, gate, visitor):
    page, view = visitor.page, replace(VIEW, layer=0, head=1, distance="total-variation")
    page.goto(link(address, view))
    # What is computed is drawn while the rest is.
    page.get_by_text(re.compile("^4 of 18 photos. Point")).wait_for()
    assert page.locator(".sheet .cell:not(.unknown)").count() == 4
    go_on = stop(visitor, gate)
    stopped = page.get_by_text(re.compile(r"Stopped: \d+ of 18 photos computed"))
    assert stopped.is_visible()
    go_on.click()
    visitor.settle_collection(len(SAMPLES))
    assert page.locator(".sheet .cell.unknown").count() == 0
    assert stopped.count() == 0


def matrix(model: at.Model, photos: list[at.Photo], measure: str) -> np.ndarray:
    measured = [
        measure_photo(
            model.attend(photo), 1, 2, VIEW.distance, class_token=class_token_state(model, photo)
        )
        for photo in photos
    ]
    pairs = PairDistances(measured, measure)
    for _ in pairs.fill_in():
        pass
    return pairs.values


def test_distances_stop_and_go_on_and_are_drawn_in_every_way(address, gate, visitor, tiny):
    page, files = visitor.page, dict(list(FILES.items())[:7])
    gate.unlink()  # the photos aren't what is to be stopped
    page.goto(link(address, replace(VIEW, between="h1-bottleneck")))
    visitor.settle_collection(len(SAMPLES))
    visitor.add_to_collection(files)
    visitor.settle_collection(len(files))
    gate.touch()
    page.get_by_role("button", name=re.compile("^Measure 21 distances")).click()
    # Each photo's baselines, and the distances of the first measure; two baselines are to come.
    page.get_by_text(f"{7 + 21} of {7 + 3 * 21} pieces").wait_for()
    go_on = stop(visitor, gate)
    assert page.get_by_text("Agreement with the baseline").count() == 0
    go_on.click()
    page.get_by_text("Agreement with the baseline").first.wait_for()
    visitor.settle_plots()
    photos = [at.decode_photo(data, name) for name, data in files.items()]
    own = matrix(tiny, photos, "h1-bottleneck")
    for other in ("class-token", "mean-attention"):
        words = mantel_test(own, matrix(tiny, photos, other)).text
        label = PHOTO_DISTANCES[other].label
        assert page.get_by_text(f"Agreement with the baseline {label}: {words}").count() == 1
    # Small pictures: along both sides of the heat map, at the tree's leaves, and on the map.
    plot = page.locator(".js-plotly-plot")
    assert plot.locator(".imagelayer image, .layer-above image").count() == 2 * len(files)
    for shown, sentence in (("Tree", "Two groups join"), ("Map", "Photos near each other")):
        page.get_by_role("radio", name=shown, exact=True).click()
        page.get_by_text(sentence).wait_for()
        visitor.settle_plots()
        assert plot.locator(".imagelayer image, .layer-above image").count() == len(files)
    assert visitor.query()["collection"] == "private"


def choose(visitor: Visitor, label: str, *names: str) -> None:
    """Put photos into a group, by typing."""
    group = visitor.page.get_by_test_id("stMultiSelect").filter(has_text=label)
    field = group.locator("input")
    for name in names:
        field.click()
        field.press_sequentially(name)
        visitor.page.get_by_role("option", name=name).click()
        visitor.idle()
    field.press("Escape")  # while its list is open, all else is hidden from readers


def groups(visitor: Visitor) -> list[list[str]]:
    """The names in either group."""
    fields = visitor.page.get_by_test_id("stMultiSelect").all()
    return [one.inner_text().split("\n\n")[1].split("\n") for one in fields]  # beneath its label


def test_groups_of_own_photos_are_the_sessions_and_so_few_tell_nothing(address, visitor, tiny):
    page, names = visitor.page, list(FILES)[:4]
    page.goto(link(address, VIEW))
    visitor.settle_collection(len(SAMPLES))
    visitor.add_to_collection({name: FILES[name] for name in names})
    visitor.settle_collection(len(names))
    choose(visitor, "First group", *names[:2])
    choose(visitor, "Second group", *names[2:])
    assert groups(visitor) == [names[:2], names[2:]]
    page.get_by_role("button", name=re.compile("^Measure all heads of 4 photos")).click()
    photos = [at.decode_photo(FILES[name], name) for name in names]
    features = [dict(features_of_heads(tiny.attend(one), VIEW.distance)) for one in photos]
    comparison = compare_groups(feature_table(features)[0], [0, 1], [2, 3])
    assert not comparison.can_tell
    assert "can't be told" in comparison.text
    page.get_by_text(comparison.text).wait_for()
    visitor.settle_plots()
    # They are no part of the link, and there again after a look at another page.
    assert visitor.query()["groups"] == "none"
    page.get_by_role("link", name="Method").click()
    page.wait_for_url("**/method**")
    page.get_by_role("link", name="Collection").click()
    visitor.settle_collection(len(names))
    assert groups(visitor) == [names[:2], names[2:]]
    page.get_by_text(comparison.text).wait_for()


def test_a_link_of_samples_opens_its_distance_and_groups(address, visitor):
    said = f"{'.'.join(SAMPLES[:2])}~{'.'.join(SAMPLES[2:5])}"
    view = replace(VIEW, between="mean-attention", groups=said)
    visitor.page.goto(link(address, view))
    visitor.settle_collection(len(SAMPLES))
    assert visitor.query() == view.to_query()
    names = [one.replace("_", " ") for one in SAMPLES[:5]]
    assert groups(visitor) == [names[:2], names[2:]]
    explanation = PHOTO_DISTANCES["mean-attention"].explanation
    assert visitor.page.get_by_text(explanation).count() == 1
