"""The app in a frame of another site, as a Space shows it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Playwright

from attntopo.photos.samples import sample
from tests.harness.browser import FLAGS, PAGE_SECONDS, chromium_path


@pytest.fixture
def other_site():
    """Give a function: address of the app -> address of another site's page that frames it."""
    shown = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = f"<iframe src='{shown['app']}' width=1400 height=850></iframe>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()

    def framing(app: str) -> str:
        shown["app"] = app
        return f"http://127.0.0.1:{server.server_port}/"

    yield framing
    server.shutdown()
    server.server_close()


@contextmanager
def page_that_keeps_cookies_of_all_sites(playwright: Playwright, folder: Path) -> Iterator[Page]:
    """Chromium with a profile: the contexts that other tests open block other sites' cookies."""
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    allowed = {"block_third_party_cookies": False, "cookie_controls_mode": 0}
    preferences.write_text(json.dumps({"profile": allowed}))
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium_path(), args=FLAGS
    )
    context.set_default_timeout(PAGE_SECONDS * 1000)
    yield context.new_page()
    context.close()


def status_of_an_upload(address: str, other_site, playwright, folder: Path) -> int:
    """What the server answers to an upload from within a frame of another site."""
    sample("coffee").image().save(folder / "coffee.png")
    with page_that_keeps_cookies_of_all_sites(playwright, folder / "profile") as page:
        # Another site by its name; and to a browser, localhost is as safe as HTTPS.
        page.goto(other_site(address.replace("127.0.0.1", "localhost")))
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Download the numbers").last.wait_for()
        chooser = frame.get_by_test_id("stFileUploader").first.locator("input")
        with page.expect_response(lambda answer: "/upload_file/" in answer.url) as put:
            chooser.set_input_files(folder / "coffee.png")
        return put.value.status


def test_an_upload_within_a_frame_is_refused(address, other_site, playwright, tmp_path):
    assert status_of_an_upload(address, other_site, playwright, tmp_path) == 403


def test_an_upload_within_a_frame_needs_the_cookie_opened_up(
    other_address, other_site, playwright, tmp_path
):
    with urlopen(f"{other_address}/_stcore/health") as answer:
        (cookie,) = answer.headers.get_all("Set-Cookie")
    assert "SameSite=None" in cookie
    assert "Secure" in cookie
    assert status_of_an_upload(other_address, other_site, playwright, tmp_path) == 204
