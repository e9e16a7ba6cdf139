"""What Streamlit keeps of visitors, bounded: files, sessions that have left, unsent messages.

`streamlit_patches` puts all of it in the place of Streamlit's own.
"""

import asyncio
import logging
import math
import threading
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import (
    SessionClientDisconnectedError,
    SessionInfo,
    SessionStorage,
)
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from attntopo.settings import app_settings
from attntopo.ui.runtime.upload_budget import MOST_PHOTOS

SESSIONS_KEPT = 128
"""Most sessions whose connection broke that are kept; as many as Streamlit keeps."""

FILES_OF_A_SESSION = MOST_PHOTOS + 4
"""How many files of one session may wait: a whole collection is chosen at once, and none of it is
read before the last has come; there are two fields for one file, and either may be filled anew."""

UNSENT_MESSAGES, UNSENT_BYTES = 2000, 32_000_000
"""How much may wait for a browser that is slow to take it in: some dozen pages."""

_LOG = logging.getLogger(__name__)
_TRY_AGAIN = 1013  # of RFC 6455's registry: the server can't go on now


class Uploads(MemoryUploadedFileManager):
    """Uploaded files that wait to be read, whether or not any field asks for them.

    The oldest go first: of the same session beyond its bound, else of all. Whoever fills the room
    can so keep nobody else out, and a file is read a moment after it came.

    Attributes
    ----------
    of_a_session, of_all : int
        Bounds, in bytes: two of the largest files or an eighth of the budget of memory, whichever
        is more; and a quarter of it.
    """

    def __init__(self, upload_endpoint: str) -> None:
        super().__init__(upload_endpoint)
        chosen = app_settings()
        self.of_a_session = chosen.waiting_bytes
        self.of_all = max(self.of_a_session, int(chosen.memory_megabytes / 4 * 1e6))
        self._arrived: list[tuple[str, str]] = []  # the oldest first
        self._arriving = threading.Lock()

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Take a file in, and drop what is beyond the bounds.

        Parameters
        ----------
        session_id : str
        file : UploadedFileRec
        """
        with self._arriving:
            self.remove_file(session_id, file.file_id)
            self._arrived = [one for one in self._arrived if self._size(one) is not None]
            super().add_file(session_id, file)
            self._arrived.append((session_id, file.file_id))
            own = [one for one in self._arrived if one[0] == session_id]
            self._drop_beyond(own, self.of_a_session, FILES_OF_A_SESSION)
            self._drop_beyond(list(self._arrived), self.of_all)

    def _drop_beyond(
        self, files: list[tuple[str, str]], nbytes: int, number: float = math.inf
    ) -> None:
        while len(files) > 1 and (
            len(files) > number or sum(self._size(one) or 0 for one in files) > nbytes
        ):
            self.remove_file(*files.pop(0))

    def _size(self, one: tuple[str, str]) -> int | None:
        files = self.get_files(one[0], [one[1]])
        return len(files[0].data) if files else None


class Sessions(SessionStorage):
    """Sessions whose connection broke, kept for a while in case it comes back.

    Streamlit's own lets go of them when the next one comes; on a server that everybody has left,
    the last visitors' photos would stay in its memory. All is called on the server's event loop.

    Parameters
    ----------
    ttl_seconds : float
        How long each is kept.
    """

    def __init__(self, ttl_seconds: float) -> None:
        self._seconds = ttl_seconds
        self._kept: dict[str, tuple[SessionInfo, asyncio.TimerHandle]] = {}  # the oldest first

    def get(self, session_id: str) -> SessionInfo | None:
        """Return a session that is kept; None where there is none."""
        info, _ = self._kept.get(session_id, (None, None))
        return info

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session for a while; the oldest make room for it where there are too many."""
        key = session_info.session.id
        timer = asyncio.get_running_loop().call_later(self._seconds, self._end, key)
        self._kept[key] = session_info, timer
        while len(self._kept) > SESSIONS_KEPT:
            self._end(next(iter(self._kept)))

    def delete(self, session_id: str) -> None:
        """Keep a session no more: its visitor has come back."""
        _, timer = self._kept.pop(session_id)
        timer.cancel()

    def list(self) -> list[SessionInfo]:
        """Return all that are kept."""
        return [info for info, _ in self._kept.values()]

    def _end(self, session_id: str) -> None:
        session = self._kept[session_id][0].session
        self.delete(session_id)
        session.shutdown()
        # What it holds goes now, not when Python next collects what refers to itself.
        session.session_state.clear()


class _Unsent(asyncio.Queue[bytes]):
    """Messages that wait for a browser, bounded by number and by bytes."""

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self._nbytes = 0

    def _put(self, item: bytes) -> None:
        super()._put(item)
        self._nbytes += len(item)

    def _get(self) -> bytes:
        item = super()._get()
        self._nbytes -= len(item)
        return item

    def full(self) -> bool:
        """Say whether no more may wait."""
        return super().full() or self._nbytes >= UNSENT_BYTES


class Connection(StarletteSessionClient):
    """A connection that is ended when more waits for its browser than may.

    Streamlit's own stays open then, and whatever the browser asks for is never answered: a page on
    which nothing moves any more. One that ended is opened again by the browser, which finds its
    session, and has the page drawn.

    Parameters
    ----------
    websocket : WebSocket
    """

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__(websocket)
        self._send_queue = _Unsent(UNSENT_MESSAGES)
        self._ending: asyncio.Task[None] | None = None

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        """Send a message when those before it are sent; called on the server's event loop.

        Parameters
        ----------
        msg : ForwardMsg

        Raises
        ------
        SessionClientDisconnectedError
            If too much waits, or the connection has ended.
        """
        try:
            super().write_forward_msg(msg)
        except SessionClientDisconnectedError:
            if self._ending is None:
                if self._send_queue.full():
                    _LOG.warning("A browser is too slow to take in its page: connected anew.")
                self._ending = asyncio.create_task(self._end())
            raise

    async def _end(self) -> None:
        self._sender_task.cancel()
        with suppress(asyncio.CancelledError):
            await self._sender_task
        with suppress(RuntimeError, WebSocketDisconnect):  # the browser may have ended it
            await self._websocket.close(_TRY_AGAIN)
