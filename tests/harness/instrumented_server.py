"""The app's server with instruments that a test switches on by environment variables.

ATTNTOPO_TEST_NETWORK_LOG
    A file, to which every attempt to reach another machine is written.
ATTNTOPO_TEST_FAILURE
    A file: while it is there, every look at a head's attention fails, with what it says.
ATTNTOPO_TEST_LIVE_METRICS
    If set, Streamlit's metrics are always of this moment; it keeps them for 5 s otherwise.
ATTNTOPO_TEST_GATE
    A file: until it is there, the Atlas computes but `UNGATED_HEADS` heads, and the Stability page
    one strength, and they can be stopped in mid-work however fast the machine is.
ATTNTOPO_TEST_DRAWS_GATE
    A file: until it is there, but `UNGATED_DRAWS` draws of nulls are computed.
ATTNTOPO_TEST_KNOCK_OUT_GATE
    A file: until it is there, but the first piece of a knock-out is computed.
"""

import ipaddress
import os
import socket
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

UNGATED_HEADS = 6
UNGATED_DRAWS = 5
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


def gate_strengths(path: Path) -> None:
    from attntopo.ui.results import perturbed

    compare_perturbed, begun = perturbed.compare_perturbed, count()

    def compare_behind_gate(*arguments: Any) -> Any:
        if next(begun):
            while not path.exists():
                time.sleep(0.01)
        return compare_perturbed(*arguments)

    perturbed.compare_perturbed = compare_behind_gate


def gate_heads(path: Path) -> None:
    from attntopo.ui.results import all_heads

    summarise_head, begun = all_heads.summarise_head, count()

    def summarise_behind_gate(*arguments: Any, **options: Any) -> Any:
        if next(begun) >= 2 * UNGATED_HEADS:  # each of two photos
            while not path.exists():
                time.sleep(0.01)
        return summarise_head(*arguments, **options)

    all_heads.summarise_head = summarise_behind_gate


def gate_draws(path: Path) -> None:
    from attntopo.ui.results import nulls_of_heads

    longest_in_draw, begun = nulls_of_heads.longest_in_draw, count()

    def draw_behind_gate(*arguments: Any) -> Any:
        if next(begun) >= UNGATED_DRAWS:
            while not path.exists():
                time.sleep(0.01)
        return longest_in_draw(*arguments)

    nulls_of_heads.longest_in_draw = draw_behind_gate


def gate_knock_outs(path: Path) -> None:
    from attntopo.ui.results import knock_outs

    knock_out = knock_outs.knock_out

    def knock_out_behind_gate(*arguments: Any, **options: Any) -> Any:
        for piece in knock_out(*arguments, **options):
            yield piece
            while not path.exists():
                time.sleep(0.01)

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
        gate_heads(Path(path))
        gate_strengths(Path(path))
    if path := os.environ.get("ATTNTOPO_TEST_DRAWS_GATE"):
        gate_draws(Path(path))
    if path := os.environ.get("ATTNTOPO_TEST_KNOCK_OUT_GATE"):
        gate_knock_outs(Path(path))
    if "ATTNTOPO_TEST_LIVE_METRICS" in os.environ:
        make_metrics_live()
    from attntopo.ui.server import serve

    serve.main()
