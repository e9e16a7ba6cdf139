"""What can be wrong with a photo, a head or a file, as one sentence on standard error."""

from dataclasses import dataclass, field

import click

from attntopo.analysis import ComponentError, EvidenceError
from attntopo.attention import AttentionError
from attntopo.diagrams import DiagramError
from attntopo.distances import DistanceError
from attntopo.models import ModelError
from attntopo.photos import PhotoError
from attntopo.topology import PersistenceError

EXPECTED_ERRORS = (
    AttentionError,
    ComponentError,
    DiagramError,
    DistanceError,
    EvidenceError,
    MemoryError,
    ModelError,
    OSError,
    PersistenceError,
    PhotoError,
)
"""What the library raises with a sentence, and what the machine does."""


def sentence_of(error: BaseException) -> str:
    """Return one sentence, or two, for what went wrong."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or 'a file error'}."
    return str(error)


@dataclass
class Failures:
    """The photos that failed so far, each said on standard error.

    Attributes
    ----------
    by_photo : list of tuple of str
        What was typed for each, and a sentence.
    """

    by_photo: list[tuple[str, str]] = field(default_factory=list)

    def add(self, photo: str, error: BaseException) -> None:
        """Say that a photo failed."""
        sentence = " ".join(sentence_of(error).split()).removeprefix(f"{photo}: ")
        self.by_photo.append((photo, sentence))
        click.echo(f"{photo}: {sentence}", err=True)

    @property
    def status(self) -> int:
        """The exit status: 1 if any failed."""
        return int(bool(self.by_photo))

    def as_json(self) -> list[dict[str, str]]:
        """Return them for `--json`."""
        return [{"photo": photo, "error": sentence} for photo, sentence in self.by_photo]
