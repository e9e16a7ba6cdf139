"""Take the README's screenshot of the real app in a real Chromium.

    .venv/bin/python -m tools.screenshot

Writes docs/compare.png; needs the environment of `python3 run.py test`.
"""

from __future__ import annotations

from pathlib import Path

from tests.harness.browser import Visitor, chromium, serving

OUT = Path(__file__).parents[1] / "docs" / "compare.png"


def main() -> None:
    """Open the app as anyone first does, at a laptop's size, and save what is on the screen."""
    with serving() as address, chromium() as browser:
        visitor = Visitor(browser, width=1440, height=900)
        visitor.open(address)
        visitor.page.wait_for_timeout(3000)  # WebGL in software takes its time
        visitor.page.screenshot(path=OUT)
        visitor.close()
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
