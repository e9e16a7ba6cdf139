"""Threads that share work whose compiled loops release Python's lock."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from typing import TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    """Return the threads, as many as there are cores; what runs in one asks for no other."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="attntopo")


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
        Its answers in the order of the items.
    """
    first, *others = items
    # In the context of whoever waits: what is held there is held while they work.
    waiting = [_pool().submit(copy_context().run, function, item) for item in others]
    return [function(first), *(one.result() for one in waiting)]
