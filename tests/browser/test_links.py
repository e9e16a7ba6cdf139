"""A link shows the same to another visitor on a server that has just started, in Chromium."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Page

from attntopo.links.presets import PRESETS
from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from tests.harness.browser import Visitor
from tests.harness.photos import jpeg
from tests.harness.reference_tiles import expected_tiles

# Everything that can be chosen, chosen otherwise than by default.
ALL_CHOSEN = View(
    "rocket",
    "chelsea",
    model="tiny",
    layer=0,
    head="mean",
    distance="hellinger",
    scale=0.12345,
    share=87.5,
    tokens="patches",
    layout="spring",
    color="photo",
    quantity="h1-longest",
    selection="pair-h0-bottleneck-7",
    paint=35,
    tab="bars",
    matching="h0-bottleneck",
    heat="near",
    sort="tokens-up",
    shown="b",
    camera_a="-1.20,0.80,2.50",
    camera_b="2.05,-0.40,0.70",
    model_b="embedded",
    layer_b=10,
    head_b=4,
    perturbed="b",
    perturbation="zoom",
    strength=1.5,
)
OWN_LOOK = (
    "((view) => ({look: view.displayOptions(), pick: view.state.selection?.text ?? 'none',"
    " step: view.state.step,"
    " counts: view.parts.map(one => one.box.querySelector('.counts').textContent),"
    " words: view.find('.selection-words').textContent,"
    " table: [...view.root.querySelectorAll('tr[data-selection]')]"
    ".map(row => row.dataset.selection)}))"
)
VIEWS = {**{preset.label: preset.view for preset in PRESETS}, "everything": ALL_CHOSEN}
# Of the presets one without its model, and one with attention made by code.
COMPARED = [PRESETS[-1].label, PRESETS[-2].label, "everything"]
ASTRONAUT_AND_COFFEE = {
    "a": "astronaut",
    "b": "coffee",
    "layer": 9,
    "head": 3,
    "distance": "double-softmax",
    "scale": 0.058,
}
LINKS = [
    *[("compare", name) for name in COMPARED],
    ("atlas", "everything"),
    ("stability", "everything"),
    ("method", "everything"),
]


def visit(visitor: Visitor, address: str, page: str, query: str) -> tuple[dict, dict[str, str]]:
    """Open a page in a session of its own; return what it shows, and what its address says."""
    visitor.page.goto(f"{address}/{page}?{query}")
    if page == "compare":
        visitor.settle()
        view = visitor.page.locator(".linked")
        shown = view.evaluate(f"element => {OWN_LOOK}(element.getRootNode().linkedView)")
        shown["tiles"] = visitor.tiles()
    elif page == "atlas":
        visitor.settle_atlas()
        maps = "plots => plots.map(one => one.data.filter(trace => trace.z).map(trace => trace.z))"
        shown = {"maps": visitor.page.locator(".js-plotly-plot").evaluate_all(maps)}
    elif page == "stability":
        visitor.settle_stability()
        shown = {"numbers": visitor.page.locator("[data-testid=stMarkdown] tbody").inner_text()}
    else:
        visitor.page.get_by_role("link", name="Back to Compare").last.wait_for()
        visitor.settle_plots()
        shown = {"text": visitor.page.get_by_test_id("stMain").inner_text()}
    said = visitor.query()
    return shown, said


@pytest.mark.parametrize(("page", "name"), LINKS)
def test_every_page_and_preset_is_the_same_on_another_server(
    page, name, address, other_address, visitor
):
    """The second server knows nothing of the first; the address says all."""
    shown, said = visit(visitor, address, page, urlencode(VIEWS[name].to_query()))
    if name != PRESETS[-1].label:  # whose model isn't to be had without the hub
        assert said == VIEWS[name].to_query()
    assert shown
    assert visit(visitor, other_address, page, urlencode(said)) == (shown, said)


def watch_copying(page: Page) -> None:
    """Note all that the button says, however soon it is over."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".copy-link").evaluate(
        "link => { const [button, words] = ['.copy', '.said'].map(one => link.querySelector(one));"
        " window.said = [];"
        " new MutationObserver(() => said.push(`${button.textContent}: ${words.textContent}`))"
        ".observe(words, {childList: true}); }"
    )


def copied(page: Page) -> str:
    """What is in the clipboard once the button has said so."""
    page.wait_for_function("said.includes('Copied: Link copied')")
    page.evaluate("said.length = 0")
    return page.evaluate("(window.clipboard ?? navigator.clipboard).readText()")


def test_what_is_done_by_hand_is_in_the_link(address, browser):
    """Controls of the linked view, as a visitor uses them, read back from the address alone."""
    view = View(**ASTRONAUT_AND_COFFEE)
    visitor = Visitor(browser, height=1400)
    page = visitor.page
    visitor.open(f"{address}/compare?{urlencode(view.to_query())}")
    page.get_by_text("Display", exact=True).click()
    page.get_by_role("slider", name="Opacity").press("ArrowRight")
    page.get_by_text("Display", exact=True).click()
    page.get_by_role("tab", name="Table of bars").click()
    page.get_by_role("button", name="Birth").click()
    page.get_by_role("button", name="Birth").click()
    page.locator(".scene-canvas").nth(1).press("ArrowRight")
    page.locator("[data-zoom=in]").first.click()
    page.locator(".photo-canvas").first.click(position={"x": 60, "y": 60})
    page.get_by_role("button", name="Who looks alike").click()
    # The link is there at once, before the server has heard of any of it.
    watch_copying(page)
    page.get_by_role("slider", name="Scale").evaluate(
        "slider => { slider.value = 6600; slider.dispatchEvent(new Event('input'));"
        " document.querySelectorAll('*').forEach(({shadowRoot}) =>"
        " shadowRoot?.querySelector('.copy-link .copy')?.click()); }"
    )
    link = copied(page)
    assert "scale=0.066" in link
    page.get_by_role("slider", name="Scale").dispatch_event("change")
    page.wait_for_function(
        "() => ['paint=65', 'tab=bars', 'sort=birth-up', 'heat=near', 'camera_b=0.72%2C0.35',"
        " 'camera_a=0.60%2C0.35%2C1.40', 'pick=a-token-'].every(part => "
        "location.search.includes(part))"
    )
    visitor.idle()
    shown = page.locator(".linked").evaluate(
        f"element => {OWN_LOOK}(element.getRootNode().linkedView)"
    )
    query = urlsplit(page.url).query
    assert dict(parse_qsl(urlsplit(link).query)) == dict(parse_qsl(query))
    assert link.partition("?")[0] == page.url.partition("?")[0]
    # A look of its own changes no number, and survives another head.
    page.get_by_role("slider", name="Layer").press("ArrowLeft")
    page.wait_for_function("() => location.search.includes('layer=8')")
    visitor.settle()
    look = page.locator(".linked").evaluate("e => e.getRootNode().linkedView.displayOptions()")
    assert look == shown["look"]
    again, _ = visit(visitor, address, "compare", query)
    visitor.close()
    assert {**again, "tiles": None} == {**shown, "tiles": None}


def test_a_shared_photo_in_a_link_and_its_deletion(address, other_address, browser, tmp_path):
    """Both servers keep published photos in the same place."""
    path = tmp_path / "holiday.jpg"
    path.write_bytes(jpeg(3, (500, 400)))
    owner = Visitor(browser, height=1400)
    page = owner.page
    owner.open(f"{address}/compare?{urlencode(View().to_query())}")
    page.locator("input[type=file]").first.set_input_files(path)
    page.wait_for_function("() => location.search.includes('a=private')")
    owner.settle()
    watch_copying(page)
    page.locator(".copy-link .copy").click()
    question = page.get_by_role("dialog", name="Copy link")
    assert "Photo A is private" in question.inner_text()
    assert "for 30 days" in question.inner_text()
    assert not question.get_by_role("textbox").is_visible()
    question.get_by_role("button", name="Copy without it").click()
    assert "a=private" in copied(page)
    page.locator(".copy-link .copy").click()
    page.keyboard.press("Escape")
    assert not question.is_visible()
    assert "a=private" in page.url
    page.locator(".copy-link .copy").click()
    page.keyboard.press("Enter")  # the question's first button has the focus
    link = urlsplit(copied(page)).query
    assert "a=sha256-" in link
    owner.settle()
    assert dict(parse_qsl(link)) == owner.query()
    # Where scripts have no clipboard, as over plain http, and where they can't copy at all.
    page.evaluate(
        "() => { window.clipboard = navigator.clipboard;"
        " Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true}) }"
    )
    page.evaluate("clipboard.writeText('before')")
    page.locator(".copy-link .copy").click()
    assert urlsplit(copied(page)).query == link
    page.evaluate("document.execCommand = () => false")
    page.locator(".copy-link .copy").click()
    assert urlsplit(question.get_by_role("textbox").input_value()).query == link
    question.get_by_role("button", name="Close").click()
    page.evaluate("delete document.execCommand; delete navigator.clipboard;")
    page.context.clear_permissions()
    page.get_by_text("Shared by you").click()
    deletion = page.locator("code").filter(has_text="/shared?").inner_text()
    tiles = owner.tiles()
    owner.close()

    visitor = Visitor(browser)
    shown, said = visit(visitor, other_address, "compare", link)
    assert shown["tiles"] == tiles
    assert said == dict(parse_qsl(link))
    visitor.page.goto(f"{other_address}/shared?{urlsplit(deletion).query}")
    visitor.page.get_by_role("img", name="The shared photo").wait_for()
    visitor.page.get_by_role("button", name="Delete this photo").click()
    visitor.page.get_by_text("isn't shared any more").wait_for()
    visitor.page.get_by_role("link", name="Back to Compare").last.click()
    visitor.settle()
    assert "key=" not in visitor.page.url
    visitor.page.goto(f"{other_address}/compare?{link}")
    visitor.page.get_by_text("expired, was deleted").wait_for()
    visitor.settle()
    assert "a=camera" in visitor.page.url
    visitor.close()


# Two for each page; `tests/ui/server` opens more of them, without a browser.
HOSTILE = (
    "v=2&a=../../etc/passwd&b=<script>alert(1)</script>&model=evil/model&layer=-1&head=99&scale=nan",
    "pick=a-h1-999999&scale=0.2000000001&tab=%00&camera_a=1e9,1,1&sort=';drop&paint=1000",
    "a=sha256-"
    + "0" * 64
    + "&b=private&head=mean&head=rollout&distance=euclid&tokens=all&tokens=x&model=tiny",
    "layer_b=3&model_b=google/vit-large-patch16-224&head_b=rollout&a=ring&b=ring&pick=pair-h0-x-1"
    "&model=tiny",
    "&".join(f"x{k}={k}" for k in range(1500)),
    "photo=sha256-" + "0" * 64 + "&key=" + "k" * 5000,
)


@pytest.mark.parametrize(
    ("page", "queries"),
    [("compare", HOSTILE[:2]), ("atlas", HOSTILE[2:4]), ("shared", HOSTILE[4:])],
)
def test_hostile_links_end_in_a_view_and_a_note(address, visitor, page, queries):
    for query in queries:
        visitor.page.goto(f"{address}/{page}?{query}")
        name = {"compare": "Download the numbers", "atlas": "Download the table"}.get(page)
        if name and not query.startswith("photo="):
            visitor.page.get_by_role("button", name=name).wait_for()
        visitor.idle()
        text = visitor.page.locator("body").inner_text()
        assert "Traceback" not in text
        assert "passwd" not in text
        assert "alert(1)" not in text
        assert "has encountered an error" not in text


def test_a_phone_link_keeps_the_photo_that_was_shown(address, browser):
    view = View(**ASTRONAUT_AND_COFFEE, shown="b")
    visitor = Visitor(browser, width=390, height=844)
    visitor.page.goto(f"{address}/compare?{urlencode(view.to_query())}")
    visitor.settle()
    photos = visitor.page.locator(".photo-canvas")
    assert [photos.nth(k).is_visible() for k in (0, 1)] == [False, True]
    visitor.close()


def test_a_sheet_says_that_a_server_that_was_killed_does_not_answer(other_server, browser):
    visitor = Visitor(browser)
    page = visitor.page
    page.goto(f"{other_server.address}/collection?model=tiny&layer=1&head=2")
    visitor.settle_collection(len(SAMPLES))
    other_server.kill()
    page.locator("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])").wait_for()
    other_server.start()
    page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
    page.locator(".sheet .range").press("Home")
    page.get_by_role("button", name="Reload the page").click()
    page.wait_for_url("**share=0.0**")
    visitor.settle_collection(len(SAMPLES))
    assert page.locator(".sheet .value").all_inner_texts() == ["largest 1 %"] * len(SAMPLES)
    visitor.errors.clear()  # the connection that was refused meanwhile
    visitor.close()


def test_an_open_page_survives_a_server_that_was_killed(other_server, browser, model):
    view = View(**ASTRONAUT_AND_COFFEE)
    visitor = Visitor(browser, height=1400)
    visitor.open(f"{other_server.address}/compare?{urlencode(view.to_query())}")
    page = visitor.page
    other_server.kill()
    page.locator("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])").wait_for()
    other_server.start()
    page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
    page.get_by_role("slider", name="Scale").press("ArrowRight")
    expected = expected_tiles(model, replace(view, scale=0.059))
    notice = page.get_by_role("button", name="Reload this view")
    # The browser counts by itself: what the server says of it is the address.
    while not notice.is_visible() and "scale=0.059" not in page.url:
        page.wait_for_timeout(200)
    if notice.is_visible():
        notice.click()
    page.wait_for_url("**scale=0.059**")
    visitor.settle()
    assert visitor.tiles() == expected
    assert "scale=0.059" in page.url
    visitor.errors.clear()  # the connection that was refused meanwhile
    visitor.close()
