"""The command `run`: rows of many photos as a Parquet dataset."""

import sys
import time
from collections.abc import Callable

import click

from attntopo.attention import MEAN, ROLLOUT
from attntopo.distances import DISTANCES
from attntopo.models import EMBEDDED, SHAPES, ModelInput
from attntopo.runs.row_kinds import ROW_KINDS
from attntopo.runs.run_error import RunError
from attntopo.runs.run_options import RunOptions
from attntopo.runs.running import RunProgress, run_over_photos
from attntopo.wording import counted, duration_text

_EVERY = 30.0
"""Seconds between two lines of progress, where nobody sees a line change."""


class _Head(click.ParamType):
    """A head's number, or a word for all of them together."""

    name = "head"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        text = str(value)
        if text in (MEAN, ROLLOUT):
            return text
        if text.isascii() and text.isdigit():
            return int(text)
        return self.fail(
            f"A head is a number from 0, {MEAN} or {ROLLOUT}, not {text!r}.", param, ctx
        )


@click.command(
    "run",
    epilog="""\b
Examples:
  attntopo run features photos/ --out tables
  attntopo run vectors 'photos/**/*.jpg' --out tables --layer 9
  attntopo run components s3://bucket/train-{0000..0146}.tar --out s3://bucket/tables
  cat list.txt | attntopo run features - --out tables --scheduler tcp://127.0.0.1:8786""",
)
@click.argument("kind", type=click.Choice(list(ROW_KINDS)))
@click.argument("source")
@click.option("--out", required=True, metavar="ADDRESS", help="Folder of the tables.")
@click.option(
    "--model",
    default=EMBEDDED,
    show_default=True,
    help="A key of the catalogue, an id on the hub, or a folder; with ~untrained after it the "
    "same with random weights.",
)
@click.option("--layer", type=click.IntRange(min=0), multiple=True, help="One, or several times.")
@click.option("--head", type=_Head(), multiple=True, help="A number, mean or rollout; likewise.")
@click.option("--distance", default="jensen-shannon", show_default=True, help=", ".join(DISTANCES))
@click.option("--tokens", type=click.Choice(["all", "patches"]), default="all", show_default=True)
@click.option(
    "--input",
    "side",
    type=click.IntRange(min=1),
    metavar="PIXELS",
    help="Side of the square that the model gets; its own by default.",
)
@click.option("--shape", type=click.Choice(SHAPES), default=SHAPES[0], show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core by default.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask scheduler, in their place.")
@click.option("--retry-errors", is_flag=True, help="Try photos again that were refused before.")
@click.option("--max-megabytes", type=click.FloatRange(min=0), default=10.0, show_default=True)
@click.option("--max-megapixels", type=click.FloatRange(min=0), default=40.0, show_default=True)
def run_command(
    kind: str,
    source: str,
    out: str,
    model: str,
    layer: tuple[int, ...],
    head: tuple[int | str, ...],
    distance: str,
    tokens: str,
    side: int | None,
    shape: str,
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
    all photos were tried, 1 the run couldn't begin or go on, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    options = RunOptions(
        model, distance, tokens, ModelInput(side, shape), layer or None, head or None
    )
    try:
        progress = run_over_photos(
            kind,
            source,
            out,
            options,
            lines=sys.stdin if source == "-" else (),
            workers=workers,
            threads=threads,
            scheduler=scheduler,
            retry_errors=retry_errors,
            max_megabytes=max_megabytes,
            max_megapixels=max_megapixels,
            report=_printer(),
        )
    except RunError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("", err=True)
        click.echo("What is finished is kept: the same command goes on.", err=True)
        raise
    return _said_at_the_end(progress, f"{out.rstrip('/')}/{kind}")


def _printer() -> Callable[[RunProgress], None]:
    """Make what tells on standard error how far it is."""
    start, last = time.monotonic(), [0.0]
    changes = sys.stderr.isatty()

    def show(progress: RunProgress) -> None:
        now = time.monotonic()
        is_end = progress.n_done >= progress.n_photos
        if not (changes or is_end or not last[0] or now - last[0] >= _EVERY):
            return
        last[0] = now
        click.echo(
            ("\r\033[K" if changes else "") + _line(progress, now - start), err=True, nl=False
        )
        if is_end or not changes:
            click.echo("", err=True)

    return show


def _line(progress: RunProgress, seconds: float) -> str:
    parts = [f"{progress.n_done:,} of {counted(progress.n_photos, 'photo')}"]
    new = progress.n_done - progress.n_before
    if progress.refused:
        parts.append(f"{len(progress.refused):,} refused")
    if new and progress.n_done < progress.n_photos:
        left = (progress.n_photos - progress.n_done) * seconds / new
        parts += [f"{new / seconds:.2g} a second", f"about {duration_text(left)} to go"]
    return ", ".join(parts)


def _said_at_the_end(progress: RunProgress, rows: str) -> int:
    if progress.refused:
        click.echo(
            f"{counted(len(progress.refused), 'photo')} refused: {rows}-errors.parquet says why.",
            err=True,
        )
    if progress.lost:
        click.echo(
            f"Workers ended on {counted(len(progress.lost), 'photo')} again and again, "
            f"{progress.lost[0]} among them: perhaps there is too little memory. The same command "
            "tries again.",
            err=True,
        )
        return 1
    click.echo(rows)
    return 0


def main() -> None:
    """Run the command by itself, and exit with its status: `python -m attntopo.runs`."""
    try:
        status = run_command.main(prog_name="attntopo run", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        status = 130
    except click.UsageError as error:
        click.echo(f"{error.format_message()} See attntopo run --help.", err=True)
        status = 2
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        status = 1
    sys.exit(status if isinstance(status, int) else 0)
