"""A clock, photos, processes, and what several of them do at once."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from attntopo.photos.canonical import Photo
from attntopo.publishing.store import PhotoStore

ROOT = Path(__file__).parents[2]
DAY = 86400
BUCKET = "bucket-of-the-tests"
SECRET = "not-a-real-secret"


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.25

    def __call__(self) -> float:
        return self.time


def photo(seed: int = 0, height: int = 20, width: int = 30) -> Photo:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Photo(pixels, "holiday.jpg")


def when(store: PhotoStore, method: str, file: str, act: Callable[[], object]) -> None:
    """Act once, just before the store first calls a method of its storage with such a file."""
    usual = getattr(store._storage, method)

    def first_act(name: str = "", *rest):
        if re.search(file, name):
            setattr(store._storage, method, usual)
            act()
        return usual(name, *rest)

    setattr(store._storage, method, first_act)


def publish_and_delete(place: str, turns: int) -> None:
    """Publish one photo again and again: from then until it is deleted, it must be there."""
    store = PhotoStore(place, days=1, megabytes=100)
    for _ in range(turns):
        published = store.publish(photo(5, 60, 60))
        assert store.load(published.name).sha256 == photo(5, 60, 60).sha256
        store.delete(published.name, published.delete_key)


def run(code: str, *arguments: str, **variables: str) -> subprocess.Popen:
    """Start some code as another process."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | variables,
    )  # fmt: skip
