"""Results by head: kept as far as they are known, and filled in by all cores."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeVar

from attntopo.analysis import Cell, for_heads
from attntopo.effort import Effort
from attntopo.ui.runtime import Slot, shared

_Head = TypeVar("_Head", bound=Cell)


@dataclass(frozen=True)
class ByHead:
    """Results by head, filled in one after the other and kept as they are when that stops.

    Attributes
    ----------
    results : dict
        Layer and head -> result.
    nbytes : int
        About the memory that all results together will take.
    """

    results: dict[Any, Any]
    nbytes: int


def filled_in(
    cells: Sequence[_Head],
    inputs: Callable[[_Head, Slot], tuple[Any, ...]],
    compute: Callable[..., object],
    effort: Effort,
    waiting: Callable[[], object],
) -> Generator[_Head, None, None]:
    """Compute something of many heads on all cores, each in a slot of its own.

    Parameters
    ----------
    cells : sequence of tuple
        Layer and head.
    inputs : callable
        A head, and what gives slots -> what `compute` gets besides; before its slot is waited for.
    compute : callable
        The head and these; not called any more once the caller has stopped.
    effort : Effort
        What a head takes.
    waiting : callable
        Called a few times a second while no head comes.

    Yields
    ------
    tuple
        Each head as soon as it is there.
    """
    slot, stopped = shared.own_slot(), Event()

    def work(cell: _Head) -> None:
        shared.in_slot(unless_stopped, slot, effort, lambda: (cell, *inputs(cell, slot)))

    def unless_stopped(cell: _Head, *arguments: Any) -> None:
        if not stopped.is_set():  # while it waited for its slot
            compute(cell, *arguments)

    # Closed at once when a Stop comes up through here, not when nobody refers to it any more.
    try:
        with closing(for_heads(work, cells, waiting=waiting)) as results:
            for cell, _ in results:
                yield cell
    finally:
        stopped.set()
