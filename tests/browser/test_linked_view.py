"""The linked view in a real Chromium: dragged, clicked and typed at as a visitor does."""

import base64
import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageColor

import attntopo as at
from attntopo.analysis.comparison import count
from attntopo.analysis.filtration_steps import event_steps, most_components_step
from attntopo.figures.palette import COMPONENT_COLOURS, PALE_COLOUR
from attntopo.links.options import scale_text
from attntopo.links.presets import PRESETS
from attntopo.links.view import View
from tests.harness.browser import Visitor
from tests.harness.reference_tiles import expected_tiles, tiles_of
from tests.harness.resolution import attention_at
from tests.harness.selection import words

FOCUSED = (
    "(e => e && (e.className || e.dataset.go || e.dataset.tab || e.dataset.zoom || e.textContent))"
    "(element.getRootNode().activeElement)"
)
VIEW = View(
    "astronaut", "coffee", layer=9, head=3, distance="double-softmax", scale=0.058, frame="model"
)
STEPS = 100_000
LOOP_COLOUR = ImageColor.getrgb("#D6006C")


@pytest.fixture(scope="module")
def staying(address, browser):
    """A visitor for all tests here, which go on from one link to the next."""
    visitor = Visitor(browser, height=1400)
    visitor.open(link(address, VIEW))
    yield visitor
    visitor.close()


@pytest.fixture
def visitor(staying):
    """The one who stays, at the top of the page; a complaint is that of its test."""
    staying.page.mouse.move(0, 0)
    staying.page.get_by_test_id("stMain").evaluate("element => element.scrollTo(0, 0)")
    yield staying
    staying.fail_on_complaints()


@pytest.fixture(scope="module")
def heads(astronaut, coffee):
    return [at.analyse(one, 9, 3) for one in (astronaut, coffee)]


def link(address: str, view: View) -> str:
    return f"{address}/compare?" + "&".join(f"{k}={v}" for k, v in view.to_query().items())


def said(visitor: Visitor, name: str) -> str:
    return visitor.query()[name]


def wait_for(visitor: Visitor, name: str, value: str) -> None:
    visitor.page.wait_for_function(
        "([name, value]) => new URLSearchParams(location.search).get(name) === value",
        arg=[name, value],
    )


def ask(visitor: Visitor, expression: str):
    """What the view says of itself."""
    return visitor.page.locator(".linked").evaluate(
        f"element => {{ const view = element.getRootNode().linkedView; return {expression}; }}"
    )


def drawn(visitor: Visitor) -> None:
    """Wait until all that was asked for is drawn."""
    visitor.page.locator(".linked").evaluate(
        "async element => { const view = element.getRootNode().linkedView; "
        "while (view.requested || view.parts.some(one => !one.photo.image)) "
        "await new Promise(requestAnimationFrame); }"
    )


def middles(visitor: Visitor, side: int) -> np.ndarray:
    """What is painted in the middle of each patch of a photo, shape (16, 16, 3)."""
    drawn(visitor)
    address = ask(visitor, f"view.parts[{side}].photo.canvas.toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")
    rows, columns = (((np.arange(16) + 0.5) * size / 16).astype(int) for size in picture.size[::-1])
    return np.asarray(picture).astype(int)[np.ix_(rows, columns)]


def shows_components(pixels: np.ndarray, head, scale: float) -> bool:
    """Say whether each patch has its component's colour.

    Those without a colour are left out, and the largest component, which is painted lightly.
    """
    skeleton = at.skeleton_at(head.distances, head.tree, scale)
    colours = {number: ImageColor.getrgb(one) for number, one in enumerate(COMPONENT_COLOURS)}
    colours[at.topology.PALE] = ImageColor.getrgb(PALE_COLOUR)
    numbers = skeleton.colours[1:].copy()
    numbers[skeleton.leaders[1:] == np.bincount(skeleton.leaders).argmax()] = at.topology.SINGLE
    right = [
        np.abs(pixel - colours[number]).max() < 12
        for pixel, number in zip(pixels.reshape(-1, 3), numbers.tolist(), strict=True)
        if number in colours
    ]
    assert len(right) > 10
    return all(right)


def mark_of(visitor: Visitor, side: int, dimension: int, number: int) -> dict[str, float]:
    """Where a bar's mark stands in its diagram."""
    return ask(
        visitor,
        f"(({{x, y}}) => ({{x, y}}))(view.panel.content.diagrams[{side}].marks.find("
        f"one => one.dimension === {dimension} && one.number === {number}))",
    )


def test_every_step_shows_what_the_library_finds(address, visitor, heads):
    """Components, colours, edges and loops, at each thousandth and by no length at all."""
    visitor.follow(link(address, VIEW))
    shown = ask(
        visitor,
        "[...Array(201).keys()].map(thousandth => { view.moveTo(100 * thousandth); "
        "return {sides: [0, 1].map(k => ({leaders: [...view.state.components(k).leader], "
        "colours: [...view.state.components(k).colour]})), "
        "counts: [...view.root.querySelectorAll('.counts')].map(one => one.textContent), "
        "numbers: [...view.root.querySelectorAll('.number:not([hidden]) b')]"
        ".map(b => b.textContent)}; })",
    )
    ask(visitor, "view.outbox.tell()")  # or the next link would bring no news of the scale
    visitor.idle()
    found = at.compare(*heads)
    for step, now in enumerate(shown):
        skeletons = [at.skeleton_at(one.distances, one.tree, step / 1000) for one in heads]
        for skeleton, one in zip(skeletons, now["sides"], strict=True):
            assert one["leaders"] == skeleton.leaders.tolist()
            assert one["colours"] == skeleton.colours.tolist()
        counts = [count(*each) for each in zip(heads, skeletons, strict=True)]
        assert now["numbers"] == [
            " | ".join(str(one.components) for one in counts),
            " | ".join(str(one.loops) for one in counts),
            f"{found.h0_bottleneck:.4f}",
            f"{found.h1_bottleneck:.4f}",
        ]
        for one, text in zip(counts, now["counts"], strict=True):
            assert f" · {one.edges:,} edge{'' if one.edges == 1 else 's'} (" in text


def test_a_drag_moves_everything_at_once_and_the_address_on_release(address, visitor, model, heads):
    visitor.follow(link(address, replace(VIEW, paint=100)))
    counts = visitor.page.locator(".counts").first
    box = visitor.page.locator(".scale-range").bounding_box()
    last = int(visitor.page.locator(".scale-range").get_attribute("max"))
    x = [box["x"] + 8 + (box["width"] - 16) * 100 * step / last for step in (58, 70)]
    y = box["y"] + box["height"] / 2
    before, tiles = counts.inner_text(), visitor.tiles()
    assert shows_components(middles(visitor, 0), heads[0], 0.058)
    visitor.page.mouse.move(x[0], y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x[1], y, steps=10)
    pixels = middles(visitor, 0)
    assert counts.inner_text() != before
    assert shows_components(pixels, heads[0], 0.07)
    assert not shows_components(pixels, heads[0], 0.058)
    expected = expected_tiles(model, replace(VIEW, scale=0.07))
    assert visitor.tiles() == expected != tiles
    assert said(visitor, "scale") == "0.058"
    visitor.page.mouse.up()
    wait_for(visitor, "scale", "0.070")
    visitor.idle()
    assert visitor.tiles() == expected
    assert said(visitor, "scale") == "0.070"


def numbers_at(heads, scale: float) -> list[int]:
    """Components and loops of both photos."""
    skeletons = [at.skeleton_at(one.distances, one.tree, scale) for one in heads]
    counts = [count(*each) for each in zip(heads, skeletons, strict=True)]
    return [number for one in counts for number in (one.components, one.loops)]


def test_typed_scale_keys_and_buttons(address, visitor, heads):
    visitor.follow(link(address, VIEW))
    trees = [one.tree for one in heads]
    page = visitor.page
    typed, slider = page.get_by_label("Typed scale"), page.get_by_role("slider", name="Scale")

    def click(name: str, scale: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        wait_for(visitor, "scale", scale)

    typed.fill("0,04123")
    typed.press("Enter")
    wait_for(visitor, "scale", "0.04123")
    typed.fill("0.3")  # beyond the distance's bound
    typed.press("Enter")
    assert typed.evaluate("element => element.validationMessage") == (
        "A number from 0 to 0.200, please."
    )
    # The arrows go to thousandths at which a number changes, and back to the one chosen.
    here = numbers_at(heads, 0.04123)
    following = next(k for k in range(42, 200) if numbers_at(heads, k / 1000) != here)
    slider.press("ArrowRight")
    wait_for(visitor, "scale", f"{following / 1000:.3f}")
    slider.press("PageUp")
    wait_for(visitor, "scale", f"{(following + 10) / 1000:.3f}")
    before = next(
        k
        for k in range(following + 9, 0, -1)
        if numbers_at(heads, k / 1000) != numbers_at(heads, (k - 1) / 1000)
    )
    slider.press("ArrowLeft")
    wait_for(visitor, "scale", f"{before / 1000:.3f}")
    slider.press("Home")
    wait_for(visitor, "scale", "0.000")
    page.get_by_text("Nothing has joined here.").wait_for()
    events = event_steps(heads)
    click("Next event", scale_text(events[0] / STEPS))
    click("Next event", scale_text(events[1] / STEPS))
    click("Previous event", scale_text(events[0] / STEPS))
    slider.press("End")
    page.get_by_text("All is one component here.").wait_for()
    click("Go to the objects", "objects")
    assert page.locator(".offer").is_hidden()
    objects = math.ceil(np.sort(np.concatenate([one.lengths for one in trees]))[460] * STEPS)
    assert int(slider.input_value()) == objects
    assert typed.input_value() == scale_text(objects / STEPS)
    most = most_components_step(trees)
    click("Most components", scale_text(most / STEPS))
    assert int(slider.input_value()) == most
    page.get_by_role("button", name="Play").click()
    page.locator(".linked").evaluate(
        "async (element, step) => { const {state} = element.getRootNode().linkedView; "
        "while (state.step <= step) await new Promise(requestAnimationFrame); }",
        most,
    )
    page.get_by_role("button", name="Pause").click()
    visitor.idle()
    assert float(said(visitor, "scale")) > most / STEPS


def test_shares_a_chosen_scale_and_the_story(address, visitor, model):
    """Each photo at its own scale; a scale that stays over a head move; and all as it was."""
    view = replace(VIEW, scale=None)
    visitor.follow(link(address, view))
    page = visitor.page
    slider = page.get_by_role("slider", name="Scale")
    assert visitor.tiles() == expected_tiles(model, view)
    page.get_by_role("button", name="% merged", exact=True).click()
    wait_for(visitor, "share", "90.0")
    slider.press("PageDown")
    wait_for(visitor, "share", "89.0")
    visitor.idle()
    tiles = visitor.tiles()
    shown = tiles.pop("Scale A | B")
    assert tiles == expected_tiles(model, replace(view, share=89.0))
    scales = shown.split(" | ")
    assert scales[0] != scales[1]
    for letter, scale in zip("AB", scales, strict=True):
        assert f"{letter} at scale {scale} has" in slider.get_attribute("aria-valuetext")
    page.get_by_role("button", name="Scale", exact=True).click()
    page.wait_for_function("() => !location.search.includes('share=')")
    assert said(visitor, "scale") == "objects"
    # A scale beyond what happens in this head, between two stops: it stays, and is a stop.
    typed = page.get_by_label("Typed scale")
    typed.fill("0.15007")
    typed.press("Enter")
    wait_for(visitor, "scale", "0.15007")
    page.get_by_role("slider", name="Layer").press("ArrowLeft")
    wait_for(visitor, "layer", "8")
    visitor.settle()
    assert (said(visitor, "scale"), slider.input_value()) == ("0.15007", "15007")
    slider.press("ArrowLeft")
    slider.evaluate(
        "element => { element.value = 15030; element.dispatchEvent(new Event('input')); }"
    )
    assert slider.input_value() == "15007"
    # The story, and back.
    slider.press("Home")
    page.locator(".photo-canvas").first.click(position={"x": 60, "y": 60})
    page.wait_for_function("() => location.search.includes('pick=a-token-')")
    visitor.idle()
    before = visitor.query()
    sentence, story = words(visitor), page.get_by_role("button", name="Story", exact=True)
    story.click()
    assert "all stand alone" in words(visitor)
    page.get_by_role("button", name="Pause").click()
    for part in (
        "half of all merges",
        "(orange)",
        "A loop opens at",
        "It stays open",
        "fills it in",
    ):
        page.get_by_role("button", name="Next scene").click()
        assert part in words(visitor)
    assert page.get_by_role("button", name="Go on").is_visible()
    page.keyboard.press("Escape")
    assert words(visitor) == sentence
    assert story.get_attribute("aria-pressed") == "false"
    story.click()
    page.get_by_text("half of all merges").wait_for()  # by itself
    page.locator(".go [data-go=objects]").click()  # the visitor goes on meanwhile
    wait_for(visitor, "scale", "objects")
    visitor.idle()
    assert {**visitor.query(), "scale": before["scale"]} == before


def test_a_bar_is_seen_on_the_photo_and_in_words(address, visitor, heads):
    visitor.follow(link(address, VIEW))
    births, deaths = heads[1].diagrams[1].T
    longest = int(np.argmax(deaths - births))
    canvas = visitor.page.locator(".diagram-canvas").nth(1)
    plain = middles(visitor, 1)
    canvas.click(position=mark_of(visitor, 1, 1, longest))
    wait_for(visitor, "pick", f"b-h1-{longest}")
    assert f"{births[longest]:.4f}" in words(visitor)
    assert f"{deaths[longest]:.4f}" in words(visitor)
    shown = ask(visitor, "view.state.marks(1)")
    assert shown["edges"] == [heads[1].diagrams.birth_edges[longest].tolist()]
    assert shown["triangle"] == heads[1].diagrams.death_triangles[longest].tolist()
    # A loop of pairs no further apart than its birth, a dot on each of its patches.
    (loop,) = shown["loops"]
    lengths = heads[1].distances.values[loop, np.roll(loop, -1)]
    assert lengths.max() == births[longest]
    visitor.page.get_by_role("button", name="Go to its birth").click()
    visitor.page.mouse.move(5, 5)
    drawn(visitor)
    patches = [divmod(point - 1, 16) for point in loop if point not in (0, *shown["edges"][0])]
    pixels = middles(visitor, 1)
    assert len(patches) > 3
    for patch in patches:
        assert np.abs(pixels[patch] - LOOP_COLOUR).max() < 12
        assert np.abs(plain[patch] - LOOP_COLOUR).max() > 40
    # A component: the two that merge, and the edge that merges them.
    last = len(heads[0].diagrams[0]) - 2
    visitor.page.locator(".diagram-canvas").first.click(position=mark_of(visitor, 0, 0, last))
    visitor.page.wait_for_function("() => location.search.includes('pick=a-h0-')")
    number = int(said(visitor, "pick").rpartition("-")[2])
    groups = ask(visitor, "view.state.marks(0).groups")
    merge = number + len(heads[0].tree.lengths) - (len(heads[0].diagrams[0]) - 1)
    leaders = np.arange(257)
    for stays, goes in zip(
        heads[0].tree.survivors[:merge], heads[0].tree.absorbed[:merge], strict=True
    ):
        leaders[leaders == goes] = stays
    expected = [heads[0].tree.absorbed[merge], heads[0].tree.survivors[merge]]
    assert groups == [np.nonzero(leaders == one)[0].tolist() for one in expected]
    visitor.idle()
    visitor.page.get_by_role("button", name="Clear selection").click()
    wait_for(visitor, "pick", "none")


def test_a_patch_shows_its_attention(address, visitor, coffee):
    visitor.follow(link(address, VIEW))
    canvas = visitor.page.locator(".photo-canvas").nth(1)
    size = canvas.bounding_box()["width"] / 16
    canvas.click(position={"x": 6.5 * size, "y": 3.5 * size})
    token = 1 + 3 * 16 + 6
    wait_for(visitor, "pick", f"b-token-{token}")
    assert f"token {token} (row 3, column 6)" in words(visitor)
    visitor.idle()
    attention = coffee.head(9, 3)
    roots = np.rint(255 * np.sqrt(attention / attention.max())).astype(int)
    start = token * 257
    assert ask(visitor, f"[...view.data.sides[1].roots.slice({start}, {start + 257})]") == (
        roots[token].tolist()
    )
    visitor.page.get_by_text("where most of its attention goes").wait_for()
    for label in ("Who looks at it", "Who looks alike", "Where it looks"):
        visitor.page.get_by_role("button", name=label).click()
        pressed = visitor.page.get_by_role("button", name=label).get_attribute("aria-pressed")
        assert pressed == "true"
    # The class token has its own square.
    visitor.page.locator(".prefix button").nth(1).click()
    wait_for(visitor, "pick", "b-token-0")
    assert "class token" in words(visitor)
    # A node in 3D.
    node = ask(visitor, "({x: view.parts[0].scene.x[100], y: view.parts[0].scene.y[100]})")
    visitor.page.locator(".scene-canvas").first.click(position=node)
    visitor.page.wait_for_function("() => location.search.includes('pick=a-token-')")
    visitor.idle()


def test_matchings_tabs_and_the_table_select_too(address, visitor, heads):
    visitor.follow(link(address, VIEW))
    visitor.page.get_by_role("tab", name="Matching").click()
    visitor.page.get_by_role("button", name="H0 bottleneck").click()
    expected = at.bottleneck_matching(*(one.diagrams for one in heads), 0)
    text = visitor.page.locator(".matching-distance").inner_text()
    assert text.startswith(f"Distance {expected.distance:.4f}, {len(expected.pairs)} pairs. The ")
    visitor.page.get_by_role("button", name="Largest step").click()
    wait_for(visitor, "pick", f"pair-h0-bottleneck-{expected.attaining}")
    assert "it is the bottleneck distance" in words(visitor)
    assert all(ask(visitor, "[0, 1].map(k => Boolean(view.state.marks(k)))")) == bool(
        (expected.pairs[expected.attaining] >= 0).all()
    )
    visitor.page.get_by_role("tab", name="Table of bars").click()
    row = visitor.page.locator("tr[data-selection]").nth(5)
    row.click()
    wait_for(visitor, "pick", row.get_attribute("data-selection"))
    visitor.page.get_by_role("button", name="Tokens").click()
    tokens = [
        int(one)
        for one in visitor.page.locator("tr[data-selection] td:nth-child(6)").all_inner_texts()
    ]
    assert tokens == sorted(tokens, reverse=True)
    visitor.page.get_by_role("tab", name="Barcode").click()
    drawn(visitor)
    row = ask(
        visitor,
        "view.panel.content.pictures[1].rows.find(one => one.dimension === 1 && one.number === 20)",
    )
    canvas = visitor.page.locator(".panel canvas").nth(1)
    canvas.click(position={"x": 40, "y": (row["top"] + row["bottom"]) / 2})
    wait_for(visitor, "pick", "b-h1-20")
    visitor.page.get_by_role("tab", name="Dendrogram").click()
    drawn(visitor)
    mark = ask(visitor, "view.panel.content.pictures[0].marks.at(-1)")
    visitor.page.locator(".panel canvas").first.click(
        position={"x": (mark["from"] + mark["to"]) / 2, "y": mark["y"]}
    )
    wait_for(visitor, "pick", f"a-h0-{len(heads[0].diagrams[0]) - 2}")
    visitor.page.get_by_role("tab", name="Distance matrix").click()
    wait_for(visitor, "tab", "matrix")  # else the next link could come before this was heard
    drawn(visitor)
    visitor.page.locator(".panel canvas").first.hover(position={"x": 80, "y": 150})
    points = ask(visitor, "view.state.hovered.points")
    tip = visitor.page.locator(".tip").inner_text()
    i, j = points
    length = heads[0].distances.values[i, j]
    first = math.ceil(length * STEPS) / STEPS
    assert float(re.search(r"joined from the scale (\S+)", tip)[1]) == first


def test_camera_and_opacity_stay_and_an_old_selection_goes(address, visitor):
    visitor.follow(link(address, VIEW))
    box = visitor.page.locator(".scene-canvas").first.bounding_box()
    visitor.page.mouse.move(box["x"] + 60, box["y"] + 60)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + 120, box["y"] + 80, steps=5)
    visitor.page.mouse.up()
    visitor.page.get_by_text("Display", exact=True).click()
    visitor.page.get_by_role("slider", name="Opacity").press("ArrowRight")
    visitor.page.get_by_text("Display", exact=True).click()
    camera = "[view.parts[0].scene.turn, view.parts[0].scene.tilt, view.state.opacity]"
    before = ask(visitor, camera)
    assert before[0] != 0.6
    visitor.page.get_by_role("slider", name="Scale").press("ArrowRight")
    wait_for(visitor, "scale", "0.059")
    visitor.page.locator(".photo-canvas").first.click(position={"x": 50, "y": 50})
    visitor.page.wait_for_function("() => location.search.includes('pick=a-token-')")
    visitor.idle()
    assert ask(visitor, camera) == before
    visitor.page.get_by_role("slider", name="Layer").press("ArrowLeft")
    wait_for(visitor, "layer", "8")
    visitor.settle()
    assert ask(visitor, camera) == before
    # A token is the same token in another head; a bar isn't the same bar.
    token = said(visitor, "pick")
    assert token.startswith("a-token-")
    assert ask(visitor, "view.state.selection.text") == token
    visitor.page.locator(".diagram-canvas").first.click(position=mark_of(visitor, 0, 1, 5))
    visitor.page.wait_for_function("() => !location.search.includes('pick=a-token-')")
    visitor.page.get_by_role("slider", name="Layer").press("ArrowLeft")
    wait_for(visitor, "layer", "7")
    visitor.settle()
    assert said(visitor, "pick") == "none"
    assert "Nothing is selected" in words(visitor)


def test_the_keyboard_alone(address, visitor, heads):
    visitor.follow(link(address, VIEW))
    photo = visitor.page.locator(".photo-canvas").first
    photo.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "Enter"):
        photo.press(key)
    wait_for(visitor, "pick", f"a-token-{1 + 7 * 16 + 9}")
    photo.press("Escape")
    wait_for(visitor, "pick", "none")
    diagram = visitor.page.locator(".diagram-canvas").first
    diagram.focus()
    diagram.press("ArrowRight")  # the longest bar first: the one that never ends
    diagram.press("Enter")
    wait_for(visitor, "pick", f"a-h0-{len(heads[0].diagrams[0]) - 1}")
    scene = visitor.page.locator(".scene-canvas").first
    turn = ask(visitor, "view.parts[0].scene.turn")
    scene.press("ArrowRight")
    assert ask(visitor, "view.parts[0].scene.turn") > turn
    # Tab reaches every control of the view.
    reached = set()
    visitor.page.get_by_text("Display", exact=True).press("Enter")
    photo.focus()
    for _ in range(60):
        reached.add(ask(visitor, FOCUSED))
        visitor.page.keyboard.press("Tab")
    wanted = {"previous", "next", "objects", "most", "play", "story"}
    wanted |= {"scale-typed", "opacity-range", "frame", "photo-choice", "upload"}
    wanted |= {"scale-range", "photo-canvas", "scene-canvas", "diagram-canvas", "in", "out"}
    assert wanted | {"diagrams"} <= reached
    assert reached.isdisjoint({"matching", "barcode", "dendrogram", "matrix"})  # by arrow keys
    visitor.page.get_by_text("Display", exact=True).press("Enter")


def test_b_has_its_own_head_on_request(address, visitor, model):
    visitor.follow(link(address, replace(VIEW, b="astronaut")))
    assert visitor.tiles()["H0 bottleneck"] == "0.0000"
    visitor.page.get_by_text("B has its own model, layer and head").click()
    wait_for(visitor, "head_b", "3")
    visitor.settle()
    visitor.page.get_by_role("slider", name="Layer of B").press("ArrowLeft")
    wait_for(visitor, "layer_b", "8")
    visitor.settle()
    own = replace(VIEW, b="astronaut", model_b="embedded", layer_b=8, head_b=3)
    assert visitor.tiles() == expected_tiles(model, own)
    visitor.page.get_by_role("tab", name="Barcode").click()
    visitor.page.get_by_role("heading", name="B: astronaut, layer 8, head 3").wait_for()
    visitor.page.get_by_role("slider", name="Attention head of B").press("End")
    wait_for(visitor, "head_b", "rollout")
    visitor.settle()
    assert visitor.tiles() == expected_tiles(model, replace(own, head_b="rollout"))
    visitor.page.get_by_text("B has its own model, layer and head").click()
    visitor.page.wait_for_function("() => !location.search.includes('head_b')")
    visitor.settle()
    assert visitor.tiles()["H0 bottleneck"] == "0.0000"


@pytest.mark.parametrize(
    "preset",
    [one for one in PRESETS if one.view.selection != "none"],
    ids=lambda preset: preset.label,
)
def test_a_link_carries_its_selection(address, visitor, preset):
    visitor.open(link(address, preset.view))
    assert said(visitor, "pick") == preset.view.selection
    seen, stand = words(visitor).split("\n")[:2]
    assert seen == preset.seen
    assert stand.startswith("H1 of A")
    assert ask(visitor, "view.state.marks(0).loops[0].length") > 12


def test_at_785_tokens(address, visitor, model, tmp_path):
    whole = attention_at(model, at.sample("coffee"), 785)
    own = at.Attention.from_arrays(whole.maps[9:10, 2:4], (28, 28), 1, whole.input_pixels)
    path = tmp_path / "attention.npz"
    path.write_bytes(at.save_attention(own))
    ring = View("ring", "ring", layer=0, head=1, distance="jensen-shannon", scale=0.2)
    visitor.open(link(address, ring))
    for side in (0, 1):
        visitor.page.locator("input[type=file]").nth(side).set_input_files(path)
        visitor.page.wait_for_function(f"() => /[?&]{'ab'[side]}=private-/.test(location.search)")
        visitor.settle()
    names = [visitor.query()[side] for side in "ab"]
    assert names[0] == names[1]  # one file, uploaded twice
    view = View(*names, layer=0, head=1, distance="jensen-shannon", scale=0.2)
    assert visitor.tiles() == tiles_of([own, own], view)
    visitor.page.get_by_label("Typed scale").fill("0.201")
    visitor.page.get_by_label("Typed scale").press("Enter")
    wait_for(visitor, "scale", "0.201")
    visitor.idle()
    assert visitor.tiles() == tiles_of([own, own], replace(view, scale=0.201))
    head = at.analyse(own, 0, 1, "jensen-shannon")
    skeleton = at.skeleton_at(head.distances, head.tree, 0.201)
    assert ask(visitor, "[...view.state.components(0).leader]") == skeleton.leaders.tolist()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_one_photo_at_a_time(address, browser, scheme):
    visitor = Visitor(browser, width=390, height=844, color_scheme=scheme)
    visitor.open(link(address, VIEW))
    canvases = visitor.page.locator(".photo-canvas")
    assert [canvases.nth(k).is_visible() for k in (0, 1)] == [True, False]
    visitor.page.get_by_role("tab", name="B: coffee").click()
    assert [canvases.nth(k).is_visible() for k in (0, 1)] == [False, True]
    canvases.nth(1).click(position={"x": 60, "y": 60})
    visitor.page.wait_for_function("() => location.search.includes('pick=b-token-')")
    visitor.idle()
    visitor.close()
