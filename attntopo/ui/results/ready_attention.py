"""The first page's attention, kept in the cache folder: it is there before the model is.

The name of a file is a hash of all that its numbers come from. What was read is computed again in
the background: where that gives other numbers, they take its place everywhere.
"""

import hashlib
import logging
import os
import platform
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import streamlit as st

import attntopo
from attntopo.atomic_files import atomic_write
from attntopo.attention import Attention
from attntopo.links import View
from attntopo.settings import app_settings
from attntopo.ui.results import photo_inputs
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import BACKGROUND, Key, shared

CHECKED_AFTER = 3.0
"""Seconds from reading a file to computing it again: the page is drawn first."""
_MOST_FILES = 4
"""Two of this version, and two of another that shares the folder; of 19 MB each."""
_LIBRARIES = ("numpy", "pillow", "scikit-image", "torch", "transformers")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_ARRAYS = ("maps", "grid", "n_prefix", "input_pixels", "patch_size", "photo_box")

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
            if not same(read, fresh):
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
        write_file(path, fresh)
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
    path = _path(key)
    ready = read_file(path) if checks().trusts(path) else None
    if ready is None:
        checks().pass_over()
    else:
        checks().begin(path, ready, compute)
    return ready


def keep(key: Key, attention: Attention) -> None:
    """Let attention lie ready for the next start."""
    _writer.submit(write_file, _path(key), attention)


def background_slot() -> AbstractContextManager[None]:
    """Return a slot that comes after all visitors' own work."""
    return shared.queue().slot(BACKGROUND)


def are_there() -> bool:
    """Say whether the first page's attention lies ready, going by the names of files."""
    if not app_settings().ready:
        return False
    return len(list(_folder().glob(f"{_origin()}-*.npz"))) > 1


def same(first: Attention, second: Attention) -> bool:
    """Say whether two are the same to the bit."""
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in _ARRAYS)


def read_file(path: Path) -> Attention | None:
    """Return the attention in a file; None where there is none, or it can't be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:  # a flipped bit fails its checksums
            if str(arrays["name"]) != path.name:
                return None
            maps, pixels = arrays["maps"], arrays["input_pixels"]
            if maps.dtype != np.float32 or not np.isfinite(maps).all() or pixels.dtype != np.uint8:
                return None
            left, top, right, bottom = map(float, arrays["photo_box"])
            return Attention(
                maps=maps,
                grid=_whole(arrays["grid"]),
                n_prefix=int(arrays["n_prefix"]),
                input_pixels=pixels,
                patch_size=_whole(arrays["patch_size"]),
                photo_box=(left, top, right, bottom),
            )
    except Exception:  # a damaged file raises whatever its reader raises
        return None


def _whole(pair: np.ndarray) -> tuple[int, int]:
    first, second = map(int, pair)
    return first, second


def write_file(path: Path, attention: Attention) -> None:
    """Keep attention in a file, and no more than a few beside it; no error if that can't be."""
    with suppress(OSError):
        with atomic_write(path) as file:
            arrays = {name: np.asarray(getattr(attention, name)) for name in _ARRAYS}
            np.savez(file, allow_pickle=False, name=np.array(path.name), **arrays)
        files = sorted(path.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime)
        for old in files[:-_MOST_FILES]:
            old.unlink()


def _contents() -> tuple[str, ...]:
    return tuple(photo_inputs.sample_photo(name).sha256 for name in (View().a, View().b))


def _folder() -> Path:
    return app_settings().cache_folder / "ready-attention"


def _path(key: Key) -> Path:
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return _folder() / f"{_origin()}-{digest}.npz"


@lru_cache(maxsize=1)
def _origin() -> str:
    """Name all that the numbers come from besides photo and model: code, libraries, processor."""
    package = Path(attntopo.__file__).parent
    hashed = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        hashed.update(source.relative_to(package).as_posix().encode() + source.read_bytes())
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    machine = (
        platform.python_version(),
        platform.machine(),
        platform.processor(),
        *_processor(),
        str(os.cpu_count()),
        str(affinity),
        *(os.environ.get(name, "") for name in _THREADS),
        *(version(name) for name in _LIBRARIES),
    )
    hashed.update("\n".join(machine).encode())
    return hashed.hexdigest()[:16]


def _processor() -> list[str]:
    """Describe the processor, where Linux does: libraries choose their code by it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    return sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
