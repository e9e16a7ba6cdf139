"""A connection over Streamlit's own websocket: messages to and fro, and the runs of the script."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.request import urlopen

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLsResponse
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from tests.harness.page import KeptMessages, Page

XSRF = "_streamlit_xsrf"
"""Name of the cookie that guards uploads."""


class SessionError(RuntimeError):
    """The session can't go on; the message says why."""


@dataclass
class Asked:
    """A run that was asked for, until it has finished.

    Attributes
    ----------
    fragment : str
        The fragment that is to run alone; nothing for the whole page.
    run : str
        The run that answers it, once it has begun.
    seconds, to_view : float, optional
        From the message to the end of the run, and to the linked view.
    """

    fragment: str
    sent: float = field(default_factory=time.perf_counter)
    run: str = ""
    seconds: float = 0.0
    to_view: float | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Connection:
    """What the front end is to the server.

    Parameters
    ----------
    address : str
        The server's, without a path.
    patience : float
        Seconds of the server's silence, or five times as many in all, after which a run that hasn't
        finished is an error: a page that fills in isn't lost.
    """

    def __init__(self, address: str, patience: float = 60.0) -> None:
        self.address, self.patience = address, patience
        self.page = Page()
        self.query = ""
        self.failures: list[str] = []
        self._name = self._session = self._main = self._run = self._script = self._shown = ""
        self._oldest = 0
        self._ran: list[str] = []  # the fragments of the last run; none where all ran
        self._heard = 0.0  # when a message came last
        self._cut_off = False  # whether the connection ended during a run
        self._kept = KeptMessages()
        self._addresses: dict[str, str] = {}
        self._asked: Asked | None = None
        self._file_urls: dict[str, asyncio.Future[FileURLsResponse]] = {}
        self._repeated: dict[str, asyncio.Task[None]] = {}

    async def _connect(self) -> None:
        # The cookie comes with the first answer of the server; the socket repeats it as a protocol.
        with await asyncio.to_thread(urlopen, f"{self.address}/_stcore/health", timeout=10) as got:
            cookies = got.headers.get_all("Set-Cookie") or []
        found = re.search(rf"{XSRF}=([^;]+)", "; ".join(cookies))
        self._token = found[1] if found else "PLACEHOLDER_AUTH_TOKEN"
        protocols = ["streamlit", self._token, *([self._session] if self._session else [])]
        self._socket = await websockets.connect(
            f"{self.address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=websockets.Origin(self.address),
            subprotocols=[websockets.Subprotocol(one) for one in protocols],
            additional_headers={"Cookie": f"{XSRF}={self._token}"},
            max_size=None,
            ping_interval=None,  # a browser sends none; the server does, and is answered
        )
        self._cut_off = False
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                self._take(self._kept.resolve(ForwardMsg.FromString(data), data))
        except websockets.ConnectionClosed:
            pass
        except Exception as error:  # as the front end: what it doesn't understand ends it
            self.failures.append(f"a message that the client couldn't take: {error!r}")
        finally:  # nobody should wait for what will not come
            asked = self._asked
            self._cut_off = asked is not None and not asked.ended.is_set()
            if asked:
                asked.ended.set()

    def _take(self, message: ForwardMsg) -> None:
        self._heard = time.perf_counter()
        said, metadata = message.WhichOneof("type"), message.metadata
        if said == "delta":
            self.page.take(message.delta, metadata, self._run)
            component = message.delta.new_element.bidi_component
            if self._asked and "-linked view" in component.id:
                self._asked.to_view = time.perf_counter() - self._asked.sent
        elif said == "new_session":
            self._begin(message)
        elif said == "script_finished":
            self._finish(message)
        elif said == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif said == "navigation":
            pages, self._shown = message.navigation.app_pages, message.navigation.page_script_hash
            self._addresses = {page.url_pathname: page.page_script_hash for page in pages}
        elif said == "page_not_found":
            self.failures.append(f"no page {message.page_not_found.page_name}")
        elif said == "session_event" and message.session_event.HasField(
            "script_compilation_exception"
        ):
            self.failures.append(message.session_event.script_compilation_exception.message)
        elif said == "file_urls_response":
            waiting = self._file_urls.pop(message.file_urls_response.response_id, None)
            if waiting and not waiting.done():
                waiting.set_result(message.file_urls_response)
        elif said == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif said == "stop_auto_rerun":
            self._stop_repeating(*message.stop_auto_rerun.fragment_ids)

    def _begin(self, message: ForwardMsg) -> None:
        new, run = message.new_session, message.metadata.run
        self._session = new.initialize.session_id
        self._oldest = new.config.max_cached_message_age
        self._main, self._run = new.main_script_hash, run.script_run_id
        self._ran = list(run.fragment_ids)
        if not run.fragment_ids:
            self._stop_repeating(*self._repeated)
            if self._script != new.page_script_hash:
                self.page.begin_page(self._main)
            self._script = new.page_script_hash
        asked = self._asked
        if asked is None:
            return
        # A fragment that repeats itself may run in between.
        if not run.fragment_ids or asked.fragment in run.fragment_ids:
            asked.run = run.script_run_id
        elif asked.run:  # runs come one after the other: whatever was said of its end, it has ended
            asked.seconds = asked.seconds or time.perf_counter() - asked.sent
            asked.ended.set()

    def _finish(self, message: ForwardMsg) -> None:
        asked, run = self._asked, message.metadata.run
        own = asked is not None and asked.run == run.script_run_id
        if asked and own:
            asked.seconds = time.perf_counter() - asked.sent
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            # Said also of a run that came to its end while its messages were waiting to be sent,
            # when the next one begins: what that one is tells them apart.
            return
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.failures.append("a script can't be compiled")
        self.page.finish_run(run.script_run_id, run.fragment_ids)
        self._kept.finish_run(self._oldest, run.fragment_ids)
        if asked and own:
            asked.ended.set()

    def _repeat(self, fragment: str, interval: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(interval)
                with suppress(SessionError):  # while the server is away
                    await self._send(self._message(self.page.states(), fragment, auto=True))

        if fragment not in self._repeated:
            self._repeated[fragment] = asyncio.create_task(again())

    def _stop_repeating(self, *fragments: str) -> None:
        for fragment in list(fragments):
            if fragment in self._repeated:
                self._repeated.pop(fragment).cancel()

    def _message(
        self, states: WidgetStates, fragment: str, page: str | None = None, auto: bool = False
    ) -> BackMsg:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self.query
        asked.widget_states.CopyFrom(states)
        asked.page_script_hash = self._script if page is None else page
        if not asked.page_script_hash:
            asked.page_name = self._name
        asked.fragment_id = fragment
        asked.is_auto_rerun = auto
        asked.cached_message_hashes.extend(self._kept.hashes())
        context = asked.context_info
        context.timezone, context.timezone_offset, context.locale = "UTC", 0, "en-US"
        context.url = f"{self.address}/{self._name}"
        context.is_embedded, context.color_scheme = False, "light"
        return message

    async def _send(self, message: BackMsg) -> None:
        try:
            await self._socket.send(message.SerializeToString())
        except websockets.ConnectionClosed as error:
            raise SessionError("the connection is closed") from error

    async def _rerun(
        self, states: WidgetStates, fragment: str = "", page: str | None = None
    ) -> Asked:
        """Ask for a run and wait until it has finished."""
        message = self._message(states, fragment, page)
        asked = self._asked = Asked(fragment)
        try:
            await self._send(message)
            await self._wait_for_end(asked)
        finally:
            self._asked = None
        if self._cut_off:
            raise SessionError("; ".join(["the connection ended during a run", *self.failures]))
        return asked

    async def _wait_for_end(self, asked: Asked) -> None:
        last = asked.sent + 5 * self.patience
        while not asked.ended.is_set():
            now, until = time.perf_counter(), max(self._heard, asked.sent) + self.patience
            if now >= min(last, until):
                begun = "; it had begun" if asked.run else "; it never began"
                silent = now - max(self._heard, asked.sent)
                raise SessionError(
                    f"no end of the run after {now - asked.sent:.0f} s, {silent:.0f} of them "
                    f"silent{begun}; the page says {self.page.words()!r}"
                )
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.ended.wait(), min(last, until) - now)

    async def close(self) -> None:
        """Leave, as by closing the tab."""
        self._stop_repeating(*self._repeated)
        await self._socket.close()
        await self._reader
