"""Threads that share work whose compiled loops release Python's lock, or that give way."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import lru_cache
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


_NICENESS = 10  # of 19: a tenth of a core where others want it
_AT_ONCE = 64
_LOOKS_UP_EVERY = 0.3  # seconds


def _niceness() -> int:
    """Return by how much this thread gives way to others; 0 where the system can't say."""
    if sys.platform != "linux":  # elsewhere it is the whole process that has one
        return 0
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def _set_niceness(niceness: int) -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


@lru_cache(maxsize=4)
def _pool(niceness: int) -> ThreadPoolExecutor:
    """Return the threads, as many as there are cores; what runs in one asks for no other."""
    return ThreadPoolExecutor(
        os.cpu_count() or 1,
        thread_name_prefix="attntopo",
        initializer=_set_niceness,
        initargs=(niceness,),
    )


@lru_cache(maxsize=1)
def _giving_way() -> ThreadPoolExecutor:
    # A thread can't be made to give way for a while: it needs a right to stop that again.
    niceness = min(19, _niceness() + _NICENESS)
    return ThreadPoolExecutor(
        _AT_ONCE,
        thread_name_prefix="attntopo gives way",
        initializer=_set_niceness,
        initargs=(niceness,),
    )


def give_way(function: Callable[..., _Answer], *arguments: Any) -> _Answer:
    """Call a function in a thread that gives way to the process's others, and wait for it.

    Where a system has no such threads, which is everywhere but on Linux, it is one like others.

    Parameters
    ----------
    function : callable
        What it raises is raised here.
    *arguments

    Returns
    -------
    object
        Its answer.
    """
    return _giving_way().submit(copy_context().run, function, *arguments).result()


@contextmanager
def beside(
    function: Callable[..., object], *arguments: Any, waiting: Callable[[], object]
) -> Iterator[None]:
    """Call a function in a thread of its own while the block runs, and wait for it at the end.

    If the block raises nobody waits: the function ends by itself.

    Parameters
    ----------
    function : callable
        Its answer, or what it raises, is lost: it does ahead what is asked for again.
    *arguments
    waiting : callable
        Called a few times a second while it is waited for. Whatever it raises ends the waiting.
    """

    def call() -> None:
        with suppress(Exception):
            function(*arguments)

    thread = threading.Thread(target=copy_context().run, args=(call,), daemon=True)
    thread.start()
    yield
    thread.join(_LOOKS_UP_EVERY)
    while thread.is_alive():
        waiting()
        thread.join(_LOOKS_UP_EVERY)


def map_threaded(function: Callable[[_Item], _Answer], items: Iterable[_Item]) -> list[_Answer]:
    """Apply a function to each item, all but the first in threads of their own.

    Parameters
    ----------
    function : callable
        What it raises for any item is raised here.
    items : iterable

    Returns
    -------
    list
        Its answers in the order of the items. The threads give way as much as this one does.
    """
    first, *others = items
    pool = _pool(_niceness())
    # In the context of whoever waits: what is held there is held while they work.
    waiting = [pool.submit(copy_context().run, function, item) for item in others]
    return [function(first), *(one.result() for one in waiting)]
