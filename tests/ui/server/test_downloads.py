"""One visitor's downloads don't hold another's up: over the wire, as a browser asks for them."""

import asyncio
import re
import uuid

from streamlit.proto.BackMsg_pb2 import BackMsg

from attntopo.ui.parts.downloads import MOST
from tests.harness.session import Session


class Visitor(Session):
    """A session that asks for downloads, and notes the answers."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.answers: list[str] = []

    def _take(self, message) -> None:
        if message.WhichOneof("type") == "backend_operation_response":
            answer = message.backend_operation_response
            self.answers.append(answer.error_msg or answer.deferred_file.url)
        super()._take(message)

    async def ask_for(self, label: str) -> None:
        button = next(
            node.body
            for node in self.page.all("download_button")
            if node.body.label.startswith(label)
        )
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id = uuid.uuid4().hex, self._session
        request.deferred_file.file_id = button.deferred_file_id
        await self._send(message)

    async def wait_for(self, answers: int) -> None:
        while len(self.answers) < answers:
            await asyncio.sleep(0.05)


async def visit(address: str) -> tuple[list[str], list[str]]:
    greedy, other = Visitor(address), Visitor(address)
    await greedy.open()
    await other.open()
    await greedy.unfold("Take it away: report, diagrams, curves, distances, attention, Python")
    # One that stays, and gets what it may have; the rest is refused.
    for _ in range(10):
        await greedy.ask_for("Attention of A")
    await greedy.wait_for(10)
    stayed = greedy.answers.copy()
    for _ in range(60):
        await greedy.ask_for("Attention of A")
    await greedy.close()
    await other.ask_for("Download the numbers")
    await other.wait_for(1)
    await other.close()
    return stayed, other.answers


def test_nobody_waits_for_the_many_downloads_of_one_who_has_left(server):
    begun = len(server.log.read_text("utf-8"))
    stayed, answers = asyncio.run(visit(server.address))
    assert any(answer.startswith("/media/") for answer in stayed), stayed
    assert any("Failed" in answer for answer in stayed)
    assert [answer.startswith("/media/") for answer in answers] == [True], answers
    # Of the sixty no more were ever waiting than one may have, beside the other visitor's one.
    states = re.findall(r"workers busy, (\d+) waiting", server.log.read_text("utf-8")[begun:])
    assert max(map(int, states)) <= MOST + 1
