"""What Streamlit keeps of visitors, bounded: files that nobody has read, sessions that have left.

`attntopo.ui.server.streamlit_patches` puts both in the place of Streamlit's own.
"""

from __future__ import annotations

import asyncio
import math
import threading

from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from attntopo.settings import settings

FILES_OF_A_SESSION = 4
"""How many files of one session may wait: there are two fields, and either may be filled anew."""


class Uploads(MemoryUploadedFileManager):
    """Uploaded files that wait to be read, whether or not any field asks for them.

    The oldest go first: of the same session beyond its bound, else of all. Whoever fills the room
    can so keep nobody else out, and a file is read a moment after it came.

    Attributes
    ----------
    of_a_session, of_all : int
        Bounds, in bytes: two of the largest files, and a quarter of the budget of memory.
    """

    def __init__(self, upload_endpoint: str) -> None:
        super().__init__(upload_endpoint)
        chosen = settings()
        self.of_a_session = 2 * math.ceil(chosen.file_megabytes) * 1024**2
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
        found = self.get_files(one[0], [one[1]])
        return len(found[0].data) if found else None


class Sessions(MemorySessionStorage):
    """Sessions whose connection broke, kept for a while in case it comes back.

    Streamlit's own lets go of them when the next one comes; on a server that everybody has left,
    the last visitors' photos would stay in its memory.
    """

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session, and see to it that it goes; called on the server's event loop.

        Parameters
        ----------
        session_info : SessionInfo
        """
        super().save(session_info)
        ttl: float = self._cache.ttl  # type: ignore[attr-defined]
        # On the loop, like all that touches the cache: it bears no threads.
        asyncio.get_running_loop().call_later(ttl + 0.1, self._expire)

    def _expire(self) -> None:
        for _, left in self._cache.expire():  # type: ignore[attr-defined]
            left.session.shutdown()
            # What it holds goes now, not when Python next collects what refers to itself.
            left.session.session_state.clear()
