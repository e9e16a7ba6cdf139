"""Results of single photos on disk, so that a study goes on where it stopped; and its progress."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np

from attntopo.atomic_files import atomic_write
from attntopo.wording import duration_text

Arrays = dict[str, np.ndarray]
_RECENT = 5
"""So many items tell how long one takes: those kept from before, which come first, took nothing."""
_Item = TypeVar("_Item")


class KeptResults:
    """Arrays that were computed once, in a folder.

    Parameters
    ----------
    folder : Path
        It is made where it isn't there.
    settings : str
        All that results depend on beside the item: model, versions, options.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder, self._settings = folder, settings

    def path(self, item: str) -> Path:
        """Return where an item's arrays are, by its content hash."""
        name = hashlib.sha256(f"{self._settings}\n{item}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.npz"

    def get(self, item: str, compute: Callable[[], Arrays]) -> Arrays:
        """Return an item's arrays, computed if they aren't there or can't be read.

        Parameters
        ----------
        item : str
            Content hash.
        compute : callable

        Returns
        -------
        dict of str to ndarray
        """
        path = self.path(item)
        try:
            with np.load(path, allow_pickle=False) as kept:
                return dict(kept)
        except (OSError, ValueError, BadZipFile, EOFError):
            arrays = compute()
        with atomic_write(path) as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        return arrays


def with_progress(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Yield items and say on the standard error how far it is.

    Parameters
    ----------
    items : iterable
    total : int
        How many there are.
    what : str
        What they are, in the plural.

    Yields
    ------
    object
        Each item.
    """
    durations = deque[float](maxlen=_RECENT)
    for done, item in enumerate(items):
        if durations:
            left = median(durations) * (total - done)
            _say(f"{done} of {total} {what}, about {duration_text(left)} left")
        else:
            _say(f"0 of {total} {what}")
        begun = time.monotonic()
        yield item
        durations.append(time.monotonic() - begun)
    _say(f"{total} of {total} {what}\n")


def _say(text: str) -> None:
    # On a terminal the line is written over; in a log each is a line.
    is_terminal = sys.stderr.isatty()
    sys.stderr.write(f"\r\033[K{text}" if is_terminal else f"{text.rstrip()}\n")
    sys.stderr.flush()
