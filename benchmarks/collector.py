"""What a visitor of the load test does at a collection of photos of their own."""

from __future__ import annotations

import asyncio
import io
import random
from functools import cache
from typing import Any

import attntopo as at
from attntopo.links import PRIVATE, SHEET_COLUMNS
from attntopo.photos.samples import SAMPLES
from benchmarks.guest import Guest, SeenSheet

PHOTOS = 30
"""How many photos a collection has."""

COLLECTION_FIELD = "Up to 200 photos"
"""How the label of the field begins into which a collection is dropped."""

_MIX = (("slide", 0.50), ("sort", 0.20), ("switch", 0.10), ("open", 0.10), ("leave", 0.10))
_MOST_SIDE = 400  # pixels: fewer than a collection keeps, so that Compare shows the file itself


@cache
def small_photos(seed: str, n_photos: int = PHOTOS) -> dict[str, bytes]:
    """Make the files of a collection: crops of the samples, others for each seed."""
    choose, files = random.Random(seed), {}
    for number in range(n_photos):
        picture = at.sample(choose.choice(SAMPLES)).image()
        side = int(min(picture.size) * choose.uniform(0.5, 1.0))
        left, top = (choose.randrange(one - side + 1) for one in picture.size)
        picture = picture.crop((left, top, left + side, top + side))
        picture.thumbnail((_MOST_SIDE, _MOST_SIDE))
        file = io.BytesIO()
        picture.save(file, "JPEG")
        files[f"photo {number}.jpg"] = file.getvalue()
    return files


class Collector(Guest):
    """A visitor who uploads a collection, and opens photos of it in Compare."""

    _first_page = "collection"

    async def _begin(self) -> None:
        files = await asyncio.to_thread(small_photos, self._seed)
        self._sort = ("order", "up")
        added = await self.session.upload_all(COLLECTION_FIELD, files)
        self.book.seconds[f"Collection: add {PHOTOS} photos"].append(added.seconds)
        self._look()

    def _choose(self) -> tuple[str, Any]:
        value = self.random.random()
        if self._page != "collection":
            return "leave", "collection"
        actions, weights = zip(*_MIX, strict=True)
        (action,) = self.random.choices(actions, weights)
        return action, "stability" if action == "leave" else value

    async def _do(self, action: str, value: Any) -> None:
        session, seconds = self.session, self.book.seconds
        if action == "leave" or self._page != "collection":
            await super()._do(action, value)
            await self._add_again()
            return
        if action in ("slide", "sort"):
            if action == "sort":
                self._sort = (self.random.choice(list(SHEET_COLUMNS)), "down")
            moved = await session.move_sheet(10 * int(1000 * value), self._sort)
            seconds["Collection: slide or sort"].append(moved.seconds)
        elif action == "switch":
            moved = await session.set("slider", "Layer", int(12 * value))
            seconds[f"Collection: another layer of {PHOTOS} photos"].append(moved.seconds)
        else:
            number = int(PHOTOS * value)
            moved = await session.open_from_sheet(number)
            self._page = "compare"
            self._photos = {"a": small_photos(self._seed)[f"photo {number}.jpg"]}
            seconds["Collection: open a photo in Compare"].append(moved.seconds)
        self._look()

    async def _come_back(self) -> None:
        await super()._come_back()
        await self._add_again()

    async def _add_again(self) -> None:
        """Upload the collection anew where it is gone with the server."""
        if self._page == "collection" and self.session.values()["collection"] != PRIVATE:
            await self._begin()

    def _look(self) -> None:
        super()._look()
        if self._page == "collection":
            query = self.session.values()
            if query["collection"] == PRIVATE:
                _, features = self.session.sheet()
                self.book.sheets.append(SeenSheet(query, features, small_photos(self._seed)))
