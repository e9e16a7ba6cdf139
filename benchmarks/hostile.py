"""One visitor who does the worst that the upload limits allow, and what another feels of it."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from attntopo.attention.npz import LARGEST_TOKENS
from attntopo.distances import DISTANCES
from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from benchmarks.collector import COLLECTION_FIELD
from benchmarks.guest import HIGH, LOW
from benchmarks.hostile_files import ROWS, hostile_collections, hostile_file
from benchmarks.verdicts import (
    DEMO,
    Verdict,
    print_verdicts,
    tracebacks,
    wait_for_sample_pairs,
)
from benchmarks.watch import Memory
from tests.harness.browser import Server
from tests.harness.session import Session, SessionError

PAGES, MOVES = 10, 40
"""First pages and scale moves that are measured, in peace and beside the hostile visitor."""
TABS = 3
"""Files that are worked on at once."""
MOST_SECONDS, MOST_MILLISECONDS, MOST_MEGABYTES = 3.0, 100.0, 300.0

_FIELD = "Your own photo or attention (NPZ) "
_COLLECTIONS = 3  # each of them once


@dataclass
class Felt:
    """What an ordinary visitor felt, in seconds, and what went wrong."""

    pages: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Hostile:
    """A visitor with some tabs, who looks at attention without structure by every distance.

    Attributes
    ----------
    done : list of str
        What was looked at.
    collections : int
        How many of `hostile_collections` were dropped.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.done: list[str] = []
        self.collections = 0
        self.errors: list[str] = []

    async def stay(self, tab: int) -> None:
        """Go through all files and distances in one tab, until cancelled."""
        kinds = [(kind, n) for n in (LARGEST_TOKENS, 577) for kind in ROWS]
        for turn in itertools.count(tab):
            kind, n_tokens = kinds[turn % len(kinds)]
            session = Session(self._address, patience=300)
            try:
                await session.open("compare", View("camera", "coffee").to_query())
                for side in "AB":
                    seed = 2 * turn + (side == "B")
                    data = await asyncio.to_thread(hostile_file, kind, n_tokens, seed)
                    await session.upload(_FIELD + side, "attention.npz", data)
                for distance in DISTANCES:
                    await session.set("selectbox", "Distance between attention rows", distance)
                    self._note(session, f"{kind}, {n_tokens} tokens, {distance}")
                await session.unfold("Options")
                await session.set("selectbox", "3D layout", "spring")
                self._note(session, f"{kind}, {n_tokens} tokens, spring")
                await session.change_page("atlas")
                self._note(session, f"{kind}, {n_tokens} tokens, Atlas")
            except (SessionError, LookupError, OSError, TimeoutError) as error:
                self.errors.append(f"{kind}, {n_tokens} tokens: {error!r}")
            finally:
                with suppress(Exception):
                    await session.close()

    async def collect(self) -> None:
        """Drop hostile files on a collection in one more tab, one after the other."""
        for what, files in itertools.cycle((await asyncio.to_thread(hostile_collections)).items()):
            session = Session(self._address, patience=300)
            try:
                await session.open("collection", View("camera", "coffee").to_query())
                await session.upload_all(COLLECTION_FIELD, files)
                self._note(session, what)
                self.collections += 1
            except (SessionError, LookupError, OSError, TimeoutError) as error:
                self.errors.append(f"{what}: {error!r}")
            finally:
                with suppress(Exception):
                    await session.close()

    def _note(self, session: Session, what: str) -> None:
        self.done.append(what)
        self.errors += [f"{what}: {each}" for each in session.failures if "would take" not in each]
        session.failures.clear()


def _views() -> Iterator[View]:
    """Give views of heads that nobody has looked at yet."""
    choose = random.Random(0)
    heads = [(layer, head) for layer in range(12) for head in range(6)]
    choose.shuffle(heads)
    for layer, head in heads:
        a, b = choose.sample(SAMPLES, 2)
        yield View(a, b, layer=layer, head=head)


async def ordinary_visitor(address: str, views: Iterator[View]) -> Felt:
    """Open pages afresh, and move the scale on each."""
    felt, choose = Felt(), random.Random(1)
    for view in itertools.islice(views, PAGES):
        session = Session(address, patience=300)
        opened = await session.open("compare", view.to_query())
        assert opened.to_view is not None
        felt.pages.append(opened.to_view)
        for _ in range(MOVES // PAGES):
            await asyncio.sleep(0.5)
            moved = await session.move_scale(round(1000 * choose.uniform(LOW, HIGH)))
            assert moved.to_view is not None
            felt.moves.append(moved.to_view)
        felt.errors += session.complaints()
        await session.close()
    return felt


async def _fill_the_memory(address: str) -> None:
    """Look at so much that the server keeps all that it may keep, as after some hours."""
    session = Session(address, patience=300)
    for a, b in zip(SAMPLES[::2], SAMPLES[1::2], strict=True):
        await session.open("compare", View(a, b, input=448).to_query())
        await session.close()


async def _beside(address: str, memory: Memory) -> tuple[Felt, Felt, Hostile, float]:
    await wait_for_sample_pairs(address)
    views = _views()
    await _fill_the_memory(address)
    watching = asyncio.create_task(memory.watch())
    calm = await ordinary_visitor(address, views)
    before = max(memory.megabytes)
    memory.megabytes.clear()
    hostile = Hostile(address)
    tabs = [asyncio.create_task(hostile.stay(tab)) for tab in range(TABS)]
    tabs.append(asyncio.create_task(hostile.collect()))
    await asyncio.sleep(5)
    felt = await ordinary_visitor(address, views)
    # What is worked on now may be gentle: all files have their turn.
    while len(hostile.done) < 2 * TABS * len(DISTANCES) or hostile.collections < _COLLECTIONS:
        await asyncio.sleep(1)
    for each in tabs:
        each.cancel()
    await asyncio.gather(*tabs, return_exceptions=True)
    watching.cancel()
    return calm, felt, hostile, before


def run_hostile(workers: int, folder: Path) -> bool:
    """Measure with so many workers, print, and return whether all was met."""
    log, photos = folder / f"server-{workers}.log", str(folder / f"photos-{workers}")
    server = Server(log, ATTNTOPO_PHOTOS=photos, ATTNTOPO_WORKERS=str(workers), **DEMO)
    memory = Memory(server)
    server.start()
    try:
        calm, felt, hostile, before = asyncio.run(_beside(server.address, memory))
    finally:
        server.stop()
    print(
        f"\nworkers: {workers}; the hostile visitor saw {len(hostile.done)} views, of which "
        f"{hostile.collections} were collections"
    )
    _print("first page, s", calm.pages, felt.pages, 1)
    _print("scale move, ms", calm.moves, felt.moves, 1000)
    errors = calm.errors + felt.errors + hostile.errors
    errors += tracebacks(log)
    for error in errors[:20]:
        print("  ", error)
    found = _verdicts(workers, calm, felt, max(memory.megabytes) - before, errors)
    print_verdicts(found)
    return all(one.met for one in found)


def _print(what: str, calm: list[float], felt: list[float], unit: float) -> None:
    rows = [(statistics.median(each) * unit, max(each) * unit) for each in (calm, felt)]
    print(
        f"{what:<16} in peace {rows[0][0]:.2f} (at most {rows[0][1]:.2f}), beside the hostile "
        f"visitor {rows[1][0]:.2f} (at most {rows[1][1]:.2f})"
    )


def _verdicts(
    workers: int, calm: Felt, felt: Felt, megabytes: float, errors: list[str]
) -> list[Verdict]:
    page = max(felt.pages) - statistics.median(calm.pages)
    move = 1000 * (statistics.median(felt.moves) - statistics.median(calm.moves))
    of = f"workers {workers}: "
    return [
        Verdict(of + "no error", str(len(errors)), not errors),
        Verdict(
            of + f"each first page at most {MOST_SECONDS:g} s more than in peace (median)",
            f"{page:+.1f} s",
            page <= MOST_SECONDS,
        ),
        Verdict(
            of + f"scale move at most {MOST_MILLISECONDS:g} ms more (medians)",
            f"{move:+.0f} ms",
            move <= MOST_MILLISECONDS,
        ),
        Verdict(
            of + f"memory at most {MOST_MEGABYTES:g} MB more, its budget for results full before",
            f"{megabytes:+.0f} MB",
            megabytes <= MOST_MEGABYTES,
        ),
    ]
