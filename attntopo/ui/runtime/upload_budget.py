"""How much visitors have uploaded: counted by owner, and bounded."""

import threading
from collections import deque

MOST_PHOTOS = 200
"""How many photos a session's collection has at most. It stands here for the server, which bounds
what waits to be read before any page is there."""


class FullError(RuntimeError):
    """There is no room for what a visitor uploads; the message says so in a sentence."""


class UploadBudget:
    """Counts uploads, which lie with their owners' sessions and can't be computed again.

    Each owner may hold half of what the others have left, so that there is room for the next one,
    whatever a few upload.

    Parameters
    ----------
    nbytes : float
        Room for all uploads together.
    """

    def __init__(self, nbytes: float) -> None:
        self._limit = nbytes
        self._held: dict[str, int] = {}
        self._released: deque[str] = deque()
        self._lock = threading.Lock()

    def reserve(self, owner: str, nbytes: int) -> None:
        """Count an owner's uploads, in the place of what was counted before.

        Parameters
        ----------
        owner : str
        nbytes : int
            All of them, in bytes.

        Raises
        ------
        FullError
            If it is more than the others leave for one; what was counted before still is.
        """
        with self._lock:
            self._forget_released()
            before = self._held.pop(owner, 0)
            others = sum(self._held.values())
            refused = nbytes > before and nbytes > (self._limit - others) / 2
            if counted := before if refused else nbytes:
                self._held[owner] = counted
        if refused:
            raise FullError(
                "This server has no room for more uploads at the moment: please try again when "
                "other visitors have left, or upload something smaller."
            )

    def release(self, owner: str) -> None:
        """Count nothing of an owner any more.

        Parameters
        ----------
        owner : str
        """
        # Called by Python's collector of garbage, which may come at any moment, and in a thread
        # that holds the lock: so nothing but this, which is one step and waits for nobody.
        self._released.append(owner)

    def _forget_released(self) -> None:
        while self._released:
            self._held.pop(self._released.popleft(), None)

    @property
    def state(self) -> tuple[int, int]:
        """How many owners hold uploads, and how many bytes."""
        with self._lock:
            self._forget_released()
            return len(self._held), sum(self._held.values())
