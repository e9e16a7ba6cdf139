"""Photos -> pieces of work, each known by what it is made of."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from attntopo.runs.sources import PhotoFile

MOST_IN_A_PIECE = 64
_LEAST_IN_A_PIECE = 4
_PIECES = 32
"""So many at least are made of a small source, so that several workers end together."""


@dataclass(frozen=True)
class Piece:
    """Photos that are done together, by one worker, into one file.

    Attributes
    ----------
    id : str
        sha256 of the run's identity (model with commit, options, version) and of the names and
        stamps of the photos.
    photos : tuple of PhotoFile
    """

    id: str
    photos: tuple[PhotoFile, ...]


def deal(photos: Sequence[PhotoFile], identity: str, done: Collection[str] = ()) -> list[Piece]:
    """Deal photos out into pieces, and leave out what is done.

    Parameters
    ----------
    photos : sequence of PhotoFile
        In the order in which they are done.
    identity : str
        Of the run.
    done : collection of str
        Names of the photos that are done.

    Returns
    -------
    list of Piece
        Where a piece ends depends on the photos' names alone, not on what is done: of the same
        photos, the same pieces are made at every start, and of those that were added, pieces with
        no other in them.
    """
    return [
        Piece(_sha256(identity, missing), tuple(missing))
        for group in _groups(photos)
        if (missing := [photo for photo in group if photo.name not in done])
    ]


def _groups(photos: Sequence[PhotoFile]) -> Iterator[list[PhotoFile]]:
    usual = _LEAST_IN_A_PIECE
    while usual < MOST_IN_A_PIECE and usual * _PIECES < len(photos):
        usual *= 2
    group: list[PhotoFile] = []
    for photo in photos:
        group.append(photo)
        # One name in so many ends a piece, whatever stands before it.
        ends = int(hashlib.sha256(photo.name.encode()).hexdigest()[:8], 16) % usual == 0
        if ends or len(group) >= MOST_IN_A_PIECE:
            yield group
            group = []
    if group:
        yield group


def _sha256(identity: str, photos: Sequence[PhotoFile]) -> str:
    digest = hashlib.sha256(identity.encode())
    for photo in photos:
        digest.update(f"\n{len(photo.name)} {photo.name} {photo.stamp}".encode())
    return digest.hexdigest()
