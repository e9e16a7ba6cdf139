"""Threads that share work, and those that give way: what the system itself says of them."""

import os
import sys
import threading
from contextvars import ContextVar

import pytest

from attntopo.threads import beside, give_way, map_threaded

HELD: ContextVar[str] = ContextVar("held", default="nothing")


def niceness(_item: object = None) -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere it is the whole process that has one"
)
def test_what_gives_way_does_so_with_all_its_threads_and_nobody_else_does():
    before = niceness()
    assert give_way(niceness) == min(19, before + 10)
    assert set(give_way(map_threaded, niceness, range(4))) == {min(19, before + 10)}
    assert set(map_threaded(niceness, range(4))) == {before}
    assert niceness() == before


def test_it_answers_in_the_context_of_whoever_waits():
    HELD.set("a slot")
    assert give_way(HELD.get) == "a slot"
    assert give_way(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        give_way(divmod, 7, 0)


def test_what_is_done_beside_is_waited_for_and_says_nothing():
    begun, goes_on, done, waited = threading.Event(), threading.Event(), [], []

    def work(number: int) -> None:
        begun.set()
        goes_on.wait()
        done.append((number, HELD.get()))

    def waiting() -> None:
        waited.append(len(done))
        goes_on.set()

    HELD.set("a slot")
    with beside(work, 7, waiting=waiting):
        begun.wait()
        assert not done
    assert done == [(7, "a slot")]
    assert waited[0] == 0
    with beside(divmod, 7, 0, waiting=waiting):  # whoever asks for it again hears of it
        pass


def test_whoever_waits_may_leave_what_is_done_beside():
    goes_on, done = threading.Event(), threading.Event()

    def leave() -> None:
        raise KeyboardInterrupt

    def work() -> None:
        goes_on.wait()
        done.set()

    with pytest.raises(KeyboardInterrupt), beside(work, waiting=leave):
        pass
    goes_on.set()
    assert done.wait(60)
