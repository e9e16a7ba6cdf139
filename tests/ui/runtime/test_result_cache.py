import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

import attntopo as at
from attntopo.ui.runtime.result_cache import ResultCache, nbytes_of
from attntopo.ui.runtime.upload_budget import FullError
from tests.harness.app import waits_for

KEY = ("key", "")


@dataclass
class Result:
    nbytes: int


def test_what_is_kept_is_not_made_again():
    cache, made = ResultCache(1), []
    for _ in range(3):
        cache.get_or_compute(KEY, lambda: made.append(1) or Result(10))
    assert made == [1]


def test_the_least_recently_used_goes_first_and_is_made_again():
    cache, made = ResultCache(1), []

    def make(name):
        return lambda: made.append(name) or Result(400_000)

    cache.get_or_compute(("a", ""), make("a"))
    cache.get_or_compute(("b", ""), make("b"))
    cache.get_or_compute(("a", ""), make("a"))
    cache.get_or_compute(("c", ""), make("c"))
    assert cache.get(("b", "")) is None
    assert cache.get(("a", "")) is not None
    cache.get_or_compute(("b", ""), make("b"))
    assert made == ["a", "b", "c", "b"]


def test_a_result_beyond_the_bound_is_returned_but_not_kept():
    cache = ResultCache(1)
    assert cache.get_or_compute(("big", ""), lambda: Result(2_000_000)).nbytes == 2_000_000
    assert cache.get(("big", "")) is None


def test_what_is_forgotten_is_made_again_and_leaves_its_room():
    cache, made = ResultCache(1), []
    for _ in range(2):
        cache.get_or_compute(KEY, lambda: made.append(1) or Result(900_000))
        cache.get_or_compute(("other", ""), lambda: Result(90_000))
        cache.forget(KEY)
        cache.forget(KEY)  # it isn't there any more
        assert cache.get(KEY) is None
        assert cache.get(("other", "")) is not None
        assert cache.state["results_bytes"] == 90_000
    assert made == [1, 1]


def test_many_threads_make_it_once():
    cache, made, answers, waiting = ResultCache(1), [], [], set()

    def make():
        made.append(1)
        waits_for(lambda: len(waiting) == 7)  # all others have asked meanwhile
        return Result(10)

    def ask():
        answers.append(cache.get_or_compute(KEY, make, lambda: waiting.add(threading.get_ident())))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert len({id(answer) for answer in answers}) == 1


def test_an_error_is_passed_on_and_the_next_call_tries_again():
    cache = ResultCache(1)
    for _ in range(2):
        try:
            cache.get_or_compute(KEY, lambda: 1 / 0)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert cache.get_or_compute(KEY, lambda: Result(1)).nbytes == 1


def test_what_an_owner_drops_is_gone():
    cache = ResultCache(1)
    for owner in ("one", "other"):
        cache.get_or_compute(("attention", owner), lambda: Result(10))
    cache.drop("one")
    assert cache.get(("attention", "one")) is None
    assert cache.get(("attention", "other")) is not None
    cache.get_or_compute(("attention", "one"), lambda: Result(10))
    assert cache.get(("attention", "one")) is not None


def test_nothing_is_kept_for_an_owner_who_has_gone_meanwhile():
    cache = ResultCache(1)

    def make():
        cache.close("one")
        return Result(10)

    assert cache.get_or_compute(("attention", "one"), make).nbytes == 10
    assert cache.get(("attention", "one")) is None


@pytest.mark.parametrize("drop", ["drop", "drop_content"])
def test_what_is_dropped_while_it_is_made_is_not_kept(drop):
    cache = ResultCache(megabytes=1)
    named = {"drop": "owner", "drop_content": "hash"}[drop]

    def make(result: str) -> str:
        getattr(cache, drop)(named)
        return result

    def ask(key: tuple[str, ...], result: str) -> str:
        return cache.get_or_compute(key, lambda: make(result))

    assert ask(("kind", "owner", "sha256-hash"), "its result") == "its result"
    assert cache.get(("kind", "owner", "sha256-hash")) is None
    assert ask(("kind", "another", "sha256-other"), "another's") == "another's"
    assert cache.get(("kind", "another", "sha256-other")) == "another's"
    # Asked for again it is kept again.
    assert cache.get_or_compute(("kind", "owner", "sha256-hash"), lambda: "anew") == "anew"
    assert cache.get(("kind", "owner", "sha256-hash")) == "anew"


def test_who_waits_for_another_is_told():
    cache, started, told = ResultCache(1), threading.Event(), threading.Event()

    def make():
        started.set()
        assert told.wait(120)
        return Result(10)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cache.get_or_compute, KEY, make)
        started.wait()
        second = cache.get_or_compute(KEY, make, waiting=told.set)
        assert first.result() is second


def test_what_visitors_bring_pushes_results_out_and_is_bounded():
    cache = ResultCache(1)
    for name in "abc":
        cache.get_or_compute((name, ""), lambda: Result(300_000))
    cache.reserve_upload("one", 200_000)
    assert cache.get(("a", "")) is None
    assert cache.get(("b", "")) is not None
    cache.reserve_upload("other", 150_000)
    with pytest.raises(FullError, match="no room for more uploads"):
        cache.reserve_upload("third", 75_001)
    assert cache.state["upload_bytes"] == 350_000
    assert cache.state["results_bytes"] + cache.state["upload_bytes"] <= cache.state["bytes"]
    cache.reserve_upload("other", 100_000)  # something smaller in its place
    cache.reserve_upload("third", 75_001)
    cache.close("one")  # it may come back, and holds what it brought until then
    assert cache.state["upload_bytes"] == 375_001
    cache.uploads.release("one")
    assert cache.state["upload_bytes"] == 175_001
    cache.reserve_upload("third", 0)
    assert cache.state["owners"] == 1


def test_a_few_who_bring_all_they_may_leave_room_for_the_next_photo():
    cache = ResultCache(800)  # as in the image
    photo, two_files_of_attention = 3_200_000, 2 * 64_000_000
    cache.reserve_upload("one", two_files_of_attention)
    cache.reserve_upload("other", two_files_of_attention)
    for greedy in range(4):
        most = 400_000_000 - cache.state["upload_bytes"]
        with pytest.raises(FullError):
            cache.reserve_upload(f"greedy {greedy}", int(most // 2 + 1))
        cache.reserve_upload(f"greedy {greedy}", int(most // 2))
    cache.reserve_upload("the next one", photo)


def test_who_leaves_while_the_store_is_at_work_hinders_nothing():
    # Python may collect garbage, and so say that somebody has gone, in the middle of anything.
    cache = ResultCache(1)
    cache.reserve_upload("one", 100_000)

    class Leaving(Result):
        @property
        def nbytes(self):
            cache.uploads.release("one")
            return 10

        @nbytes.setter
        def nbytes(self, _):
            pass

    working = threading.Thread(
        target=lambda: cache.get_or_compute(KEY, lambda: Leaving(0)), daemon=True
    )
    working.start()
    working.join(120)
    assert not working.is_alive()
    assert cache.state["upload_bytes"] == 0


def test_nothing_is_left_of_what_could_not_be_made_or_was_not_waited_for():
    cache, made = ResultCache(1), threading.Event()

    def fail():
        raise ValueError

    for number in range(20):
        with pytest.raises(ValueError):  # noqa: PT011
            cache.get_or_compute((number, ""), fail)
    assert cache.state["computing"] == 0
    maker = threading.Thread(target=lambda: cache.get_or_compute(KEY, lambda: made.wait(120)))
    maker.start()
    with pytest.raises(ValueError):  # noqa: PT011
        cache.get_or_compute(KEY, fail, waiting=fail)
    assert cache.state["computing"] == 1
    made.set()
    maker.join()
    assert cache.state["computing"] == 0


def test_results_never_exceed_what_visitors_leave():
    cache = ResultCache(1)
    cache.reserve_upload("one", 250_000)
    cache.reserve_upload("other", 125_000)
    for number in range(20):
        cache.get_or_compute((number, ""), lambda: Result(200_000))
        assert cache.state["results_bytes"] <= 625_000
    assert cache.get_or_compute(("big", ""), lambda: Result(630_000)).nbytes == 630_000
    assert cache.get(("big", "")) is None


def test_a_result_counts_all_arrays_and_texts_that_are_in_it():
    topology = at.analyse(at.ring_attention(), 0, 0)
    diagrams, tree = topology.diagrams, topology.tree
    arrays = [topology.distances.values, topology.distances.tokens, *diagrams.points]
    arrays += [diagrams.merging_edges, diagrams.birth_edges, diagrams.death_triangles]
    arrays += [tree.lengths, tree.edges, tree.survivors, tree.absorbed, tree.colours]
    arrays += vars(topology.links).values()
    expected = sum(array.nbytes for array in arrays) + len(topology.distances.distance)
    assert nbytes_of(topology) == expected
    assert nbytes_of({"one": topology, "two": [topology, None, 3]}) == 2 * expected
    assert nbytes_of(Result(7)) == 7
