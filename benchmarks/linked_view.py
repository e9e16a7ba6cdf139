"""How many frames a second the linked view draws while its slider is dragged, in a real Chromium.

    .venv/bin/python -m benchmarks.linked_view [--tokens 1025]

Prints what the browser was sent; over each third of the slider's range, frames a second and edges;
then the seconds from releasing the slider to the address that says so, which comes back from the
server. At the end the whole 1-skeleton is there, of 257 tokens some 24,000 edges a photo; 3,000 of
them at most are drawn in 3D while things move. With another number of tokens the same head's
attention on the same photos is dropped in as files.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import attntopo as at
from attntopo.distances import SCALE_STEPS
from attntopo.links.view import View
from tests.harness.browser import Visitor, chromium, serving
from tests.harness.resolution import SIDES, attention_at

VIEW = View("astronaut", "coffee", layer=9, head=3, distance="double-softmax")
OWN = View("ring", "ring", layer=0, head=0, distance="double-softmax")
SHOWN_TOKENS = 257  # of the photos as the app shows them
THIRDS = 3
SENT = "() => [...window.attntopoHeads.values()].at(-1).length"
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


def open_view(visitor: Visitor, address: str, n_tokens: int) -> None:
    """Show the view; where its photos have another number of tokens, from files."""
    view = VIEW if n_tokens == SHOWN_TOKENS else OWN
    query = "&".join(f"{name}={value}" for name, value in view.to_query().items())
    visitor.open(f"{address}/compare?{query}")
    if view is VIEW:
        return
    model = at.load_model("embedded")
    for side, name in enumerate((VIEW.a, VIEW.b)):
        whole = attention_at(model, at.sample(name), n_tokens)
        maps = whole.maps[VIEW.layer, int(VIEW.head)]
        own = at.Attention.from_arrays(maps, whole.grid, whole.n_prefix, whole.input_pixels)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.npz"
            path.write_bytes(at.save_attention(own))
            visitor.page.locator("input[type=file]").nth(side).set_input_files(path)
            changed = f"() => /[?&]{'ab'[side]}=private-/.test(location.search)"
            visitor.page.wait_for_function(changed)
            visitor.settle()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=SHOWN_TOKENS, choices=sorted(SIDES))
    n_tokens = parser.parse_args().tokens
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser)
        open_view(visitor, address, n_tokens)
        sent = visitor.page.evaluate(SENT)
        print(f"{n_tokens} tokens: {sent / 1e6:.2f} MB for two photos")
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
