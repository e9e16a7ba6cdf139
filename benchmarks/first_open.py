"""How long until a visitor sees computed numbers, in a real Chromium.

    .venv/bin/python -m benchmarks.first_open

Prints the seconds from starting the server (first open) and from going to an address (the other
rows) until the numbers are there, and until the page has its last element. Chromium draws without
a graphics card here, as in the tests; with one it is faster.
"""

from __future__ import annotations

import os
import time

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
    """Measure first open, reload and each preset, and print a table."""
    # Without a hub to ask, so that the same is measured everywhere.
    os.environ["ATTNTOPO_DOWNLOADS"] = "off"
    with chromium() as browser:
        rows = []
        start = time.perf_counter()
        with serving() as address:
            visitor = Visitor(browser)
            rows.append(("from the command", *seconds(visitor, address, start)))
            rows.append(("reload", *seconds(visitor, address, time.perf_counter())))
            for preset in PRESETS:
                query = "&".join(f"{k}={v}" for k, v in preset.view.to_query().items())
                link = f"{address}/compare?{query}"
                rows.append((preset.label, *seconds(visitor, link, time.perf_counter())))
            visitor.close()
    print(f"{'':24}{'numbers':>9}{'all':>8}   seconds")
    for label, numbers, everything in rows:
        print(f"{label:24}{numbers:9.1f}{everything:8.1f}")


if __name__ == "__main__":
    main()
