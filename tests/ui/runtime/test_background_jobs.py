"""Long work in the background: shared, ended when nobody wants it, tried again where it failed."""

import threading

import pytest

from attntopo.ui.runtime.background_jobs import BackgroundJobs
from tests.harness.app import waits_for

KEY = ("draws", "", 1)


class Pieces:
    """Work whose pieces are done when the test says so."""

    def __init__(self, failure: str = "") -> None:
        self.begun, self.done, self.failure = 0, 0, failure
        self.piece = threading.Semaphore(0)

    def __call__(self, goes_on) -> str:
        self.begun += 1
        while goes_on():
            self.piece.acquire()
            self.done += 1
            if self.failure:
                return self.failure
        return ""


@pytest.fixture
def open_sessions() -> set[str]:
    return {"one", "two"}


@pytest.fixture
def jobs(open_sessions) -> BackgroundJobs:
    return BackgroundJobs(open_sessions.__contains__)


def ends(jobs: BackgroundJobs, work: Pieces) -> None:
    work.piece.release()
    waits_for(lambda: not jobs.busy())


def test_who_asks_for_the_same_shares_it_and_it_ends_when_the_last_leaves(jobs):
    work = Pieces()
    for visitor in ("one", "two", "one"):
        assert jobs.ask(KEY, visitor, work).is_running
    jobs.leave(KEY, "one")
    work.piece.release()
    waits_for(lambda: work.done == 1)
    assert jobs.busy()
    jobs.leave(KEY, "two")
    ends(jobs, work)
    assert (work.begun, work.done) == (1, 2)  # the piece at which it was is done to its end
    jobs.ask(KEY, "one", work)
    waits_for(lambda: work.begun == 2)
    jobs.leave(KEY, "one")
    ends(jobs, work)


def test_another_key_is_other_work(jobs):
    work, other = Pieces(), Pieces()
    jobs.ask(KEY, "one", work)
    jobs.ask((*KEY, 2), "one", other)
    waits_for(lambda: (work.begun, other.begun) == (1, 1))
    jobs.leave(KEY, "one")
    jobs.leave((*KEY, 2), "one")
    other.piece.release()
    ends(jobs, work)


def test_it_ends_where_the_session_is_closed(jobs, open_sessions):
    work = Pieces()
    jobs.ask(KEY, "one", work)
    waits_for(lambda: work.begun == 1)
    open_sessions.clear()
    ends(jobs, work)
    assert work.done <= 1


def test_it_ends_where_nobody_has_looked_for_a_while(open_sessions):
    jobs, work = BackgroundJobs(open_sessions.__contains__, patience=-1.0), Pieces()
    jobs.ask(KEY, "one", work)
    waits_for(lambda: not jobs.busy())
    assert work.done == 0


def test_what_failed_says_why_and_is_tried_again_only_when_asked_anew(jobs):
    work = Pieces("There is no such head.")
    jobs.ask(KEY, "one", work)
    ends(jobs, work)
    for _ in range(3):
        job = jobs.ask(KEY, "one", work)
        assert (job.is_running, job.failure) == (False, "There is no such head.")
    jobs.leave(KEY, "one")
    assert jobs.ask(KEY, "one", work).is_running
    ends(jobs, work)
    assert work.begun == 2


def test_what_nobody_foresaw_is_a_sentence_too(jobs, caplog):
    def work(_goes_on):
        raise ZeroDivisionError("of ours")

    jobs.ask(KEY, "one", work)
    waits_for(lambda: not jobs.busy())
    assert jobs.ask(KEY, "one", work).failure == "It couldn't be computed."
    assert "of ours" in caplog.text
