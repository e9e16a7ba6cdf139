"""Sessions whose connection broke, and files that wait: kept for a while, and within bounds."""

import asyncio
from types import SimpleNamespace

from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from attntopo.ui.results.collection_photos import MOST_PHOTOS
from attntopo.ui.server import streamlit_limits
from attntopo.ui.server.streamlit_limits import FILES_OF_A_SESSION, Sessions, Uploads


class Session:
    """What Streamlit keeps of a visitor, as far as it matters here."""

    def __init__(self, name: str) -> None:
        self.id, self.ended, self.session_state = name, False, {"photo": "pixels"}

    def shutdown(self) -> None:
        self.ended = True


def info(name: str) -> SimpleNamespace:
    return SimpleNamespace(session=Session(name))


async def ended(one: SimpleNamespace) -> None:
    while not one.session.ended:
        await asyncio.sleep(0.01)


def test_a_session_that_does_not_come_back_ends_and_what_it_held_is_gone():
    async def scenario() -> None:
        sessions, left = Sessions(0.02), info("one")
        sessions.save(left)
        assert sessions.get("one") is left
        assert sessions.list() == [left]
        await ended(left)
        assert left.session.session_state == {}
        assert sessions.get("one") is None

    asyncio.run(scenario())


def test_one_that_has_come_back_is_kept_anew_for_the_whole_time():
    async def scenario() -> None:
        sessions, back, other = Sessions(0.05), info("back"), info("other")
        sessions.save(back)
        sessions.save(other)
        sessions.delete("back")  # its visitor is here
        await ended(other)
        assert not back.session.ended
        sessions.save(back)
        assert sessions.get("back") is back
        await ended(back)

    asyncio.run(scenario())


def test_the_oldest_make_room(monkeypatch):
    monkeypatch.setattr(streamlit_limits, "SESSIONS_KEPT", 2)

    async def scenario() -> None:
        sessions, three = Sessions(60), [info(name) for name in "abc"]
        for one in three:
            sessions.save(one)
        assert [one.session.ended for one in three] == [True, False, False]
        assert sessions.list() == three[1:]

    asyncio.run(scenario())


def test_a_whole_collection_of_files_waits_and_no_more():
    uploads = Uploads("upload_file")
    names = [f"{number}" for number in range(FILES_OF_A_SESSION + 20)]
    for name in names:
        uploads.add_file("one", UploadedFileRec(name, f"{name}.jpg", "image/jpeg", b"tiny"))
    waiting = [one.file_id for one in uploads.get_files("one", names)]
    assert waiting == names[-FILES_OF_A_SESSION:]
    assert len(waiting) >= MOST_PHOTOS
    # Another session's files are its own.
    uploads.add_file("two", UploadedFileRec("0", "0.jpg", "image/jpeg", b"tiny"))
    assert len(uploads.get_files("one", names)) == FILES_OF_A_SESSION
    large = uploads.of_a_session // 3
    for name in names[:5]:
        uploads.add_file("one", UploadedFileRec(name, f"{name}.jpg", "image/jpeg", bytes(large)))
    sizes = [len(one.data) for one in uploads.get_files("one", names)]
    assert large < sum(sizes) <= uploads.of_a_session
