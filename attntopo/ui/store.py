"""Results kept for reuse, bounded in bytes and shared by all sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from cachetools import LRUCache


class Store:
    """Keeps results up to a number of bytes; what was evicted is computed again.

    Parameters
    ----------
    megabytes : float
        Results whose `nbytes` together exceed this push out the least recently used.
    """

    def __init__(self, megabytes: float) -> None:
        self._results: LRUCache[Hashable, Any] = LRUCache(maxsize=megabytes * 1e6, getsizeof=_size)
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> Any | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            return self._results.get(key)

    def get_or_make(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what is kept under a key, making it first if need be.

        Parameters
        ----------
        key : hashable
        make : callable
            Called once even where several sessions ask at the same time.

        Returns
        -------
        object
            What was made, also where it is too big to keep.
        """
        with self._lock:
            if key in self._results:
                return self._results[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self.get(key)
            if found is None:
                found = make()
                with self._lock:
                    if _size(found) <= self._results.maxsize:
                        self._results[key] = found
        with self._lock:
            if not making.locked():
                self._making.pop(key, None)
        return found

    def forget(self, wanted: Callable[[Any], bool]) -> None:
        """Drop the results whose key fulfils a condition."""
        with self._lock:
            for key in [key for key in self._results if wanted(key)]:
                del self._results[key]


def _size(result: Any) -> int:
    """Return a result's size in bytes: of its arrays, or a little for plain numbers."""
    return max(1000, getattr(result, "nbytes", 0))
