"""Published photos: what a link can carry besides the samples.

A photo is published as a PNG of the canonical pixels and nothing else, under their hash, with a
small file beside it for each time that somebody published it: a claim. It
is published as long as one of them hasn't expired. No file is ever read to be changed and written
back, so that any number of processes and machines share the place without locks. Where it can be
and how it is configured: `attntopo.publishing.storage`.

How it holds together: whoever publishes writes the photo, then the claim, and then looks whether
the photo is still there. Whoever removes a photo that nobody claims looks for claims again
afterwards, and puts it back if one has come meanwhile. A process that is killed while it publishes
leaves a photo that nobody claims, which isn't published and is removed next time. One that is
killed between removing a photo and looking again can lose one that was published in that very
moment: a link to it then says that it isn't there, and publishing it again helps.
"""

from __future__ import annotations

import math
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from attntopo.photos import Photo
from attntopo.publishing.claims import (
    CLAIM_BYTES,
    Claim,
    PhotoFolder,
    is_photo_name,
    key_hash,
    photo_file,
    read_folders,
    total_bytes,
)
from attntopo.publishing.png import LARGEST_BYTES, DamagedPhotoError, decode_png, encode_png
from attntopo.publishing.storage import PhotoStoreError, Storage, StorageError

__all__ = [
    "DamagedPhotoError",
    "DeleteKeyError",
    "PhotoGoneError",
    "PhotoStore",
    "PhotoStoreError",
    "Published",
    "StorageError",
    "StoreFullError",
    "Usage",
]

LEFTOVER_SECONDS = 3600.0
"""After how long a file that isn't whole is taken for the leftover of a killed process."""

_CLAIM_TEXT = b"One publication of the photo in this folder, until the time in the name.\n"
_WAITS = (0.05, 0.2, 0.5)
"""Seconds between looks for a photo that is claimed but not there: it may be put back."""


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
    """How many photos are stored, and what they and their claims count in bytes."""

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
        """Publish a photo; one that is published already then lasts as long as the longer of both.

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
        name = f"sha256-{photo.sha256}"
        self._check_room(name, len(data))
        key = secrets.token_urlsafe(16)
        claim = Claim(name, key_hash(key), math.ceil(self._now() + self._seconds))
        try:
            self._storage.write(photo_file(name), data)
            self._storage.write(claim.file, _CLAIM_TEXT)
            self._check_published(name, data)
        except BaseException:
            with suppress(StorageError):  # the photo alone isn't published, and will be swept
                self._storage.remove(claim.file)
                self._drop_unclaimed(name)
            raise
        return Published(name, key, claim.expires)

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
        for seconds in (*_WAITS, 0.0):
            folder = self._folder(name)
            if not folder.is_claimed(self._now()):
                break
            if folder.size is not None:
                if folder.size > LARGEST_BYTES:
                    raise DamagedPhotoError
                with suppress(FileNotFoundError):
                    data = self._storage.read(photo_file(name))
                    return decode_png(data, name.removeprefix("sha256-"))
            time.sleep(seconds)
        raise PhotoGoneError

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
        folder = self._folder(published.name)
        claims = folder.claims_with(published.delete_key)
        return folder.size is not None and any(one.expires > self._now() for one in claims)

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
        folder = self._folder(name)
        claims = folder.claims_with(delete_key)
        if not claims:
            if not folder.is_claimed(self._now()):
                raise PhotoGoneError
            raise DeleteKeyError(
                "This delete link isn't one of this photo, or was used already: please take the "
                "one that was shown when you shared it."
            )
        for claim in claims:
            self._storage.remove(claim.file)
        return self._drop_unclaimed(name)

    def usage(self) -> Usage:
        """Return how much is stored, expired photos included that weren't swept yet."""
        folders = self._folders()
        n_photos = sum(folder.size is not None for folder in folders.values())
        return Usage(n_photos, total_bytes(folders.values()))

    def sweep(self) -> int:
        """Remove what has expired, and what killed processes left.

        Publishing removes what has expired too, but nobody may publish for long.

        Returns
        -------
        int
            How many photos were removed.
        """
        self._storage.remove_leftovers(self._now() - LEFTOVER_SECONDS)
        return self._remove_stale(self._folders())

    def _remove_stale(self, folders: dict[str, PhotoFolder]) -> int:
        now = self._now()
        n_removed = 0
        for name, folder in folders.items():
            for claim in folder.expired(now):
                self._storage.remove(claim.file)
            if folder.size is not None and not folder.is_claimed(now):
                n_removed += self._drop_unclaimed(name)
        return n_removed

    def _drop_unclaimed(self, name: str) -> bool:
        """Remove a photo if nobody claims it; say whether it is gone."""
        while not self._folder(name).is_claimed(self._now()):
            try:
                data = self._storage.read(photo_file(name))
            except FileNotFoundError:  # whoever has removed it looks for claims again
                return True
            self._storage.remove(photo_file(name))
            if not self._folder(name).is_claimed(self._now()):
                return True
            # It was published anew between the looks. That claim may go, too, before the photo is
            # back, which is why all this is gone through again.
            self._storage.write(photo_file(name), data)
        return False

    def _check_room(self, name: str, n_bytes: int) -> None:
        """Refuse what has no room even without the expired, before anything is written."""
        folders = self._folders()
        if any(folder.is_stale(self._now()) for folder in folders.values()):
            self._remove_stale(folders)
            folders = self._folders()
        if name in folders and folders[name].size is not None:
            n_bytes = 0
        self._check_quota(total_bytes(folders.values()) + CLAIM_BYTES + n_bytes)

    def _check_published(self, name: str, data: bytes) -> None:
        """See to it that the photo is there, now that its claim is, and within the quota."""
        folders = self._folders()
        if name not in folders or folders[name].size is None:
            # Another process swept it before the claim was there.
            self._storage.write(photo_file(name), data)
            folders = self._folders()
        self._check_quota(total_bytes(folders.values()))

    def _check_quota(self, n_bytes: int) -> None:
        if n_bytes > self._megabytes * 1e6:
            raise StoreFullError(
                f"The {self._megabytes:g} MB for published photos are full: please try again "
                "later, or send the photo itself."
            )

    def _folder(self, name: str) -> PhotoFolder:
        return self._folders(name).get(name, PhotoFolder())

    def _folders(self, name: str = "") -> dict[str, PhotoFolder]:
        return read_folders(self._storage.sizes(name))


def _check_name(name: str) -> None:
    if not is_photo_name(name):
        raise PhotoStoreError(
            "No published photo has a name like the one in this link: please copy the whole link "
            "again."
        )
