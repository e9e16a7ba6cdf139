"""Photos -> attention, by one model that is loaded when the first photo needs it."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import click

from attntopo.analysis import HeadTopology, analyse, opening_head, summarise_head
from attntopo.attention import ROLLOUT, Attention
from attntopo.cli.failures import EXPECTED_ERRORS, Failures
from attntopo.cli.sources import Source
from attntopo.exports import describe_heads
from attntopo.models import Model, ModelError, ModelInfo, ModelInput, load_model
from attntopo.photos import Photo
from attntopo.topology import Diagrams

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class HeadPlace:
    """Which head is asked for; None for what a model opens on.

    Attributes
    ----------
    layer : int, optional
    head : int, "mean" or "rollout", optional
    """

    layer: int | None = None
    head: int | str | None = None

    def of(self, n_layers: int) -> tuple[int, int | str]:
        """Return layer and head of a model with so many layers."""
        layer, head = opening_head(n_layers)
        return (
            layer if self.layer is None else self.layer,
            head if self.head is None else self.head,
        )


@dataclass(frozen=True)
class HeadRun:
    """Which head of which model one photo was looked at with.

    Attributes
    ----------
    source : Source
    info : ModelInfo or None
        The model that was run; None for attention that was given.
    layer : int
    head : int, "mean" or "rollout"
    n_tokens : int
    """

    source: Source
    info: ModelInfo | None
    layer: int
    head: int | str
    n_tokens: int


@dataclass(frozen=True, eq=False)
class Attended:
    """A photo and its attention.

    Attributes
    ----------
    photo : Photo
        Of attention that was given, its picture.
    attention : Attention
    ran : HeadRun
        The head that was asked for. It is kept of many photos, of which the rest would fill the
        memory.
    """

    photo: Photo
    attention: Attention
    ran: HeadRun

    @property
    def content(self) -> str:
        """Content hash of what was given: the photo's, or the attention's."""
        return self.photo.sha256 if self.ran.info else self.attention.sha256

    def topology(self, distance: str, tokens: str) -> HeadTopology:
        """Analyse the head that was asked for."""
        return analyse(self.attention, self.ran.layer, self.ran.head, distance, tokens)

    def diagrams(self, distance: str, tokens: str) -> Diagrams:
        """Compute the diagrams of the head that was asked for, in dimensions 0 and 1."""
        ran = self.ran
        return summarise_head(self.attention, ran.layer, ran.head, distance, tokens).diagrams


@dataclass(frozen=True)
class ModelRun:
    """A model and what it is given.

    Attributes
    ----------
    model : str
        As for `load_model`.
    input : ModelInput
        What is made of the photos.
    downloads : bool
    cache : Path, optional
        As for `load_model`: `downloads` and `folder`.
    """

    model: str
    input: ModelInput
    downloads: bool
    cache: Path | None

    def with_model(self, model: str | None) -> "ModelRun":
        """Return the same for another model."""
        return self if model in (None, self.model) else replace(self, model=model)

    @cached_property
    def loaded(self) -> Model:
        """The model, loaded when it is first asked for.

        Where it isn't to be had, that is a `click.ClickException`: no photo can do without it.
        """
        try:
            return load_model(
                self.model, folder=self.cache, downloads=self.downloads, report=_download_report()
            )
        except ModelError as error:
            raise click.ClickException(str(error)) from error

    def attend(self, source: Source, place: HeadPlace, all_layers: bool = False) -> Attended:
        """Read a photo and find its attention.

        Parameters
        ----------
        source : Source
        place : HeadPlace
        all_layers : bool
            Whether the attention of all layers is wanted, not that of the head's layer alone.

        Raises
        ------
        PhotoError, AttentionError, ModelError, OSError
        """
        given = source.read()
        info = None
        if isinstance(given, Attention):
            attention, photo = given, Photo(given.input_pixels, source.name)
            layer, head = place.of(given.n_layers)
        else:
            photo, info = given, self.loaded.info
            layer, head = place.of(info.n_layers)
            kept = None if all_layers else [layer]
            rollout = kept is not None and head == ROLLOUT
            attention = self.loaded.attend(photo, self.input, kept, rollout)
        attention.head(layer, head)  # refuses one that isn't there
        return Attended(photo, attention, HeadRun(source, info, layer, head, attention.n_tokens))


def each_photo(
    sources: Iterable[Source],
    work: Callable[[Source], _Result],
    failures: Failures,
    says_each: bool = False,
) -> Iterator[_Result]:
    """Do something for each photo; those that fail are said, and the others go on.

    A progress bar stands on standard error where that is a terminal.

    Parameters
    ----------
    sources : iterable of Source
    work : callable
    failures : Failures
        Filled.
    says_each : bool
        Whether the caller prints a line for each photo: on a terminal that is progress enough.

    Yields
    ------
    object
        What `work` returns, of each photo that didn't fail.
    """
    every = list(sources)
    hidden = len(every) < 2 or not sys.stderr.isatty() or (says_each and sys.stdout.isatty())
    failed: list[tuple[str, BaseException]] = []
    with click.progressbar(
        every, label="Photos", show_pos=True, file=sys.stderr, hidden=hidden
    ) as bar:
        for source in bar:
            try:
                result = work(source)
            except BrokenPipeError:
                raise
            except EXPECTED_ERRORS as error:
                if hidden:
                    failures.add(source.text, error)
                else:  # after the bar, which a line would break
                    failed.append((source.text, error))
                continue
            yield result
    for text, why in failed:
        failures.add(text, why)


def describe_photos(
    every: Sequence[HeadRun], run: ModelRun, distance: str, tokens: str, **more: str
) -> dict[str, str]:
    """Say what a file about one head of each of several photos is of.

    Parameters
    ----------
    every : sequence of HeadRun
    run : ModelRun
    distance, tokens : str
    **more : str
        As for `describe_heads`.
    """
    model = next((one.info for one in every if one.info), None)
    places = {
        "layer": {str(one.layer) for one in every},
        "head": {str(one.head) for one in every},
    }
    # Attention from files may have other numbers of layers.
    said = {
        name: texts.pop() if len(texts) == 1 else "each photo's own"
        for name, texts in places.items()
    }
    return describe_heads(model, distance, tokens, run.input, **said, **more)


def _download_report() -> Callable[[int, int], None] | None:
    """Return what says how far a download is, where somebody is there to read it."""
    if not sys.stderr.isatty():
        return None

    def say(fetched: int, total: int) -> None:
        end = "\n" if fetched >= total else ""
        text = f"\rDownloading the model: {fetched / 1e6:.0f} of {total / 1e6:.0f} MB{end}"
        os.write(sys.stderr.fileno(), text.encode())  # from several threads, in one piece

    return say


def diagrams_of_each(
    sources: Iterable[Source],
    run: ModelRun,
    place: HeadPlace,
    of_points: tuple[str, str],
    failures: Failures,
) -> list[tuple[HeadRun, Diagrams]]:
    """Return a head's persistence diagrams on each photo; those that fail are said and left out.

    Parameters
    ----------
    sources, failures
        As for `each_photo`.
    run : ModelRun
    place : HeadPlace
    of_points : tuple of str
        Distance and tokens.
    """

    def work(source: Source) -> tuple[HeadRun, Diagrams]:
        attended = run.attend(source, place)
        return attended.ran, attended.diagrams(*of_points)

    return list(each_photo(sources, work, failures))
