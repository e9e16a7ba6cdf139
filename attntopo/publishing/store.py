"""Published photos: what a link can carry besides the samples.

A photo is published as a PNG of the canonical pixels and nothing else, in a file whose name says
whose it is and until when. A photo that was published several times is as many files, and is
published as long as one of them is there and hasn't expired. No file is ever changed, nor does one
depend on another, so that any number of processes and machines share the place without locks, and
may be killed at any moment.

Where the files lie, and how that is configured: `attntopo.publishing.storage`.
"""

import math
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from attntopo.links import is_published
from attntopo.photos import Photo
from attntopo.publishing.old_layout import read_old_publications
from attntopo.publishing.png import LARGEST_BYTES, DamagedPhotoError, decode_png, encode_png
from attntopo.publishing.publications import (
    Publication,
    file_name,
    hash_key,
    read_publications,
)
from attntopo.publishing.storage import PhotoStoreError, Storage, StorageError

LEFTOVER_SECONDS = 3600.0
"""After how long a file that isn't whole is taken for the leftover of a killed process."""


class PhotoGoneError(PhotoStoreError):
    """The photo has expired, was deleted, or was never published here: which isn't known."""

    def __init__(self) -> None:
        super().__init__(
            "This photo isn't published here: it has expired, was deleted by whoever shared it, or "
            "never was. Please ask whoever sent the link to share it again."
        )


class StoreFullError(PhotoStoreError):
    """There is no room for another photo."""


class DeleteKeyError(PhotoStoreError):
    """A delete key isn't one of this photo, or not any more."""


@dataclass(frozen=True)
class Published:
    """What somebody who published a photo gets.

    Attributes
    ----------
    name : str
        What a link carries: `sha256-` and 64 hexadecimal digits.
    delete_key : str
        With it the publication can be taken back. Only its hash is stored: it can't be had again.
    expires : int
        When the publication ends by itself, in seconds since 1970.
    """

    name: str
    delete_key: str = field(repr=False)  # so that it doesn't get into a log
    expires: int


class Usage(NamedTuple):
    """How many photos are stored, and how many bytes their files have."""

    photos: int
    bytes: int


class PhotoStore:
    """Photos that were published, each until it expires or is deleted.

    Every method raises `StorageError` if the storage can't be reached or doesn't allow it.

    Parameters
    ----------
    place : str or path
        Where they lie: a folder, `s3://bucket/folder`, or `memory://folder`.
    days : float
        How long a publication lasts.
    megabytes : float
        Room for all of them (10^6 bytes). It is never exceeded for longer than publishing takes;
        of several who publish into the last of it at the same moment, all may be refused.
    now : callable
        Returns the time in seconds since 1970.

    Raises
    ------
    PhotoStoreError
        If the place can't be one, or a number isn't positive. Nothing is reached for yet.
    """

    def __init__(
        self,
        place: str | os.PathLike[str],
        *,
        days: float,
        megabytes: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not (0 < days < 1e7 and 0 < megabytes < 1e9):
            raise PhotoStoreError(
                f"Photos can't be kept for {days:g} days in {megabytes:g} MB: please give two "
                "positive numbers."
            )
        self._storage = Storage(place)
        self._seconds = days * 86400
        self._megabytes = megabytes
        self._now = now

    def publish(self, photo: Photo) -> Published:
        """Publish a photo; one that is published already takes its room once more.

        Parameters
        ----------
        photo : Photo
            A canonical one. What it is called isn't published.

        Returns
        -------
        Published

        Raises
        ------
        StoreFullError
            If there is no room, even without what has expired.
        PhotoStoreError
            If the photo isn't canonical.
        """
        data = encode_png(photo)
        self._check_quota(self._without_expired(self._publications()), len(data))
        name, key = f"sha256-{photo.sha256}", secrets.token_urlsafe(16)
        expires = math.ceil(self._now() + self._seconds)
        file = file_name(name, key, expires)
        try:
            self._storage.write(file, data)
            # Others may have written meanwhile, too.
            self._check_quota(self._publications())
        except BaseException:
            with suppress(StorageError):
                self._storage.remove(file)
            raise
        return Published(name, key, expires)

    def load(self, name: str) -> Photo:
        """Return a published photo.

        Parameters
        ----------
        name : str
            What `publish` gave; it comes out of a link, so that it can be anything.

        Returns
        -------
        Photo
            The pixels that were published.

        Raises
        ------
        PhotoGoneError
            If it isn't published, or not any more.
        DamagedPhotoError
            If what is stored isn't it.
        PhotoStoreError
            If no photo has such a name; the storage isn't asked then.
        """
        _check_name(name)
        tried: set[str] = set()
        refusal: PhotoStoreError = PhotoGoneError()
        # Looked for anew each time: while one file is deleted, another may have come.
        while files := [
            one for one in self._live(name) if one.has_pixels and one.file not in tried
        ]:
            tried.add(files[0].file)
            try:
                return self._read(files[0])
            except DamagedPhotoError as error:
                refusal = error
            except FileNotFoundError:
                pass
        raise refusal

    def is_live(self, published: Published) -> bool:
        """Say whether a publication is still there: not expired, not deleted, its photo stored.

        Parameters
        ----------
        published : Published
            As `publish` gave it.

        Returns
        -------
        bool
        """
        hashed = hash_key(published.delete_key)
        return any(one.key_hash == hashed for one in self._live(published.name))

    def delete(self, name: str, delete_key: str) -> bool:
        """Take a publication back.

        Parameters
        ----------
        name, delete_key : str
            What `publish` gave; they come out of a link, so that they can be anything.

        Returns
        -------
        bool
            Whether the photo is gone. It isn't where it was published another time too, by this or
            another person.

        Raises
        ------
        DeleteKeyError
            If the photo is published, but not with this key.
        PhotoGoneError
            If it isn't published at all.
        PhotoStoreError
            If no photo has such a name; the storage isn't asked then.
        """
        _check_name(name)
        hashed = hash_key(delete_key)
        own = [one for one in self._publications(name) if one.key_hash == hashed]
        if not own:
            if not self._live(name):
                raise PhotoGoneError
            raise DeleteKeyError(
                "This delete link isn't one of this photo, or was used already: please take the "
                "one that was shown when you shared it."
            )
        for one in own:
            self._storage.remove(one.file)
        return not self._without_expired(self._publications(name))

    def usage(self) -> Usage:
        """Return how much is stored, expired photos included that weren't swept yet."""
        publications = self._publications()
        return Usage(len(_names(publications)), sum(one.size for one in publications))

    def sweep(self) -> int:
        """Remove what has expired, and what killed processes left.

        Publishing removes what has expired too, but nobody may publish for long.

        Returns
        -------
        int
            How many photos were removed.
        """
        self._storage.remove_leftovers(self._now() - LEFTOVER_SECONDS)
        publications = self._publications()
        return len(_names(publications) - _names(self._without_expired(publications)))

    def _read(self, publication: Publication) -> Photo:
        if publication.size > LARGEST_BYTES:
            raise DamagedPhotoError
        data = self._storage.read(publication.file)
        return decode_png(data, publication.name.removeprefix("sha256-"))

    def _publications(self, name: str = "") -> list[Publication]:
        """Return what is stored of a photo, or of all; expired publications too."""
        sizes = self._storage.sizes(name)
        return read_publications(sizes) + read_old_publications(sizes)

    def _live(self, name: str) -> list[Publication]:
        now = self._now()
        return [one for one in self._publications(name) if one.expires > now]

    def _without_expired(self, publications: Collection[Publication]) -> list[Publication]:
        """Remove those that have expired; return the others."""
        now = self._now()
        for one in publications:
            if one.expires <= now:
                self._storage.remove(one.file)
        return [one for one in publications if one.expires > now]

    def _check_quota(self, publications: Iterable[Publication], n_bytes: int = 0) -> None:
        """Refuse what has no room beside what is there."""
        if n_bytes + sum(one.size for one in publications) > self._megabytes * 1e6:
            raise StoreFullError(
                f"The {self._megabytes:g} MB for published photos are full: please try again "
                "later, or send the photo itself."
            )


def _names(publications: Iterable[Publication]) -> set[str]:
    return {one.name for one in publications}


def _check_name(name: str) -> None:
    if not is_published(name):
        raise PhotoStoreError(
            "No published photo has a name like the one in this link: please copy the whole link "
            "again."
        )
