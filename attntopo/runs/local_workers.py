"""Workers on this machine: processes that each load the model once."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from attntopo.runs.piece_work import PieceReport, PieceWorker, numbers_of_threads
from attntopo.runs.pieces import Piece
from attntopo.runs.run_options import Job


class Workers(Protocol):
    """Whoever does the pieces."""

    @property
    def n_workers(self) -> int:
        """How many there are at the moment."""

    @property
    def at_once(self) -> int:
        """How many pieces to hand out at a time."""

    def submit(self, piece: Piece) -> Future[PieceReport]:
        """Hand a piece out; where its worker ended, the future raises WorkerLostError."""

    @property
    def survives(self) -> bool:
        """Whether the other pieces go on where a worker ends."""

    def renew(self) -> None:
        """Go on after a worker has ended."""

    def close(self) -> None:
        """Stop: what is being worked on is dropped."""


class LocalWorkers:
    """Processes on this machine.

    They are spawned, not forked: threads of libraries don't live on in a fork. One that ends takes
    its pool with it (the executor is broken then), and `renew` makes another.

    Parameters
    ----------
    job : Job
    n_workers : int
        How many processes.
    """

    survives = False

    def __init__(self, job: Job, n_workers: int) -> None:
        self._job = job
        self.n_workers = n_workers
        self._pool = self._new_pool()

    @property
    def at_once(self) -> int:
        """As many as there are workers: a piece that waits would be lost with a broken pool."""
        return self.n_workers

    def submit(self, piece: Piece) -> Future[PieceReport]:
        """Hand a piece out."""
        # Processes are started here, and libraries read these variables when they are loaded.
        with _environment(numbers_of_threads(self._job.threads)), _undisturbed():
            return self._pool.submit(_work_on, piece)

    def renew(self) -> None:
        """End what is left of the pool, and make another."""
        self.close()
        self._pool = self._new_pool()

    def close(self) -> None:
        """End all processes."""
        # No name of the executor's own for it before Python 3.14.
        processes = list((getattr(self._pool, "_processes", None) or {}).values())
        for process in processes:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._job,),
        )


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables in here, those that nobody has set."""
    new = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C wait: a process that isn't told what to do, as it comes, prints a traceback."""
    if threading.current_thread() is not threading.main_thread():  # another one is interrupted
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)


_worker: PieceWorker | None = None
_job: Job | None = None


def _begin(job: Job) -> None:
    """Set a process up; the model waits for the first piece, so that what it says is heard."""
    global _job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started the run
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _job = job


def _end_with_parent() -> None:
    # One that is killed by the system can't tell its workers, and they would wait for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work_on(piece: Piece) -> PieceReport:
    global _worker
    assert _job is not None
    if _worker is None:
        _worker = PieceWorker(_job)
    return _worker.work_on(piece)
