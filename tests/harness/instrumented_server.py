"""The app's server with instruments that a test switches on by environment variables.

ATTNTOPO_TEST_NETWORK_LOG
    A file, to which every attempt to reach another machine is written.
ATTNTOPO_TEST_FAILURE
    A file: while it is there, every look at a head's attention fails, with what it says.
ATTNTOPO_TEST_LIVE_METRICS
    If set, Streamlit's metrics are always of this moment; it keeps them for 5 s otherwise.
ATTNTOPO_TEST_GATE
    A file: while it is there, work can be stopped in the middle however fast the machine is. From
    when it is put there, the Atlas computes but `UNGATED_HEADS` heads, the Stability page one
    strength, the Collection page `UNGATED_PHOTOS` photos and one piece of distances, a knock-out
    its first piece, and but `UNGATED_DRAWS` draws of nulls are computed.
"""

import ipaddress
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

UNGATED_HEADS = 6
UNGATED_DRAWS = 5
UNGATED_PHOTOS = 4
THIS_MACHINE = {None, "", "localhost", "localhost.localdomain"}


def is_this_machine(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    try:
        return host in THIS_MACHINE or ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def asked_host(event: str, arguments: tuple) -> object:
    """Which machine an event is about, or None."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        return arguments[0]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        sock, address = arguments
        # Connecting a datagram socket sends nothing; sending by it is an event of its own.
        silent = event == "socket.connect" and sock.type == socket.SOCK_DGRAM
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address and not silent:
            return address[0]
    return None


def log_network(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def watch(event: str, arguments: tuple) -> None:
        host = asked_host(event, arguments)
        if event.startswith("socket.") and not is_this_machine(host):
            os.write(file, f"{event} {host!r}\n".encode())

    sys.addaudithook(watch)


def fail_at_every_head(path: Path) -> None:
    from attntopo.attention import Attention

    head = Attention.head

    def fail(*arguments: Any) -> Any:
        if path.exists():
            raise RuntimeError(path.read_text())
        return head(*arguments)

    Attention.head = fail


class Gate:
    """While a file is there, lets through so much work, and makes the rest wait until it has gone.

    Parameters
    ----------
    path : Path
    passing : int
        How many pieces of work, from when the file is put there.
    """

    def __init__(self, path: Path, passing: int) -> None:
        self._path, self._passing = path, passing
        self._lock = threading.Lock()
        self._closed: int | None = None
        self._passed = 0

    def wait(self) -> None:
        with self._lock:
            closed = self._closed_at()
            if closed != self._closed:
                self._closed, self._passed = closed, 0
            self._passed += 1
            passes = closed is None or self._passed <= self._passing
        while not passes:
            time.sleep(0.01)
            passes = self._closed_at() != closed

    def _closed_at(self) -> int | None:
        """When the file was put there, in nanoseconds."""
        try:
            return self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return None


def gate(module: Any, name: str, gate: Gate) -> None:
    """Make the calls of a function of a module, or of a class, wait at a gate."""
    function = getattr(module, name)

    def call_behind_gate(*arguments: Any, **options: Any) -> Any:
        gate.wait()
        return function(*arguments, **options)

    setattr(module, name, call_behind_gate)


def gate_work(path: Path) -> None:
    from attntopo.analysis import PairDistances
    from attntopo.ui.results import all_heads, collection, knock_outs, nulls_of_heads, perturbed

    gate(all_heads, "summarise_head", Gate(path, 2 * UNGATED_HEADS))  # each of two photos
    gate(perturbed, "compare_perturbed", Gate(path, 1))
    gate(collection, "photo_head", Gate(path, UNGATED_PHOTOS))
    gate(PairDistances, "compute", Gate(path, 1))
    gate(nulls_of_heads, "longest_in_draw", Gate(path, UNGATED_DRAWS))
    knock_out, pieces = knock_outs.knock_out, Gate(path, 0)

    def knock_out_behind_gate(*arguments: Any, **options: Any) -> Any:
        for piece in knock_out(*arguments, **options):
            yield piece
            pieces.wait()

    knock_outs.knock_out = knock_out_behind_gate


def make_metrics_live() -> None:
    from streamlit.web.server.starlette import starlette_routes

    assert starlette_routes._METRICS_EXPENSIVE_STATS_TTL_SECONDS  # still called so
    starlette_routes._METRICS_EXPENSIVE_STATS_TTL_SECONDS = 0.0


if __name__ == "__main__":
    if path := os.environ.get("ATTNTOPO_TEST_NETWORK_LOG"):
        log_network(path)
    if path := os.environ.get("ATTNTOPO_TEST_FAILURE"):
        fail_at_every_head(Path(path))
    if path := os.environ.get("ATTNTOPO_TEST_GATE"):
        gate_work(Path(path))
    if "ATTNTOPO_TEST_LIVE_METRICS" in os.environ:
        make_metrics_live()
    from attntopo.ui.server import serve

    serve.main()
