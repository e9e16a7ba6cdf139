"""The first page's attention, kept in the cache folder: it is there before the model is.

The name of a file is a hash of all that its numbers come from. What was read is computed again in
the background: where that gives other numbers, they take its place everywhere.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import streamlit as st

from attntopo.attention import Attention
from attntopo.links import View
from attntopo.settings import app_settings
from attntopo.ui.results import photo_inputs
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Key, ready_files

CHECKED_AFTER = 3.0
"""Seconds from reading a file to computing it again: the page is drawn first."""
_LOG = logging.getLogger(__name__)
_writer = ThreadPoolExecutor(1, "attntopo-ready")  # what it has begun is written at exit, too


class Checks:
    """What was read and is computed again behind the pages.

    Attributes
    ----------
    settled : bool
        Whether all that was read has been checked; False as long as nothing was asked for.
    replaced : int
        How many were of other numbers.
    threads : list of Thread
        Where they are checked.
    """

    def __init__(self) -> None:
        self.settled = False
        self.replaced = 0
        self.threads: list[threading.Thread] = []
        self._pending = 0
        self._known: set[Path] = set()
        self._wrong: set[Path] = set()
        self._lock = threading.Lock()

    def trusts(self, path: Path) -> bool:
        """Say whether a file may be read: none whose numbers were others once."""
        return path not in self._wrong

    def begin(self, path: Path, read: Attention, compute: Callable[[], Attention]) -> None:
        """Begin to check what was read, once a file."""
        with self._lock:
            if path in self._known:
                return
            self._known.add(path)
            self._pending += 1
            self.settled = False
            thread = threading.Thread(target=self._check, args=(path, read, compute), daemon=True)
            self.threads.append(thread)
        thread.start()

    def pass_over(self) -> None:
        """Take note that something was computed, and not read."""
        with self._lock:
            self.settled = not self._pending

    def _check(self, path: Path, read: Attention, compute: Callable[[], Attention]) -> None:
        time.sleep(CHECKED_AFTER)
        try:
            fresh = compute()
            if not ready_files.same(read, fresh):
                self._replace(path, fresh)
        except Exception:  # nobody waits for this thread
            _LOG.exception("The attention that lay ready couldn't be checked.")
        with self._lock:
            self._pending -= 1
            self.settled = not self._pending

    def _replace(self, path: Path, fresh: Attention) -> None:
        _LOG.warning(
            "The attention that lay ready in the cache folder isn't what this machine computes "
            "now; it is replaced."
        )
        self._wrong.add(path)
        ready_files.write_file(path, fresh)
        for content in _contents():
            photo_inputs.make_anew(content)
        self.replaced += 1


@st.cache_resource(show_spinner=False)
def checks() -> Checks:
    """Return what is being checked, one registry for all sessions."""
    return Checks()


def is_watched() -> bool:
    """Say whether what the pages show may still turn out to be of other numbers."""
    return app_settings().ready and not checks().settled


def is_first(photo: PhotoInput, model_id: str) -> bool:
    """Say whether this is a photo of the first page, by its content, with its model."""
    first = app_settings().ready and model_id == View().model and not photo.owner
    return first and photo.content in _contents()


def read(key: Key, compute: Callable[[], Attention]) -> Attention | None:
    """Return what lies ready under a key, and begin to compute it again; None if nothing does.

    Parameters
    ----------
    key : tuple
        Photo, model and its version.
    compute : callable
        Returns the same, computed in the background.
    """
    path = ready_files.path_of(key)
    ready = ready_files.read_file(path) if checks().trusts(path) else None
    if ready is None:
        checks().pass_over()
    else:
        checks().begin(path, ready, compute)
    return ready


def keep(key: Key, attention: Attention) -> None:
    """Let attention lie ready for the next start."""
    _writer.submit(ready_files.write_file, ready_files.path_of(key), attention)


def _contents() -> tuple[str, ...]:
    return tuple(photo_inputs.sample_photo(name).sha256 for name in (View().a, View().b))
