"""Many visitors at once, each a real session over Streamlit's own websocket, beside one Chromium.

    .venv/bin/python -m benchmarks.visitors [--visitors 20] [--minutes 5] [--json PATH]
    .venv/bin/python -m benchmarks.visitors --kill [--workers 2 1]
    .venv/bin/python -m benchmarks.visitors --hostile [--workers 2 1]

A lone visitor moves the scale first, which is what the crowd is held against. Then each visitor
acts every 3 s: slides the scale, switches layer or head, uploads a photo of their own, changes the
page. One in four is at a Collection of 30 photos of their own. All that pages showed is held
against the library afterwards. With `--kill` the server is killed in the middle and started again.
With `--hostile` one visitor uploads attention without structure and collections, the worst that the
limits allow, and another opens pages and moves the scale. Prints a table and what is required; ends
with 1 where something is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from attntopo.links.photo_names import is_private
from attntopo.links.presets import PRESETS
from attntopo.links.view import View
from attntopo.photos.decoding import decode_photo
from attntopo.publishing.store import PhotoStore
from benchmarks.alone import alone
from benchmarks.collector import Collector
from benchmarks.guest import EVERY, Book, Guest, Seen, picture
from benchmarks.hostile import run_hostile
from benchmarks.verdicts import (
    DEMO,
    Verdict,
    print_verdicts,
    tracebacks,
    wait_for_sample_pairs,
)
from benchmarks.watch import Browser, Library, Memory
from tests.harness.browser import Server
from tests.harness.session import Session

_LONE_MOVES = 20
_ONE_IN = 4  # of so many visitors is at a collection
_MOST_MEGABYTES = 2000
_FLAT_MEGABYTES = 50
_SLOWER = 3


async def lone_visitor(address: str) -> list[float]:
    """Return the seconds from a slide to the server's answer with nobody else there."""
    session = await wait_for_sample_pairs(address)
    seconds = []
    for number in range(_LONE_MOVES):
        await asyncio.sleep(0.5)
        moved = await session.move_scale(110 + 10 * number)
        assert moved.to_view is not None
        seconds.append(moved.to_view)
    await session.close()
    return seconds


async def see_links(address: str, queries: list[dict[str, str]]) -> list[Seen]:
    """Open links one after the other, each as a visitor who just arrived."""
    seen = []
    for query in queries:
        session = Session(address)
        await session.open("compare", query)
        seen.append(Seen(session.values(), session.tiles()))
        await session.close()
    return seen


def links(guests: list[Guest]) -> list[Seen]:
    """Return what must look the same after a restart."""
    # Between two pages the address says nothing yet, or the page shows what was there before.
    shown = [guest.seen() for guest in guests if guest.at_rest]
    # A photo of one's own is gone with the server, and its link says so.
    return [
        one
        for one in shown
        if one.numbers and not one.photos and not any(is_private(one.query[side]) for side in "ab")
    ]


async def power_cut(server: Server, book: Book, guests: list[Guest], published: View) -> list[str]:
    """Kill the server and start it again; return the links that show something else then.

    One of them is of a published photo.
    """
    before = links(guests)
    queries = [preset.view.to_query() for preset in PRESETS[:2]]
    before += await see_links(server.address, [*queries, published.to_query()])
    assert before[-1].query["a"] == published.a, "the published photo wasn't shown"
    book.server_is_away = book.server_was_away = True
    server.kill()
    await asyncio.to_thread(server.start)
    after = await see_links(server.address, [one.query for one in before])
    await asyncio.sleep(2 * EVERY)  # who was about to act finds out only then
    book.server_is_away = False
    print(f"killed and started again; {len(before)} links opened afresh")
    return [
        f"{old.query}: {new.numbers}, not {old.numbers}"
        for old, new in zip(before, after, strict=True)
        if (old.query, old.numbers) != (new.query, new.numbers)
    ]


def publish(place: str) -> View:
    """Publish a photo; return a view of it."""
    photo = decode_photo(picture("published"), "published")
    return View(PhotoStore(place, days=1, megabytes=100).publish(photo).name, "coffee")


async def crowd(
    server: Server, options: argparse.Namespace, book: Book, browser: Browser, memory: Memory
) -> list[str]:
    """Let all visitors in, and wait until they have left; return links that a kill changed."""
    clock = asyncio.get_running_loop().time
    until = clock() + 60 * options.minutes
    guests = [
        (Collector if k % _ONE_IN == _ONE_IN - 1 else Guest)(k, server.address, book, options.seed)
        for k in range(options.visitors)
    ]
    staying = [
        asyncio.create_task(guest.stay(EVERY * k / options.visitors, until))
        for k, guest in enumerate(guests)
    ]
    watching = asyncio.create_task(memory.watch())
    browser.start()
    changed = []
    if options.kill:
        await asyncio.sleep(30 * options.minutes)
        changed = await power_cut(server, book, guests, publish(options.photos))
    for guest, ended in zip(
        guests, await asyncio.gather(*staying, return_exceptions=True), strict=True
    ):
        if ended is not None:
            book.lost.append(f"{guest.name}: {ended!r}")
    watching.cancel()
    await asyncio.to_thread(browser.leave)
    return changed


def verdicts(
    options: argparse.Namespace,
    book: Book,
    browser: Browser,
    memory: Memory,
    wrong: list[str],
    changed: list[str],
) -> list[Verdict]:
    """Hold what was measured against what is required."""
    seconds = book.seconds
    slope, growth = memory.growth()
    lone, many = (
        statistics.median(seconds[name])
        for name in ("slide, alone: to the answer", "slide: to the answer")
    )
    largest = max(memory.megabytes)
    found = [
        Verdict("no error", f"{len(book.errors)}", not book.errors),
        Verdict("no lost session", f"{len(book.lost)}", not book.lost),
        Verdict(
            "what pages showed is what the library finds",
            f"{len(book.seen)} pages and {len(book.sheets)} sheets, {len(wrong)} wrong",
            bool(book.seen) and (bool(book.sheets) or options.visitors < _ONE_IN) and not wrong,
        ),
        Verdict(
            "Chromium saw right numbers after each move",
            f"{browser.moves} moves",
            browser.moves > 0,
        ),
        Verdict(
            f"memory at most {_MOST_MEGABYTES} MB", f"{largest:.0f} MB", largest <= _MOST_MEGABYTES
        ),
        Verdict(
            f"slide at most {_SLOWER} times a lone visitor's (medians)",
            f"{1000 * many:.0f} ms / {1000 * lone:.0f} ms = {many / lone:.1f}",
            many <= _SLOWER * lone,
        ),
    ]
    if options.kill:  # memory begins anew in the middle: flat or not says nothing
        found.append(
            Verdict("links show the same after the kill", f"{len(changed)} changed", not changed)
        )
    else:
        found.append(
            Verdict(
                f"memory flat: its last quarter at most {_FLAT_MEGABYTES} MB above the third",
                f"{growth:+.0f} MB, {slope:+.1f} MB/min",
                growth <= _FLAT_MEGABYTES,
            )
        )
    return found


def table(book: Book) -> list[dict[str, float | str]]:
    """Summarise the seconds of each action, in milliseconds."""
    return [
        {
            "action": name,
            "count": len(found),
            "median": 1000 * statistics.median(found),
            "95 %": 1000 * float(np.percentile(found, 95)),
            "max": 1000 * max(found),
        }
        for name, found in sorted(book.seconds.items())
    ]


def report(rows: list[dict[str, float | str]], found: list[Verdict], memory: Memory, late: int):
    """Print the table and what is required."""
    print(f"{'ms':<34}{'count':>8}{'median':>9}{'95 %':>9}{'max':>9}")
    for row in rows:
        print(
            f"{row['action']:<34}{row['count']:>8}"
            + "".join(f"{row[name]:>9.0f}" for name in ("median", "95 %", "max"))
        )
    print(
        f"The server took {statistics.mean(memory.cores):.2f} cores; "
        f"{late} actions were late for the one before them."
    )
    print_verdicts(found)


def main() -> None:
    """Measure, print, and end with 1 where something is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kill", action="store_true", help="kill the server in the middle")
    parser.add_argument(
        "--hostile",
        action="store_true",
        help="instead: one who uploads attention without structure, and one who feels it",
    )
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        help="of the server, one run after the other: 2 1 with --kill or --hostile, else 2",
    )
    parser.add_argument("--json", type=Path, help="write everything there too")
    options = parser.parse_args()
    options.workers = options.workers or ([2, 1] if options.kill or options.hostile else [2])
    with tempfile.TemporaryDirectory() as folder:
        place, met = Path(folder), []
        for workers in options.workers:
            if options.hostile:
                met.append(alone(run_hostile, workers, place))
            else:
                met.append(alone(run, options, workers, place))
    sys.exit(not all(met))


def run(options: argparse.Namespace, workers: int, folder: Path) -> bool:
    """Run the test with so many workers; return whether all was met."""
    log, options.photos = folder / f"server-{workers}.log", str(folder / f"photos-{workers}")
    print(f"workers: {workers}")
    busy = os.getloadavg()[0]
    book, library = Book(), Library()
    server = Server(log, ATTNTOPO_PHOTOS=options.photos, ATTNTOPO_WORKERS=str(workers), **DEMO)
    memory, browser = Memory(server), Browser(server.address, library, book)
    server.start()
    try:
        book.seconds["slide, alone: to the answer"] = asyncio.run(lone_visitor(server.address))
        changed = asyncio.run(crowd(server, options, book, browser, memory))
    finally:
        server.stop()
    book.errors += tracebacks(log)
    wrong = library.differences(book.seen) + library.differences_of_sheets(book.sheets)
    rows, found = table(book), verdicts(options, book, browser, memory, wrong, changed)
    report(rows, found, memory, book.late)
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores; before this began {busy:.1f} of other work were running or waiting.")
    for what in [*book.errors, *book.lost, *wrong, *changed][:20]:
        print("  ", what)
    if options.json:
        said = {"table": rows, "verdicts": [vars(one) for one in found], "seconds": book.seconds}
        said |= {"megabytes": memory.megabytes, "cores": memory.cores, "load before": busy}
        path = options.json
        if len(options.workers) > 1:
            path = path.with_stem(f"{path.stem}-{workers}")
        path.write_text(json.dumps(said, indent=1), "utf-8")
    return all(one.met for one in found)


if __name__ == "__main__":
    main()
