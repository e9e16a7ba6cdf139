"""How many frames a second the linked view draws while its slider is dragged, in a real Chromium.

    .venv/bin/python -m benchmarks.linked_view

Prints, over three parts of the scale, frames a second and edges drawn; then the seconds from
releasing the slider to the tiles' new numbers. Where the whole 1-skeleton is there, some 33,000
edges a photo, 6,000 of them are drawn in 3D while things move.
"""

from __future__ import annotations

import statistics
import time

from attntopo.links.view import View
from tests.harness.browser import Visitor, chromium, serving

VIEW = View("astronaut", "coffee", layer=9, head=3, scale=0.02)
DRAGS = ((20, 60), (60, 100), (100, 160))
DRAGGED = """async (element, [from, to, seconds]) => {
  const view = element.getRootNode().linkedView, range = view.controls.slider;
  const start = performance.now();
  const before = view.frames, longest = [];
  let last = start;
  while (performance.now() - start < 1000 * seconds) {
    const share = (performance.now() - start) / (1000 * seconds);
    range.value = Math.round(100 * (from + share * (to - from)));
    range.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest.push(now - last);
    last = now;
  }
  const frames = (view.frames - before) / ((performance.now() - start) / 1000);
  longest.sort((a, b) => a - b);
  const edges = +view.find('[data-number="edges"] b').textContent.split(" | ")[1].replace(/,/g, "");
  return [frames, longest[Math.floor(0.95 * longest.length)], edges];
}"""


def release(visitor: Visitor, step: int) -> float:
    """Drag the slider to a step; return the seconds from release to the tiles' new numbers."""
    page = visitor.page
    box = page.locator(".scale-range").bounding_box()
    assert box is not None
    before = visitor.tiles()
    page.mouse.move(box["x"] + 20, box["y"] + 13)
    page.mouse.down()
    last = int(page.locator(".scale-range").get_attribute("max") or 0)
    x = box["x"] + 8 + (box["width"] - 16) * 100 * step / last
    page.mouse.move(x, box["y"] + 13, steps=4)
    page.wait_for_timeout(300)
    page.mouse.up()
    start = time.perf_counter()
    while visitor.tiles() == before:
        page.wait_for_timeout(5)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    query = "&".join(f"{name}={value}" for name, value in VIEW.to_query().items())
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser)
        visitor.open(f"{address}/compare?{query}")
        view = visitor.page.locator(".linked")
        view.evaluate(DRAGGED, [20, 60, 1])  # not counted: code is compiled, pictures decoded
        print(f"{'scale':>14}{'frames/s':>12}{'95 % of frames':>18}{'edges of B at the end':>24}")
        for start, end in DRAGS:
            frames, slow, edges = view.evaluate(DRAGGED, [start, end, 4])
            scale = f"{start / 1000:.3f}-{end / 1000:.3f}"
            print(f"{scale:>14}{frames:>12.0f}{slow:>15.0f} ms{edges:>24,}")
        seconds = [release(visitor, step) for step in (45, 55, 65, 50, 60, 70, 58)]
        print(f"release to new tiles: {1000 * statistics.median(seconds):.0f} ms (median of 7)")
        visitor.close()


if __name__ == "__main__":
    main()
