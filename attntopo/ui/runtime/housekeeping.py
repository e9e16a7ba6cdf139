"""What runs beside the visitors, begun once: the line in the log, the removal of expired photos."""

import logging
import threading
import time

from attntopo.publishing import PhotoStore, PhotoStoreError
from attntopo.settings import Settings, app_settings
from attntopo.ui.runtime import shared, status

SWEEP_SECONDS = 3600.0
"""Seconds between two sweeps: so long may a photo lie there after it has expired."""

_LOG = logging.getLogger(__name__)
_begun: set[Settings] = set()
_lock = threading.Lock()


def begin() -> None:
    """Begin both, once: caches that were cleared begin nothing a second time."""
    chosen = app_settings()
    with _lock:
        if chosen in _begun:
            return
        _begun.add(chosen)
    status.begin()
    try:
        store = shared.photo_store()
    except PhotoStoreError as error:  # whoever shares a photo or opens one is told on the page
        _LOG.warning("Nothing can be published: %s", error)
        return
    threading.Thread(target=_sweep, args=(store,), daemon=True).start()


def _sweep(store: PhotoStore) -> None:
    while True:
        try:
            store.sweep()
        except PhotoStoreError as error:  # the next one may find the storage again
            _LOG.warning("Expired photos couldn't be removed: %s", error)
        time.sleep(SWEEP_SECONDS)
