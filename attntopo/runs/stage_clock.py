"""How long each stage of the work took, in all threads together."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

STAGES = ("read", "decode", "model", "distances", "persistence", "features", "writing")
"""In the order in which a photo goes through them; `features` is what is made of the diagrams."""


class StageClock:
    """Adds up the time on the clock that stages took, in any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Count what is done in here for a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - start
            with self._lock:
                self._seconds[stage] += taken

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage that there was."""
        return {stage: self._seconds[stage] for stage in STAGES if stage in self._seconds}
