"""A measurement in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def alone(work: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a new process, and return its answer.

    So memory is counted from the same start, and what one measurement leaves behind isn't the
    next one's.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()
