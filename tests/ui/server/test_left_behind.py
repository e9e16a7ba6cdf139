"""What visitors leave with the server, and what others can have of it: over the real socket."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

import attntopo as at
from attntopo.links.view import View
from tests.harness.photos import jpeg
from tests.harness.probing_session import (
    ALL_MB,
    FIELD,
    FILE_MB,
    ProbingSession,
    status_lines,
    unread_upload_bytes,
    wait_for_status,
)
from tests.harness.reference_tiles import expected_tiles
from tests.harness.session import Session

MB = 1_000_000


def large_jpeg(seed: int) -> bytes:
    """A photo of which a megabyte and more is held."""
    return jpeg(seed, (1024, 768))


def tiles_of(model: at.Model, photo: bytes) -> dict[str, str]:
    photos = (at.decode_photo(photo, "a"), at.sample(View().b))
    return expected_tiles(model, View("private"), photos)


Visitors = Callable[[str, Path], Coroutine]


@pytest.fixture
def do(small_server) -> Callable[[Visitors], None]:
    """A function that runs what visitors do."""
    return lambda visitors: asyncio.run(visitors(small_server.address, small_server.log))


@pytest.fixture
def do_alone(small_server, do) -> Callable[[Visitors], None]:
    """A function that does so once those of the tests before have gone, with all they left."""

    def run(visitors: Visitors) -> None:
        if status_lines(small_server.log):
            asyncio.run(wait_for_status(small_server.log, visitors=0, uploads=0))
        do(visitors)

    return run


async def opened(address: str, page: str = "method", **query: str) -> ProbingSession:
    visitor = ProbingSession(address)
    await visitor.open(page, query)
    return visitor


def test_a_file_is_gone_as_soon_as_it_was_read_or_refused(do_alone):
    async def visitors(address, _):
        visitor = await opened(address, "compare")
        await visitor.upload(FIELD + "A", "mine.jpg", large_jpeg(1))
        assert visitor.values()["a"].startswith("private")
        assert unread_upload_bytes(address) == 0
        await visitor.upload(FIELD + "B", "broken.jpg", large_jpeg(2)[:400])
        (refusal,) = visitor.complaints()
        assert unread_upload_bytes(address) == 0
        # The field still shows the name of what was refused, and the page why.
        await visitor.set("slider", "Layer", 3)
        await visitor.set("slider", "Layer", 4)
        assert visitor.complaints() == [refusal]
        await visitor.upload(FIELD + "B", "mine too.jpg", large_jpeg(3))
        assert visitor.values()["b"].startswith("private")
        assert visitor.complaints() == []
        assert unread_upload_bytes(address) == 0
        await visitor.close()

    do_alone(visitors)


def test_files_that_no_field_takes_wait_in_bounded_room(do_alone):
    async def visitors(address, _):
        one = await opened(address)
        for _ in range(9):
            await one.put(bytes(7 * MB))
        assert unread_upload_bytes(address) == 7 * 7 * MB  # half of what all may
        assert await one.put(bytes(1000), "same") == await one.put(bytes(2000), "same")
        assert unread_upload_bytes(address) == 7 * 7 * MB + 2000
        many = [await opened(address) for _ in range(9)]
        for visitor in many:
            for _ in range(2):
                await visitor.put(bytes(7 * MB))
        assert (ALL_MB - FILE_MB) * MB < unread_upload_bytes(address) <= ALL_MB * MB
        # Whoever has filled the room keeps nobody else out.
        honest = await opened(address, "compare")
        await honest.upload(FIELD + "A", "mine.jpg", large_jpeg(1))
        assert honest.values()["a"].startswith("private")
        assert honest.complaints() == []
        for visitor in (one, honest, *many):
            await visitor.close()

    do_alone(visitors)


def test_what_had_to_make_room_is_said(do):
    async def visitors(address, _):
        visitor = await opened(address, "compare")
        file_id = await visitor.put(large_jpeg(1))
        for _ in range(8):
            await visitor.put(bytes(7 * MB))
        await visitor.claim("A", file_id)
        (complaint,) = visitor.complaints()
        assert "had to make room" in complaint
        assert visitor.values().get("a", View().a) == View().a
        await visitor.close()

    do(visitors)


def test_uploads_are_counted_until_nobody_can_come_back_to_them(do_alone, model):
    async def visitors(address, log):
        visitor = await opened(address, "compare")
        await visitor.upload(FIELD + "A", "mine.jpg", large_jpeg(1))
        assert visitor.tiles() == tiles_of(model, large_jpeg(1))
        await visitor.set("slider", "Layer", 3)
        mine = visitor.tiles()
        held = round(at.decode_photo(large_jpeg(1), "mine").pixels.nbytes / MB)
        assert held > 0
        await wait_for_status(log, visitors=1, uploads=held)
        await visitor.lose_connection()
        await wait_for_status(log, visitors=0, uploads=held)
        await visitor.come_back()
        await visitor.set("slider", "Layer", 4)
        await visitor.set("slider", "Layer", 3)
        assert visitor.tiles() == mine
        await wait_for_status(log, visitors=1, uploads=held)
        await visitor.put(b"what nobody reads")
        await visitor.close()
        # Though nobody else comes or leaves. (The metrics would make Streamlit look.)
        await wait_for_status(log, visitors=0, uploads=0)
        assert unread_upload_bytes(address) == 0

    do_alone(visitors)


def test_another_session_gets_nothing_of_a_private_photo(do, model):
    async def visitors(address, _):
        owner, other = await opened(address, "compare"), ProbingSession(address)
        waiting = await owner.put(large_jpeg(1))  # it lies there, not read yet
        await owner.upload(FIELD + "A", "mine.jpg", large_jpeg(2))
        private = [tiles_of(model, large_jpeg(seed)) for seed in (1, 2)]
        assert owner.tiles() == private[1]
        samples = expected_tiles(model, View())
        assert samples not in private
        await other.open("compare", owner.values())  # its link
        assert other.tiles() == samples
        assert any("is private" in text for text in texts(other))
        await other.claim("A", waiting)  # its files, by their ids
        assert other.tiles() == samples
        assert other.values().get("a", View().a) == View().a
        # The owner can: it is there, and whose it is makes the difference.
        await owner.claim("A", waiting)
        assert owner.tiles() == private[0]
        await other.claim("A", waiting)
        assert other.tiles() == samples
        await other.close()
        await owner.close()

    do(visitors)


def texts(visitor: Session) -> list[str]:
    return [node.body.body for node in visitor.page.all("alert")]
