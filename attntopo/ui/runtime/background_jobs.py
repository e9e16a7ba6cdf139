"""Long work that visitors ask for and look at: shared between them, ended when nobody looks."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from attntopo.ui.runtime.result_cache import Key

GoesOn = Callable[[], bool]
"""Says whether anybody still wants what is being done."""
Work = Callable[[GoesOn], str]
"""Does a piece after the other as long as that is so; returns why it can't, in a sentence, or
nothing. It keeps its results itself."""

_LOOKED_WITHIN = 150.0  # seconds: a tab that is out of sight asks once a minute
_LOG = logging.getLogger(__name__)


@dataclass
class BackgroundJob:
    """One piece of long work.

    Attributes
    ----------
    looked : dict
        When each visitor who wants it has looked last.
    is_running : bool
    failure : str
        Why it ended without its result, in a sentence; empty otherwise.
    """

    looked: dict[str, float] = field(default_factory=dict)
    is_running: bool = False
    failure: str = ""


class BackgroundJobs:
    """The jobs of this process, each in a thread of its own; its pieces wait for slots.

    Parameters
    ----------
    is_open : callable
        Says whether a visitor's session is open.
    patience : float
        Seconds after which a visitor who doesn't look wants it no more.
    """

    def __init__(self, is_open: Callable[[str], bool], patience: float = _LOOKED_WITHIN) -> None:
        self._is_open, self._patience = is_open, patience
        self._lock = threading.Lock()
        self._jobs: dict[Key, BackgroundJob] = {}

    def ask(self, key: Key, visitor: str, work: Work) -> BackgroundJob:
        """Begin a job, or look at one that runs already; one that failed isn't begun again."""
        with self._lock:
            job = self._jobs.setdefault(key, BackgroundJob())
            job.looked[visitor] = time.monotonic()
            if not job.is_running and not job.failure:
                job.is_running = True
                threading.Thread(target=self._run, args=(key, job, work), daemon=True).start()
            return job

    def leave(self, key: Key, visitor: str) -> None:
        """Want a job no more: it ends after its present piece unless somebody else wants it."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return
            job.looked.pop(visitor, None)
            if not job.is_running and not job.looked:  # one that failed may be tried again
                del self._jobs[key]

    def busy(self) -> bool:
        """Say whether any job runs."""
        with self._lock:
            return any(job.is_running for job in self._jobs.values())

    def _run(self, key: Key, job: BackgroundJob, work: Work) -> None:
        try:
            failure = work(lambda: self._is_wanted(job))
        except Exception:  # nobody waits for this thread: what it can't do is said on the page
            _LOG.exception("Work in the background failed.")
            failure = "It couldn't be computed."
        with self._lock:
            job.is_running, job.failure = False, failure
            if not failure or not job.looked:
                self._jobs.pop(key, None)

    def _is_wanted(self, job: BackgroundJob) -> bool:
        since = time.monotonic() - self._patience
        with self._lock:
            return any(
                looked >= since and self._is_open(visitor) for visitor, looked in job.looked.items()
            )
