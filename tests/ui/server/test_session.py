"""The harness's client is trusted only because it sees and does what a browser would."""

import asyncio

import pytest
import websockets
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import attntopo as at
from attntopo.links import PRIVATE
from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from attntopo.photos.decoding import decode_photo
from tests.harness.browser import Server
from tests.harness.connection import SessionError
from tests.harness.photos import jpeg
from tests.harness.probing_session import ProbingSession
from tests.harness.reference_tiles import expected_tiles
from tests.harness.session import Session

VIEW = View("astronaut", "coffee", layer=9, head=3, scale=0.058)


async def visit(address: str) -> list[tuple[dict[str, str], dict[str, str], list[str]]]:
    """Act as one visitor; return tiles, address and complaints after each step."""
    session, seen = Session(address), []

    def see() -> None:
        seen.append((session.tiles(), session.values(), session.complaints()))

    await session.open("compare", VIEW.to_query())
    see()
    moved = await session.move_scale(71)
    assert moved.to_view is not None
    assert 0 < moved.to_view <= moved.seconds
    see()
    await session.set("slider", "Attention head", "mean")
    see()
    await session.upload("Your own photo or attention (NPZ) B", "mine.jpg", jpeg(5))
    see()
    await session.change_page("method")
    assert (session.page_name, session.tiles()) == ("method", {})
    assert any("Method" in node.body.body for node in session.page.all("markdown"))
    await session.change_page("compare")
    assert session.page_name == "compare"
    see()
    await session.close()
    return seen


def test_a_session_sees_the_librarys_numbers(model: at.Model, server: Server) -> None:
    seen = asyncio.run(visit(server.address))
    photo = decode_photo(jpeg(5), "mine", max_megabytes=10, max_megapixels=40)
    photos = (at.sample("astronaut"), photo)
    moved = View("astronaut", "coffee", layer=9, head=3, scale=0.071)
    head = View("astronaut", "coffee", layer=9, head="mean", scale=0.071)
    own_name = seen[-1][1]["b"]
    assert is_private(own_name)
    own = View("astronaut", own_name, layer=9, head="mean", scale=0.071)
    expected = [expected_tiles(model, view) for view in (VIEW, moved, head)]
    expected += [expected_tiles(model, own, photos)] * 2
    assert [tiles for tiles, _, _ in seen] == expected
    queries = [view.to_query() for view in (VIEW, moved, head, own, own)]
    assert [values for _, values, _ in seen] == queries
    assert [complaints for _, _, complaints in seen] == [[]] * 5


async def forget_the_toggle(address: str) -> dict[str, str]:
    """Send no word of the toggle, as where a run was cut off, and then the value that it has."""
    session = Session(address)
    await session.open("compare", VIEW.to_query())
    toggle = session.page.find("checkbox", "B has its own model")
    states = session.page.states()
    without = type(states)(widgets=[one for one in states.widgets if one.id != toggle.body.id])
    assert len(without.widgets) == len(states.widgets) - 1
    await session._rerun(without)
    await session._rerun(states)
    assert session.complaints() == []
    await session.close()
    return session.values()


def test_a_toggle_that_says_what_it_was_told_changes_nothing(server: Server) -> None:
    assert asyncio.run(forget_the_toggle(server.address)) == VIEW.to_query()


async def turn_to_a_page_without_connection(address: str) -> tuple[str, dict[str, str]]:
    """Choose another page when the server is away, and connect again."""
    session = ProbingSession(address)
    await session.open("compare", VIEW.to_query())
    await session.lose_connection()
    with pytest.raises(SessionError):
        await session.change_page("atlas")
    await session.come_back()
    assert session.complaints() == []
    await session.close()
    return session.page_name, session.values()


def test_an_address_changes_once_the_server_has_heard_of_it(server: Server) -> None:
    there = asyncio.run(turn_to_a_page_without_connection(server.address))
    assert there == ("compare", VIEW.to_query())


class CutOffSession(Session):
    """One that loses its connection when the page with its own photos is about to be drawn anew."""

    is_cut_off = False

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        early = message.HasField("script_finished") and (
            message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        )
        if early and not self.is_cut_off and self.values()["collection"] == PRIVATE:
            self.is_cut_off = True
            raise websockets.ConnectionClosedError(None, None)


async def lose_it_between_two_runs(address: str) -> int:
    """Lose the connection when the first of the runs is over that an upload takes."""
    session = CutOffSession(address)
    await session.open("collection", VIEW.to_query())
    with pytest.raises(SessionError, match="ended during a run"):
        await session.upload_all("Up to 200 photos", {"one.jpg": jpeg(5), "other.jpg": jpeg(6)})
    assert await session.come_back() is not None
    await session.close()
    return len(session.sheet()[1])


def test_what_the_server_had_still_to_draw_is_missed(server: Server) -> None:
    """Between two runs, too: half a page isn't taken for a whole one."""
    assert asyncio.run(lose_it_between_two_runs(server.address)) == 2
