"""One real session of a visitor, who opens links, moves things and uploads photos.

What goes over the wire is what Streamlit's front end would send: see `tests.harness.connection`.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import websockets
from streamlit.components.v2.bidi_component.main import _make_trigger_id as _trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import (
    FileUploaderState,
    FileURLs,
    FileURLsRequest,
    UploadedFileInfo,
)

from attntopo.distances import SCALE_STEPS
from tests.harness.connection import XSRF, Asked, Connection, SessionError
from tests.harness.page import Node
from tests.harness.view_tiles import tiles_of_head, unpacked, unpacked_document

_MULTIPART = "------------------------attntopo"


class Session(Connection):
    """One visitor's session; the parameters are those of `Connection`."""

    def __init__(self, address: str, patience: float = 60.0) -> None:
        super().__init__(address, patience)
        self._decoded: tuple[bytes, dict[str, Any]] = (b"", {})
        self._sent = 0

    async def open(self, name: str = "", query: dict[str, str] | None = None) -> Asked:
        """Open a link: a page by its path, and what it says."""
        self._name, self.query = name, urlencode(query or {})
        await self._connect()
        return await self._rerun(self.page.states())

    async def come_back(self) -> Asked | None:
        """Connect again after the server went away, as a tab that was left open does.

        Returns
        -------
        Asked or None
            The run it asked for. A tab asks for none [handleConnectionStateChanged] where its last
            run was one of the whole page, and had come to its end.
        """
        cut_off = self._cut_off
        for _ in range(300):
            try:
                await self._connect()
                break
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(0.1)
        else:
            raise SessionError("the server didn't come back")
        if cut_off or self._ran or self._repeated:
            return await self._rerun(self.page.states())
        return None

    @property
    def page_name(self) -> str:
        """The path of the page that is shown."""
        return next(name for name, script in self._addresses.items() if script == self._shown)

    def tiles(self) -> dict[str, str]:
        """Return the linked view's numbers by label; nothing where there is none."""
        if not self._linked_views():
            return {}
        values = self.values()
        scale, share = values.get("scale", "objects"), values.get("share")
        return tiles_of_head(
            self.linked_view()[1],
            None if scale == "objects" else float(scale),
            None if share is None else float(share),
        )

    def complaints(self) -> list[str]:
        """Return everything that went wrong and shows: on the page, or with its script."""
        return self.failures + self.page.errors()

    def values(self) -> dict[str, str]:
        """Return what the address says."""
        return {name: values[0] for name, values in parse_qs(self.query).items()}

    async def set(self, kind: str, label: str, value: Any) -> Asked:
        """Set a slider or a select box to an option or a number."""
        widget = self.page.find(kind, label)
        if kind == "slider" and widget.body.options:
            self.page.set(widget, string_array_value={"data": [str(value)]})
        elif kind == "slider":
            self.page.set(widget, double_array_value={"data": [float(value)]})
        else:
            self.page.set(widget, string_value=value)
        return await self._rerun(self.page.states(), widget.fragment)

    async def unfold(self, label: str) -> None:
        """Open a panel, or leave it open: what is folded up isn't drawn."""
        panel = self.page.panel(label)
        if not panel.body.expandable.expanded:
            self.page.set(panel, bool_value=True)
            await self._rerun(self.page.states(), panel.fragment)

    def linked_view(self) -> tuple[Node, dict[str, Any]]:
        """Return the linked view, and what it holds of its heads: an `id`, the slider's range."""
        (node,) = self._linked_views()
        (heads,) = (
            one.body.bytes
            for one in self.page.all("bidi_component")
            if one.body.id.endswith("-heads")
        )
        if self._decoded[0] != heads:  # a megabyte, and mostly the one from before
            self._decoded = heads, unpacked(heads)
        return node, self._decoded[1]

    def _linked_views(self) -> list[Node]:
        return [one for one in self.page.all("bidi_component") if "-linked view" in one.body.id]

    async def move_scale(self, thousandths: int) -> Asked:
        """Let go of the linked view's slider at a scale, as its script says it."""
        node, heads = self.linked_view()
        self._sent = max(self._sent + 1, int(time.time() * 1000))
        look = json.loads(node.body.json)[0]["now"]["look"]  # from where it is looked at: as it is
        said = {"id": heads["id"], "scale": thousandths * SCALE_STEPS // 1000, "share": None}
        said |= {"pick": "none", "look": look, "sent": self._sent}
        self.page.set(node, json_value=json.dumps({"view": said}))
        return await self._rerun(self.page.states(), node.fragment)

    def sheet(self) -> tuple[Node, dict[str, dict[str, float]]]:
        """Return the contact sheet, and what it holds of its photos: features by photo's name."""
        node, sent = self._sheet()
        heads: dict[str, Any] = {}
        for one in self.page.all("bidi_component"):
            if "-sheet heads " in one.body.id:
                document, _ = unpacked_document(one.body.bytes)
                if document["of"] == sent["of"]:
                    heads |= document["heads"]
        names = {photo["id"]: photo["name"] for photo in sent["photos"]}
        return node, {names[key]: heads[key]["features"] for key in names if key in heads}

    def _sheet(self) -> tuple[Node, dict[str, Any]]:
        (node,) = (
            one for one in self.page.all("bidi_component") if "-contact sheet" in one.body.id
        )
        return node, json.loads(node.body.json)[0]

    async def move_sheet(self, share: int, sort: tuple[str, str]) -> Asked:
        """Let go of the sheet's slider at a share of merges, in hundredths of a percent."""
        node, _ = self._sheet()
        said = {"step": None, "share": share, "sort": list(sort)}
        self.page.set(node, json_value=json.dumps({"now": said}))
        return await self._rerun(self.page.states(), node.fragment)

    async def open_from_sheet(self, number: int) -> Asked:
        """Click a photo of the sheet."""
        node, sent = self._sheet()
        chosen = {"id": sent["photos"][number]["id"]}
        chosen |= {key: sent["now"][key] for key in ("step", "share")}
        states = self.page.states()
        told = json.dumps([{"event": "open", "value": chosen}])
        states.widgets.add(id=_trigger_id(node.body.id, "events"), json_trigger_value=told)
        return await self._rerun(states, node.fragment)

    async def change_page(self, name: str) -> Asked:
        """Choose a page in the menu, whose links carry no query."""
        before, (self._name, self.query) = (self._name, self.query), (name, "")
        page, states = self._addresses[name], self.page.states_of(self._main)
        try:
            return await self._rerun(states, page=page)
        except SessionError:
            if self._shown != page:  # a browser's address changes once the server says so
                self._name, self.query = before
            raise

    async def upload(self, label: str, name: str, data: bytes) -> Asked:
        """Drop a file in; its time is from then on."""
        return await self.upload_all(label, {name: data})

    async def upload_all(self, label: str, files: dict[str, bytes]) -> Asked:
        """Drop files in, all at once; their time is from then on."""
        begun = time.perf_counter()
        widget = self.page.find("file_uploader", label)
        urls = await self._ask_for_urls(list(files))
        infos = []
        for (name, data), own in zip(files.items(), urls, strict=True):
            await asyncio.to_thread(self._put, own.upload_url, name, data)
            infos.append(
                UploadedFileInfo(file_id=own.file_id, name=name, size=len(data), file_urls=own)
            )
        value = FileUploaderState(uploaded_file_info=infos)
        self.page.set(widget, file_uploader_state_value=value)
        asked = await self._rerun(self.page.states(), widget.fragment)
        asked.seconds += asked.sent - begun
        return asked

    async def _ask_for_urls(self, names: list[str]) -> list[FileURLs]:
        request = FileURLsRequest(
            request_id=uuid.uuid4().hex, file_names=names, session_id=self._session
        )
        waiting = asyncio.get_running_loop().create_future()
        self._file_urls[request.request_id] = waiting
        await self._send(BackMsg(file_urls_request=request))
        answer = await asyncio.wait_for(waiting, self.patience)
        if answer.error_msg:
            raise SessionError(answer.error_msg)
        return list(answer.file_urls)

    def _put(self, url: str, name: str, data: bytes) -> None:
        head = (
            f'--{_MULTIPART}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        request = Request(
            f"{self.address}{url}",
            data=head.encode() + data + f"\r\n--{_MULTIPART}--\r\n".encode(),
            method="PUT",
            headers={
                "Content-Type": f"multipart/form-data; boundary={_MULTIPART}",
                "X-Xsrftoken": self._token,
                "Cookie": f"{XSRF}={self._token}",
            },
        )
        urlopen(request, timeout=self.patience).close()
