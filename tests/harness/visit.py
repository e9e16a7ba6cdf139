"""One visit over Streamlit's own websocket: a link opened, and all that the server says to it.

    python -m tests.harness.visit http://127.0.0.1:8501 ['model=embedded&…']

prints the tiles as JSON. No browser is needed, so it also runs where there is no network.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.harness.view_tiles import tiles_of_packed


@dataclass
class Visit:
    """What a visitor got.

    Attributes
    ----------
    heads : bytes
        What the linked view got of its heads.
    query : str
        What the address says in the end.
    said : list of str
        The texts of notes, errors and paragraphs.
    data : bytes
        Every byte that came over the websocket.
    """

    heads: bytes = b""
    query: str = ""
    said: list[str] = field(default_factory=list)
    data: bytes = b""

    @property
    def tiles(self) -> dict[str, str]:
        """The linked view's numbers by label; nothing where there is none."""
        said = {name: values[0] for name, values in parse_qs(self.query).items()}
        return tiles_of_packed(self.heads, said) if self.heads else {}


def visit(
    address: str,
    query: str = "",
    page: str = "",
    origin: str | None = None,
    first: BackMsg | None = None,
    seconds: float = 120,
) -> Visit:
    """Open a link and follow it to the end of the page's run.

    Parameters
    ----------
    address : str
        The server's, without a path.
    query, page : str
        What the link says, and the page's path.
    origin : str, optional
        What the browser would say it comes from; the server itself by default.
    first : BackMsg, optional
        What to send before anything else.
    seconds : float
        How long the server may be silent.

    Returns
    -------
    Visit
    """
    found = Visit(query=query)
    with connection(address, origin) as socket:
        if first is not None:
            socket.send(first.SerializeToString())
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        asked.rerun_script.context_info.url = f"{address}/{page}"
        socket.send(asked.SerializeToString())
        while True:
            data = socket.recv(timeout=seconds)
            assert isinstance(data, bytes)
            found.data += data
            message = ForwardMsg.FromString(data)
            said = message.WhichOneof("type")
            if said == "delta":
                _take(message.delta.new_element, found)
            elif said == "page_info_changed":
                found.query = message.page_info_changed.query_string
            elif said == "script_finished" and (
                message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return found


def connection(address: str, origin: str | None = None) -> ClientConnection:
    """Open a connection over which nothing is said yet; the parameters are those of `visit`."""
    return connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        origin=Origin(origin or address),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    )


def _take(element, found: Visit) -> None:
    if element.HasField("bidi_component") and element.bidi_component.id.endswith("-heads"):
        found.heads = element.bidi_component.bytes
    elif element.HasField("alert"):
        found.said.append(element.alert.body)
    elif element.HasField("markdown"):
        found.said.append(element.markdown.body)
    elif element.HasField("exception"):
        found.said.append(element.exception.message)


if __name__ == "__main__":
    print(json.dumps(visit(*sys.argv[1:]).tiles))
