"""What chats make of a link: the tags of its page, and its picture."""

import asyncio
import http.client
import io
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
import streamlit
from PIL import Image

import attntopo as at
from attntopo.figures.painting import painted_photo
from attntopo.figures.tokens import token_grid
from attntopo.links.view import View
from attntopo.publishing import PhotoGoneError
from attntopo.publishing.store import PhotoStore
from attntopo.ui.results import photo_inputs
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.fair_queue import FairQueue
from attntopo.ui.server import link_previews, preview_pictures
from attntopo.ui.server.preview_pictures import PreviewPictures, plain_picture
from tests.harness.app import waits_for
from tests.harness.browser import ROOT
from tests.harness.published import photo

VIEW = View("coffee", "astronaut", layer=10, head=0, distance="jensen-shannon", scale=0.21)


class Tags(HTMLParser):
    """Title and tags of a page's head."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self._in_title = False
        self.feed(page[: page.index("</head>")])

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self._in_title = tag == "title"
        if tag == "meta" and (name := named.get("property") or named.get("name")):
            assert name not in self.said
            self.said[name] = named["content"]
        assert tag in ("html", "head", "meta", "title", "link", "script", "style")

    def handle_data(self, data):
        if self._in_title and data.strip():
            assert "title" not in self.said
            self.said["title"] = data


def get(address: str, **headers: str) -> tuple[dict[str, str], bytes]:
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=120) as got:
        assert got.status == 200
        return {name.lower(): value for name, value in got.headers.items()}, got.read()


def tags(address: str, **headers: str) -> dict[str, str]:
    return Tags(get(address, **headers)[1].decode()).said


def picture(address: str) -> np.ndarray:
    """A link's own picture; while the server is busy with others there is a plain one."""
    answers = []

    def own() -> bool:
        answers.append(get(address))
        return answers[-1][0]["cache-control"] != "no-store"

    waits_for(own, between=0.2)
    headers, data = answers[-1]
    assert headers["content-type"] == "image/jpeg"
    pixels = np.asarray(Image.open(io.BytesIO(data)), dtype=float)
    assert pixels.shape == (630, 1200, 3)
    return pixels


def test_a_page_says_what_its_link_shows(server):
    link = f"{server.address}/compare?{urlencode(VIEW.to_query())}"
    said = tags(link)
    assert said["title"] == said["og:title"] == "coffee and astronaut · AttnTopo"
    assert said["og:url"] == link
    assert said["og:image"].startswith(f"{server.address}/link-preview.jpg?")
    assert dict(parse_qsl(urlsplit(said["og:image"]).query)) == VIEW.to_query()
    assert said["twitter:card"] == "summary_large_image"
    assert "attention" in said["og:description"]
    # Behind a proxy that ends TLS; and damaged, as chats do it.
    assert tags(link, **{"X-Forwarded-Proto": "https"})["og:url"] == link.replace("http:", "https:")
    damaged = tags(link.replace("&", "&amp;") + "&utm_source=chat&unknown=1")
    assert damaged["og:image"] == said["og:image"]
    assert tags(f"{server.address}/")["title"] == f"{View().a} and {View().b} · AttnTopo"
    assert tags(f"{server.address}/atlas?a=ring")["title"].startswith(
        "All attention heads: a synthetic ring and "
    )
    assert tags(f"{server.address}/method")["title"].startswith("Method")


def test_nothing_of_a_link_gets_out_of_its_quotes(server):
    script = "\"><script>alert(1)</script><meta name='"
    for name in ("a", "pick", "model", "unknown", script):
        page = get(f"{server.address}/compare?{urlencode({name: script, 'b': 'rocket'})}")[1]
        assert b"<script>alert" not in page
        assert Tags(page.decode()).said["title"].endswith(" and rocket · AttnTopo")
    # Nor of a host that nobody is called, which is left out.
    for host in ('x"><script>', "evil.invalid/path", "a b", ""):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.putrequest("GET", "/compare", skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        page = answer.read()
        connection.close()
        assert b"evil" not in page
        assert b"<script>alert" not in page
        assert answer.status != 200 or "og:image" not in Tags(page.decode()).said
    assert "og:title" in tags(f"{server.address}/compare?{'x' * 20_000}=1")


def test_a_delete_link_says_nothing_of_its_key(server):
    page = get(f"{server.address}/shared?photo=sha256-{'0' * 64}&key=secret-key")[1].decode()
    assert "secret-key" not in page
    said = Tags(page).said
    assert said["title"] == "Delete a shared photo · AttnTopo"
    assert said["robots"] == "noindex"
    assert not {"og:image", "og:url"} & set(said)


def test_a_page_is_whole_however_it_is_asked_for_and_files_are_as_they_were(server):
    address = f"{server.address}/compare?a=rocket"
    headers, page = get(address)
    assert int(headers["content-length"]) == len(page)
    assert not {"etag", "last-modified", "content-encoding"} & set(headers)
    for asked in (
        {"Accept-Encoding": "gzip, br"},
        {"Range": "bytes=0-9"},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-None-Match": "*"},
    ):
        assert get(address, **asked)[1] == page
    request = urllib.request.Request(address, method="HEAD")
    with urllib.request.urlopen(request, timeout=60) as got:
        assert (got.status, got.read()) == (200, b"")
    script = page.decode().partition('src="./')[2].partition('"')[0]
    headers, data = get(f"{server.address}/{script}", **{"Accept-Encoding": "identity"})
    assert "etag" in headers
    assert data == (Path(streamlit.__file__).parent / "static" / script).read_bytes()


def test_the_picture_is_both_photos_with_the_links_components(server, model):
    pixels = picture(f"{server.address}/link-preview.jpg?{urlencode(VIEW.to_query())}")
    for k, name in enumerate((VIEW.a, VIEW.b)):
        attention = model.attend(at.sample(name))
        topology = at.analyse(attention, VIEW.layer, VIEW.head, VIEW.distance)
        points = topology.distances.tokens
        tokens = token_grid(attention, ("class token",), points)
        skeleton = at.skeleton_at(topology.distances, topology.tree, VIEW.scale)
        painted = painted_photo(tokens, skeleton, longest=576).convert("RGB")
        left = 16 + k * 592
        shown = pixels[16:614, left : left + 576]
        middles = np.asarray(painted.resize((576, 576)), dtype=float)[8:560:36, 8:560:36]
        rows = np.arange(8, 560, 36) + (598 - 576) // 2
        assert np.abs(shown[rows][:, 8:560:36] - middles).mean() < 12


def test_only_what_anybody_may_see_is_on_a_picture(server, network_log):
    address = f"{server.address}/link-preview.jpg"
    samples = picture(f"{address}?layer=9&head=3")
    assert np.array_equal(picture(f"{address}?a=private-0123abcd&layer=9&head=3"), samples)
    shown = photo(7, 60, 60)
    store = PhotoStore(network_log.with_name("photos"), days=1, megabytes=10)
    published = store.publish(shown)
    own = picture(f"{address}?a={published.name}&model=google/vit-base-patch16-224")
    # With a model that isn't in memory nothing is painted, and none is fetched for it.
    expected = Image.fromarray(shown.pixels).resize((576, 576), Image.Resampling.BICUBIC)
    assert np.abs(own[27:603, 16:592] - np.asarray(expected)).mean() < 25
    assert np.abs(own[27:603, 16:592] - samples[27:603, 16:592]).mean() > 25
    gone = f"sha256-{'0' * 64}"
    assert np.array_equal(picture(f"{address}?a={gone}&layer=9&head=3"), samples)
    assert network_log.read_text() == ""


def test_whoever_asks_for_many_pictures_gets_plain_ones(monkeypatch):
    """One at a time, few that wait, few a minute; and nobody waits longer than PATIENCE."""
    working, go_on = [], threading.Event()

    class Held(PreviewPictures):
        def _picture(self, query):
            working.append(query)
            go_on.wait(60)
            return b"own"

    async def flood() -> list[tuple[bytes, bool]]:
        pictures = Held()
        first = [asyncio.create_task(pictures.of({})) for _ in range(50)]
        late = await asyncio.gather(*first[preview_pictures.MOST_WAITING :])
        assert len(working) == 1
        monkeypatch.setattr(preview_pictures, "PATIENCE", 0.05)
        assert set(late) == {(plain_picture(), False)}
        go_on.set()
        return await asyncio.gather(*first[: preview_pictures.MOST_WAITING])

    assert asyncio.run(flood()) == [(b"own", True)] * preview_pictures.MOST_WAITING
    working.clear()
    go_on.clear()

    async def impatient() -> tuple[bytes, bool]:
        answer = await Held().of({})
        go_on.set()
        return answer

    assert asyncio.run(impatient()) == (plain_picture(), False)


def test_a_minute_has_few_pictures(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(preview_pictures.time, "monotonic", lambda: clock[0])
    pictures = PreviewPictures()
    for _ in range(preview_pictures.MOST_A_MINUTE):
        pictures._take_a_turn()
    with pytest.raises(preview_pictures.BusyError):
        pictures._take_a_turn()
    clock[0] += 60
    pictures._take_a_turn()


DAMAGED_RINGS = [
    {"a": ["Ring"], "b": ["ring)."]},
    {"amp;a": ["ring"], "B": ["ring"]},
    {"a": ["ring&amp;b=ring"]},
]


@pytest.mark.parametrize("layer", ["0", "10"])  # the ring has one
@pytest.mark.parametrize("damaged", DAMAGED_RINGS)
def test_the_picture_of_a_damaged_link_is_that_of_the_link(configured, damaged, layer):
    configured()
    whole = {"a": ["ring"], "b": ["ring"]}
    others = {"head": ["1"], "distance": ["hellinger"]}
    pictures = PreviewPictures()
    own = pictures._picture({**whole, **others, "layer": [layer]})
    assert pictures._picture({**damaged, **others, "layer": [layer]}) == own
    # Where the link asks for what there isn't, nothing is painted.
    other_layer = "10" if layer == "0" else "0"
    assert pictures._picture({**whole, **others, "layer": [other_layer]}) != own


def test_whatever_goes_wrong_there_is_a_plain_picture(caplog):
    class Broken(PreviewPictures):
        def _picture(self, query):
            raise ValueError(f"what is nobody's business: {query}")

    assert asyncio.run(Broken().of({})) == (plain_picture(), False)
    (said,) = (record for record in caplog.records if record.name.startswith("attntopo"))
    assert "ValueError" in said.getMessage()
    assert "business" not in caplog.text


def test_the_storage_is_asked_as_seldom_as_pictures_are_made(configured, monkeypatch):
    configured()
    shown = photo(7, 60, 60)
    there = f"sha256-{shown.sha256}"
    asked: list[str] = []

    class Store:
        def load(self, name):
            asked.append(name)
            if name == there:
                return shown
            raise PhotoGoneError

    monkeypatch.setattr(shared, "photo_store", Store)
    pictures = PreviewPictures()
    model = {"model": ["google/vit-base-patch16-224"]}  # it isn't loaded, so nothing is painted
    own = pictures._picture({"a": [there], **model})
    busy = 0
    for k in range(2 * preview_pictures.MOST_A_MINUTE):
        try:
            pictures._picture({"a": [f"sha256-{k:064x}"], **model})
        except preview_pictures.BusyError:
            busy += 1
    assert len(asked) == preview_pictures.MOST_A_MINUTE
    assert busy == preview_pictures.MOST_A_MINUTE + 1
    # What is kept is free, until the photo is to be looked for again.
    assert pictures._picture({"a": [there], **model}) == own
    monkeypatch.setattr(photo_inputs, "_LOOK_AGAIN", 0.0)
    with pytest.raises(preview_pictures.BusyError):
        pictures._picture({"a": [there], **model})
    assert len(asked) == preview_pictures.MOST_A_MINUTE


def test_no_visitor_waits_for_a_preview_that_waits(configured, monkeypatch):
    """While a slot is waited for, nobody else could compute what it is for."""
    configured()
    queue = FairQueue(1)
    monkeypatch.setattr(shared, "queue", lambda: queue)
    ring = photo_inputs.ring()
    view = View("ring", "ring", layer=0, head=0)
    with ThreadPoolExecutor(1) as pool:
        with queue.slot("a visitor"):
            composing = pool.submit(preview_pictures._composed, view, (ring, ring))
            assert isinstance(composing.exception(timeout=60), preview_pictures.BusyError)
            assert queue.state == (1, 0)
            assert shared.kept_results().state["computing"] == 0
        assert pool.submit(preview_pictures._composed, view, (ring, ring)).result(60)


def test_a_preview_tries_again_until_nobody_waits_for_it(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(preview_pictures.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(
        preview_pictures.time, "sleep", lambda seconds: clock.append(clock.pop() + seconds)
    )

    def make() -> bytes:
        if clock[0] < ready:
            raise preview_pictures.BusyError
        return b"own"

    ready = preview_pictures.PATIENCE / 2
    assert preview_pictures._when_there_is_room(make) == b"own"
    ready = float("inf")
    with pytest.raises(preview_pictures.BusyError):
        preview_pictures._when_there_is_room(make)
    assert clock[0] < 2 * preview_pictures.PATIENCE


def test_below_a_path_addresses_have_it(monkeypatch):
    """With an application of our own in Streamlit's place: a page that comes in two pieces."""
    monkeypatch.setattr(link_previews.config, "get_option", lambda _: "topo")
    passed_on: list[str] = []

    async def page(scope, _receive, send):
        passed_on.append(scope["path"])
        kind = [(b"Content-Type", b"text/html"), (b"ETag", b"x"), (b"Content-Length", b"999")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        await send({"type": "http.response.body", "body": b"<head><tit", "more_body": True})
        await send({"type": "http.response.body", "body": b"le>S</title></head>"})

    def asked(path: str, method: str = "GET") -> tuple[dict[bytes, bytes], str]:
        messages = []

        async def send(message):
            messages.append(message)

        scope = {"type": "http", "method": method, "path": path, "query_string": b"a=rocket"}
        scope |= {"scheme": "http", "headers": [(b"host", b"site.test:80")]}
        asyncio.run(link_previews.LinkPreviews(page)(scope, None, send))
        body = b"".join(message.get("body", b"") for message in messages)
        return dict(messages[0]["headers"]), body.decode("latin-1")

    headers, body = asked("/topo/compare")
    said = Tags(body).said
    assert said["og:url"] == "http://site.test:80/topo/compare?a=rocket"
    assert said["og:image"] == "http://site.test:80/topo/link-preview.jpg?a=rocket"
    assert said["title"].startswith("rocket and ")
    assert headers == {b"Content-Type": b"text/html", b"content-length": str(len(body)).encode()}
    others = [("/compare", "GET"), ("/topography", "GET"), ("/topo/x.js", "GET")]
    for path, method in [*others, ("/topo/compare", "POST")]:
        assert asked(path, method)[1] == "<head><title>S</title></head>"
    assert "modulepreload" in body
    assert "modulepreload" not in asked("/topo/method")[1]
    assert "og:title" in asked("/topo")[1]
    assert "og:title" in asked("/topo/")[1]
    assert len(passed_on) == 8


def test_nothing_here_is_where_the_files_lie(server):
    assert str(ROOT).encode() not in get(f"{server.address}/compare")[1]
