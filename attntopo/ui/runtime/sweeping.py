"""Published photos that have expired are removed, whether anybody publishes another or not."""

from __future__ import annotations

import logging
import threading
import time

from attntopo.publishing import PhotoStore, PhotoStoreError
from attntopo.ui.runtime import shared

EVERY = 3600.0
"""Seconds between two sweeps: so long may a photo lie there after it has expired."""

_LOG = logging.getLogger(__name__)


def begin() -> None:
    """Begin to sweep the published photos now and then, in a thread of its own."""
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
        time.sleep(EVERY)
