"""The app's server, which writes down every try to reach another machine, and fails if asked to.

ATTNTOPO_TEST_SPY names the file; with ATTNTOPO_TEST_BREAK every head fails, with that message.
"""

import ipaddress
import os
import socket
import sys

HERE = {None, "", "localhost", "localhost.localdomain"}


def is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    try:
        return host in HERE or ipaddress.ip_address(str(host)).is_loopback
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


def watch(event: str, arguments: tuple) -> None:
    if event.startswith("socket.") and not is_here(host := asked_host(event, arguments)):
        line = f"{event} {host!r}\n".encode()
        os.write(FILE, line)


def broken(*_arguments: object, **_options: object) -> None:
    raise RuntimeError(os.environ["ATTNTOPO_TEST_BREAK"])


if __name__ == "__main__":
    FILE = os.open(os.environ["ATTNTOPO_TEST_SPY"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.addaudithook(watch)
    if "ATTNTOPO_TEST_BREAK" in os.environ:
        from attntopo.analysis import head as analysis

        analysis.analyse = broken
    from attntopo.ui.server import serve

    serve.main()
