"""A web server with photos that can hold answers back, or fail, when a test says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class PhotoServer:
    """Serves files on 127.0.0.1.

    Parameters
    ----------
    files : mapping of str to bytes
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.fails = False
        self.n_asked = 0
        self._changed = threading.Condition()
        self._passes = float("inf")
        self._n_held = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._wait()
                data = files.get(self.path.lstrip("/"), b"")
                self.send_response(503 if server.fails else 200 if data else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:  # whoever asked was killed meanwhile
                    return

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.addresses = [f"{self.address}/{name}" for name in files]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.let_pass(float("inf"))
        self._server.shutdown()
        self._server.server_close()

    def let_pass(self, n: float) -> None:
        """Answer so many requests more, and hold back all after them."""
        with self._changed:
            self._passes = n
            self._changed.notify_all()

    def wait_until_held(self, n: int) -> None:
        """Wait until all that may pass have passed, and so many requests are held back."""
        with self._changed:
            is_so = self._changed.wait_for(
                lambda: self._passes <= 0 and self._n_held >= n, timeout=300
            )
            assert is_so, (self._passes, self._n_held)

    def let_pass_until(self, is_so: Callable[[], object], n_held: int) -> None:
        """Answer one request after the other until something is so, and so many are held back."""
        self.let_pass(0)
        self.wait_until_held(n_held)
        while not is_so():
            self.let_pass(1)
            self.wait_until_held(n_held)

    def _wait(self) -> None:
        with self._changed:
            self.n_asked += 1
            self._n_held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._passes > 0)
            self._passes -= 1
            self._n_held -= 1
            self._changed.notify_all()
