"""A worker: a piece of photos -> its file of rows."""

import ctypes
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from attntopo.analysis import for_heads
from attntopo.attention import ROLLOUT, Attention, AttentionError
from attntopo.diagrams import DiagramError
from attntopo.distances import DistanceError
from attntopo.models import Model, ModelError, load_model
from attntopo.photos import Photo, PhotoDecoder, PhotoError, check_length
from attntopo.runs.addresses import read_bytes
from attntopo.runs.pieces import Piece
from attntopo.runs.row_kinds import ROW_KINDS, RowKind
from attntopo.runs.run_error import RunError, StorageGoneError
from attntopo.runs.run_options import Job, weights_of
from attntopo.runs.sources import PhotoFile
from attntopo.runs.stage_clock import StageClock
from attntopo.runs.tables import Refusal, write_piece
from attntopo.topology import PersistenceError

_AT_ONCE = 16
"""Photos that are decoded before the model sees them."""
_BATCH_MEGABYTES = 200.0
_REFUSED = (AttentionError, DiagramError, DistanceError, ModelError, PersistenceError)


@dataclass(frozen=True)
class PieceReport:
    """What came of a piece.

    Attributes
    ----------
    n_photos : int
    refused : tuple of Refusal
    seconds : dict of str to float
        By stage, see `STAGES`.
    processor_seconds : float
        What all of it took of a core's time, without what else there was for the core to do. The
        decoder's process isn't in it.
    megabytes : float
        Most memory that the worker has held so far, in 10^6 bytes; 0 where the system can't say.
    """

    n_photos: int
    refused: tuple[Refusal, ...]
    seconds: dict[str, float]
    processor_seconds: float
    megabytes: float


class PieceWorker:
    """All that a process needs for the pieces of a run: the model, a decoder, the kind of rows.

    Parameters
    ----------
    job : Job

    Raises
    ------
    RunError
        If this process has another version of AttnTopo, or another commit of the model.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._model = _same_model(job)
        self._undo = _settle(job.threads)
        self._kind: RowKind = ROW_KINDS[job.kind](job.options, self._model.info)
        self._decoder = PhotoDecoder(
            max_megabytes=job.max_megabytes, max_megapixels=job.max_megapixels
        )

    def close(self) -> None:
        """End the decoder's process, and leave this one as it was."""
        self._decoder.close()
        self._undo()

    def work_on(self, piece: Piece) -> PieceReport:
        """Make a piece's rows and write its file.

        Parameters
        ----------
        piece : Piece

        Returns
        -------
        PieceReport

        Raises
        ------
        StorageGoneError
            If photos can't be read, or the file not written, which isn't the photos' fault.
        """
        clock, begun = StageClock(), time.process_time()
        rows: list[dict[str, Any]] = []
        refused: list[Refusal] = []
        for begin in range(0, len(piece.photos), _AT_ONCE):
            photos: list[Photo] = []
            for file in piece.photos[begin : begin + _AT_ONCE]:
                try:
                    photos.append(self._photo(file, piece, clock))
                except PhotoError as error:
                    refused.append(Refusal(file.name, error.kind, str(error)))
            for photo, attention in self._attended(photos, clock):
                try:
                    rows += self._rows(photo, attention, clock)
                except _REFUSED as error:
                    refused.append(Refusal(photo.name, "not computed", str(error)))
        with clock.running("writing"):
            write_piece(self._job, self._kind, piece, rows, refused)
        taken = time.process_time() - begun
        seconds = clock.seconds()
        return PieceReport(len(piece.photos), tuple(refused), seconds, taken, _most_megabytes())

    def _photo(self, file: PhotoFile, piece: Piece, clock: StageClock) -> Photo:
        check_length(1 if file.size is None else file.size, self._job.max_megabytes)
        with clock.running("read"):
            data = _read(file, piece)
        with clock.running("decode"):
            try:
                return self._decoder.decode(data, file.name)
            except PhotoError as error:
                if error.kind == "no decoder":
                    raise RunError("The process that decodes photos doesn't start.") from error
                raise

    def _attended(
        self, photos: Sequence[Photo], clock: StageClock
    ) -> Iterator[tuple[Photo, Attention | ModelError]]:
        """Run the model on photos together; on those after one that fails one by one."""
        options: dict[str, Any] = {
            "input": self._job.options.input,
            "layers": self._kind.layers,
            "rollout": any(head == ROLLOUT for _, head in self._kind.heads),
        }
        waiting = list(photos)
        many = self._model.attend_many(photos, max_megabytes=_BATCH_MEGABYTES, **options)
        with suppress(ModelError):
            while waiting:
                with clock.running("model"):
                    attention = next(many)
                yield waiting.pop(0), attention
        for photo in waiting:
            with clock.running("model"):
                try:
                    outcome: Attention | ModelError = self._model.attend(photo, **options)
                except ModelError as error:
                    outcome = error
            yield photo, outcome

    def _rows(
        self, photo: Photo, attention: Attention | ModelError, clock: StageClock
    ) -> list[dict[str, Any]]:
        """Make the rows of one photo, in the order of the heads."""
        if isinstance(attention, ModelError):
            raise attention
        kind = self._kind

        def values(head: tuple[int, int | str]) -> dict[str, Any]:
            return kind.values(attention, head, clock)

        if self._job.threads == 1:
            made = {head: values(head) for head in kind.heads}
        else:
            made = dict(for_heads(values, kind.heads, self._job.threads))
        of_photo = {"photo": photo.name, "sha256": photo.sha256}
        return [
            {
                **of_photo,
                "layer": layer,
                "head": str(head) if kind.named_heads else head,
                **made[layer, head],
            }
            for layer, head in kind.heads
        ]


def _read(file: PhotoFile, piece: Piece) -> bytes:
    """Read a photo's file; what can't be read while others can is refused."""
    length = None if file.start is None else file.size
    try:
        return read_bytes(file.address, file.start, length)
    except FileNotFoundError:
        raise PhotoError("There is no such file.", "missing") from None
    except (PermissionError, IsADirectoryError):
        raise PhotoError("This file may not be read, or is a folder.", "not readable") from None
    except StorageGoneError as error:
        others = [one for one in piece.photos if one.address != file.address]
        if not any(_can_be_read(one) for one in others[:2]):
            raise
        raise PhotoError(str(error), "not readable") from None


def _can_be_read(file: PhotoFile) -> bool:
    try:
        read_bytes(file.address, 0, 1, patient=False)
    except (OSError, StorageGoneError):
        return False
    return True


def _same_model(job: Job) -> Model:
    """Load the model of a job, and make sure that it is the very one."""
    from attntopo import __version__

    if job.about()["attntopo"] != __version__:
        raise RunError("A worker has another version of AttnTopo than who started the run.")
    try:
        model = load_model(job.options.model, folder=job.cache, downloads=job.downloads)
    except ModelError as error:
        raise RunError(str(error)) from error
    if weights_of(model.info) != job.weights:
        raise RunError(
            f"A worker has another commit of {job.options.model} than who started the run: please "
            "give all of them the same files."
        )
    return model


def _settle(threads: int) -> Callable[[], None]:
    """Set this process up for work that others do beside it; return what undoes it."""
    import torch

    of_photos, n_threads = logging.getLogger("attntopo.photos"), torch.get_num_threads()
    level = of_photos.level
    torch.set_num_threads(threads)
    of_photos.setLevel(logging.ERROR)  # each refusal is a row in the table of errors
    _keep_freed_memory()

    def undo() -> None:
        torch.set_num_threads(n_threads)
        of_photos.setLevel(level)

    return undo


_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h


def _keep_freed_memory() -> None:
    """Let glibc keep what arrays of one head take, and give back what a photo's attention takes.

    Dask's nanny has it give back everything at once, which takes more than half of the time.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # musl has no mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, 8 << 20)
        libc.mallopt(_TRIM_THRESHOLD, 64 << 20)


def _most_megabytes() -> float:
    try:
        import resource
    except ImportError:  # on Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def numbers_of_threads(threads: int) -> dict[str, str]:
    """Return the variables that tell libraries how many threads to take, before they are loaded."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {name: str(threads) for name in names}


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
