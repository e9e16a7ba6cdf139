"""What runs beside all visitors: the line in the log, the removal of expired photos."""

from __future__ import annotations

import threading

from attntopo.settings import Settings, settings
from attntopo.ui.runtime import status, sweeping

_begun: set[Settings] = set()
_lock = threading.Lock()


def begin() -> None:
    """Begin it, once: caches that were cleared begin nothing a second time."""
    chosen = settings()
    with _lock:
        if chosen in _begun:
            return
        _begun.add(chosen)
    status.begin()
    sweeping.begin()
