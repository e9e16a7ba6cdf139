"""Results kept for reuse, bounded in bytes and shared by all sessions."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from cachetools import LRUCache

from attntopo.ui.runtime.fair_queue import holds_slot
from attntopo.ui.runtime.upload_budget import UploadBudget

Key = tuple[Any, ...]
"""What a result is of: its kind, its owner (of a private photo's results the session), the rest."""


@dataclass
class _Computing:
    """Something that is being computed, how many want it, and whether it was dropped meanwhile."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: int = 0
    is_dropped: bool = False


class ResultCache:
    """Keeps results up to a number of bytes; what was pushed out is computed again.

    Visitors' uploads count too, so that both together stay within the bound.

    Parameters
    ----------
    megabytes : float
        Results whose arrays and texts, with the uploads, exceed this push out the least recently
        used.

    Attributes
    ----------
    uploads : UploadBudget
        What visitors have uploaded; half of the bound at most.
    """

    def __init__(self, megabytes: float) -> None:
        self._bytes = megabytes * 1e6
        self.uploads = UploadBudget(self._bytes / 2)
        self._results: LRUCache[Key, Any] = LRUCache(self._bytes, getsizeof=_size)
        self._lock = threading.Lock()
        self._computing: dict[Key, _Computing] = {}
        self._closed: LRUCache[str, bool] = LRUCache(maxsize=10_000)

    def reserve_upload(self, owner: str, nbytes: int) -> None:
        """Count an owner's uploads, and let results make room for them; see `UploadBudget`.

        Raises
        ------
        FullError
            If there is no room for them.
        """
        self.uploads.reserve(owner, nbytes)
        with self._lock:
            self._make_room(0)

    def _make_room(self, size: int) -> None:
        limit = self._bytes - self.uploads.state[1] - size
        while self._results and self._results.currsize > limit:
            self._results.popitem()

    @property
    def state(self) -> dict[str, float]:
        """How much there is, by name: also of what is being computed."""
        owners, upload_bytes = self.uploads.state
        with self._lock:
            return {
                "results": len(self._results),
                "results_bytes": self._results.currsize,
                "owners": owners,
                "upload_bytes": upload_bytes,
                "bytes": self._bytes,
                "computing": len(self._computing),
            }

    def get(self, key: Key) -> Any | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            return self._results.get(key)

    def has(self, key: Key) -> bool:
        """Say whether something is kept under a key, which counts as no use of it."""
        with self._lock:
            return key in self._results

    def get_or_compute(
        self,
        key: Key,
        compute: Callable[[], Any],
        waiting: Callable[[], object] | None = None,
    ) -> Any:
        """Return what is kept under a key, computing it first if need be.

        Parameters
        ----------
        key : tuple
        compute : callable
            Called once even where several sessions ask at the same time.
        waiting : callable, optional
            Called now and then while another session is computing it.

        Returns
        -------
        object
            The result, also where it is too big to keep.

        Raises
        ------
        RuntimeError
            If this thread holds a slot at heavy work: whoever computes the result may be waiting
            for one, and both would wait for ever. See `shared.compute_once`.
        """
        if holds_slot():
            raise RuntimeError(f"{key[0]!r} was asked for by someone who holds a slot.")
        with self._lock:
            if key in self._results:
                return self._results[key]
            computing = self._computing.setdefault(key, _Computing())
            computing.wanted += 1
        try:
            while not computing.lock.acquire(timeout=0.3):
                if waiting is not None:
                    waiting()
            try:
                result = self.get(key)
                if result is None:
                    result = compute()
                    self._keep(key, result, computing)
                return result
            finally:
                computing.lock.release()
        finally:  # also where it can't be computed, or whoever waited has left
            with self._lock:
                computing.wanted -= 1
                if not computing.wanted:
                    del self._computing[key]

    def _keep(self, key: Key, result: Any, computing: _Computing) -> None:
        with self._lock:
            size = _size(result)
            is_unwanted = key[1] in self._closed or computing.is_dropped
            if is_unwanted or size > self._bytes - self.uploads.state[1]:
                return
            self._results.pop(key, None)
            self._make_room(size)
            self._results[key] = result

    def forget(self, key: Key) -> None:
        """Drop a result that nobody will ask for any more; one that isn't kept is no mistake."""
        with self._lock:
            self._results.pop(key, None)

    def close(self, owner: str) -> None:
        """Drop all results of an owner, and keep none that are still being computed."""
        with self._lock:
            self._closed[owner] = True
        self.drop(owner)

    def drop(self, owner: str, sha256: str = "") -> None:
        """Drop all results of an owner, or those alone whose key names a content hash.

        Those that are still being computed aren't kept.
        """
        self._drop(lambda key: key[1] == owner and (not sha256 or _names(key, sha256)))

    def drop_content(self, sha256: str) -> None:
        """Drop all results whose key names a content hash, whoever's they are, as `drop` does."""
        self._drop(lambda key: _names(key, sha256))

    def _drop(self, unwanted: Callable[[Key], bool]) -> None:
        with self._lock:
            for key in [key for key in self._results if unwanted(key)]:
                del self._results[key]
            for key, computing in self._computing.items():
                computing.is_dropped |= unwanted(key)


def _names(key: object, sha256: str) -> bool:
    if isinstance(key, tuple):
        return any(_names(part, sha256) for part in key)
    return isinstance(key, str) and key.removeprefix("sha256-") == sha256


def nbytes_of(value: Any) -> int:
    """Return the bytes of all arrays and texts in a value; its own word counts first."""
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, range):  # as small as a number, however much it counts
        return 0
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Mapping):
        value = value.values()
    return sum(map(nbytes_of, value)) if isinstance(value, Iterable) else 0


def _size(result: Any) -> int:
    """Return what a result counts: plain numbers take a little too."""
    return max(1000, nbytes_of(result))
