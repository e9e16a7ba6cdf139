"""A session that does what no page offers, and what the server tells of its memory and sessions."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
import uuid
from pathlib import Path

from streamlit.proto.Common_pb2 import FileUploaderState, UploadedFileInfo

from tests.harness.session import Session

FIELD = "Your own photo or attention (NPZ) "
# What a small server takes: the largest file, and all that waits, a quarter of its memory.
FILE_MB, ALL_MB = 8, 100


class ProbingSession(Session):
    """A visitor who uploads what no field asks for, and names files that are somebody else's."""

    @property
    def id(self) -> str:
        return self._session

    async def put(self, data: bytes, file_id: str = "") -> str:
        """Upload a file that no field asked for; return its id."""
        file_id = file_id or uuid.uuid4().hex
        where = f"/_stcore/upload_file/{self.id}/{file_id}"
        await asyncio.to_thread(self._put, where, "photo.jpg", data)
        return file_id

    async def claim(self, side: str, file_id: str) -> None:
        """Say that a file lies in a field, without uploading it."""
        widget = self.page.find("file_uploader", FIELD + side)
        info = UploadedFileInfo(file_id=file_id, name="photo.jpg", size=1)
        value = FileUploaderState(uploaded_file_info=[info])
        self.page.set(widget, file_uploader_state_value=value)
        await self._rerun(self.page.states(), widget.fragment)

    async def lose_connection(self) -> None:
        """Be cut off, and not come back by oneself."""
        await self._socket.close()
        await self._reader


def unread_upload_bytes(address: str) -> int:
    """What Streamlit itself says of the files that wait to be read, in bytes."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics", timeout=60) as answer:
        sizes = re.findall(r'Upload\w*FileManager"[^}]*} (\d+)', answer.read().decode())
    return sum(map(int, sizes))


def status_lines(log: Path) -> list[dict[str, int]]:
    """What the server has said in its log so far: visitors, results, megabytes of uploads."""
    line = r"AttnTopo: (\d+) visitors;.*\((\d+) results, (\d+) MB of uploads\)"
    names = ("visitors", "results", "uploads")
    return [
        dict(zip(names, map(int, numbers), strict=True))
        for numbers in re.findall(line, log.read_text("utf-8"))
    ]


async def wait_for_status(log: Path, **expected: int) -> None:
    """Wait until the last status line says so; the limit is against waiting for ever."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        lines = status_lines(log)
        if lines and expected.items() <= lines[-1].items():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{status_lines(log)[-1:]} instead of {expected}")
