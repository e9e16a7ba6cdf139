"""How much more memory this process holds at most during a piece of work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def peak_bytes() -> Iterator[Callable[[], int]]:
    """Give a function that says how many bytes more than before were held at once.

    Compiled code asks the system for memory by itself, where tracemalloc sees none of it: so it is
    Linux that is asked. Elsewhere the test is skipped.
    """
    if not (_STATUS.exists() and _FORGET.exists()):
        pytest.skip("The peak of a process's memory is asked of Linux.")
    _FORGET.write_text("5")
    before = _kilobytes("VmHWM")
    yield lambda: 1024 * (_kilobytes("VmHWM") - before)


def _kilobytes(name: str) -> int:
    (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])
