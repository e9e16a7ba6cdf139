"""The linked view's modules on a page of their own, without Streamlit, and two small heads for it.

    python -m tests.harness.linked_page

writes the reference pictures of `tests/browser/test_reference_pictures.py` anew: look at what `git
diff` says of them before they are committed.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import streamlit
from PIL import Image
from playwright.sync_api import Browser, Route

import attntopo as at
from attntopo.analysis import HeadTopology
from attntopo.diagrams import Matching, all_matchings
from attntopo.figures.jpeg import jpeg_url
from attntopo.figures.linked import (
    LinkedData,
    LinkedSide,
    PhotoPicture,
    linked_data,
)
from attntopo.figures.tokens import token_grid
from attntopo.links.view import View
from attntopo.topology import Cycle, distance_layout, representative_cycles
from attntopo.ui.linked import STYLES
from attntopo.ui.linked.modules import joined_styles
from tests.harness.browser import Visitor, chromium

MODULES = Path(at.__file__).parent / "ui" / "linked"
PICTURES = Path(__file__).parents[1] / "browser" / "reference"
FONTS = Path(streamlit.__file__).parent / "static" / "static" / "media"
ADDRESS = "http://linked-view.test/"
GRID = (5, 9)  # not square: a picture whose rows are columns shows
# Tokens, radius and middle of each ring; the last two are clusters, so small that they are filled.
RINGS = [(20, 2.6, (0, 0)), (12, 1.6, (5, 3)), (8, 0.5, (-5, 4)), (6, 0.4, (1, -6))]
N_TOKENS = 1 + GRID[0] * GRID[1]
DISTANCE = "jensen-shannon"
WHOLE_PHOTO = PhotoPicture("photo", (14 * GRID[1], 14 * GRID[0]), (0.0, 0.0, 1.0, 1.0))
STEP = 30_000

# What Streamlit gives a component: its parent element, a theme, and a way to say something.
HTML = """<!doctype html><meta charset="utf-8">
<style>
@font-face { font-family: "Source Sans"; src: url("font.woff2"); }
body { margin: 0; --st-font: "Source Sans"; --st-background-color: #ffffff;
  --st-secondary-background-color: #f0f2f6; --st-text-color: #31333f;
  --st-primary-color: #b0306a; --st-border-color: #d3d3d8; }
</style>
<div id="host" style="width: 1100px; margin: 0 56px"></div>
<script type="module">
import mount from "./main.js";
import { keepHeads } from "./head_store.js";
import { keepPhoto } from "./photo_store.js";
import { keyOf } from "./unpack.js";
const read = async (name) => (await fetch(name)).text();
await document.fonts.load('12px "Source Sans"');
const root = document.getElementById("host").attachShadow({ mode: "open" });
root.innerHTML = `<style>${await read("view.css")}</style>${await read("view.html")}`;
window.said = [];
window.mountView = (data) => {
  const setStateValue = (name, value) => said.push([name, value]);
  for (const { key, url } of data.pixels) keepPhoto(key, url);
  const packed = Uint8Array.from(atob(data.packed), (one) => one.charCodeAt(0));
  keepHeads(keyOf(packed), packed);
  data.seen = said.at(-1)?.[1].sent ?? 0;
  const setTriggerValue = setStateValue;
  return mount({ parentElement: root, data: [data], setStateValue, setTriggerValue });
};
window.drawn = async (act) => {  // all pictures, after the act
  const view = root.linkedView, before = view.frames;
  while (view.head !== view.received.head) await new Promise(requestAnimationFrame);
  act?.(view);
  view.requestDraw();
  while (view.frames === before || view.parts.some((one) => !one.photo.image) || view.requested) {
    await new Promise(requestAnimationFrame);
  }
};
window.ready = true;
</script>
"""
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


class TwoHeads:
    """Two heads of a few tokens, with all that is known of them, and what the browser gets."""

    def __init__(self) -> None:
        self.attentions = [rings_and_clusters(seed) for seed in (3, 8)]
        self.topologies: list[HeadTopology] = [
            at.analyse(one, 0, 0, DISTANCE) for one in self.attentions
        ]
        self.matchings: dict[str, Matching] = all_matchings(
            *(one.diagrams for one in self.topologies)
        )
        self.cycles: list[Sequence[Cycle]] = []
        self.largest = at.DISTANCES[DISTANCE].largest_scale(N_TOKENS)
        self.sides = [
            self._side(*each) for each in zip("AB", self.attentions, self.topologies, strict=True)
        ]
        first, second = self.sides
        self.data: LinkedData = linked_data((first, second), self.matchings, 0.0, self.largest)

    def side(self, letter: str) -> LinkedSide:
        """Return what the data are made from."""
        return self.sides["AB".index(letter)]

    def _side(self, letter: str, attention: at.Attention, head: HeadTopology) -> LinkedSide:
        points = np.arange(N_TOKENS)
        tokens = token_grid(attention, ("class token",), points)
        cycles = representative_cycles(head.distances, head.diagrams, tokens.lengths)
        self.cycles.append(cycles)
        return LinkedSide(
            name=f"photo {letter}",
            topology=head,
            tokens=tokens,
            picture=PhotoPicture(f"photo {letter}", WHOLE_PHOTO.size, WHOLE_PHOTO.box),
            layout=distance_layout(head.distances),
            attention=attention.head(0, 0),
            cycles=dict(enumerate(cycles)),
        )

    def message(
        self,
        pick: str = "none",
        revision: int = 1,
        step: int | None = STEP,
        share: int | None = None,
        **look: Any,
    ) -> dict[str, Any]:
        """Return what Python sends: the heads, and what is to be shown of them."""
        options = {**View("ring", "ring").display_options(), **look}
        now = {"step": step, "share": share, "pick": pick, "look": options}
        names = [f"photo {letter}" for letter in "AB"]
        return {
            "head": self.data.key,
            "packed": base64.b64encode(self.data.packed).decode(),
            "photos": [
                {
                    "options": [(one, one) for one in names],
                    "chosen": name,
                    "refused": "",
                    "megabytes": {"photo": 10, "attention": 64},
                }
                for name in names
            ],
            "caveats": "",
            "seen_here": "",
            "verdict": "",
            "revision": revision,
            "now": now,
            # These come by a component of their own.
            "pixels": [
                {"key": name, "url": jpeg_url(Image.fromarray(attention.input_pixels))}
                for name, attention in zip(names, self.attentions, strict=True)
            ],
        }


def rings_and_clusters(seed: int) -> at.Attention:
    """Make attention by nearness in the plane, of two rings and two clusters."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices(GRID).reshape(2, -1)
    places = []
    for n_tokens, radius, middle in RINGS:
        turns = (np.arange(n_tokens) + random.uniform(-0.3, 0.3, n_tokens)) / n_tokens
        ring = np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=1)
        places.append(middle + radius * ring + random.normal(scale=0.12, size=ring.shape))
    places = np.vstack(places)
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    maps = np.exp(-(apart**2) / 2) + 3e-3 * random.random((N_TOKENS, N_TOKENS))
    colours = np.stack([28 * columns, 60 * rows, 255 - 25 * columns], axis=1)
    pixels = colours.reshape(*GRID, 3).astype(np.uint8).repeat(14, axis=0).repeat(14, axis=1)
    return at.Attention.from_arrays(maps / maps.sum(axis=1, keepdims=True), GRID, 1, pixels)


class LinkedPage:
    """The view on its page: what it says of itself, and what it painted.

    Parameters
    ----------
    browser : Browser
    heads : TwoHeads
    first : str, optional
        A script that runs before the view's own.
    """

    def __init__(self, browser: Browser, heads: TwoHeads, first: str = "") -> None:
        self.visitor = Visitor(browser, width=1220, height=1400, script=first)
        self.page = self.visitor.page
        self.heads = heads
        self._revision = 0
        self.page.route(f"{ADDRESS}**", _serve)
        self.page.goto(ADDRESS)
        self.page.wait_for_function("() => window.ready")

    def show(self, **shown: Any) -> None:
        """Send what is to be shown, as Python does, and wait until it is drawn."""
        self.page.mouse.move(1215, 5)  # beside the view
        self._revision += 1
        message = self.heads.message(revision=self._revision, **shown)
        self.page.evaluate(
            "async (data) => { window.leave = mountView(data); await drawn(); }", message
        )

    def ask(self, expression: str) -> Any:
        """Return what the view says of itself, or does."""
        return self.page.evaluate(
            f"() => {{ const view = host.shadowRoot.linkedView; return {expression}; }}"
        )

    def painted(self, canvas: str) -> np.ndarray:
        """Return a canvas's pixels on white, float64, shape (height, width, 3)."""
        address = self.ask(f"{canvas}.toDataURL()")
        picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        return np.asarray(ground.convert("RGB"), dtype=np.float64)


def _serve(route: Route) -> None:
    name = urlsplit(route.request.url).path[1:]
    if name == "":
        route.fulfill(body=HTML, content_type="text/html")
    elif name == "font.woff2":  # Streamlit's own, so that words are drawn alike everywhere
        (font,) = FONTS.glob("SourceSansVF-Upright.*.woff2")
        route.fulfill(path=font, content_type="font/woff2")
    elif name == "view.css":
        route.fulfill(body=joined_styles(*STYLES), content_type="text/css")
    elif (MODULES / name).is_file():
        route.fulfill(path=MODULES / name, content_type=TYPES[Path(name).suffix])
    else:
        route.fulfill(status=204)  # the icon that Chromium asks for


# Each picture: in which tab, and its canvas.
CANVASES = {
    "photo": ("diagrams", "view.parts[0].photo.canvas"),
    "scene": ("diagrams", "view.parts[0].scene.canvas"),
    "diagram": ("diagrams", "view.panel.content.diagrams[0].canvas"),
    "curves": ("diagrams", "view.curves.canvas"),
    "matching": ("matching", "view.panel.content.picture.canvas"),
    "barcode": ("barcode", "view.panel.content.pictures[0].canvas"),
    "dendrogram": ("dendrogram", "view.panel.content.pictures[0].canvas"),
    "matrix": ("matrix", "view.panel.content.pictures[0].canvas"),
}


def main() -> None:
    """Write the reference pictures."""
    PICTURES.mkdir(exist_ok=True)
    with chromium() as browser:
        page = LinkedPage(browser, TwoHeads())
        for name, (tab, canvas) in CANVASES.items():
            page.show(tab=tab)
            picture = Image.fromarray(page.painted(canvas).astype(np.uint8))
            picture.save(PICTURES / f"{name}.png", optimize=True)
        page.visitor.close()


if __name__ == "__main__":
    main()
