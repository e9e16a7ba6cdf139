"""A real server of the app and a real Chromium."""

from __future__ import annotations

import atexit
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Streamlit's own two: it looks for its endpoints under the page's path first.
STREAMLITS_OWN = ("_stcore/health", "_stcore/host-config")
# Limits against waiting for ever: no test is about how fast this machine is at the moment.
START_SECONDS = 200
STOP_SECONDS = 100
PAGE_SECONDS = 120
_LOGS = tempfile.mkdtemp(prefix="attntopo-server-logs-")
atexit.register(shutil.rmtree, _LOGS, ignore_errors=True)

# Notes in a page what it is about to do and what it waits for: timers of less than a second, such
# as the one after which a value that was typed is sent, and a run that was asked for or has begun:
# the page itself is told that it runs in a message that may come long after the run's first.
_NOTE_WHAT_IS_PENDING = f"""
(() => {{
  const [RERUN, BEGUN, ENDED, EARLY] = [
    {BackMsg.DESCRIPTOR.fields_by_name["rerun_script"].number},
    {ForwardMsg.DESCRIPTOR.fields_by_name["new_session"].number},
    {ForwardMsg.DESCRIPTOR.fields_by_name["script_finished"].number},
    {ForwardMsg.FINISHED_EARLY_FOR_RERUN},
  ];
  const pending = window.pending = {{timers: new Set(), asked: false, runs: false, quiet: 0}};

  const start = window.setTimeout, stop = window.clearTimeout;
  window.setTimeout = (run, delay = 0, ...values) => {{
    const timer = start((...passed) => {{ pending.timers.delete(timer); run(...passed); }},
      delay, ...values);
    if (delay < 1000) pending.timers.add(timer);
    return timer;
  }};
  window.clearTimeout = timer => {{ pending.timers.delete(timer); stop(timer); }};

  const field = (data, wanted) => {{  // of a protocol buffer: its number or size, if it is there
    const bytes = data instanceof ArrayBuffer
      ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let at = 0;
    const number = () => {{
      let value = 0, scale = 1;
      for (;; scale *= 128) {{
        const byte = bytes[at++];
        value += (byte & 127) * scale;
        if (!(byte >= 128)) return value;
      }}
    }};
    while (at < bytes.length) {{
      const tag = number();
      const wire = tag & 7, size = wire === 0 || wire === 2 ? number() : wire === 1 ? 8 : 4;
      if (tag >> 3 === wanted) return size;
      if (wire !== 0) at += size;  // not `at += number()`, which adds to where it was before
    }}
  }};
  const watched = new WeakSet(), send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {{
    if (!watched.has(this)) {{
      watched.add(this);
      this.addEventListener('message', ({{data}}) => {{
        const ended = field(data, ENDED);
        if (field(data, BEGUN) !== undefined) [pending.asked, pending.runs] = [false, true];
        if (ended !== undefined) pending.runs = false;
        if (ended === EARLY) pending.asked = true;
      }});
      this.addEventListener('close', () => {{ [pending.asked, pending.runs] = [false, false]; }});
    }}
    if (field(data, RERUN) !== undefined) pending.asked = true;
    return send.call(this, data);
  }};
}})()
"""
_IS_QUIET = """
() => {
  const app = document.querySelector('[data-testid=stApp]'), pending = window.pending;
  const quiet = app?.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') === 'CONNECTED'
    && !pending.asked && !pending.runs && pending.timers.size === 0
    // The linked view unpacks the heads' numbers after the page has named them.
    && [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].every(part => {
      const view = (part.shadowRoot ?? part.firstElementChild?.shadowRoot)?.linkedView;
      return !view || view.head === view.received?.head;
    });
  pending.quiet = quiet ? pending.quiet + 1 : 0;
  return pending.quiet > 3;  // frames, in which React draws what it has heard
}
"""

# Plotly draws after the page's script has ended, and is read when it is first wanted.
_PLOTS_ARE_DRAWN = """
() => !document.querySelector('[data-testid=stSkeleton]')
  && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(chart =>
    chart.querySelector('.js-plotly-plot .main-svg'))
"""


class Server:
    """The app's server on a port of its own, which can be killed and started again.

    Parameters
    ----------
    log : Path, optional
        Where what it writes is added; a temporary file otherwise.
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
        self.log = log or Path(tempfile.mkdtemp(dir=_LOGS)) / "log"
        self._command = command or (sys.executable, "-m", module)
        self._folder, self._environment = folder, environment
        self._was_up = False
        self._choose_port()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _choose_port(self) -> None:
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        for _ in range(5):
            self._launch()
            if self._answers():
                self._was_up = True
                return
            if "is not available" not in self._written():
                break
            if not self._was_up:  # somebody else has taken the port meanwhile
                self._choose_port()
        raise RuntimeError(f"the server stopped while starting: {self._written()}")

    def _launch(self) -> None:
        command = [*self._command, "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        with self.log.open("ab") as output:
            self._written_before = output.tell()
            self.process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment},
                stdout=output,
                stderr=output,
            )

    def _answers(self) -> bool:
        """Wait until it does, which is true, or has ended."""
        end = time.monotonic() + START_SECONDS
        try:
            while time.monotonic() < end:
                if self.process.poll() is not None:
                    return False
                # Another process at this port would be healthy, too: it must say that it is there.
                if self.address in self._written() and _is_healthy(self.address):
                    return True
                time.sleep(0.1)
            raise RuntimeError(f"the server didn't start within {START_SECONDS} seconds")
        except BaseException:
            self.stop()
            raise

    def _written(self) -> str:
        """What it has written since it was started last."""
        return self.log.read_bytes()[self._written_before :].decode()

    def is_idle(self) -> bool:
        """Whether the last line that it wrote of its own state says that nobody works.

        It writes none before the first visitor.
        """
        with self.log.open("rb") as log:
            log.seek(max(self._written_before, log.seek(0, os.SEEK_END) - 10_000))
            counts = re.findall(rb"(\d+) of \d+ workers busy, (\d+) waiting", log.read())
        return counts[-1:] in ([], [(b"0", b"0")])

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self.process.terminate()
        self.process.wait(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=STOP_SECONDS)


@contextmanager
def serving(module: str = "attntopo.ui.server.serve", **environment: str) -> Iterator[str]:
    """Start the app's server and give its address; the server is stopped afterwards."""
    with Server(module=module, **environment) as server:
        yield server.address


def _free_port() -> int:
    """A port that is free at the moment, and that no outgoing connection is given."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=10):
            return True
    except OSError:
        return False


def chromium_path() -> str | None:
    """The Chromium that ATTNTOPO_CHROMIUM names, else the system's."""
    return os.environ.get("ATTNTOPO_CHROMIUM") or shutil.which("chromium")


@contextmanager
def chromium(playwright: Playwright | None = None) -> Iterator[Browser]:
    """Start Chromium, of a Playwright that runs already or of one of its own."""
    with nullcontext(playwright) if playwright else sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One visitor, of whom no other knows anything, and who notes what the console says.

    A page that was left is the next visitor's, without what the last one stored: it holds the
    app's scripts, and reading them takes longer than all else that a visit takes.

    Parameters
    ----------
    browser : Browser
    width, height : int
        The page's size in CSS pixels.
    script : str
        Runs before every page's own.
    **options
        More of what a browser's context can be told.
    """

    _left: ClassVar[dict[tuple, list[Page]]] = defaultdict(list)

    def __init__(
        self, browser: Browser, width: int = 1440, height: int = 900, script: str = "", **options
    ) -> None:
        self._pages = self._left[browser, script, *sorted(options.items())]
        self.page = self._pages.pop() if self._pages else _new_page(browser, script, options)
        self.page.set_viewport_size({"width": width, "height": height})
        self.errors: list[str] = []
        self._origins: set[str] = set()
        self._listens = {
            "pageerror": lambda error: self.errors.append(str(error)),
            "console": self._console,
            "framenavigated": self._visited,
        }
        for event, listener in self._listens.items():
            self.page.on(event, listener)

    def _visited(self, frame) -> None:
        where = urlsplit(frame.url)
        if where.netloc:
            self._origins.add(f"{where.scheme}://{where.netloc}")

    def _console(self, message) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(STREAMLITS_OWN):
            self.errors.append(f"{message.text} {where}")

    def open(self, address: str) -> None:
        """Open an address and wait until all is computed and drawn."""
        self.page.goto(address)
        self.settle()

    def follow(self, address: str) -> None:
        """Open another address of the page that is open, in its session, as Back does."""
        self.idle()
        self.page.evaluate(
            "address => { history.pushState({}, '', address);"
            " dispatchEvent(new PopStateEvent('popstate')); }",
            address,
        )
        self.settle()

    def settle(self) -> None:
        """Wait until the page's last element is there and nothing runs any more."""
        self.page.locator(".linked .counts:visible").first.wait_for()
        self.page.get_by_role("button", name="Download the numbers").last.wait_for()
        self.idle()

    def settle_atlas(self) -> None:
        """Wait until the Atlas is computed, and all its plots are drawn."""
        self.page.get_by_role("button", name="Download the table").wait_for()
        self.settle_plots()

    def settle_stability(self) -> None:
        """Wait until the Stability page is computed, and all its plots are drawn."""
        self.page.get_by_role("button", name="Download the table of heads").wait_for()
        self.settle_plots()

    def add_to_collection(self, files: dict[str, bytes]) -> None:
        """Choose files, by name, on the Collection page."""
        self.page.get_by_role("button", name="Add photos").click()
        payloads = [
            {"name": k, "mimeType": "image/jpeg", "buffer": one} for k, one in files.items()
        ]
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("[data-testid=stFileUploaderDropzone] button").click()
        chooser.value.set_files(payloads)

    def settle_collection(self, photos: int) -> None:
        """Wait until so many photos are on the Collection page, all of them computed."""
        self.page.get_by_text(re.compile(f"^{photos} photos")).first.wait_for()
        self.idle()

    def settle_plots(self) -> None:
        """Wait until nothing runs any more, and Plotly has drawn all that it was given."""
        self.idle()
        self.page.wait_for_function(_PLOTS_ARE_DRAWN)

    def idle(self) -> None:
        """Wait until nothing runs any more, and nothing is about to be sent."""
        self.page.evaluate("pending.quiet = 0")
        self.page.wait_for_function(_IS_QUIET)

    def still(self) -> None:
        """Wait until nothing runs any more, and nothing moves or changes its colour."""
        self.idle()
        self.page.evaluate(
            "() => Promise.allSettled(document.getAnimations()"
            ".filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))"
            ".map(one => one.finished))"
        )

    def resize(self, width: int, height: int) -> None:
        """Give the page another size, and wait until it is laid out in it."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(f"innerWidth === {width} && document.fonts.status === 'loaded'")
        self.still()

    def query(self) -> dict[str, str]:
        """The address's parameters."""
        return {name: one for name, (one,) in parse_qs(urlsplit(self.page.url).query).items()}

    def tiles(self) -> dict[str, str]:
        """The values of the linked view's numbers, by label."""
        texts = "all => all.map(({children}) => [...children].map(one => one.textContent))"
        return dict(self.page.locator(".numbers .number:visible").evaluate_all(texts))

    def close(self) -> None:
        """Leave, and fail on anything that the console complained about."""
        self.fail_on_complaints()
        self._leave()
        self._pages.append(self.page)

    def fail_on_complaints(self) -> None:
        """Fail on anything that the console complained about, or the page."""
        # Streamlit hides tracebacks from visitors; what it shows instead counts as one.
        failures = self.page.get_by_test_id("stException").count()
        failures += self.page.get_by_text("has encountered an error").count()
        errors = [one for one in self.errors if not self._is_of_a_past_picture(one)]
        self.errors = []
        assert failures == 0
        assert not errors, errors

    def _is_of_a_past_picture(self, error: str) -> bool:
        """Say whether a picture wasn't found that the page has replaced meanwhile.

        The server forgets a picture when a run has ended that doesn't show it; a browser that was
        about to fetch it finds nothing, and shows the next one.
        """
        found = re.search(r"/media/\w+\.(?:jpg|png|webp)", error)
        return bool(found) and not self.page.locator(f'img[src*="{found[0]}"]').count()

    def _leave(self) -> None:
        """Forget everything but the scripts that were read."""
        for event, listener in self._listens.items():
            self.page.remove_listener(event, listener)
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        browser = self.page.context.new_cdp_session(self.page)
        for origin in self._origins:
            browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        browser.detach()


def _new_page(browser: Browser, script: str, options: dict[str, Any]) -> Page:
    context = browser.new_context(accept_downloads=True, **options)
    context.add_init_script(_NOTE_WHAT_IS_PENDING)
    context.add_init_script(script)
    context.set_default_timeout(PAGE_SECONDS * 1000)
    return context.new_page()
