"""A measurement in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any


def alone(work: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a new process, and return its answer.

    So memory is counted from the same start, and what one measurement leaves behind, as its
    niceness, isn't the next one's.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, args)
