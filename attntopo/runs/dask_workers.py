"""Workers of a Dask scheduler, on however many machines.

Whoever reaches a scheduler can have it run anything: it listens on 127.0.0.1, within a network of
one's own, or by TLS.
"""

import socket
from concurrent.futures import CancelledError, Future
from typing import Any
from urllib.parse import urlsplit

from attntopo.runs.piece_work import PieceReport, PieceWorker
from attntopo.runs.pieces import Piece
from attntopo.runs.run_error import RunError, WorkerLostError
from attntopo.runs.run_options import Job

_PATIENCE = 30
"""Seconds to wait for the scheduler."""
_CONNECTS = 10
"""Seconds to wait for a connection."""
_AHEAD = 2
"""Pieces a thread that are handed out: one in the works, and one that waits."""


class DaskWorkers:
    """The workers of a scheduler, those that come later too.

    Each has the model loaded once by a plugin. A piece whose worker dies is given to another by
    the scheduler itself.

    Parameters
    ----------
    job : Job
    address : str
        Of the scheduler: `tcp://…` or `tls://…`.

    Raises
    ------
    RunError
        If the scheduler can't be reached, or a worker can't be set up.
    """

    survives = True

    def __init__(self, job: Job, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise RunError(
                '--scheduler needs packages more: pip install ".[runs]" in the clone.'
            ) from error
        _check_answers(address)
        try:
            self._client = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RunError(f"No Dask scheduler answers at {address}.") from error
        self._name = f"attntopo-{job.identity[:16]}"
        self._set_up(job)
        self._executor = self._client.get_executor(pure=False)

    def _set_up(self, job: Job) -> None:
        plugin = _plugin(job, self._name)
        try:
            self._client.register_plugin(plugin, name=self._name)
        except Exception as error:  # of whatever kind it was there
            self._client.close()
            raise RunError(f"A worker can't be set up: {error}") from error

    @property
    def n_workers(self) -> int:
        """Those that there are now: none, before the first has come."""
        return len(self._there())

    @property
    def at_once(self) -> int:
        """Pieces for all workers that there are now."""
        return max(1, _AHEAD * sum(worker["nthreads"] for worker in self._there().values()))

    def _there(self) -> dict[str, Any]:
        return dict(self._client.scheduler_info(n_workers=-1)["workers"])

    def submit(self, piece: Piece) -> Future[PieceReport]:
        """Hand a piece out."""
        inner = self._executor.submit(_work_on, self._name, piece)
        outer: Future[PieceReport] = Future()
        inner.add_done_callback(lambda _: _hand_on(inner, outer))
        return outer

    def renew(self) -> None:
        """Do nothing: the scheduler has given the piece to others, and each of them ended."""

    def close(self) -> None:
        """Take back what was handed out; the workers stay."""
        self._executor.shutdown(wait=False)
        self._client.close(timeout=_PATIENCE)


def _check_answers(address: str) -> None:
    """Make sure, within seconds, that something listens where the scheduler should be."""
    try:
        place = urlsplit(address)
        listens = place.scheme and place.hostname and place.port
    except ValueError:
        listens = None
    if not listens:
        raise RunError(f"A scheduler's address is like tcp://127.0.0.1:8786, not {address!r}.")
    try:
        socket.create_connection((str(place.hostname), int(listens)), timeout=_CONNECTS).close()
    except OSError as error:
        raise RunError(f"No Dask scheduler answers at {address}.") from error


def _plugin(job: Job, name: str) -> Any:
    from distributed import WorkerPlugin

    class LoadedModel(WorkerPlugin):
        """Holds what a worker needs for the pieces of one run."""

        def __init__(self) -> None:
            self.name = name
            self.piece_worker: PieceWorker | None = None

        def setup(self, worker: Any) -> None:  # noqa: ARG002 - Dask names it
            self.piece_worker = PieceWorker(job)

        def teardown(self, worker: Any) -> None:  # noqa: ARG002 - likewise
            if self.piece_worker is not None:
                self.piece_worker.close()

    return LoadedModel()


def _work_on(name: str, piece: Piece) -> PieceReport:
    from distributed import get_worker

    return get_worker().plugins[name].piece_worker.work_on(piece)


def _hand_on(inner: Any, outer: "Future[PieceReport]") -> None:
    """Hand an outcome on, with our own words for what is Dask's."""
    try:
        outer.set_result(inner.result())
    except CancelledError:
        outer.set_exception(RunError("The scheduler is gone, or took back what it was given."))
    except Exception as error:
        from distributed import KilledWorker

        lost = isinstance(error, KilledWorker)
        outer.set_exception(WorkerLostError(str(error)) if lost else error)
