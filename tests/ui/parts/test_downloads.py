"""Downloads wait for their turn, few of one session at a time, and for nobody who has left."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from streamlit import runtime

from attntopo.effort import SHORT
from attntopo.ui.parts import downloads
from attntopo.ui.runtime import shared
from tests.harness.app import waits_for


@pytest.fixture
def queue(configured, monkeypatch):
    configured(ATTNTOPO_WORKERS="1")
    monkeypatch.setattr(shared, "session_key", lambda: "a visitor")  # which a page alone has
    st.cache_resource.clear()
    yield shared.queue()
    st.cache_resource.clear()


def test_a_download_waits_for_its_slot(queue):
    make = downloads.deferred(downloads.in_one(lambda: "numbers", SHORT))
    with ThreadPoolExecutor(1) as pool:
        with queue.slot("somebody else"):
            coming = pool.submit(make)
            waits_for(lambda: queue.state == (1, 1))
            assert not coming.done()
        assert coming.result(timeout=120) == "numbers"
    assert queue.state == (0, 0)


def test_only_a_few_of_one_session_wait(queue):
    make = downloads.deferred(downloads.in_one(lambda: "numbers", SHORT))
    with ThreadPoolExecutor(downloads.MOST) as pool:
        with queue.slot("somebody else"):
            coming = [pool.submit(make) for _ in range(downloads.MOST)]
            waits_for(lambda: queue.state == (1, downloads.MOST))
            for _ in range(3):
                with pytest.raises(downloads.DownloadError, match="waits for 2 downloads already"):
                    make()
        assert [one.result(timeout=120) for one in coming] == ["numbers"] * downloads.MOST
    assert make() == "numbers"


def test_one_that_fails_gives_its_place_back(queue):
    def fail() -> str:
        raise RuntimeError("no numbers")

    make = downloads.deferred(downloads.in_one(fail, SHORT))
    for _ in range(downloads.MOST + 1):
        with pytest.raises(RuntimeError, match="no numbers"):
            make()
    assert queue.state == (0, 0)


def test_one_who_leaves_waits_no_longer(queue, monkeypatch):
    class Server:
        here = True

        def is_active_session(self, session: str) -> bool:
            return self.here and not session  # drawn by no page, so in no session

    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", Server)
    make = downloads.deferred(downloads.in_one(lambda: "numbers", SHORT))
    assert make() == "numbers"
    with ThreadPoolExecutor(1) as pool, queue.slot("somebody else"):
        coming = pool.submit(make)
        waits_for(lambda: queue.state == (1, 1))
        Server.here = False
        with pytest.raises(downloads.DownloadError, match="has left"):
            coming.result(timeout=120)
        assert queue.state == (1, 0)
    with pytest.raises(downloads.DownloadError, match="has left"):
        make()
