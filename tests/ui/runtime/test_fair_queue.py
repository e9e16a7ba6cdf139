"""The queue for heavy work: its places, its fairness, and those who leave it."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from types import SimpleNamespace

import pytest

from attntopo.ui.runtime import fair_queue
from attntopo.ui.runtime.fair_queue import BACKGROUND, FairQueue
from tests.harness.app import waits_for


class GoneError(Exception):
    """A visitor has left."""


class Clock:
    """A clock that goes on only when work says that it took so long."""

    seconds = 0.0

    def perf_counter(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of all queues."""
    clock = Clock()
    monkeypatch.setattr(fair_queue, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    return clock


class Work:
    """Pieces of work that note in which order they get their slots."""

    def __init__(self, queue: FairQueue, clock: Clock) -> None:
        self.queue, self.clock = queue, clock
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def ask(self, visitor: str, seconds: float = 0.0) -> None:
        def work() -> None:
            with self.queue.slot(visitor):
                self.order.append(visitor)
                self.clock.seconds += seconds

        waiting = self.queue.state[1]
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        waits_for(lambda: self.queue.state[1] == waiting + 1)

    def finish(self) -> list[str]:
        for thread in self.threads:
            thread.join(timeout=120)
        return self.order


def test_no_more_is_done_at_once_than_there_are_workers():
    queue, running, most = FairQueue(3), [], []
    three = threading.Barrier(3, timeout=120)  # each piece waits for two more to be at work

    def work(number: int) -> None:
        with queue.slot(f"visitor {number % 5}"):
            running.append(1)
            most.append(len(running))
            three.wait()
            running.pop()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(99)))
    assert max(most) == 3
    assert queue.state == (0, 0)


def test_a_core_is_left_to_short_work_where_there_are_several_visitors():
    for workers, alone, most in ((3, True, 3), (3, False, 2), (2, False, 1), (1, False, 1)):
        queue = FairQueue(workers, alone=lambda alone=alone: alone)
        go_on = threading.Event()
        with ThreadPoolExecutor(4) as pool, queue.slot("first"):
            for number in range(4):
                pool.submit(hold, queue, f"visitor {number}", go_on)
            waits_for(lambda queue=queue, most=most: queue.state == (most, 5 - most))
            go_on.set()
        assert queue.state == (0, 0)


def hold(queue: FairQueue, visitor: str, go_on: threading.Event) -> None:
    with queue.slot(visitor):
        go_on.wait(120)


def test_one_who_asks_for_little_overtakes_one_who_asks_for_much(clock):
    queue = FairQueue(1)
    work = Work(queue, clock)
    with queue.slot("first"):
        for _ in range(6):
            work.ask("much", 0.02)
        work.ask("little", 0.02)
        work.ask("little", 0.02)
    # By turns, as long as both have used the same.
    order = work.finish()
    assert max(place for place, who in enumerate(order) if who == "little") <= 3
    assert order.count("much") == 6


def test_time_counts_not_the_number_of_pieces(clock):
    queue = FairQueue(1)
    work = Work(queue, clock)
    with queue.slot("first"):
        work.ask("long", 0.2)
        for _ in range(4):
            work.ask("short", 0.01)
        work.ask("long", 0.2)
    assert work.finish() == ["long", "short", "short", "short", "short", "long"]


def test_the_background_waits_for_everybody(clock):
    queue = FairQueue(1)
    work = Work(queue, clock)
    with queue.slot("first"):
        work.ask(BACKGROUND)
        work.ask("second", 0.05)
        work.ask("third")
    assert work.finish() == ["second", "third", BACKGROUND]


def test_who_waits_is_told_the_place_and_who_leaves_gives_it_up(clock):
    queue = FairQueue(1)
    work = Work(queue, clock)
    told: list[int] = []

    def leave(place: int) -> None:
        told.append(place)
        if len(told) == 2:
            raise GoneError

    with queue.slot("first"):
        work.ask("second")
        with pytest.raises(GoneError):
            Context().run(queue.slot("third", leave).__enter__)  # another visitor's thread
        assert told == [2, 2]
        assert queue.state == (1, 1)
    assert work.finish() == ["second"]
    assert queue.state == (0, 0)


def test_a_slot_ends_with_an_error_too():
    queue = FairQueue(1)
    with pytest.raises(GoneError), queue.slot("first"):
        raise GoneError
    assert queue.state == (0, 0)
    with queue.slot("second"):
        assert queue.state == (1, 0)


def test_leaving_at_the_very_moment_of_ones_slot_loses_no_place():
    queue = FairQueue(2)

    def visit(number: int) -> None:
        chance = random.Random(number)

        def waiting(_place: int) -> None:
            time.sleep(chance.random() / 500)
            if chance.random() < 0.5:
                raise GoneError

        try:
            with queue.slot(str(number), waiting, "tool" if number % 3 else None):
                time.sleep(chance.random() / 500)
        except GoneError:
            pass

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(visit, range(400)))
    assert queue.state == (0, 0)


def test_who_waits_for_what_another_has_takes_no_slot():
    queue, go_on, order = FairQueue(2), threading.Event(), []

    def decode(visitor: str) -> None:
        with queue.slot(visitor, tool="decoder"):
            order.append(visitor)
            go_on.wait(120)

    with ThreadPoolExecutor(3) as pool:
        pool.submit(decode, "first")
        waits_for(lambda: order == ["first"])
        pool.submit(decode, "second")
        waits_for(lambda: queue.state == (1, 1))
        with queue.slot("third"):  # there was a place for one who needs no decoder
            assert queue.state == (2, 1)
        assert order == ["first"]
        go_on.set()
    assert order == ["first", "second"]
    assert queue.state == (0, 0)


@pytest.mark.parametrize("leaves", [False, True])
def test_what_one_has_is_given_back(leaves):
    queue = FairQueue(2)
    with queue.slot("first", tool="decoder"):

        def waiting(_place: int) -> None:
            raise GoneError

        if leaves:
            with pytest.raises(GoneError):
                Context().run(queue.slot("second", waiting, "decoder").__enter__)
    with pytest.raises(GoneError), queue.slot("second", tool="decoder"):
        raise GoneError
    with queue.slot("third", tool="decoder"):
        assert queue.state == (1, 0)
    assert queue.state == (0, 0)


def test_a_slot_within_a_slot_is_refused_before_it_is_waited_for():
    queue = FairQueue(1)
    with queue.slot("visitor"), pytest.raises(RuntimeError, match="who holds one"):
        queue.slot("visitor").__enter__()
    assert queue.state == (0, 0)
    with queue.slot("visitor"):
        pass


def test_what_is_short_waits_for_nothing_long_and_the_other_way_round():
    queue, go_on, order = FairQueue(1), threading.Event(), []

    def work(name: str, is_long: bool) -> None:
        with queue.slot(name, is_long=is_long):
            order.append(name)
            go_on.wait(120)

    with ThreadPoolExecutor(4) as pool:
        pool.submit(work, "long", True)
        waits_for(lambda: order == ["long"])
        pool.submit(work, "second long", True)
        waits_for(lambda: queue.state == (1, 1))
        pool.submit(work, "short", False)
        waits_for(lambda: order == ["long", "short"])
        pool.submit(work, "second short", False)
        waits_for(lambda: queue.state == (2, 2))
        go_on.set()
    assert set(order[2:]) == {"second long", "second short"}
    assert queue.state == (0, 0)
