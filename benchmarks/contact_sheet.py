"""How many frames a second the contact sheet draws while its slider is dragged, in a real Chromium.

    .venv/bin/python -m benchmarks.contact_sheet [--photos 60]

So many photos are uploaded first, which takes a minute or two. Every photo in sight is painted
anew in each frame. Prints frames a second, by both ways of sliding and third of the slider's range.
"""

from __future__ import annotations

import argparse

from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from benchmarks.collector import small_photos
from tests.harness.browser import Visitor, chromium, serving

THIRDS, SECONDS = 3, 4
WAYS = {"share": "% merged", "scale": "Scale"}
DRAGGED = """async (range, [third, thirds, seconds]) => {
  const [least, most] = [+range.min, +range.max], part = (most - least) / thirds;
  const start = performance.now();
  const longest = [];
  let last = start;
  while (performance.now() - start < 1000 * seconds) {
    const share = (performance.now() - start) / (1000 * seconds);
    range.value = Math.round(least + part * (third + share));
    range.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame); // asked for after the sheet's: that is painted by now
    const now = performance.now();
    longest.push(now - last);
    last = now;
  }
  longest.sort((a, b) => a - b);
  return [1000 * longest.length / (last - start), longest[Math.floor(0.95 * longest.length)]];
}"""
IN_SIGHT = """cells => cells.filter(cell => {
  const { top, bottom } = cell.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}).length"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=60)
    n_photos = parser.parse_args().photos
    view = View("astronaut", "coffee", layer=9, head=3)
    query = "&".join(f"{name}={value}" for name, value in view.to_query().items())
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser)
        visitor.page.goto(f"{address}/collection?{query}")
        visitor.settle_collection(len(SAMPLES))
        visitor.page.set_default_timeout(600_000)
        visitor.add_to_collection(small_photos("contact sheet", n_photos))
        visitor.settle_collection(n_photos)
        seen = visitor.page.locator(".sheet .cell").evaluate_all(IN_SIGHT)
        print(f"{n_photos} photos, {seen} of them in sight")
        print(f"{'slid by':>10}{'third':>8}{'frames/s':>12}{'95 % of frames':>18}")
        for lead, label in WAYS.items():
            visitor.page.locator(f".sheet [data-lead={lead}]").click()
            slider = visitor.page.locator(".sheet .range")
            slider.evaluate(DRAGGED, [0, 1, 1])  # not counted: code is compiled
            for third in range(THIRDS):
                frames, slow = slider.evaluate(DRAGGED, [third, THIRDS, SECONDS])
                print(f"{label:>10}{third + 1:>8}{frames:>12.0f}{slow:>15.0f} ms")
        visitor.close()


if __name__ == "__main__":
    main()
