"""How long until a visitor sees a computed picture, in a real Chromium.

    .venv/bin/python -m benchmarks.first_open

Prints the seconds from starting the server (first and second start on a machine, whose kernels are
compiled) and from going to an address (the other rows; of reloads the median of nine, and their
range) until the frame that shows the numbers and both photos is drawn, and until the page has its
last element. The page itself takes the times, frame by frame: what drives it from outside asks a
busy page late. Chromium draws without a graphics card here, as in the tests; with one it is faster.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from attntopo.links.presets import PRESETS
from tests.harness.browser import PAGE_SECONDS, chromium, serving

RELOADS = 9

# Looks at every frame; a message comes after what is found there is drawn.
_WATCH = """
(() => {
  const times = window.firstOpen = {picture: null, all: null};
  const wall = () => (performance.timeOrigin + performance.now()) / 1000;
  const isPainted = (canvas) => {
    const {width, height} = canvas;
    return width > 0 && canvas.getContext("2d").getImageData(width / 2, height / 2, 1, 1).data[3];
  };
  const hasPicture = () => {
    const host = [...document.querySelectorAll('[class*="st-key-linked"] *')]
      .find(({shadowRoot}) => shadowRoot?.querySelector(".number"));
    if (!host) return false;
    const numbers = [...host.shadowRoot.querySelectorAll(".number b")];
    const photos = [...host.shadowRoot.querySelectorAll(".photo-canvas")];
    return numbers.some(({textContent}) => /\\d/.test(textContent)) && photos.every(isPainted);
  };
  const hasAll = () => [...document.querySelectorAll('[data-testid="stDownloadButton"]')]
    .some(({textContent}) => textContent.includes("Download the numbers"));
  const conditions = {picture: hasPicture, all: hasAll};
  const frame = new MessageChannel();
  frame.port1.onmessage = ({data: names}) => names.forEach((name) => times[name] ??= wall());
  const look = () => {
    frame.port2.postMessage(Object.keys(times).filter(
      (name) => times[name] === null && conditions[name]()));
    if (Object.values(times).includes(null)) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


def open_page(browser: Browser) -> Page:
    """Return a page that takes the times of what it shows, with a cache of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PAGE_SECONDS * 1000)
    context.add_init_script(_WATCH)
    return context.new_page()


def seconds(page: Page, address: str, start: float) -> tuple[float, float]:
    """Open an address; return the seconds since `start` (of the clock) to the picture, to all."""
    page.goto(address)
    page.wait_for_function("firstOpen.picture && firstOpen.all", polling=100)
    times = page.evaluate("firstOpen")
    return times["picture"] - start, times["all"] - start


def main() -> None:
    """Measure first and second start, reloads and each preset, and print a table."""
    # Without a hub to ask, so that the same is measured everywhere.
    os.environ["ATTNTOPO_DOWNLOADS"] = "off"
    with chromium() as browser, tempfile.TemporaryDirectory() as cache:
        print(f"{'':24}{'picture':>9}{'all':>8}   seconds")
        for label in ("first start", "second start"):
            start = time.time()
            with serving(ATTNTOPO_CACHE=cache) as address:
                page = open_page(browser)
                _say(label, *seconds(page, address, start))
                _say("reload, at once", *seconds(page, address, time.time()))
                _wait_for_files(Path(cache))
                if label == "second start":
                    _reload(page, address)
                    for preset in PRESETS:
                        query = "&".join(f"{k}={v}" for k, v in preset.view.to_query().items())
                        link = f"{address}/compare?{query}"
                        _say(preset.label, *seconds(page, link, time.time()))
                page.context.close()


def _reload(page: Page, address: str) -> None:
    time.sleep(30)  # the server checks behind the page what lay ready for it
    times = []
    for _ in range(RELOADS):
        time.sleep(1)
        times.append(seconds(page, address, time.time()))
    pictures, ends = zip(*times, strict=True)
    _say("reload", statistics.median(pictures), statistics.median(ends))
    print(f"{'':24}{min(pictures):9.2f} to {max(pictures):.2f}")


def _say(label: str, picture: float, everything: float) -> None:
    print(f"{label:24}{picture:9.2f}{everything:8.2f}", flush=True)


def _wait_for_files(cache: Path) -> None:
    """Wait until what the second start needs is written."""
    end = time.monotonic() + 60
    while len(list(cache.glob("ready-attention/*.npz"))) < 2 and time.monotonic() < end:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
