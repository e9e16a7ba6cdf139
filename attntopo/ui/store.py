"""Results kept for reuse, bounded in bytes and shared by all sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable
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
        self._results: LRUCache[tuple[Any, ...], Any] = LRUCache(
            maxsize=megabytes * 1e6, getsizeof=_size
        )
        self._lock = threading.Lock()
        self._making: dict[tuple[Any, ...], threading.Lock] = {}
        self._closed: LRUCache[str, bool] = LRUCache(maxsize=10_000)

    def get(self, key: tuple[Any, ...]) -> Any | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            return self._results.get(key)

    def get_or_make(
        self,
        key: tuple[Any, ...],
        make: Callable[[], Any],
        waiting: Callable[[], object] | None = None,
    ) -> Any:
        """Return what is kept under a key, making it first if need be.

        Parameters
        ----------
        key : tuple
            Its second entry is the owner: of a private photo's results the session's key.
        make : callable
            Called once even where several sessions ask at the same time.
        waiting : callable, optional
            Called now and then while another session is making it.

        Returns
        -------
        object
            What was made, also where it is too big to keep.
        """
        with self._lock:
            if key in self._results:
                return self._results[key]
            making = self._making.setdefault(key, threading.Lock())
        while not making.acquire(timeout=0.3):
            if waiting is not None:
                waiting()
        try:
            found = self.get(key)
            if found is None:
                found = make()
                self._keep(key, found)
        finally:
            making.release()
        with self._lock:
            if not making.locked():
                self._making.pop(key, None)
        return found

    def _keep(self, key: tuple[Any, ...], found: Any) -> None:
        with self._lock:
            if _size(found) <= self._results.maxsize and key[1] not in self._closed:
                self._results[key] = found

    def close(self, owner: str) -> None:
        """Drop all results of an owner, and keep none that are still being made."""
        with self._lock:
            self._closed[owner] = True
        self.drop(owner)

    def drop(self, owner: str) -> None:
        """Drop all results of an owner."""
        with self._lock:
            for key in [key for key in self._results if key[1] == owner]:
                del self._results[key]


def _size(result: Any) -> int:
    """Return a result's size in bytes: of its arrays, or a little for plain numbers."""
    return max(1000, getattr(result, "nbytes", 0))
