"""A real server of the app and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Streamlit's own two: it looks for its endpoints under the page's path first.
STREAMLITS_OWN = ("_stcore/health", "_stcore/host-config")


class Server:
    """The app's server on a port of its own, which can be killed and started again.

    Parameters
    ----------
    log : Path, optional
        Where what it writes is added; nowhere otherwise.
    module : str
        What is run to serve.
    command : sequence of str or path
        What is run in place of the module.
    folder : Path
        Where it is run.
    **environment
        What its environment has besides one's own.
    """

    def __init__(
        self,
        log: Path | None = None,
        module: str = "attntopo.ui.server.serve",
        command: Sequence[str | Path] = (),
        folder: Path = ROOT,
        **environment: str,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._log, self._folder, self._environment = log, folder, environment
        self._command = command or (sys.executable, "-m", module)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [*self._command, "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        with open(self._log or os.devnull, "ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, **self._environment},
                stdout=output,
                stderr=output,
            )
        try:
            _wait_for(f"{self.address}/_stcore/health", self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=30)


@contextmanager
def serving(module: str = "attntopo.ui.server.serve", **environment: str) -> Iterator[str]:
    """Start the app's server and give its address; the server is stopped afterwards."""
    server = Server(module=module, **environment)
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


def _wait_for(address: str, process: subprocess.Popen) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server stopped while starting")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server didn't start within 30 seconds")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium: the one that ATTNTOPO_CHROMIUM names, else the system's."""
    path = os.environ.get("ATTNTOPO_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One visitor with a browser context of their own, who notes what the console says."""

    def __init__(self, browser: Browser, width: int = 1440, height: int = 900, **options) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(STREAMLITS_OWN):
            self.errors.append(f"{message.text} {where}")

    def open(self, address: str) -> None:
        """Open an address and wait until all is computed and drawn."""
        self.page.goto(address)
        self.settle()

    def settle(self) -> None:
        """Wait until the page's last element is there and nothing runs any more."""
        self.page.locator(".linked h3:visible").first.wait_for()
        self.page.get_by_role("button", name="Download the numbers").wait_for()
        self.idle()

    def idle(self) -> None:
        """Wait until nothing runs any more."""
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]')"
            "?.getAttribute('data-test-script-state') === 'notRunning'"
        )
        # A value that was just typed or slid is sent a moment later.
        self.page.wait_for_timeout(400)
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]')"
            "?.getAttribute('data-test-script-state') === 'notRunning'"
        )

    def query(self) -> dict[str, str]:
        """The address's parameters."""
        return {name: one for name, (one,) in parse_qs(urlsplit(self.page.url).query).items()}

    def tiles(self) -> dict[str, str]:
        """The tiles' values by label."""
        found = self.page.get_by_test_id("stMetric").all()
        return {
            tile.get_by_test_id("stMetricLabel").inner_text().strip(): tile.get_by_test_id(
                "stMetricValue"
            )
            .inner_text()
            .strip()
            for tile in found
        }

    def close(self) -> None:
        """Leave, and fail on anything that the console complained about."""
        # Streamlit hides tracebacks from visitors; what it shows instead counts as one.
        failures = self.page.get_by_test_id("stException").count()
        failures += self.page.get_by_text("has encountered an error").count()
        self.context.close()
        assert failures == 0
        assert not self.errors, self.errors
