"""How many frames a second the linked view draws while its slider is dragged, in a real Chromium.

    .venv/bin/python -m benchmarks.linked_view

Prints, over each third of the slider's range, frames a second and edges; then the seconds from
releasing the slider to the address that says so, which comes back from the server. At the end the
whole 1-skeleton is there, some 24,000 edges a photo; 3,000 of them at most are drawn in 3D while
things move.
"""

from __future__ import annotations

import statistics
import time

from attntopo.distances import SCALE_STEPS
from attntopo.links.view import View
from tests.harness.browser import Visitor, chromium, serving

VIEW = View("astronaut", "coffee", layer=9, head=3, distance="double-softmax")
THIRDS = 3
RANGE = "element => element.getRootNode().linkedView.controls.range"
DRAGGED = """async (element, [from, to, seconds]) => {
  const view = element.getRootNode().linkedView, range = view.controls.slider;
  const start = performance.now();
  const before = view.frames, longest = [];
  let last = start;
  while (performance.now() - start < 1000 * seconds) {
    const share = (performance.now() - start) / (1000 * seconds);
    range.value = Math.round(from + share * (to - from));
    range.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest.push(now - last);
    last = now;
  }
  const frames = (view.frames - before) / ((performance.now() - start) / 1000);
  longest.sort((a, b) => a - b);
  const words = view.parts[1].box.querySelector(".counts").textContent;
  const edges = +/([\\d,]+) edges?/.exec(words)[1].replaceAll(",", "");
  return [frames, longest[Math.floor(0.95 * longest.length)], edges];
}"""


def release(visitor: Visitor, share: float) -> float:
    """Drag the slider to a share of its length; return the seconds from release to the address."""
    page = visitor.page
    box = page.locator(".scale-range").bounding_box()
    assert box is not None
    before = visitor.query()["scale"]
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 20, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 8 + (box["width"] - 16) * share, middle, steps=4)
    page.wait_for_timeout(300)
    page.mouse.up()
    start = time.perf_counter()
    while visitor.query()["scale"] == before:
        page.wait_for_timeout(5)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    query = "&".join(f"{name}={value}" for name, value in VIEW.to_query().items())
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser)
        visitor.open(f"{address}/compare?{query}")
        view = visitor.page.locator(".linked")
        first, last = (view.evaluate(RANGE)[name] for name in ("first", "last"))
        view.evaluate(DRAGGED, [first, last, 1])  # not counted: code is compiled
        print(f"{'scale':>16}{'frames/s':>12}{'95 % of frames':>18}{'edges of B at the end':>24}")
        for third in range(THIRDS):
            ends = [first + (last - first) * (third + k) // THIRDS for k in (0, 1)]
            frames, slow, edges = view.evaluate(DRAGGED, [*ends, 4])
            scale = "-".join(f"{end / SCALE_STEPS:.3f}" for end in ends)
            print(f"{scale:>16}{frames:>12.0f}{slow:>15.0f} ms{edges:>24,}")
        shares = (0.35, 0.45, 0.55, 0.4, 0.5, 0.6, 0.48)
        seconds = [release(visitor, share) for share in shares]
        print(f"release to new address: {1000 * statistics.median(seconds):.0f} ms (median of 7)")
        visitor.close()


if __name__ == "__main__":
    main()
