"""What is typed for a photo -> the photo, or attention that takes its place."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from attntopo.attention import Attention, load_attention, ring_attention
from attntopo.links import EXAMPLES, PRIVATE, RING
from attntopo.photos import Photo, PhotoError, decode_photo, sample

SAMPLE = "sample:"
"""What a sample's name begins with, so that no file is meant."""
LIST = "-"
"""What stands for a list of photos on standard input."""
# One's own files, so larger than what the app takes from strangers.
MOST_MEGABYTES = 100.0
MOST_MEGAPIXELS = 100.0
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Source:
    """What was typed for one photo.

    Attributes
    ----------
    text : str
        As it was typed.
    example : str
        The sample's name, or `ring`; empty for a file.
    """

    text: str
    example: str = ""

    @property
    def name(self) -> str:
        """What the photo is called: the sample's name, or the file's."""
        return self.example or Path(self.text).name

    @property
    def stem(self) -> str:
        """What files that are made of it are called, without their ending."""
        return self.example or Path(self.text).stem

    @property
    def in_links(self) -> str:
        """What links call it: a file of one's own is private."""
        return self.example or PRIVATE

    def read(self) -> Photo | Attention:
        """Read the photo, or the attention that stands in its place.

        Raises
        ------
        PhotoError, AttentionError, OSError
            If it can't be read, or isn't what it should be.
        """
        if self.example:
            return ring_attention() if self.example == RING else sample(self.example)
        path = Path(self.text)
        if path.is_dir():
            raise PhotoError("This is a folder: please name the photos in it.")
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                return load_attention(path)
            file.seek(0)
            data = file.read(int(MOST_MEGABYTES * 1e6) + 1)
        return decode_photo(
            data, self.name, max_megabytes=MOST_MEGABYTES, max_megapixels=MOST_MEGAPIXELS
        )


def sources_of(texts: Sequence[str], exactly: Sequence[int] = ()) -> list[Source]:
    """Read what was typed for photos.

    Parameters
    ----------
    texts : sequence of str
        Files, samples as `sample:astronaut` or, where there is no such file, `astronaut`; `-` for
        a list of these on standard input, one a line.
    exactly : sequence of int
        How many there may be; any number by default, one at least.

    Returns
    -------
    list of Source

    Raises
    ------
    click.UsageError
        If there is no such sample, or there are too few or too many.
    """
    sources = [_source(text) for text in _expanded(texts)]
    if not sources:
        raise click.UsageError("Name a photo at least: a file, sample:astronaut, or - for a list.")
    if exactly and len(sources) not in exactly:
        wanted = " or ".join(str(number) for number in exactly)
        raise click.UsageError(f"This takes {wanted} photos, not {len(sources)}.")
    return sources


def _expanded(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if text == LIST:
            yield from filter(None, (line.strip("\r\n") for line in sys.stdin))
        else:
            yield text


def _source(text: str) -> Source:
    if text.startswith(SAMPLE):
        name = text.removeprefix(SAMPLE)
        if name not in EXAMPLES:
            raise click.UsageError(
                f"There is no sample called {name!r}; there are {', '.join(EXAMPLES)}."
            )
        return Source(text, name)
    is_sample = text in EXAMPLES and not Path(text).exists()
    return Source(text, text if is_sample else "")
