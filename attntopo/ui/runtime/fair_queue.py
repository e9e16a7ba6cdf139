"""Slots for heavy work: one queue for all visitors, fair between them.

Whoever has used the least time so far comes first, so that a visitor whose Atlas asks for hundreds
of pieces of work delays another's single one by a piece, not by all of them. Long pieces have
places of their own, beside those of short ones, which so never wait for a long one.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

BACKGROUND = "background"
"""Whose work comes after all visitors' work."""

_LOOKS_UP_EVERY = 0.3  # seconds: how soon someone who has left is noticed


_HOLDS_SLOT: ContextVar[bool] = ContextVar("holds slot", default=False)


def holds_slot() -> bool:
    """Say whether whoever asks works in a slot, in this thread or in one that works for it."""
    return _HOLDS_SLOT.get()


class _Ticket:
    """One piece of work that waits or is being done."""

    def __init__(self, visitor: str, number: int, tool: str | None, is_long: bool) -> None:
        self.visitor = visitor
        self.number = number
        self.tool = tool
        self.is_long = is_long
        self.granted = threading.Event()


class FairQueue:
    """The queue.

    Parameters
    ----------
    workers : int
        How many short pieces of work are done at the same time, and how many long ones beside
        them, for a lone visitor; for several one less, so that what needs no place (a slide, a
        page that is drawn) needn't wait for a core.
    alone : callable, optional
        Says whether there is only one visitor.
    """

    def __init__(self, workers: int, alone: Callable[[], bool] = lambda: True) -> None:
        self.workers = workers
        self._alone = alone
        self._working: Counter[bool] = Counter()  # by whether they are long
        self._waiting: list[_Ticket] = []
        self._tools: set[str] = set()
        self._used: dict[str, float] = {}
        self._clock = 0.0
        self._arrivals = 0
        self._lock = threading.Lock()

    @property
    def state(self) -> tuple[int, int]:
        """How many pieces of work are being done, and how many wait."""
        with self._lock:
            return self._working.total(), len(self._waiting)

    @contextmanager
    def slot(
        self,
        visitor: str,
        waiting: Callable[[int], object] | None = None,
        tool: str | None = None,
        is_long: bool = False,
    ) -> Iterator[None]:
        """Wait for a slot, and hold it.

        Parameters
        ----------
        visitor : str
            Whose work it is.
        waiting : callable, optional
            Called a few times a second with the place in the queue, counted from 1, as long as
            the slot isn't free. Whatever it raises gives the place up.
        tool : str, optional
            What the work needs and only one piece of work can have: while another has it, this one
            waits, and takes no slot from those who don't need it.
        is_long : bool
            Whether it is one of the long pieces.

        Raises
        ------
        RuntimeError
            If a slot is held already: with all slots taken so, everybody would wait for ever.
        """
        if holds_slot():
            raise RuntimeError("A slot was asked for by someone who holds one.")
        ticket = self._join(visitor, tool, is_long)
        try:
            if not ticket.granted.is_set() and waiting is not None:
                waiting(self._place(ticket))
            while not ticket.granted.wait(_LOOKS_UP_EVERY):
                if waiting is not None:
                    waiting(self._place(ticket))
        except BaseException:
            self._leave(ticket)
            raise
        start = time.perf_counter()
        held = _HOLDS_SLOT.set(True)
        try:
            yield
        finally:
            _HOLDS_SLOT.reset(held)
            self._finish(ticket, time.perf_counter() - start)

    def _join(self, visitor: str, tool: str | None, is_long: bool) -> _Ticket:
        with self._lock:
            self._arrivals += 1
            ticket = _Ticket(visitor, self._arrivals, tool, is_long)
            # Who comes back after a while has saved nothing up meanwhile.
            self._used[visitor] = max(self._used.get(visitor, 0.0), self._clock)
            self._waiting.append(ticket)
            self._grant()
        return ticket

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            else:  # its slot came at this very moment
                self._free(ticket)
            self._grant()

    def _finish(self, ticket: _Ticket, seconds: float) -> None:
        with self._lock:
            self._used[ticket.visitor] = self._used.get(ticket.visitor, self._clock) + seconds
            self._free(ticket)
            self._grant()

    def _free(self, ticket: _Ticket) -> None:
        self._working[ticket.is_long] -= 1
        if ticket.tool is not None:
            self._tools.remove(ticket.tool)

    def _grant(self) -> None:
        """Give the free places to those who come first."""
        places = self.workers if self._alone() else max(1, self.workers - 1)
        while able := [
            ticket
            for ticket in self._waiting
            if ticket.tool not in self._tools and self._working[ticket.is_long] < places
        ]:
            ticket = min(able, key=self._rank)
            self._waiting.remove(ticket)
            if ticket.tool is not None:
                self._tools.add(ticket.tool)
            if ticket.visitor != BACKGROUND:  # whose account is no measure for anybody else
                self._clock = max(self._clock, self._used[ticket.visitor])
            self._working[ticket.is_long] += 1
            ticket.granted.set()
        if not self._waiting:  # nobody is owed anything
            self._used = {who: used for who, used in self._used.items() if used > self._clock}

    def _place(self, ticket: _Ticket) -> int:
        """Return the place of a ticket: after whom it would come if all waited on."""
        with self._lock:
            alike = [one for one in self._waiting if one.is_long == ticket.is_long]
            order = sorted(alike, key=self._rank)
            return order.index(ticket) + 1 if ticket in order else 1

    def _rank(self, ticket: _Ticket) -> tuple[bool, float, int]:
        used = self._used.get(ticket.visitor, self._clock)
        return ticket.visitor == BACKGROUND, used, ticket.number
