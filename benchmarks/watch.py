"""What is watched beside the visitors: the server's memory, a real browser, the numbers."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

import attntopo as at
from attntopo.analysis import photo_head
from attntopo.links import column_of
from attntopo.links.query import read_query
from attntopo.links.view import View
from attntopo.models.loading import describe_model
from attntopo.photos.decoding import decode_photo
from benchmarks.guest import EVERY, HIGH, LOW, Book, Seen, SeenSheet
from tests.harness.browser import Server, Visitor, chromium
from tests.harness.reference_tiles import scales_of, tiles_at

_VIEW = View("astronaut", "coffee", layer=9, head=3)
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


class Memory:
    """The server's memory and processor time, every second.

    Attributes
    ----------
    megabytes : list of float
        Resident, of 10^6 bytes.
    cores : list of float
        Processor seconds a second.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.megabytes: list[float] = []
        self.cores: list[float] = []

    async def watch(self) -> None:
        """Look every second, until cancelled."""
        used, at_time = self._used(), time.perf_counter()
        while True:
            await asyncio.sleep(1)
            folder = Path("/proc", str(self._server.process.pid))
            try:
                pages = int((folder / "statm").read_text().split()[1])
            except OSError:  # it was killed
                continue
            self.megabytes.append(pages * _PAGE / 1e6)
            before, used = used, self._used()
            seconds, at_time = time.perf_counter() - at_time, time.perf_counter()
            self.cores.append(max(0.0, used - before) / seconds)

    def _used(self) -> float:
        try:
            fields = Path("/proc", str(self._server.process.pid), "stat").read_text().split(") ")[1]
        except OSError:
            return 0.0
        return sum(int(ticks) for ticks in fields.split()[11:13]) / _TICK

    def growth(self) -> tuple[float, float]:
        """Return the second half's slope, MB a minute, and its last quarter less the third."""
        half = self.megabytes[len(self.megabytes) // 2 :]
        slope = float(np.polyfit(np.arange(len(half)), half, 1)[0])
        third, last = half[: len(half) // 2], half[len(half) // 2 :]
        return 60 * slope, statistics.median(last) - statistics.median(third)


class Library:
    """What pages must show, computed by the library."""

    def __init__(self) -> None:
        self._model = at.load_model("embedded")
        info = describe_model("embedded")
        self._describe = lambda *_: info
        self._attention = lru_cache(maxsize=24)(self._attend)
        self._topology = lru_cache(maxsize=256)(self._analyse)
        self._comparison = lru_cache(maxsize=256)(at.compare)

    def _attend(self, photo: str | bytes) -> at.Attention:
        known = at.sample(photo) if isinstance(photo, str) else decode_photo(photo, "photo")
        return self._model.attend(known)

    def _analyse(
        self, photo: str | bytes, layer: int, head: int | str, distance: str, tokens: str
    ) -> at.HeadTopology:
        return at.analyse(self._attention(photo), layer, head, distance, tokens)

    def numbers(self, view: View, photos: dict[str, bytes] | None = None) -> dict[str, str]:
        """Return the numbers of a view, with uploaded photos by side."""
        photos = photos or {}
        shown = (photos.get("a", view.a), photos.get("b", view.b))
        found = [
            self._topology(photo, view.layer, view.head, view.distance, view.tokens)
            for photo in shown
        ]
        return tiles_at(found, self._comparison(*found), *scales_of(found, view))

    def differences(self, seen: Sequence[Seen]) -> list[str]:
        """Name everything that a page showed and the library doesn't find."""
        wrong = []
        # By photo, so that little has to be kept.
        for one in sorted(seen, key=lambda one: (sorted(one.photos.values()), one.query["a"])):
            query = {name: [value] for name, value in one.query.items()}
            view, notes = read_query(query, ["embedded"], self._describe)
            expected = self.numbers(view, one.photos)
            if notes or one.numbers != expected:
                wrong.append(f"{one.query}: {one.numbers} instead of {expected}; {notes}")
        return wrong

    def differences_of_sheets(self, seen: Sequence[SeenSheet]) -> list[str]:
        """Name every sheet of which one of the photos that are looked up has other features."""
        choose, wrong, checked = random.Random("sheets"), [], set()
        for one in seen:
            query = {name: [value] for name, value in one.query.items()}
            view, _ = read_query(query, ["embedded"], self._describe)
            if set(one.features) != set(one.files):
                wrong.append(f"{one.query}: {len(one.features)} photos of {len(one.files)}")
                continue
            name = choose.choice(sorted(one.files))
            if (what := (one.files[name], view.layer, view.head, view.distance)) in checked:
                continue
            checked.add(what)
            head = photo_head(self._attention(one.files[name]), *what[1:], view.tokens)
            expected = {column_of(key): value for key, value in head.features.items()}
            if one.features[name] != expected:
                wrong.append(f"{one.query}: {name} has {one.features[name]}, not {expected}")
        return wrong


class Browser(threading.Thread):
    """One Chromium, whose visitor moves the scale and compares all numbers with the library's.

    Attributes
    ----------
    moves : int
    """

    def __init__(self, address: str, library: Library, book: Book) -> None:
        super().__init__(daemon=True)
        self._address, self._book = address, book
        self._expected = {
            step: library.numbers(View("astronaut", "coffee", layer=9, head=3, scale=step / 1000))
            for step in range(round(1000 * LOW), round(1000 * HIGH), 2)
        }
        self._leave = threading.Event()
        self.moves = 0

    def run(self) -> None:
        """Look until told to leave."""
        try:
            with chromium() as browser:
                visitor = Visitor(browser)
                visitor.open(f"{self._address}/compare?{urlencode(_VIEW.to_query())}")
                self._move(visitor)
                if self._book.server_was_away:
                    visitor.page.wait_for_timeout(100)  # what the page said is taken in only now
                    visitor.errors.clear()  # of connections that were refused meanwhile
                visitor.close()
        except Exception as error:
            self._book.errors.append(f"Chromium: {error!r}")

    def _move(self, visitor: Visitor) -> None:
        steps = random.Random("chromium")
        while not self._leave.wait(EVERY):
            if self._book.server_is_away:
                continue
            before, step = visitor.tiles(), steps.choice(list(self._expected))
            field = visitor.page.locator(".scale-typed")
            field.fill(f"{step / 1000:.3f}")
            begun = time.perf_counter()
            field.press("Enter")
            while visitor.tiles() != self._expected[step]:
                visitor.page.wait_for_timeout(20)
                if time.perf_counter() - begun > 60:
                    shown = visitor.tiles()
                    raise AssertionError(f"{shown} at {step}, not {self._expected[step]}")
            if before != self._expected[step]:
                self._book.seconds["slide in Chromium: to new numbers"].append(
                    time.perf_counter() - begun
                )
            self.moves += 1

    def leave(self) -> None:
        """Tell it to leave, and wait until it has."""
        self._leave.set()
        self.join(timeout=120)
        if self.is_alive():
            self._book.errors.append("Chromium doesn't come to an end")
