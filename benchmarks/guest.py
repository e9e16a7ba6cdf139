"""What one visitor of the load test does, and what all of them write down."""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError

import numpy as np
from PIL import Image

from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from tests.harness.session import Session, SessionError

EVERY = 3.0
"""Seconds between two actions of a visitor."""

LOW, HIGH = 0.1, 0.35
"""Between which scales they move: where most heads' tokens join, by the distance at first."""

_MIX = (("slide", 0.50), ("switch", 0.25), ("upload", 0.10), ("leave", 0.15))
_OTHERS = ("atlas", "stability", "method")  # pages that one goes to from Compare
_TRIES = 10
_LOST = (SessionError, URLError, OSError, TimeoutError)


@dataclass(frozen=True)
class Seen:
    """What a page showed.

    Attributes
    ----------
    query : dict of str
        What its address said.
    numbers : dict of str
        The linked view's, by label.
    photos : dict of bytes
        By side, the photos that the visitor uploaded; the address doesn't carry them.
    """

    query: dict[str, str]
    numbers: dict[str, str]
    photos: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class SeenSheet:
    """What the Collection page showed.

    Attributes
    ----------
    query : dict of str
        What its address said.
    features : dict of dict of float
        What it had of each photo that was computed, by the photo's name.
    files : dict of bytes
        The photos that were uploaded, by name.
    """

    query: dict[str, str]
    features: dict[str, dict[str, float]]
    files: dict[str, bytes]


@dataclass
class Book:
    """What all visitors wrote down.

    Attributes
    ----------
    seconds : dict of list of float
        By action.
    errors, lost : list of str
        What pages complained of; sessions that had to be given up.
    late : int
        Actions that were due while the one before was still at work.
    server_is_away, server_was_away : bool
        Killed, and not yet started again: sessions that end meanwhile are none that were lost.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seen: list[Seen] = field(default_factory=list)
    sheets: list[SeenSheet] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    late: int = 0
    server_is_away: bool = False
    server_was_away: bool = False


def picture(seed: str) -> bytes:
    """Make a JPEG of soft blots, another for each seed: as big as a small photo."""
    blots = np.random.default_rng(list(seed.encode())).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(blots).resize((1280, 960), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


class Guest:
    """One visitor.

    Parameters
    ----------
    number : int
    address : str
    book : Book
    seed : int
        The same seed and number act alike.
    """

    _first_page = "compare"

    def __init__(self, number: int, address: str, book: Book, seed: int = 0) -> None:
        self.name, self.address, self.book = f"visitor {number}", address, book
        self.random = random.Random(f"{seed} {number}")
        self._seed = f"{seed} {number}"
        self._photos: dict[str, bytes] = {}
        self._page = self._first_page
        self.at_rest = False  # what it asked for last is on the page

    def _view(self) -> View:
        a, b = self.random.sample(SAMPLES, 2)
        layer, head = self.random.randrange(12), self.random.randrange(6)
        return View(a, b, layer=layer, head=head)

    async def stay(self, phase: float, until: float) -> None:
        """Open a link, and act every three seconds at one's own phase; both in loop time."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(phase)
        await self._open()
        due = clock() + EVERY
        while due < until:
            await asyncio.sleep(due - clock())
            await self._act()
            while due <= clock():
                due += EVERY
                self.book.late += due <= clock()
        await self.session.close()

    async def _open(self) -> None:
        for _ in range(_TRIES):
            self.session, self._photos, self._page = Session(self.address), {}, self._first_page
            self.at_rest = False
            try:
                opened = await self.session.open(self._first_page, self._view().to_query())
                await self._begin()
            except _LOST as error:
                if not self.book.server_is_away:
                    self.book.lost.append(f"{self.name}, opening a link: {error!r}")
                await asyncio.sleep(EVERY)
            else:
                page = "" if self._page == "compare" else f" to {self._page.capitalize()}"
                self.book.seconds[f"open a link{page}"].append(opened.seconds)
                self._look()
                return
        raise SessionError(f"no link could be opened in {_TRIES} tries")

    async def _begin(self) -> None:
        """Do what a visitor does once, when the page is open."""

    async def _act(self) -> None:
        self.at_rest = False
        action, value = self._choose()
        try:
            await self._do(action, value)
        except LookupError as error:  # the page isn't what it should be
            self.book.errors.append(f"{self.name}, {action}: {error}")
        except _LOST as error:
            if self.book.server_is_away:
                await self._come_back()
            else:
                self.book.lost.append(f"{self.name}, {action} {value}: {error!r}")
                await self._open()

    def _choose(self) -> tuple[str, Any]:
        actions, weights = zip(*_MIX, strict=True)
        (action,) = self.random.choices(actions, weights)
        value = self.random.random()
        if self._page != "compare":
            others = [page for page in _OTHERS if page != self._page]
            return "leave", others[int(2 * value)] if action == "leave" else "compare"
        if action == "leave":
            return action, _OTHERS[int(3 * value)]
        return action, value

    async def _do(self, action: str, value: Any) -> None:
        session, seconds = self.session, self.book.seconds
        if action == "slide":
            moved = await session.move_scale(round(1000 * (LOW + (HIGH - LOW) * value)))
            assert moved.to_view is not None
            seconds["slide: to the answer"].append(moved.to_view)
            seconds["slide: to the end"].append(moved.seconds)
        elif action == "switch":
            layer = value < 0.5
            label, number = (
                ("Layer", int(24 * value)) if layer else ("Attention head", int(6 * value))
            )
            moved = await session.set("slider", label, number)
            seconds["switch layer or head"].append(moved.seconds)
        elif action == "upload":
            await self._upload("a" if value < 0.5 else "b", str(value))
        else:
            moved = await session.change_page(value)
            self._page = value
            seconds[f"go to {value.capitalize()}"].append(moved.seconds)
        self._look()

    async def _upload(self, side: str, which: str) -> None:
        data = await asyncio.to_thread(picture, f"{self._seed} {which}")
        label = f"Your own photo or attention (NPZ) {side.upper()}"
        moved = await self.session.upload(label, "photo.jpg", data)
        self._photos = self._photos | {side: data}
        self.book.seconds["upload a photo"].append(moved.seconds)

    def _look(self) -> None:
        self.at_rest = True
        complaints = self.session.complaints()
        self.session.failures.clear()
        self.book.errors += [f"{self.name}: {what}" for what in complaints]
        if self._page == "compare":
            self.book.seen.append(self.seen())

    def seen(self) -> Seen:
        """Return what is on the page now."""
        query = self.session.values()
        photos = {side: data for side, data in self._photos.items() if is_private(query[side])}
        return Seen(query, self.session.tiles(), photos)

    async def _come_back(self) -> None:
        """Wait for the server, and go on where this tab was; with a run uploads are gone."""
        before = self.session.values()
        begun = time.perf_counter()
        try:
            ran = await self.session.come_back()
        except SessionError as error:
            self.book.lost.append(f"{self.name}, coming back: {error!r}")
            await self._open()
            return
        self.book.seconds["come back after the kill"].append(time.perf_counter() - begun)
        # A photo of one's own is gone; of a page that had just begun the address said nothing yet.
        private = any(is_private(before.get(name, "")) for name in ("a", "b", "collection"))
        kept = bool(before) and not private
        if kept and self.session.values() != before:
            self.book.errors.append(f"{self.name}: another view after the server came back")
        if ran is not None:  # else the page still shows what it showed, own photos too
            self._photos = {}
        self._page = self.session.page_name  # one may just have been left
        self._look()
        if ran is None:
            await self._load_anew()

    async def _load_anew(self) -> None:
        """Do what the page offers when what is moved on it isn't answered any more."""
        query, self._photos = self.session.values(), {}
        await self.session.close()
        self.session = Session(self.address)
        try:
            await self.session.open(self._page, query)
        except _LOST as error:
            self.book.lost.append(f"{self.name}, loading anew: {error!r}")
            await self._open()
            return
        self._look()
