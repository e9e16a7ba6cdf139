"""How long until a visitor sees computed numbers, in a real Chromium.

    .venv/bin/python -m benchmarks.first_open

Prints the seconds from starting the server (first and second start on a machine, whose kernels are
compiled) and from going to an address (the other rows) until the numbers are there, and
until the page has its last element. Chromium draws without a graphics card
here, as in the tests; with one it is faster.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from attntopo.links.presets import PRESETS
from tests.harness.browser import Visitor, chromium, serving


def seconds(visitor: Visitor, address: str, start: float) -> tuple[float, float]:
    """Open an address; return the seconds since `start` to the numbers, and to the end."""
    visitor.page.goto(address)
    visitor.page.locator(".number b:text-matches('[0-9]'):visible").first.wait_for()
    numbers = time.perf_counter() - start
    visitor.page.get_by_role("button", name="Download the numbers").wait_for()
    return numbers, time.perf_counter() - start


def main() -> None:
    """Measure first and second start, reload and each preset, and print a table."""
    # Without a hub to ask, so that the same is measured everywhere.
    os.environ["ATTNTOPO_DOWNLOADS"] = "off"
    with chromium() as browser, tempfile.TemporaryDirectory() as cache:
        rows = []
        for label in ("first start", "second start"):
            start = time.perf_counter()
            with serving(ATTNTOPO_CACHE=cache) as address:
                visitor = Visitor(browser)
                rows.append((label, *seconds(visitor, address, start)))
                rows.append(("reload", *seconds(visitor, address, time.perf_counter())))
                if label == "second start":
                    for preset in PRESETS:
                        query = "&".join(f"{k}={v}" for k, v in preset.view.to_query().items())
                        link = f"{address}/compare?{query}"
                        rows.append((preset.label, *seconds(visitor, link, time.perf_counter())))
                visitor.close()
                _wait_for_files(Path(cache))
    print(f"{'':24}{'numbers':>9}{'all':>8}   seconds")
    for label, numbers, everything in rows:
        print(f"{label:24}{numbers:9.1f}{everything:8.1f}")


def _wait_for_files(cache: Path) -> None:
    """Wait until what the second start needs is written."""
    end = time.monotonic() + 60
    while len(list(cache.glob("ready-attention/*.npz"))) < 2 and time.monotonic() < end:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
