"""The Stability page in a real Chromium: its link, strengths, Back, Stop, uploads, a phone."""

import csv
import re
from dataclasses import replace

import pytest

import attntopo as at
from attntopo.analysis import stability_of_head
from attntopo.links.view import View
from tests.harness.browser import Visitor
from tests.harness.photos import jpeg
from tests.harness.synthetic import neighbourly_maps

VIEW = View("astronaut", "coffee", "tiny", 1, 2, scale=0.06, perturbation="rotation", strength=5.0)


@pytest.fixture(scope="module")
def tiny(folders):
    return at.load_model("tiny", extra_models=[folders / "tiny"])


def link(address: str, view: View) -> str:
    return f"{address}/stability?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def shown(visitor: Visitor) -> dict[str, list[str]]:
    """The table's numbers in H0 and H1, by name; not those of other photos."""
    rows = visitor.page.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    return {name: cells for name, *cells in rows if not name.startswith("of ")}


def expected(model: at.Model, view: View, photo: at.Photo | None = None) -> dict[str, list[str]]:
    how = [(view.perturbation, view.strength)]
    ((_, _, one),) = stability_of_head(
        photo or at.sample(getattr(view, view.perturbed)),
        model.attend,
        view.layer,
        view.head,
        view.distance,
        perturbations=how,
    )
    return {
        "Bottleneck": [f"{x:.4f}" for x in one.distances.bottleneck],
        "1-Wasserstein": [f"{x:.4f}" for x in one.distances.wasserstein],
        # A rotation leaves tokens out.
        "Bound max|D − D′|, of matched tokens alone": [f"{one.bound:.4f}"] * 2,
        "Bars that survive, of those that end": [
            # One component has no end.
            f"{one.survives[0].sum() - 1} of {len(one.survives[0]) - 1}",
            f"{one.survives[1].sum()} of {len(one.survives[1])}",
        ],
    }


def holds(visitor: Visitor, numbers: dict[str, list[str]]) -> bool:
    return shown(visitor).items() >= numbers.items()


def test_a_link_opens_strengths_move_and_back_returns(address, visitor, tiny):
    page = visitor.page
    page.goto(link(address, VIEW))
    visitor.settle_stability()
    assert visitor.query() == VIEW.to_query()
    assert holds(visitor, expected(tiny, VIEW))
    assert page.get_by_text("Rotation by 5°", exact=True).count() == 1
    assert page.get_by_text("left out").count() == 1
    pictures = page.locator("[data-testid=stMain] [data-testid=stImage] img")
    before = [one.get_attribute("src") for one in pictures.all()]
    page.get_by_role("slider", name="Strength").press("ArrowRight")
    page.wait_for_url(re.compile("strength=10"))
    visitor.settle_stability()
    moved = replace(VIEW, strength=10.0)
    assert visitor.query() == moved.to_query()
    assert holds(visitor, expected(tiny, moved))
    after = [one.get_attribute("src") for one in pictures.all()]
    assert [one == other for one, other in zip(before, after, strict=True)][:2] == [True, False]
    # The last mark drawn lies above all others.
    diagrams = page.locator(".js-plotly-plot").filter(has_text="birth")
    mark = diagrams.locator(".points path").last
    mark.hover(force=True)
    page.locator(".hovertext").first.wait_for()  # a click takes what is hovered over
    mark.click(force=True)
    page.wait_for_url(re.compile("pick=a-h[01]-"))
    visitor.settle_stability()
    assert page.get_by_text(re.compile(r"Selected: the H[01] bar")).count() == 1
    page.go_back()
    page.wait_for_url(re.compile("pick=none"))
    page.get_by_text("B: coffee", exact=True).click()
    page.wait_for_url(re.compile("perturbed=b"))
    visitor.settle_stability()
    assert holds(visitor, expected(tiny, replace(moved, perturbed="b")))
    page.go_back()
    page.wait_for_url(re.compile("perturbed=a"))
    visitor.settle_stability()
    assert holds(visitor, expected(tiny, moved))
    # It stays as it was while another page is looked at.
    page.get_by_role("link", name="Atlas").click()
    visitor.settle_atlas()
    page.get_by_role("link", name="Stability").click()
    visitor.settle_stability()
    assert visitor.query() == moved.to_query()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table of heads").click()
    with open(download.value.path(), newline="") as file:
        lines = file.read().splitlines()
    said = dict(one.removeprefix("# ").split(": ", 1) for one in lines if one.startswith("#"))
    assert (said["perturbed"], said["perturbation"], said["strength"], said["seed"]) == (
        *("A", "rotation", "10", "0"),
    )
    rows = list(csv.DictReader(one for one in lines if not one.startswith("#")))
    assert len(rows) == 6
    (row,) = (one for one in rows if (one["layer"], one["head"]) == ("1", "2"))
    ((_, _, one),) = stability_of_head(
        at.sample("astronaut"), tiny.attend, 1, 2, VIEW.distance, perturbations=[("rotation", 10)]
    )
    assert float(row["RTD-lite"]) == one.paired.rtd_lite
    assert float(row["H0 bottleneck"]) == one.distances.bottleneck[0]


def test_stop_stops_and_go_on_goes_on(address, gate, visitor, tiny):
    page, view = visitor.page, replace(VIEW, a="rocket", b="chelsea")
    page.goto(link(address, view))
    # The strength that is shown comes first, and is there while others are computed.
    page.get_by_text(re.compile(r"\(2 of 23\)")).wait_for()
    page.get_by_text("left out").wait_for()
    assert holds(visitor, expected(tiny, view))
    page.get_by_role("button", name="Stop", exact=True).click()
    gate.unlink()
    stopped = page.get_by_text(re.compile(r"Stopped: \d+ steps? not computed"))
    stopped.wait_for()
    visitor.idle()
    assert stopped.is_visible()
    page.get_by_role("button", name="Go on").click()
    stopped.wait_for(state="detached")
    visitor.settle_stability()
    page.get_by_text("of 17 other photos").first.wait_for()
    assert page.get_by_role("button", name="Stop", exact=True).count() == 0


def test_uploads_a_photo_is_perturbed_and_attention_has_no_model(address, visitor, tiny, tmp_path):
    page = visitor.page
    (tmp_path / "photo.jpg").write_bytes(jpeg(4, (300, 240)))
    attention = at.Attention.from_arrays(neighbourly_maps((5, 7)), (5, 7), 1)
    (tmp_path / "own.npz").write_bytes(at.save_attention(attention))
    page.goto(link(address, VIEW))
    visitor.settle_stability()
    before = controls(page)
    page.get_by_test_id("stSidebar").get_by_text("Photos", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(tmp_path / "photo.jpg")
    page.wait_for_url(re.compile("a=private"))
    visitor.settle_stability()
    photo = at.decode_photo((tmp_path / "photo.jpg").read_bytes(), "mine")
    assert holds(visitor, expected(tiny, VIEW, photo))
    page.locator("input[type=file]").first.set_input_files(tmp_path / "own.npz")
    page.get_by_text("without a model: there is nothing that could be run").wait_for()
    visitor.idle()
    assert page.locator("tbody").count() == 0
    page.get_by_role("button", name="Perturb B: coffee").click()
    page.wait_for_url(re.compile("perturbed=b"))
    visitor.settle_stability()
    assert shown(visitor)
    # They weren't there meanwhile.
    assert controls(page) == before


def controls(page) -> list[str | None]:
    """What the controls say of the perturbation, its strength and the layer."""
    sliders = [page.get_by_role("slider", name=name) for name in ("Strength", "Layer")]
    kind = page.get_by_role("combobox", name="Perturbation")
    return [kind.input_value(), *(one.get_attribute("aria-valuetext") for one in sliders)]


def test_a_phone_has_the_whole_page(address, browser):
    visitor = Visitor(browser, width=390, height=844)
    visitor.page.goto(link(address, VIEW))
    visitor.settle_stability()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    box = visitor.page.locator(
        "[data-testid=stMain] [data-testid=stImage] img"
    ).first.bounding_box()
    assert box["width"] > 340
    visitor.close()
