"""A line for whoever runs the server: visitors, memory, queue, published photos.

It goes to the server's log, and says nothing of what visitors look at.
"""

import logging
import threading
import time
from pathlib import Path

from attntopo.publishing import PhotoStoreError
from attntopo.settings import app_settings
from attntopo.ui.runtime import shared

_LOG = logging.getLogger("attntopo.status")


def begin() -> None:
    """Begin to write the line now and then, in a thread of its own."""
    seconds = app_settings().status_seconds
    if not seconds:
        return
    if not _LOG.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        _LOG.addHandler(handler)
        _LOG.setLevel(logging.INFO)
        _LOG.propagate = False
    threading.Thread(target=_write, args=(seconds,), daemon=True).start()


def _write(seconds: float) -> None:
    last = ""
    while True:
        try:
            now = line()
        except Exception:  # the line is no reason for anything to stop
            _LOG.exception("The status line couldn't be written.")
            return
        if now != last:  # a server that nobody visits doesn't fill its log
            _LOG.info("%s", now)
        last = now
        time.sleep(seconds)


def line() -> str:
    """Return the line."""
    cache, (working, waiting) = shared.kept_results().state, shared.queue().state
    used = (cache["results_bytes"] + cache["upload_bytes"]) / 1e6
    parts = [
        f"{len(shared.open_sessions())} visitors",
        f"{used:.0f} of {cache['bytes'] / 1e6:.0f} MB kept ({cache['results']:.0f} results, "
        f"{cache['upload_bytes'] / 1e6:.0f} MB of uploads)",
        f"{working} of {shared.queue().workers} workers busy, {waiting} waiting",
        _published(),
    ]
    status = Path("/proc/self/status")
    if status.exists():
        (resident,) = (row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        parts.append(f"process {int(resident.split()[1]) / 1e3:.0f} MB")
    return "AttnTopo: " + "; ".join(parts)


def _published() -> str:
    try:
        usage = shared.photo_store().usage()
    except PhotoStoreError as error:
        return f"published photos: {error}"
    return f"{usage.photos} published photos, {usage.bytes / 1e6:.0f} MB"
