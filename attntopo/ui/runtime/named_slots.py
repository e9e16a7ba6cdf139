"""Slots at heavy work whose steps are named on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from attntopo.effort import Effort
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.status_line import StatusLine
from attntopo.wording import duration_text

_WORTH_SAYING = 2.0  # seconds


@contextmanager
def named_slot(step: str, status: StatusLine, effort: Effort) -> Iterator[None]:
    """Hold a slot at heavy work for this visitor, and name the step on the page.

    Parameters
    ----------
    step : str
    status : StatusLine
        Where the step is named, and meanwhile the place in the queue.
    effort : Effort
        What it takes: said where that is worth waiting for.
    """
    if effort.seconds >= _WORTH_SAYING:
        step += f", up to {duration_text(effort.seconds)}"

    def waiting(number: int) -> None:
        status.say(f"{step}: waiting for other visitors' work, number {number} in the queue …")

    with shared.queue().slot(shared.session_key(), waiting, is_long=effort.is_long):
        status.say(f"{step} …")
        yield
