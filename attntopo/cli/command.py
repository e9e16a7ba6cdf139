"""The group of all commands, and what becomes of what goes wrong in them."""

import logging
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from attntopo import __version__
from attntopo.cli.examples import shell_examples
from attntopo.cli.failures import EXPECTED_ERRORS, sentence_of
from attntopo.cli.lazy_group import LazyCommand, LazyGroup

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the signal's number."""
BROKEN_PIPE = 141
"""Exit status where nobody reads on."""

COMMANDS = {
    "compare": LazyCommand(
        "attntopo.cli.comparing", "compare_command", "All numbers of two photos, side by side."
    ),
    "components": LazyCommand(
        "attntopo.cli.component_files",
        "components_command",
        "Masks without supervision: components as PNG, and as JSON for COCO's tools.",
    ),
    "features": LazyCommand(
        "attntopo.cli.feature_rows", "features_command", "All features of photos' heads, as CSV."
    ),
    "vectors": LazyCommand(
        "attntopo.cli.vector_files",
        "vectors_command",
        "Persistence images, landscapes, silhouettes and Betti curves, as NPZ.",
    ),
    "distances": LazyCommand(
        "attntopo.cli.photo_distances",
        "distances_command",
        "Distances between the diagrams of photos, as CSV.",
    ),
    "atlas": LazyCommand(
        "attntopo.cli.head_atlas",
        "atlas_command",
        "A row of numbers for every head of one photo or two, as CSV.",
    ),
    "run": LazyCommand(
        "attntopo.runs.command",
        "run_command",
        "Rows of any number of photos as Parquet tables; it goes on where it stopped.",
    ),
    "models": LazyCommand("attntopo.cli.model_list", "models_command", "Which models there are."),
    "app": LazyCommand(
        "attntopo.cli.app_start",
        "app_command",
        "Start the app; its options are those of `streamlit run`.",
    ),
}
"""What can be called, by what is typed: where it is, and what it does."""


class _NobodyReadsOnError(Exception):
    """Standard output is a pipe that was closed; no OSError, which click would take for its own."""


class CommandLine(LazyGroup):
    """The group that turns whatever goes wrong into one sentence and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
            return status
        except BrokenPipeError as error:
            raise _NobodyReadsOnError from error

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Do what the command line asks for, and exit with its status."""
        options["standalone_mode"] = False
        options.setdefault("prog_name", "attntopo")
        # What libraries have to say to each other is nothing for whoever called this.
        logging.getLogger("attntopo").addHandler(logging.NullHandler())
        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            sys.exit(self._status(args, *more, **options))

    def _status(self, args: Sequence[str] | None, *more: Any, **options: Any) -> int:
        try:
            status = super().main(args, *more, **options)
            return status if isinstance(status, int) else 0
        except (click.Abort, KeyboardInterrupt):
            return _said("Stopped.", INTERRUPTED)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "attntopo"
            return _said(f"{_stopped(error.format_message())} See {path} --help.", error.exit_code)
        except click.ClickException as error:
            return _said(_stopped(error.format_message()), error.exit_code)
        except _NobodyReadsOnError:
            # Else Python tries to flush what is left, and complains.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN_PIPE
        except EXPECTED_ERRORS as error:
            return _said(sentence_of(error), 1)
        except Exception as error:  # a defect, but no traceback
            return _said(
                f"This went wrong in a way that wasn't foreseen ({type(error).__name__}: "
                f"{' '.join(str(error).split())}): please report it.",
                1,
            )


def _said(sentence: str, status: int) -> int:
    with suppress(OSError):
        click.echo(" ".join(sentence.split()), err=True)
    return status


def _stopped(message: str) -> str:
    """Return a message as a sentence: with its stop."""
    return message if message.endswith((".", "?", "!")) else f"{message}."


@click.group(
    cls=CommandLine,
    epilog=shell_examples(
        "attntopo compare sample:astronaut sample:coffee",
        "attntopo components *.jpg --out masks",
        "attntopo COMMAND --help",
    ),
    lazy_commands=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="attntopo %(version)s")
@click.pass_context
def attntopo_command(context: click.Context) -> None:
    """Show the shape of attention in Vision Transformers.

    A photo is a file, a sample (sample:astronaut), or attention as NPZ; - reads a list of photos
    from standard input, one a line. Exit status: 0 done, 1 a photo failed or couldn't be read, 2
    wrong usage.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for, and exit with its status: the entry point.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of this process by default.
    """
    attntopo_command.main(arguments)
