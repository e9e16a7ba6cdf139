"""The command `run`: rows of many photos as a Parquet dataset."""

import sys
import time

import click

from attntopo.cli.attending import ModelRun
from attntopo.cli.examples import shell_examples
from attntopo.cli.options import LAYER, HeadNumber, distance_options, model_options
from attntopo.runs import ROW_KINDS, RunError, RunOptions, RunProgress, run_over_photos
from attntopo.wording import counted, duration_text

_EVERY = 30.0
"""Seconds between two lines of progress, where nobody sees a line change."""
_TELLING = 5.0
"""Seconds of work after which its speed tells how long the rest takes."""


@click.command(
    "run",
    epilog=shell_examples(
        "attntopo run features photos/ --out tables",
        "attntopo run vectors 'photos/**/*.jpg' --out tables --layer 9",
        "attntopo run components s3://bucket/train-{0000..0146}.tar --out s3://bucket/tables",
        "cat list.txt | attntopo run features - --out tables --scheduler tcp://127.0.0.1:8786",
    ),
)
@click.argument("kind", type=click.Choice(list(ROW_KINDS)))
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--out", required=True, metavar="ADDRESS", help="Folder of the tables.")
@model_options
@click.option("--layer", type=LAYER, multiple=True, help="Counted from 0; one, or several times.")
@click.option(
    "--head", type=HeadNumber(), multiple=True, help="A number, mean or rollout; likewise."
)
@distance_options
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core by default.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask scheduler, in their place.")
@click.option("--retry-errors", is_flag=True, help="Try photos again that were refused before.")
@click.option("--max-megabytes", type=click.FloatRange(min=0), default=10.0, show_default=True)
@click.option("--max-megapixels", type=click.FloatRange(min=0), default=40.0, show_default=True)
def run_command(
    kind: str,
    sources: tuple[str, ...],
    out: str,
    run: ModelRun,
    layer: tuple[int, ...],
    head: tuple[int | str, ...],
    distance: str,
    tokens: str,
    workers: int | None,
    threads: int,
    scheduler: str | None,
    retry_errors: bool,
    max_megabytes: float,
    max_megapixels: float,
) -> int:
    """Compute rows of many photos: features, vectors or components.

    SOURCE is a folder, a pattern, a list of addresses (a file that ends in .txt, or - for standard
    input), a tar archive or a range of them, or one photo, on any file system that fsspec knows.
    What is finished isn't done again: stopped or killed, the same command goes on. Exit status: 0
    all photos were tried, 1 the run couldn't begin or go on or no photo could be read, 2 wrong
    usage, 130 stopped by Ctrl-C.
    """
    # A shell has made many of a pattern that wasn't in quotes.
    source = sources[0] if len(sources) == 1 else "-"
    listed = sources if len(sources) > 1 else sys.stdin if source == "-" else ()
    options = RunOptions(run.model, distance, tokens, run.input, layer or None, head or None)
    try:
        progress = run_over_photos(
            kind,
            source,
            out,
            options,
            lines=listed,
            workers=workers,
            threads=threads,
            scheduler=scheduler,
            retry_errors=retry_errors,
            max_megabytes=max_megabytes,
            max_megapixels=max_megapixels,
            downloads=run.downloads,
            cache=None if run.cache is None else str(run.cache),
            report=_Printer(),
        )
    except RunError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("", err=True)
        click.echo("What is finished is kept: the same command goes on.", err=True)
        raise
    return _said_at_the_end(progress, f"{out.rstrip('/')}/{kind}")


class _Printer:
    """Tells on standard error how far a run is: on a terminal one line that changes."""

    def __init__(self) -> None:
        self._changes = sys.stderr.isatty()
        self._last: float | None = None
        self._had_workers = True
        self._first: tuple[float, int] | None = None
        """When the first photos were done, and how many."""

    def __call__(self, progress: RunProgress) -> None:
        now = time.monotonic()
        if self._first is None and progress.n_done > progress.n_before:
            self._first = now, progress.n_done
        is_end = progress.n_done >= progress.n_photos
        has_workers = progress.n_workers > 0
        is_news = is_end or has_workers != self._had_workers
        if self._changes or is_news or self._last is None or now - self._last >= _EVERY:
            self._last, self._had_workers = now, has_workers
            line = self._line(progress, now)
            click.echo(f"\r\033[K{line}" if self._changes else line, err=True, nl=False)
            if is_end or not self._changes:
                click.echo("", err=True)

    def _line(self, progress: RunProgress, now: float) -> str:
        parts = [f"{progress.n_done:,} of {counted(progress.n_photos, 'photo')}"]
        if progress.refused:
            parts.append(f"{len(progress.refused):,} refused")
        left = progress.n_photos - progress.n_done
        if left and not progress.n_workers:
            parts.append("no worker has joined the scheduler")
        elif left and self._first is not None:
            # Until the first ones are done the model is loaded and kernels are compiled.
            seconds, new = now - self._first[0], progress.n_done - self._first[1]
            if seconds > _TELLING and new:
                parts.append(f"{new / seconds:.2g} a second")
                parts.append(f"about {duration_text(left * seconds / new)} to go")
        return ", ".join(parts)


def _said_at_the_end(progress: RunProgress, rows: str) -> int:
    all_refused = len(progress.refused) == progress.n_photos
    if progress.refused:
        which = "All of them" if all_refused else counted(len(progress.refused), "photo")
        click.echo(f"{which} refused: {rows}-errors.parquet says why.", err=True)
    if progress.lost:
        click.echo(
            f"Workers ended on {counted(len(progress.lost), 'photo')} again and again, "
            f"{progress.lost[0]} among them: perhaps there is too little memory. The same command "
            "tries again.",
            err=True,
        )
        return 1
    click.echo(rows)
    return int(all_refused)
