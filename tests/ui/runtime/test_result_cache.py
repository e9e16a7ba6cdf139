import threading
import time
from dataclasses import dataclass

import pytest

from attntopo.ui.runtime.result_cache import FullError, ResultCache

KEY = ("key", "")


@dataclass
class Result:
    nbytes: int


def test_what_is_kept_is_not_made_again():
    store, made = ResultCache(1), []
    for _ in range(3):
        store.get_or_make(KEY, lambda: made.append(1) or Result(10))
    assert made == [1]


def test_the_least_recently_used_goes_first_and_is_made_again():
    store, made = ResultCache(1), []

    def make(name):
        return lambda: made.append(name) or Result(400_000)

    store.get_or_make(("a", ""), make("a"))
    store.get_or_make(("b", ""), make("b"))
    store.get_or_make(("a", ""), make("a"))
    store.get_or_make(("c", ""), make("c"))
    assert store.get(("b", "")) is None
    assert store.get(("a", "")) is not None
    store.get_or_make(("b", ""), make("b"))
    assert made == ["a", "b", "c", "b"]


def test_a_result_beyond_the_bound_is_returned_but_not_kept():
    store = ResultCache(1)
    assert store.get_or_make(("big", ""), lambda: Result(2_000_000)).nbytes == 2_000_000
    assert store.get(("big", "")) is None


def test_many_threads_make_it_once():
    store, made, answers = ResultCache(1), [], []

    def make():
        made.append(1)
        time.sleep(0.05)
        return Result(10)

    threads = [
        threading.Thread(target=lambda: answers.append(store.get_or_make(KEY, make)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert len({id(answer) for answer in answers}) == 1


def test_an_error_is_passed_on_and_the_next_call_tries_again():
    store = ResultCache(1)
    for _ in range(2):
        try:
            store.get_or_make(KEY, lambda: 1 / 0)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert store.get_or_make(KEY, lambda: Result(1)).nbytes == 1


def test_what_an_owner_drops_is_gone():
    store = ResultCache(1)
    for owner in ("one", "other"):
        store.get_or_make(("attention", owner), lambda: Result(10))
    store.drop("one")
    assert store.get(("attention", "one")) is None
    assert store.get(("attention", "other")) is not None
    store.get_or_make(("attention", "one"), lambda: Result(10))
    assert store.get(("attention", "one")) is not None


def test_nothing_is_kept_for_an_owner_who_has_gone_meanwhile():
    store = ResultCache(1)

    def make():
        store.close("one")
        return Result(10)

    assert store.get_or_make(("attention", "one"), make).nbytes == 10
    assert store.get(("attention", "one")) is None


def test_who_waits_for_another_is_told():
    store, told = ResultCache(1), []
    started = threading.Event()

    def make():
        started.set()
        time.sleep(1)
        return Result(10)

    thread = threading.Thread(target=lambda: store.get_or_make(KEY, make))
    thread.start()
    started.wait()
    store.get_or_make(KEY, make, waiting=lambda: told.append(1))
    thread.join()
    assert told


def test_what_visitors_bring_pushes_results_out_and_is_bounded():
    store = ResultCache(1)
    for name in "abc":
        store.get_or_make((name, ""), lambda: Result(300_000))
    store.bring("one", 200_000)
    assert store.get(("a", "")) is None
    assert store.get(("b", "")) is not None
    store.bring("other", 150_000)
    with pytest.raises(FullError, match="no room for more uploads"):
        store.bring("third", 75_001)
    assert store.state["brought_bytes"] == 350_000
    assert store.state["results_bytes"] + store.state["brought_bytes"] <= store.state["bytes"]
    store.bring("other", 100_000)  # something smaller in its place
    store.bring("third", 75_001)
    store.close("one")  # it may come back, and holds what it brought until then
    assert store.state["brought_bytes"] == 375_001
    store.gone("one")
    assert store.state["brought_bytes"] == 175_001
    store.bring("third", 0)
    assert store.state["owners"] == 1


def test_a_few_who_bring_all_they_may_leave_room_for_the_next_photo():
    store = ResultCache(800)  # as in the image
    photo, two_files_of_attention = 3_200_000, 2 * 64_000_000
    store.bring("one", two_files_of_attention)
    store.bring("other", two_files_of_attention)
    for greedy in range(4):
        most = 400_000_000 - store.state["brought_bytes"]
        with pytest.raises(FullError):
            store.bring(f"greedy {greedy}", int(most // 2 + 1))
        store.bring(f"greedy {greedy}", int(most // 2))
    store.bring("the next one", photo)


def test_who_leaves_while_the_store_is_at_work_hinders_nothing():
    # Python may collect garbage, and so say that somebody has gone, in the middle of anything.
    store = ResultCache(1)
    store.bring("one", 100_000)

    class Leaving(Result):
        @property
        def nbytes(self):
            store.gone("one")
            return 10

        @nbytes.setter
        def nbytes(self, _):
            pass

    working = threading.Thread(
        target=lambda: store.get_or_make(KEY, lambda: Leaving(0)), daemon=True
    )
    working.start()
    working.join(10)
    assert not working.is_alive()
    assert store.state["brought_bytes"] == 0


def test_nothing_is_left_of_what_could_not_be_made_or_was_not_waited_for():
    store, made = ResultCache(1), threading.Event()

    def fail():
        raise ValueError

    for number in range(20):
        with pytest.raises(ValueError):  # noqa: PT011
            store.get_or_make((number, ""), fail)
    assert store.state["making"] == 0
    maker = threading.Thread(target=lambda: store.get_or_make(KEY, lambda: made.wait(30)))
    maker.start()
    with pytest.raises(ValueError):  # noqa: PT011
        store.get_or_make(KEY, fail, waiting=fail)
    assert store.state["making"] == 1
    made.set()
    maker.join()
    assert store.state["making"] == 0


def test_results_never_exceed_what_visitors_leave():
    store = ResultCache(1)
    store.bring("one", 250_000)
    store.bring("other", 125_000)
    for number in range(20):
        store.get_or_make((number, ""), lambda: Result(200_000))
        assert store.state["results_bytes"] <= 625_000
    assert store.get_or_make(("big", ""), lambda: Result(630_000)).nbytes == 630_000
    assert store.get(("big", "")) is None
