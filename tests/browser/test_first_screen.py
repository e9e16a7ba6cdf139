"""What meets the eye first: at four sizes, on a phone, and what can be done on the photos."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from attntopo.links.photo_names import is_private
from attntopo.links.presets import PRESETS
from attntopo.links.view import View
from tests.harness.browser import Visitor
from tests.harness.photos import jpeg

# Width, height, and how long the longer side of both photos must be.
SCREENS = [(1440, 900, 360), (1920, 1080, 520)]


def boxes(visitor: Visitor, selector: str) -> list[dict[str, float]]:
    """Where the visible ones of these elements lie in the window."""
    found = visitor.page.locator(f"{selector}:visible").all()
    return [one.bounding_box() for one in found]


def box(visitor: Visitor, selector: str) -> dict[str, float]:
    (only,) = boxes(visitor, selector)
    return only


def within(one: dict[str, float], width: int, height: int) -> bool:
    across = one["x"] >= 0 and one["x"] + one["width"] <= width
    return across and one["y"] >= 0 and one["y"] + one["height"] <= height


def has_paint(visitor: Visitor, selector: str) -> list[bool]:
    script = """canvases => canvases.map(canvas => canvas.width > 1 && [...canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height).data].some(value => value > 0))"""
    return visitor.page.locator(f"{selector}:visible").evaluate_all(script)


def assert_all_is_on_the_first_screen(visitor: Visitor, width: int, height: int, longest: int):
    photos = boxes(visitor, ".photo-canvas")
    assert len(photos) == 2
    for photo in photos:
        assert max(photo["width"], photo["height"]) >= longest - 0.5
    parts = (".photo-canvas", ".scene-canvas", ".selection", ".scale-range", ".curves-canvas")
    for selector in (*parts, ".number", ".head-grid table", ".st-key-nav", ".photo-choice"):
        for one in boxes(visitor, selector):
            assert within(one, width, height), (selector, one)
    for label in ("Layer", "Attention head"):
        assert within(visitor.page.get_by_role("slider", name=label).bounding_box(), width, height)
    # Of the diagrams the upper part.
    assert all(height - one["y"] > 100 for one in boxes(visitor, ".diagram-canvas"))
    assert len(boxes(visitor, ".diagram-canvas")) == 2


def test_a_page_names_all_scripts_of_its_first_picture(visitor: Visitor, address: str):
    """What isn't named is asked for late, after a journey to the server, and its imports later."""
    visitor.open(f"{address}/compare")
    page = visitor.page.request.get(f"{address}/compare").text()
    entries = "performance.getEntriesByType('resource').map(({name}) => name.split('/').pop())"
    scripts = {name for name in visitor.page.evaluate(entries) if name.endswith(".js")}
    assert any(name.startswith("BidiComponent.") for name in scripts)
    assert {name for name in scripts if name not in page} == set()


def assert_the_dock_stays_in_sight(visitor: Visitor) -> None:
    page = visitor.page
    height = box(visitor, ".bar")["height"]
    page.locator(".reading").scroll_into_view_if_needed()
    page.locator(".mini").first.wait_for()
    assert box(visitor, ".bar")["height"] == height
    page.mouse.move(900, 600)
    page.mouse.wheel(0, 5000)
    visitor.idle()
    assert boxes(visitor, ".photo-canvas")[0]["y"] < -100
    assert -1.5 < box(visitor, ".dock")["y"] < 200
    assert has_paint(visitor, ".mini") == [True, True]
    # What is clicked in the panel is answered where the eye is: in words, and on the small photo.
    before = page.locator(".mini").first.evaluate("canvas => canvas.toDataURL()")
    diagram = page.locator(".diagram-canvas").first
    diagram.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    visitor.settle()
    assert "H" in page.locator(".selection-words").inner_text()[:2]
    assert box(visitor, ".selection")["y"] >= 0
    assert page.locator(".mini").first.evaluate("canvas => canvas.toDataURL()") != before
    page.get_by_role("button", name="Clear selection").click()
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    visitor.idle()


def assert_one_photo_and_the_slider_at_the_thumb(visitor: Visitor, width: int, height: int):
    photo = box(visitor, ".photo-canvas")
    assert photo["width"] >= width - 40
    assert photo["y"] < height / 3
    assert photo["width"] / 16 >= 20  # patches big enough to tap
    dock = box(visitor, ".dock")
    assert abs(dock["y"] + dock["height"] - height) < 1.5
    assert dock["y"] > height / 2
    assert within(box(visitor, ".scale-range"), width, height)
    for link in visitor.page.locator(".st-key-nav a").all():
        assert within(link.bounding_box(), width, height)
    copy = visitor.page.get_by_role("button", name="Copy link")
    assert within(copy.bounding_box(), width, height)


def test_all_that_matters_is_on_the_first_screen_at_every_size(visitor, address):
    visitor.open(address)
    shown = visitor.query()
    assert {name: shown[name] for name in ("a", "b", "layer", "head")} == {
        "a": View.a, "b": View.b, "layer": "8", "head": "mean",
    }  # fmt: skip
    assert visitor.page.locator(".selection-words").inner_text() == PRESETS[0].seen
    for screen in SCREENS:
        visitor.resize(*screen[:2])
        assert_all_is_on_the_first_screen(visitor, *screen)
    assert_the_dock_stays_in_sight(visitor)
    visitor.resize(390, 844)
    assert_one_photo_and_the_slider_at_the_thumb(visitor, 390, 844)
    assert visitor.page.locator(".which [aria-selected=true]").inner_text() == "A: camera"
    visitor.page.get_by_role("tab", name="B: coffee").click()
    visitor.idle()
    assert len(boxes(visitor, ".photo-canvas")) == 1
    assert visitor.query()["shown"] == "b"
    visitor.resize(720, 450)  # 1440 x 900 at 200 %
    assert within(box(visitor, ".scale-range"), 720, 450)
    assert box(visitor, ".photo-canvas")["y"] < 250
    visitor.resize(768, 1024)
    assert within(box(visitor, ".photo-canvas"), 768, 1024)
    assert within(box(visitor, ".dock"), 768, 1024)


# Token, component and loop, each with the buttons that belong to it, and the story.
PICKS = ("b-token-137", "b-h0-3", "b-h1-4", "story")
VIEW_OF = "element.getRootNode().linkedView"


def select(visitor: Visitor, pick: str) -> None:
    page = visitor.page
    if pick == "story":
        page.get_by_role("button", name="Story", exact=True).click()
        page.get_by_role("button", name="Pause").click()
    else:
        script = f"(element, pick) => {VIEW_OF}.select({VIEW_OF}.state.parse(pick))"
        page.locator(".linked").evaluate(script, pick)
    drawn(visitor)


def drawn(visitor: Visitor) -> None:
    """Wait until the view has drawn all that it was asked for, and lies where it then lies."""
    visitor.page.locator(".linked").evaluate(
        f"""async element => {{
          const next = () => new Promise(requestAnimationFrame);
          await next();
          while ({VIEW_OF}.requested) await next();
        }}"""
    )


def scroll_to(visitor: Visitor, place: str) -> None:
    """To the beginning of the page, or to where the photos are out of sight."""
    page = visitor.page
    top = 0 if place == "top" else "document.querySelector('[data-testid=stMain]').scrollHeight"
    page.evaluate(f"document.querySelector('[data-testid=stMain]').scrollTo(0, {top})")
    page.locator(".minis").wait_for(state="hidden" if place == "top" else "visible")
    drawn(visitor)


def assert_the_words_can_be_read(visitor: Visitor) -> None:
    """All in sight; or, where there is little height, an ellipsis and a way to the rest."""
    words = visitor.page.locator(".selection-words")
    sizes = "e => [e.scrollHeight, e.clientHeight, getComputedStyle(e).overflowY]"
    whole, seen, overflow = words.evaluate(sizes)
    if visitor.page.viewport_size["height"] > 560:
        assert whole <= seen or overflow == "auto"
        lines = seen / words.evaluate("e => parseFloat(getComputedStyle(e).lineHeight)")
        assert whole <= seen or lines >= 4
        return
    more = visitor.page.get_by_role("button", name="More")
    assert more.is_visible() == (whole > seen)
    if whole <= seen:
        return
    assert words.evaluate("e => +getComputedStyle(e).webkitLineClamp") == 1
    more.click()
    whole, seen, overflow = words.evaluate(sizes)
    assert whole <= seen or overflow == "auto"
    assert seen > 30
    visitor.page.get_by_role("button", name="Less").click()


def assert_the_buttons_are_in_the_dock(visitor: Visitor, pick: str) -> None:
    dock, row = box(visitor, ".selection"), box(visitor, ".selection .selection-tools")
    assert row["y"] >= dock["y"]
    assert row["y"] + row["height"] <= dock["y"] + dock["height"]
    buttons = boxes(visitor, ".selection .selection-tools button")
    for one in buttons:  # sideways they may lie beyond the row, which is scrolled
        assert one["y"] >= dock["y"]
        assert one["y"] + one["height"] <= dock["y"] + dock["height"]
    last = "Stop the story" if pick == "story" else "Clear selection"
    back = visitor.page.get_by_role("button", name=last)
    clear = back.bounding_box()
    assert clear["x"] >= row["x"]
    assert clear["x"] + clear["width"] <= row["x"] + row["width"] + 0.5
    assert back.evaluate(  # nothing lies over it
        """button => {
          const { x, y, width, height } = button.getBoundingClientRect();
          return button.getRootNode().elementFromPoint(x + width / 2, y + height / 2) === button;
        }"""
    )
    back.click()
    drawn(visitor)


@pytest.fixture(scope="module", params=[(390, 844), (768, 1024), (720, 450), (1440, 900)], ids=str)
def page_of_a_size(request, browser, address) -> Iterator[Visitor]:
    """A visitor for all tests at one size, at which the page was opened."""
    visitor = Visitor(browser, *request.param)
    visitor.open(address)
    yield visitor
    visitor.close()


@pytest.fixture
def at_a_size(page_of_a_size, address) -> Iterator[Visitor]:
    """The same, at the top of the page as it opens; a complaint is that of its test."""
    scroll_to(page_of_a_size, "top")
    page_of_a_size.follow(f"{address}/?{urlencode(PRESETS[0].view.to_query())}")
    yield page_of_a_size
    page_of_a_size.fail_on_complaints()


def test_what_is_selected_can_be_read_and_left(at_a_size):
    visitor, size = at_a_size, at_a_size.page.viewport_size
    assert_the_words_can_be_read(visitor)
    for place in ("top", "end"):
        scroll_to(visitor, place)
        for pick in PICKS if place == "top" else PICKS[2:]:
            select(visitor, pick)
            assert_the_words_can_be_read(visitor)
            assert_the_buttons_are_in_the_dock(visitor, pick)
            dock = box(visitor, ".dock")
            assert within(dock, **size)
            # Nothing of the numbers is cut off, and nothing is wider than its place.
            for one in boxes(visitor, ":is(.number, .go button, .lead button, .scale-typed)"):
                assert one["x"] >= dock["x"]
                assert one["x"] + one["width"] <= dock["x"] + dock["width"] + 0.5
                assert one["y"] + one["height"] <= dock["y"] + dock["height"]


def test_the_slider_and_its_buttons_keep_their_place(at_a_size):
    """Across while one scrolls, and in every way where each photo has a scale of its own."""
    visitor, page = at_a_size, at_a_size.page

    def places() -> list[list[float]]:
        names = (".scale-range", ".curves-canvas", ".go", ".typing", ".numbers")
        bar = box(visitor, ".bar")["y"]
        return [[*one.values(), one["y"] - bar] for one in (box(visitor, name) for name in names)]

    def without_y(all_places: list[list[float]]) -> list[list[float]]:
        return [[x, *others] for x, _, *others in all_places]

    before = places()
    scroll_to(visitor, "end")
    assert without_y(places()) == without_y(before)
    scroll_to(visitor, "top")
    page.get_by_role("button", name="% merged").click()
    drawn(visitor)
    assert page.locator(".number:visible").count() == 5
    merged = places()
    assert without_y(merged) == without_y(before)
    # The dock ends where it ended.
    assert [one[1] for one in merged] == [one[1] for one in before]
    dock = box(visitor, ".dock")
    for one in boxes(visitor, ".number"):
        assert one["y"] + one["height"] <= dock["y"] + dock["height"]


@pytest.mark.parametrize("page_of_a_size", [(720, 450)], indirect=True)
def test_at_twice_the_size_the_photo_has_the_room(at_a_size):
    visitor = at_a_size
    photo, dock = box(visitor, ".photo-canvas"), box(visitor, ".dock")
    assert dock["height"] <= 450 * 0.35
    assert dock["y"] - photo["y"] >= 140
    # The way out of an empty picture lies beside it, and over nothing.
    visitor.page.get_by_role("slider", name="Scale").press("End")
    drawn(visitor)
    offer, canvas = box(visitor, ".offer"), box(visitor, ".curves-canvas")
    assert offer["y"] + offer["height"] <= canvas["y"] + 1
    assert offer["x"] + offer["width"] <= canvas["x"] + canvas["width"]


DROP = """(box, [name, size, bytes]) => {
  const held = new DataTransfer();
  const data = bytes ? Uint8Array.from(bytes) : new Uint8Array(size);
  held.items.add(new File([data], name));
  box.dispatchEvent(new DragEvent('drop', { dataTransfer: held, bubbles: true, cancelable: true }));
}"""


def test_photos_are_chosen_dropped_and_uploaded_on_the_photo(visitor, address, tmp_path):
    page = visitor.page
    visitor.open(address)
    page.evaluate("window.sameDocument = true")
    choice, photo = page.locator(".photo-choice"), page.locator(".photo-box")
    choice.nth(1).select_option("chelsea")
    visitor.settle()
    assert visitor.query()["b"] == "chelsea"
    assert visitor.query()["scale"] == "objects"
    # A file too large never leaves the browser, and says so where it was dropped.
    photo.nth(0).evaluate(DROP, ["LARGE.JPG", 10_500_000, None])
    assert "LARGE.JPG" in page.locator(".refusal:visible").inner_text()
    assert visitor.query()["a"] == View.a
    photo.nth(0).evaluate(DROP, ["mine.jpg", 0, list(jpeg(5, (300, 200)))])
    page.wait_for_function("location.search.includes('a=private-')")
    visitor.settle()
    assert page.locator(".refusal:visible").count() == 0
    assert choice.nth(0).evaluate("list => list.selectedOptions[0].text") == "your photo 1"
    # The button asks for a file; one that isn't a photo is refused on this photo.
    (tmp_path / "notes.png").write_text("no photo")
    with page.expect_file_chooser() as chooser:
        page.locator(".upload").nth(1).click()
    chooser.value.set_files(tmp_path / "notes.png")
    page.locator(".refusal:visible").wait_for()
    visitor.settle()
    assert photo.nth(1).locator(".refusal").is_visible()
    assert not photo.nth(0).locator(".refusal").is_visible()
    assert is_private(visitor.query()["a"])
    assert visitor.query()["b"] == "chelsea"
    # A preset is a link that stays in the session, and Back leads back.
    page.get_by_role("link", name=PRESETS[1].label).click()
    visitor.settle()
    assert visitor.query() == PRESETS[1].view.to_query()
    page.go_back()
    page.wait_for_function("location.search.includes('a=private-')")
    visitor.settle()
    assert visitor.query()["b"] == "chelsea"
    assert page.evaluate("window.sameDocument")


def test_layer_and_head_are_cells_that_the_keyboard_reaches(visitor, address):
    page = visitor.page
    visitor.open(address)
    cells = page.get_by_role("gridcell")
    assert cells.count() == 12 * 8
    assert page.locator('[role=gridcell][tabindex="0"]').count() == 1
    chosen = page.locator("[role=gridcell][aria-selected=true]")
    assert chosen.get_attribute("aria-label").startswith("Layer 8, mean of heads")
    chosen.focus()
    for key in ("ArrowDown", "ArrowDown", "Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    visitor.settle()
    assert (visitor.query()["layer"], visitor.query()["head"]) == ("10", "1")
    assert page.get_by_role("slider", name="Layer").input_value() == "10"
    active = (
        "() => { let one = document.activeElement;"
        " while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;"
        " return one.getAttribute('aria-label'); }"
    )
    assert page.evaluate(active).startswith("Layer 10, head 1")
    cells.filter(has=page.locator("xpath=self::*[@data-layer='3' and @data-head='4']")).click()
    visitor.settle()
    assert (visitor.query()["layer"], visitor.query()["head"]) == ("3", "4")


def test_a_landscape_is_shown_whole_or_as_the_model_sees_it(visitor, address):
    visitor.open(f"{address}/compare?a=rocket&b=coffee&frame=photo")
    for frame, expected in (("photo", 640 / 427), ("model", 1)):
        visitor.follow(f"{address}/compare?a=rocket&b=coffee&frame={frame}")
        first, _ = boxes(visitor, ".photo-canvas")
        assert first["width"] / first["height"] == pytest.approx(expected, rel=0.02)
        assert has_paint(visitor, ".photo-canvas") == [True, True]
