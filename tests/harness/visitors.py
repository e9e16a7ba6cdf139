"""Visitors of a real server who do what the page doesn't offer, and what the server says of it."""

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


class Prober(Session):
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


def waiting_bytes(address: str) -> int:
    """What Streamlit itself says of the files that wait to be read, in bytes."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics", timeout=20) as got:
        found = re.findall(r'Upload\w*FileManager"[^}]*} (\d+)', got.read().decode())
    return sum(map(int, found))


def last_line(log: Path) -> dict[str, int]:
    """What the server last said in its log: visitors, results, megabytes of uploads."""
    found = re.findall(
        r"AttnTopo: (\d+) visitors;.*\((\d+) results, (\d+) MB of uploads\)", log.read_text()
    )
    names = ("visitors", "results", "uploads")
    return dict(zip(names, map(int, found[-1]), strict=True)) if found else dict.fromkeys(names, -1)


async def said(log: Path, seconds: float = 20, **expected: int) -> None:
    """Wait until the server's log says something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = last_line(log)
        if all(now[name] == value for name, value in expected.items()):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{last_line(log)} instead of {expected}")
