"""Sessions whose connection broke, and what waits: kept for a while, and within bounds."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from attntopo.ui.results.collection_photos import MOST_PHOTOS
from attntopo.ui.server import streamlit_limits
from attntopo.ui.server.streamlit_limits import (
    FILES_OF_A_SESSION,
    UNSENT_BYTES,
    UNSENT_MESSAGES,
    Connection,
    Sessions,
    Uploads,
)


class Session:
    """What Streamlit keeps of a visitor, as far as it matters here."""

    def __init__(self, name: str) -> None:
        self.id, self.ended, self.session_state = name, False, {"photo": "pixels"}

    def shutdown(self) -> None:
        self.ended = True


def info(name: str) -> SimpleNamespace:
    return SimpleNamespace(session=Session(name))


async def ended(one: SimpleNamespace) -> None:
    while not one.session.ended:
        await asyncio.sleep(0.01)


def test_a_session_that_does_not_come_back_ends_and_what_it_held_is_gone():
    async def scenario() -> None:
        sessions, left = Sessions(0.02), info("one")
        sessions.save(left)
        assert sessions.get("one") is left
        assert sessions.list() == [left]
        await ended(left)
        assert left.session.session_state == {}
        assert sessions.get("one") is None

    asyncio.run(scenario())


def test_one_that_has_come_back_is_kept_anew_for_the_whole_time():
    async def scenario() -> None:
        sessions, back, other = Sessions(0.05), info("back"), info("other")
        sessions.save(back)
        sessions.save(other)
        sessions.delete("back")  # its visitor is here
        await ended(other)
        assert not back.session.ended
        sessions.save(back)
        assert sessions.get("back") is back
        await ended(back)

    asyncio.run(scenario())


def test_the_oldest_make_room(monkeypatch):
    monkeypatch.setattr(streamlit_limits, "SESSIONS_KEPT", 2)

    async def scenario() -> None:
        sessions, three = Sessions(60), [info(name) for name in "abc"]
        for one in three:
            sessions.save(one)
        assert [one.session.ended for one in three] == [True, False, False]
        assert sessions.list() == three[1:]

    asyncio.run(scenario())


def test_a_whole_collection_of_files_waits_and_no_more():
    uploads = Uploads("upload_file")
    names = [f"{number}" for number in range(FILES_OF_A_SESSION + 20)]
    for name in names:
        uploads.add_file("one", UploadedFileRec(name, f"{name}.jpg", "image/jpeg", b"tiny"))
    waiting = [one.file_id for one in uploads.get_files("one", names)]
    assert waiting == names[-FILES_OF_A_SESSION:]
    assert len(waiting) >= MOST_PHOTOS
    # Another session's files are its own.
    uploads.add_file("two", UploadedFileRec("0", "0.jpg", "image/jpeg", b"tiny"))
    assert len(uploads.get_files("one", names)) == FILES_OF_A_SESSION
    large = uploads.of_a_session // 3
    for name in names[:5]:
        uploads.add_file("one", UploadedFileRec(name, f"{name}.jpg", "image/jpeg", bytes(large)))
    sizes = [len(one.data) for one in uploads.get_files("one", names)]
    assert large < sum(sizes) <= uploads.of_a_session


async def written_until_the_end(connection: Connection, nbytes: int) -> int:
    """Write messages until no more may wait; return how many, at most very many."""
    message, written = ForwardMsg(), 0
    message.delta.new_element.markdown.body = nbytes * "x"
    with suppress(SessionClientDisconnectedError):
        while written < 10_000:
            connection.write_forward_msg(message)
            written += 1
            await asyncio.sleep(0)  # as Streamlit does, so that what can be sent is
    return written


async def write_to_one_who_does_not_read(nbytes: int) -> tuple[int, int | None]:
    """Return how many messages could be written, and the code that the connection's end had."""
    written: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        connection = Connection(websocket)
        written.set_result(await written_until_the_end(connection, nbytes))
        with suppress(RuntimeError, WebSocketDisconnect):
            await websocket.receive_bytes()  # until the end is heard
        await connection.aclose()

    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    options = {"max_size": None, "max_queue": 1, "compression": None}
    async with websockets.connect(f"ws://127.0.0.1:{port}", **options) as client:
        await written
        with suppress(websockets.ConnectionClosed):
            while await client.recv():
                pass
        code = client.close_code
    server.should_exit = True
    await serving
    return written.result(), code


@pytest.mark.parametrize("nbytes", [5_000, 1_000_000])
def test_a_connection_ends_when_too_much_waits_for_its_browser(nbytes):
    """Else the browser would wait for ever: it opens one that has ended anew."""
    written, code = asyncio.run(write_to_one_who_does_not_read(nbytes))
    assert code == 1013
    assert written >= min(UNSENT_MESSAGES, UNSENT_BYTES / nbytes - 1)
    # Beside what waits here the system takes some megabytes.
    assert written * nbytes < UNSENT_BYTES + 40e6
