"""A run: the photos of a source -> a dataset of rows, in pieces that any worker can do."""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from attntopo.runs.addresses import full_address, split_address
from attntopo.runs.dask_workers import DaskWorkers
from attntopo.runs.local_workers import LocalWorkers, Workers
from attntopo.runs.metadata import begin_run
from attntopo.runs.piece_work import PieceReport, cores
from attntopo.runs.pieces import Piece, deal
from attntopo.runs.row_kinds import ROW_KINDS
from attntopo.runs.run_error import RunError, WorkerLostError
from attntopo.runs.run_options import Job, RunOptions, prepared_job
from attntopo.runs.sources import PhotoFile, photo_files
from attntopo.runs.tables import Footer, Refusal, drop_photos, read_footers, write_errors

_LOSSES = 2
"""After so many workers have ended on a piece it is done alone, and given up if one ends then."""


@dataclass
class RunProgress:
    """How far a run is.

    Attributes
    ----------
    n_photos : int
        Of the source.
    n_before : int
        Those of them that were done before.
    n_done : int
        Those that are done by now, the refused ones too.
    refused : dict of str to Refusal
        By name, the photos in the tables that have no rows.
    lost : list of str
        Names of photos in pieces on which workers ended again and again.
    seconds : dict of str to float
        By stage, of all workers together.
    megabytes : float
        Most memory of a worker so far, in 10^6 bytes.
    n_workers : int
        That there are at the moment: a scheduler may have none yet.
    """

    n_photos: int
    n_before: int
    n_done: int
    refused: dict[str, Refusal]
    lost: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    megabytes: float = 0.0
    n_workers: int = 1

    def take(self, piece: Piece, report: PieceReport) -> None:
        """Count what came of a piece."""
        self.n_done += len(piece.photos)
        for photo in piece.photos:
            self.refused.pop(photo.name, None)
        self.refused |= {one.photo: one for one in report.refused}
        self.seconds = dict(Counter(self.seconds) + Counter(report.seconds))
        self.megabytes = max(self.megabytes, report.megabytes)


def run_over_photos(
    kind: str,
    source: str,
    out: str,
    options: RunOptions | None = None,
    *,
    lines: Iterable[str] = (),
    workers: int | None = None,
    threads: int = 1,
    scheduler: str | None = None,
    retry_errors: bool = False,
    max_megabytes: float = 10.0,
    max_megapixels: float = 40.0,
    downloads: bool = True,
    cache: str | None = None,
    report: Callable[[RunProgress], object] | None = None,
) -> RunProgress:
    """Compute rows of all photos of a source, and write them as a Parquet dataset.

    What is finished isn't done again, however the run ended: the same call goes on. A script that
    calls it needs `if __name__ == "__main__":`, as its workers are processes of their own.

    Parameters
    ----------
    kind : {"features", "vectors", "components"}
        What the rows are of; `docs/runs.md` has their columns.
    source : str
        As for `photo_files`.
    out : str
        Address of a folder, on any file system that fsspec knows. It gets `KIND/*.parquet`,
        `KIND-errors.parquet` and `KIND.json`.
    options : RunOptions, optional
    lines : iterable of str
        The addresses, where the source is `-`.
    workers : int, optional
        Processes on this machine, one a core by default.
    threads : int
        In which each worker goes through the heads of a photo.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers do it then.
    retry_errors : bool
        Whether photos that were refused before are tried again.
    max_megabytes, max_megapixels : float
        Limits of a photo, as for `decode_photo`.
    downloads : bool
    cache : str, optional
        As for `load_model`: `downloads` and `folder`; each worker's own by default.
    report : callable, optional
        Told how far it is, after each piece, and where workers come or go.

    Returns
    -------
    RunProgress

    Raises
    ------
    RunError
        If it can't begin or go on; what was finished stays.
    """
    if kind not in ROW_KINDS:
        raise RunError(f"A run makes {', '.join(ROW_KINDS)}, not {kind!r}.")
    for name, number in (("workers", workers), ("threads", threads)):
        if number is not None and number < 1:
            raise RunError(f"The number of {name} is at least 1, not {number}.")
    ways = {
        "max_megabytes": max_megabytes,
        "max_megapixels": max_megapixels,
        "threads": threads,
        "downloads": downloads,
        "cache": cache,
    }
    # A worker elsewhere starts in another folder.
    address = full_address(*split_address(out))
    job, info = prepared_job(kind, options or RunOptions(), address, **ways)
    rows = ROW_KINDS[kind](job.options, info)
    photos = photo_files(source, lines)
    begin_run(job, info, rows, source)
    footers = _without_changed(job, photos)
    names = {photo.name for photo in photos}
    ever = _refused(footers)
    refused = {name: one for name, one in ever.items() if name in names}
    of_others = [one for name, one in ever.items() if name not in names]
    done = _done(photos, footers, set(refused) if retry_errors else set())
    progress = RunProgress(len(photos), len(done), len(done), refused)
    pieces, tell = deal(photos, job.identity, done), report or (lambda _: None)
    try:
        if pieces:
            with _crew(job, scheduler, workers or max(1, cores() // threads)) as crew:
                tell(progress)
                _do(pieces, crew, progress, tell)
        else:
            tell(progress)
    finally:
        write_errors(job, [*of_others, *progress.refused.values()])
    return progress


def _without_changed(job: Job, photos: Sequence[PhotoFile]) -> dict[str, Footer]:
    """Read what is done, without the rows of photos that are others by now."""
    stamps = {photo.name: photo.stamp for photo in photos if photo.stamp}
    footers = read_footers(job)
    for name, footer in footers.items():
        changed = {
            photo
            for photo, stamp in footer.stamps.items()
            if stamp and stamps.get(photo, stamp) != stamp
        }
        if changed:
            drop_photos(job, name, changed)
            footers[name] = footer.without(changed)
    return footers


def _refused(footers: Mapping[str, Footer]) -> dict[str, Refusal]:
    """Return which photos were refused and, when they were tried again, weren't accepted."""
    with_rows: set[str] = set().union(*(footer.with_rows for footer in footers.values()))
    each = (one for footer in footers.values() for one in footer.refused)
    return {one.photo: one for one in each if one.photo not in with_rows}


def _done(
    photos: Sequence[PhotoFile], footers: Mapping[str, Footer], again: Collection[str]
) -> set[str]:
    there: set[str] = set().union(*(footer.stamps for footer in footers.values()))
    return {photo.name for photo in photos if photo.name in there and photo.name not in again}


@contextmanager
def _crew(job: Job, scheduler: str | None, n_workers: int) -> Iterator[Workers]:
    crew: Workers = DaskWorkers(job, scheduler) if scheduler else LocalWorkers(job, n_workers)
    try:
        yield crew
    finally:
        crew.close()


def _do(
    pieces: Sequence[Piece],
    crew: Workers,
    progress: RunProgress,
    tell: Callable[[RunProgress], object],
) -> None:
    """Hand pieces out, and out again where their worker ended."""
    waiting, suspects = deque(pieces), deque[Piece]()
    losses: Counter[str] = Counter()
    running: dict[Future[PieceReport], Piece] = {}
    while waiting or running or suspects:
        while waiting and len(running) < crew.at_once:
            piece = waiting.popleft()
            running[crew.submit(piece)] = piece
        if not running:  # alone, so that no other piece is lost with it
            piece = suspects.popleft()
            running[crew.submit(piece)] = piece
        done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        lost = []
        for future in done:
            piece = running.pop(future)
            outcome = _outcome(future)
            if outcome is None:
                lost.append(piece)
            else:
                progress.take(piece, outcome)
        before, progress.n_workers = progress.n_workers, crew.n_workers
        if done or progress.n_workers != before:
            tell(progress)
        if lost:
            # A pool that is broken has lost what its other workers were doing, too.
            lost += [] if crew.survives else running.values()
            running = running if crew.survives else {}
            crew.renew()
        for piece in lost:
            losses[piece.id] += 1
            if losses[piece.id] > _LOSSES or crew.survives:
                progress.lost += [photo.name for photo in piece.photos]
            elif losses[piece.id] == _LOSSES:
                suspects.append(piece)
            else:
                waiting.append(piece)


def _outcome(future: Future[PieceReport]) -> PieceReport | None:
    """Return what came of a piece; None where its worker has ended."""
    try:
        return future.result()
    except (BrokenExecutor, WorkerLostError):
        return None
    except RunError:
        raise
    except Exception as error:  # a defect: what photos can do is a refusal
        said = " ".join(str(error).split())
        raise RunError(f"A worker failed: {type(error).__name__}: {said}") from error
