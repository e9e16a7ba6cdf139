"""The options that several commands share, by the names that they have in links."""

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from attntopo.attention import MEAN, ROLLOUT
from attntopo.cli.attending import HeadPlace, ModelRun
from attntopo.distances import DISTANCES, SCALE_STEPS, DistanceError, find_distance
from attntopo.links import CHOICES, View
from attntopo.models import SHAPES, ModelInput

Command = Callable[..., Any]


class HeadNumber(click.ParamType):
    """A head: its number, `mean` or `rollout`."""

    name = "head"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Return the head, or refuse what is none."""
        text = str(value)
        if text in (MEAN, ROLLOUT):
            return text
        if text.isascii() and text.isdigit():
            return int(text)
        return self.fail(
            f"A head is a number from 0, {MEAN} or {ROLLOUT}, not {text!r}.", param, ctx
        )


class DistanceName(click.Choice[str]):
    """A row distance by its name, or by one that it had in earlier versions."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the key of the distance."""
        try:
            return find_distance(value).key
        except DistanceError:
            return super().convert(value, param, ctx)


class Decimal(click.FloatRange):
    """A number with no more decimals than links have of it, so that files say it in full."""

    def __init__(self, decimals: int, most: float | None = None) -> None:
        super().__init__(0, most)
        self.decimals = decimals

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or refuse what is none or has more decimals."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number) or round(number, self.decimals) != number:
            self.fail(f"{value} isn't a number with {self.decimals} decimals at most.", param, ctx)
        return number


SCALE = Decimal(len(str(SCALE_STEPS)) - 1)
SHARE = Decimal(2, 100)
LAYER = click.IntRange(min=0)


def photos_argument(metavar: str = "PHOTOS...") -> Callable[[Command], Command]:
    """Return the argument of all commands that take photos."""
    return click.argument("photos", nargs=-1, required=True, metavar=metavar)


def model_options(command: Command) -> Command:
    """Give a command the options of the model; it gets them as `run`, a `ModelRun`."""

    @click.option(
        "--model",
        default=View.model,
        show_default=True,
        help="A key of `attntopo models`, an id on the hub, or a folder; with "
        "~untrained after it the same with random weights.",
    )
    @click.option(
        "--input",
        "side",
        type=click.IntRange(min=1),
        metavar="PIXELS",
        help="Side of the square that the model gets; its own by default.",
    )
    @click.option(
        "--shape",
        type=click.Choice(SHAPES),
        default=SHAPES[0],
        show_default=True,
        help="Shape of that: square, or the photo's own.",
    )
    @click.option(
        "--downloads/--no-downloads",
        default=True,
        envvar="ATTNTOPO_DOWNLOADS",
        help="Whether the model hub may be asked.",
    )
    @click.option(
        "--cache",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="ATTNTOPO_CACHE",
        metavar="FOLDER",
        help="Where the embedded model is kept; the user's cache by default.",
    )
    @wraps(command)
    def with_run(
        *arguments: Any,
        model: str,
        side: int | None,
        shape: str,
        downloads: bool,
        cache: Path | None,
        **options: Any,
    ) -> Any:
        run = ModelRun(model, ModelInput(side, shape), downloads, cache)
        return command(*arguments, run=run, **options)

    return with_run  # fmt: skip


def head_options(
    layer: str = "two thirds of the depth", head: str = "mean"
) -> Callable[[Command], Command]:
    """Return what gives a command the options of the head, as `place`, a `HeadPlace`.

    Parameters
    ----------
    layer, head : str
        What is taken by default, in words.
    """

    def given(command: Command) -> Command:
        @click.option(
            "--layer", type=LAYER, metavar="NUMBER", help=f"Counted from 0; {layer} by default."
        )
        @click.option(
            "--head", type=HeadNumber(), help=f"Counted from 0, mean or rollout; {head} by default."
        )
        @wraps(command)
        def with_place(
            *arguments: Any, layer: int | None, head: int | str | None, **options: Any
        ) -> Any:
            return command(*arguments, place=HeadPlace(layer, head), **options)

        return with_place

    return given


def distance_options(command: Command) -> Command:
    """Give a command `distance` and `tokens`."""
    of_distance = click.option(
        "--distance", type=DistanceName(list(DISTANCES)), default=View.distance, show_default=True,
        help="Between rows of attention.",
    )  # fmt: skip
    of_tokens = click.option(
        "--tokens", type=click.Choice(CHOICES["tokens"]), default=View.tokens, show_default=True,
        help="Which tokens are points.",
    )  # fmt: skip
    return of_distance(of_tokens(command))


def json_option(command: Command) -> Command:
    """Give a command `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON object in the place of text and CSV."
    )(command)


def out_options(help_text: str, **more: Any) -> Callable[[Command], Command]:
    """Return what gives a command `out` and `overwrite`."""

    def given(command: Command) -> Command:
        path = click.option("--out", type=click.Path(path_type=Path), help=help_text, **more)
        overwrite = click.option("--overwrite", is_flag=True, help="Replace what is there already.")
        return path(overwrite(command))

    return given
