"""Results kept for reuse, bounded in bytes and shared by all sessions."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache


class FullError(RuntimeError):
    """There is no room for what a visitor brings; the message says so in a sentence."""


@dataclass
class _Making:
    """Something that is being made, and how many want it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: int = 0


class ResultCache:
    """Keeps results up to a number of bytes; what was evicted is computed again.

    What visitors bring can't be computed again: it lies with their sessions, and is only counted
    here, so that both together stay within the bound.

    Parameters
    ----------
    megabytes : float
        Results whose `nbytes`, with what visitors have brought, exceed this push out the least
        recently used. Visitors may bring half of it; each of them half of what the others have
        left of that, so that there is room for the next one, whatever a few bring.
    """

    def __init__(self, megabytes: float) -> None:
        self._bytes = megabytes * 1e6
        self._results: LRUCache[tuple[Any, ...], Any] = LRUCache(self._bytes, getsizeof=_size)
        self._brought: dict[str, int] = {}
        self._lock = threading.Lock()
        self._making: dict[tuple[Any, ...], _Making] = {}
        self._gone: deque[str] = deque()
        self._closed: LRUCache[str, bool] = LRUCache(maxsize=10_000)

    def bring(self, owner: str, nbytes: int) -> None:
        """Count what an owner has brought, in the place of what was counted before.

        Parameters
        ----------
        owner : str
        nbytes : int
            All of it, in bytes.

        Raises
        ------
        FullError
            If it is more than the others leave for one; what was counted before still is.
        """
        with self._lock:
            self._forget_gone()
            before = self._brought.get(owner, 0)
            if nbytes > before and nbytes > (self._bytes / 2 - self._others(owner)) / 2:
                raise FullError(
                    "This server has no room for more uploads at the moment: please try again "
                    "when other visitors have left, or upload something smaller."
                )
            self._brought[owner] = nbytes
            if not nbytes:
                del self._brought[owner]
            self._make_room(0)

    def gone(self, owner: str) -> None:
        """Count nothing of an owner any more.

        Parameters
        ----------
        owner : str
        """
        # Called by Python's collector of garbage, which may come at any moment, and in a thread
        # that holds the lock: so nothing but this, which is one step and waits for nobody.
        self._gone.append(owner)

    def _forget_gone(self) -> None:
        while self._gone:
            self._brought.pop(self._gone.popleft(), None)

    def _others(self, owner: str) -> int:
        return sum(size for who, size in self._brought.items() if who != owner)

    def _make_room(self, size: int) -> None:
        limit = self._bytes - sum(self._brought.values()) - size
        while self._results and self._results.currsize > limit:
            self._results.popitem()

    @property
    def state(self) -> dict[str, float]:
        """How much there is, by name: also of what is being made."""
        with self._lock:
            self._forget_gone()
            return {
                "results": len(self._results),
                "results_bytes": self._results.currsize,
                "owners": len(self._brought),
                "brought_bytes": sum(self._brought.values()),
                "bytes": self._bytes,
                "making": len(self._making),
            }

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
            making = self._making.setdefault(key, _Making())
            making.wanted += 1
        try:
            while not making.lock.acquire(timeout=0.3):
                if waiting is not None:
                    waiting()
            try:
                found = self.get(key)
                if found is None:
                    found = make()
                    self._keep(key, found)
                return found
            finally:
                making.lock.release()
        finally:  # also where it can't be made, or whoever waited has left
            with self._lock:
                making.wanted -= 1
                if not making.wanted:
                    del self._making[key]

    def _keep(self, key: tuple[Any, ...], found: Any) -> None:
        with self._lock:
            self._forget_gone()
            size = _size(found)
            room = self._bytes - sum(self._brought.values())
            if size <= room and key[1] not in self._closed:
                self._results.pop(key, None)
                self._make_room(size)
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

    def drop_content(self, sha256: str, owner: str | None = None) -> None:
        """Drop all results whose key names a content hash: of an owner, or whoever's they are."""
        with self._lock:
            of_owner = [key for key in self._results if owner is None or key[1] == owner]
            for key in of_owner:
                if _names(key, sha256):
                    del self._results[key]


def _names(key: object, sha256: str) -> bool:
    if isinstance(key, tuple):
        return any(_names(part, sha256) for part in key)
    return isinstance(key, str) and key.removeprefix("sha256-") == sha256


def _size(result: Any) -> int:
    """Return a result's size in bytes: of its arrays, or a little for plain numbers."""
    return max(1000, getattr(result, "nbytes", 0))
