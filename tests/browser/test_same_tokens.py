"""Two heads of one photo in a real Chromium: numbers token by token, and where they disagree."""

from urllib.parse import urlencode

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import compare_tokens
from attntopo.figures.linked import linked_data
from attntopo.figures.palette import LATER_COLOUR, SOONER_COLOUR
from attntopo.links.view import View
from tests.harness.accessibility import axe_findings
from tests.harness.linked_page import GRID, LinkedPage, TwoHeads

VIEW = View(
    "coffee", "coffee", layer=10, head=0, model_b="embedded", layer_b=9, head_b=3, scale=0.2
)


def link(address: str, view: View, **more: str) -> str:
    return f"{address}/compare?{urlencode(view.to_query() | more)}"


@pytest.fixture(scope="module")
def heads(model) -> list[at.RowDistances]:
    attention = model.attend(at.sample("coffee"))
    return [at.row_distances(attention.head(*head), VIEW.distance) for head in ((10, 0), (9, 3))]


def test_numbers_are_the_librarys_and_diagrams_are_compared_in_the_tab_alone(
    visitor, address, heads
):
    page = visitor.page
    page.goto(link(address, VIEW, tab="numbers"))
    visitor.settle()
    tiles = visitor.tiles()
    assert tiles["RTD-lite"] == f"{at.rtd_lite(*heads):.4f}"
    assert tiles["Merge correlation"] == f"{at.merge_height_correlation(*heads):.4f}"
    assert not any("bottleneck" in name for name in tiles)
    rows = page.locator(".numbers-table tbody tr").all_inner_texts()
    first, second = map(at.persistence_diagrams, heads)
    distance = at.bottleneck_distance(first, second, 0)
    assert any(row.split() == ["H0", "bottleneck", f"{distance:.4f}"] for row in rows)
    assert "don't know which token is which" in page.locator(".panel .caption").inner_text()
    # Another photo in B: its tokens are others.
    page.locator(".photo-choice").nth(1).select_option("camera")
    page.wait_for_url("**b=camera**")
    visitor.settle()
    assert "H0 bottleneck" in visitor.tiles()
    assert "RTD-lite" not in visitor.tiles()


def test_the_choice_is_in_the_link_and_a_patch_says_its_number(visitor, address, heads):
    page = visitor.page
    page.goto(link(address, VIEW))
    visitor.settle()
    legend = page.locator(".shift-legend")
    assert not legend.is_visible()
    page.get_by_text("Display", exact=True).click()
    page.locator("select.patches").select_option("shifts")
    page.wait_for_url("**patches=shifts**")
    visitor.settle()
    shifts = compare_tokens(*heads).shifts
    largest = float(f"{max(np.abs(one).max() for one in shifts):.2g}")
    assert f"+{largest} later" in legend.inner_text()
    assert axe_findings(page) == []
    page.goto(page.url)  # cold
    visitor.settle()
    assert legend.is_visible()
    rows = columns = 16
    for k, (letter, other) in enumerate(("AB", "BA")):
        canvas = page.locator(".photo-canvas").nth(k)
        box = canvas.bounding_box()
        row, column = 9, 11
        canvas.hover(
            position={
                "x": box["width"] * (column + 0.5) / columns,
                "y": box["height"] * (row + 0.5) / rows,
            }
        )
        shift = shifts[k][1 + row * columns + column]
        how = f"{abs(shift):.4f} {'sooner' if shift < 0 else 'later'}"
        tip = page.locator(".tip")
        tip.filter(has_text=f"{letter}, token {1 + row * columns + column}").wait_for()
        assert f"merges {how} in {other}" in tip.inner_text()


def test_patches_are_coloured_by_sign_and_size_on_one_scale(browser):
    two = TwoHeads()
    tokens = compare_tokens(*(one.distances for one in two.topologies))
    a, b = two.sides
    two.data = linked_data((a, b), two.matchings, 0.0, two.largest, by_token=tokens)
    page = LinkedPage(browser, two)
    page.show(patches="shifts", paint=60)
    largest = max(np.abs(one).max() for one in tokens.shifts)
    for k, shifts in enumerate(tokens.shifts):
        painted = page.painted(f"view.parts[{k}].photo.canvas")
        height, width = painted.shape[:2]
        pixels = two.attentions[k].input_pixels.astype(float)
        for patch, share in enumerate(shifts[1:] / largest):
            row, column = divmod(patch, GRID[1])
            y, x = (row + 0.5) / GRID[0], (column + 0.5) / GRID[1]
            own = pixels[int(y * len(pixels)), int(x * pixels.shape[1])]
            grey = own @ [0.299, 0.587, 0.114]
            ground = 0.96 * grey + 0.04 * own
            colour = SOONER_COLOUR if share < 0 else LATER_COLOUR
            tint = np.array(list(bytes.fromhex(colour[1:])))
            expected = ground + 0.9 * abs(share) * (tint - ground)
            assert painted[int(y * height), int(x * width)] == pytest.approx(expected, abs=8)
    assert np.ptp(tokens.shifts[0]) > 0.1 * largest  # else all of it would be one colour
    page.visitor.close()


def test_where_tokens_do_not_correspond_components_are_painted_and_it_says_so(visitor, address):
    page = visitor.page
    page.goto(link(address, View("camera", "coffee", scale=0.2), patches="shifts"))
    visitor.settle()
    assert "so components are painted" in page.locator(".shift-legend").inner_text()
    page.goto(link(address, VIEW, patches="shifts", tokens="patches", shown="b"))
    visitor.settle()
    assert page.locator(".shift-legend i").is_visible()
