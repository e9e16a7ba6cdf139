"""What is required of the server under load, and how it is said."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from attntopo.links.view import View
from tests.harness.session import Session

DEMO = {"ATTNTOPO_DOWNLOADS": "off", "ATTNTOPO_MEMORY_MB": "800"}
"""The settings of a public demo, as in the image."""
LONE = View("astronaut", "coffee", layer=9, head=3, scale=0.2)
"""What is looked at while nobody else is there."""


@dataclass(frozen=True)
class Verdict:
    """One thing that is required, and what was measured."""

    what: str
    measured: str
    met: bool


def print_verdicts(found: list[Verdict]) -> None:
    """Print what is required, and whether it is met."""
    for one in found:
        print(f"{'met   ' if one.met else 'MISSED'} {one.what}: {one.measured}")


async def wait_for_sample_pairs(address: str) -> Session:
    """Open a page, and wait for what the server computes behind the first visit."""
    session = Session(address)
    await session.open("compare", LONE.to_query())
    for _ in range(90):
        if not any("Comparing with" in node.body.body for node in session.page.all("markdown")):
            break
        await asyncio.sleep(1)
    return session


def tracebacks(log: Path) -> list[str]:
    """Return the tracebacks in a server's log, each to the line that names its error."""
    # As Python writes them, or framed as Rich does, and then the line with the error.
    whole = r"[^\n]*Traceback \(most recent call last\)[^\n]*(?:\s*\n|[ \t│╰][^\n]*\n)*[^\n]*"
    return re.findall(whole, log.read_text("utf-8", "replace"))
