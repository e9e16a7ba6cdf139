"""Take the README's screenshot of the real app in a real Chromium.

    .venv/bin/python -m tools.screenshot

Writes docs/compare.png; needs the environment of `python3 run.py test`.
"""

from __future__ import annotations

from pathlib import Path

from attntopo.links.presets import PRESETS
from tests.harness.browser import Visitor, chromium, serving

OUT = Path(__file__).parents[1] / "docs" / "compare.png"


def main() -> None:
    """Open the second preset at a laptop's width and save what is on the screen."""
    query = "&".join(f"{name}={value}" for name, value in PRESETS[1].view.to_query().items())
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser, width=1440, height=1180)
        visitor.open(f"{address}/compare?{query}")
        visitor.page.wait_for_timeout(3000)  # WebGL in software takes its time
        visitor.page.screenshot(path=OUT)
        visitor.close()
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
