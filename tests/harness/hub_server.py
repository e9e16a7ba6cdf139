"""A small model hub on 127.0.0.1 that speaks as much of the protocol as a download needs.

It serves folders `root/owner/name/…`. Each has one commit, named after its content's place.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_API = re.compile(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?/?")
_FILE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


def commit_of(model_id: str) -> str:
    """The commit that the server gives a model."""
    return hashlib.sha1(model_id.encode()).hexdigest()


class HubServer:
    """Serves a folder as a hub.

    Attributes
    ----------
    requests : list of str
        The paths of the files that were fetched.
    go_on : threading.Event
        Set at first. While it is cleared, a file's first 12 megabytes are all that is sent of it:
        more than the client reads at once, so that it has progress to report.
    """

    def __init__(self, root: Path) -> None:
        server = self
        self.root = root
        self.requests: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self.do_GET(body=False)

            def do_GET(self, body: bool = True) -> None:
                path = unquote(urlsplit(self.path).path)
                if path == "/":
                    self._json({}, body)
                elif api := _API.fullmatch(path):
                    self._model(api[1], api[2], body)
                elif file := _FILE.fullmatch(path):
                    self._file(file[1], file[3], body)
                else:
                    self._missing("EntryNotFound")

            def _model(self, model_id: str, what: str | None, body: bool) -> None:
                folder = server.root / model_id
                if not folder.is_dir():
                    return self._missing("RepoNotFound")
                files = sorted(path for path in folder.iterdir() if path.is_file())
                if what == "tree":
                    entries = [
                        {
                            "type": "file",
                            "path": path.name,
                            "size": path.stat().st_size,
                            "oid": etag(path),
                        }
                        for path in files
                    ]
                    return self._json(entries, body)
                names = [{"rfilename": path.name, "size": path.stat().st_size} for path in files]
                about = {"id": model_id, "sha": commit_of(model_id), "siblings": names}
                return self._json(about, body)

            def _file(self, model_id: str, name: str, body: bool) -> None:
                path = server.root / model_id / name
                if not path.is_file():
                    return self._missing("EntryNotFound")
                self.send_response(200)
                self.send_header("Content-Length", str(path.stat().st_size))
                self.send_header("ETag", f'"{etag(path)}"')
                self.send_header("X-Repo-Commit", commit_of(model_id))
                self.end_headers()
                if body:
                    server.requests.append(f"{model_id}/{name}")
                    self._send(path)
                return None

            def _send(self, path: Path) -> None:
                data = path.read_bytes()
                self.wfile.write(data[:12_000_000])
                if rest := data[12_000_000:]:
                    server.go_on.wait()
                    self.wfile.write(rest)

            def _json(self, value: object, body: bool) -> None:
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if body:
                    self.wfile.write(data)

            def _missing(self, code: str) -> None:
                self.send_response(404)
                self.send_header("X-Error-Code", code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> HubServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


def etag(path: Path) -> str:
    """A file's tag: of its size and name, which is enough where contents don't change."""
    return hashlib.sha1(f"{path}:{path.stat().st_size}".encode()).hexdigest()
