"""What is measured, each part on real attention of the embedded model."""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import attntopo as at
from attntopo.analysis import for_heads, heads_of, summarise_head
from attntopo.analysis.comparison import count, number_rows
from attntopo.diagrams import all_matchings
from attntopo.figures.linked import LinkedSide, PhotoPicture, linked_data
from attntopo.figures.linked_answers import bars_at_once
from attntopo.figures.tokens import TokenGrid, token_grid
from attntopo.threads import map_threaded
from benchmarks import notebook
from tests.harness.resolution import attention_at

LAYER, HEAD, SCALE = 9, 3, 0.05
PHOTOS = ("astronaut", "coffee")


@dataclass(frozen=True)
class Measured:
    """Median seconds of a part, and peak memory in MB above what was there before.

    The first part that is measured has what it imports and compiles in it, too.
    """

    seconds: float
    megabytes: float


def measure(work: Callable[[], Any], repeats: int, warm: bool = True) -> Measured:
    """Time something, after one call that isn't counted; memory is of all calls together."""
    before = forget_peak()
    if warm:
        work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return Measured(statistics.median(seconds), max(0.0, peak() - before))


def forget_peak() -> float:
    """Make the present memory the peak, where the system can, and return it in MB."""
    with contextlib.suppress(OSError):  # elsewhere the peak only grows: too little may be found
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


class Page:
    """What the Compare page does for both photos, without Streamlit."""

    def __init__(self, n_tokens: int, analysed: bool = True) -> None:
        self.model = at.load_model()
        self.n_tokens = n_tokens
        self.photos = [at.sample(name) for name in PHOTOS]
        self.attended = [attention_at(self.model, photo, n_tokens) for photo in self.photos]
        self.tokens = [self._tokens(side) for side in (0, 1)]
        if analysed:
            self.new_head()

    def _tokens(self, side: int) -> TokenGrid:
        attention = self.attended[side]
        points = np.arange(attention.n_tokens)
        return token_grid(attention, ("class token",), points)

    def new_head(self) -> None:
        """Distances, persistence, merge trees and all distances between diagrams."""
        self.found = [at.analyse(one, LAYER, HEAD) for one in self.attended]
        self.compare()

    def compare(self) -> None:
        """All distances between the diagrams: bottleneck, and 1- and 2-Wasserstein."""
        self.compared = at.compare(*self.found)
        self.matchings = all_matchings(*(one.diagrams for one in self.found))

    def scale_move(self) -> list[dict[str, Any]]:
        """Threshold at the scale, count, and list all numbers; the browser draws by itself."""
        counts = []
        for one in self.found:
            skeleton = at.skeleton_at(one.distances, one.tree, SCALE)
            counts.append(count(one, skeleton))
        return number_rows(self.compared, *counts, self.matchings)

    def linked_view(self) -> bytes:
        """Make what the browser is sent once a head: layouts and long loops included."""
        first, second = map_threaded(self._linked_side, (0, 1))
        largest = at.DISTANCES["double-softmax"].largest_scale(self.n_tokens)
        return linked_data((first, second), self.matchings, self.compared.notebook, largest).packed

    def _linked_side(self, side: int) -> LinkedSide:
        one, tokens = self.found[side], self.tokens[side]
        finder = at.CycleFinder(one.distances, one.diagrams, tokens.lengths, one.links)
        rows = bars_at_once(one.diagrams, self.n_tokens)
        return LinkedSide(
            name=PHOTOS[side],
            topology=one,
            tokens=tokens,
            picture=PhotoPicture(PHOTOS[side], (512, 512), self.attended[side].patches_box),
            layout=at.distance_layout(one.distances),
            attention=self.attended[side].head(LAYER, HEAD),
            cycles=dict(zip(rows, finder.cycles(rows), strict=True)),
        )

    def head_move(self) -> None:
        """Another layer or head."""
        self.new_head()
        self.linked_view()
        self.scale_move()

    def new_photo(self) -> None:
        """Another photo B: the model once, then as after a head move but for A's own part."""
        self.attended[1] = attention_at(self.model, self.photos[1], self.n_tokens)
        self.tokens[1] = self._tokens(1)
        self.found[1] = at.analyse(self.attended[1], LAYER, HEAD)
        self.compare()
        self.linked_view()
        self.scale_move()

    def distances(self) -> None:
        """One head's distances in one thread."""
        at.row_distances(self.attended[0].head(LAYER, HEAD), threads=1)

    def atlas(self, heads: int | None = None) -> None:
        """All heads of both photos: H0 and H1, and their bottleneck distances."""

        def work(head: tuple[int, int]) -> tuple[float, float]:
            first, second = (summarise_head(one, *head).diagrams for one in self.attended)
            return (
                at.bottleneck_distance(first, second, 0),
                at.bottleneck_distance(first, second, 1),
            )

        dict(for_heads(work, heads_of(*self.attended)[:heads]))

    def notebook_move(self) -> None:
        """Do what the notebook did for any move."""
        notebook.move(*(one.head(LAYER, HEAD) for one in self.attended))

    def notebook_photo(self) -> None:
        """Do what it did for a new photo, its model loaded already."""
        attention_at(self.model, self.photos[1], self.n_tokens)
        self.notebook_move()


def of_tokens(n_tokens: int) -> dict[str, Measured]:
    """Measure everything at one token count, in a process of its own."""
    page = Page(n_tokens)
    small = n_tokens < 300
    return {
        "scale_move": measure(page.scale_move, 9),
        "head_move": measure(page.head_move, 9),
        "new_photo": measure(page.new_photo, 5),
        "linked_view": measure(page.linked_view, 9),
        "sent": Measured(0.0, len(page.linked_view()) / 1e6),
        "distances": measure(page.distances, 15),
        "floor": measure(_logarithms(n_tokens), 9),
        "reference": measure(page.notebook_move, 3 if small else 1, warm=False),
        "reference_photo": measure(page.notebook_photo, 1, warm=False),
    }


def of_atlas(n_tokens: int) -> Measured:
    """Measure all heads of both photos, with nothing before it but the model and its attention."""
    page = Page(n_tokens, analysed=False)
    small = n_tokens < 300
    return measure(page.atlas, 3 if small else 1, warm=small)


def of_scaling() -> tuple[dict[int, Measured], dict[int, Measured]]:
    """Measure one head of both photos over tokens, and many heads at 257 tokens."""
    over_tokens = {}
    for n_tokens in (197, 257, 577, 1025):
        page = Page(n_tokens)
        over_tokens[n_tokens] = measure(page.new_head, 3)
    page = Page(257)
    over_heads = {n: measure(lambda n=n: page.atlas(n), 3) for n in (1, 6, 24, 72)}
    return over_tokens, over_heads


def _logarithms(n_tokens: int) -> Callable[[], np.ndarray]:
    """As many logarithms as there are terms in one head's distances, in one vectorised loop."""
    values = np.random.default_rng(0).random(n_tokens * n_tokens * (n_tokens - 1) // 2) + 0.5
    out = np.empty_like(values)
    return lambda: np.log(values, out=out)


def machine() -> str:
    """Describe the machine."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return f"{os.cpu_count()} cores, {model}"
