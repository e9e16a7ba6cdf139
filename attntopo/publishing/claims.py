"""Names of files <-> which photos there are, and who claims them until when.

    sha256-<hash of the pixels>/photo.png
    sha256-<hash of the pixels>/<hash of a delete key>.<seconds since 1970>.claim

A claim is a file that nobody changes: all that is known of it is in its name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CLAIM_BYTES = 4096
"""What a claim counts in the quota: on a disk a file takes a block, however small it is."""

_NAME = re.compile(r"sha256-[0-9a-f]{64}")
_PHOTO = re.compile(rf"({_NAME.pattern})/photo\.png")
_CLAIM = re.compile(rf"({_NAME.pattern})/([0-9a-f]{{64}})\.([0-9]{{1,15}})\.claim")


@dataclass(frozen=True)
class Claim:
    """That a photo is to be kept until a time.

    Attributes
    ----------
    name : str
        Of the photo.
    key_hash : str
        Hash of the delete key, as `key_hash` makes it.
    expires : int
        Seconds since 1970.
    """

    name: str
    key_hash: str
    expires: int

    @property
    def file(self) -> str:
        """The file that stands for it."""
        return f"{self.name}/{self.key_hash}.{self.expires}.claim"


@dataclass
class PhotoFolder:
    """What there is of one photo.

    Attributes
    ----------
    size : int or None
        Of its PNG, in bytes; None if it isn't there.
    claims : list of Claim
        Expired ones too.
    """

    size: int | None = None
    claims: list[Claim] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """What it counts in the quota."""
        return (self.size or 0) + CLAIM_BYTES * len(self.claims)

    def is_claimed(self, now: float) -> bool:
        """Whether anybody claims the photo still."""
        return any(claim.expires > now for claim in self.claims)

    def claims_with(self, delete_key: str) -> list[Claim]:
        """Return the claims, expired ones too, that a delete key takes back."""
        hashed = key_hash(delete_key)
        return [claim for claim in self.claims if claim.key_hash == hashed]

    def expired(self, now: float) -> list[Claim]:
        """Return the claims that have expired."""
        return [claim for claim in self.claims if claim.expires <= now]

    def is_stale(self, now: float) -> bool:
        """Whether anything of it ought to be removed."""
        return bool(self.expired(now)) or (self.size is not None and not self.is_claimed(now))


def is_photo_name(name: str) -> bool:
    """Whether a photo could have been published under this name."""
    return _NAME.fullmatch(name) is not None


def photo_file(name: str) -> str:
    """Return the file of a photo."""
    return f"{name}/photo.png"


def key_hash(delete_key: str) -> str:
    """Return what is stored of a delete key; a string out of a link can be any."""
    return hashlib.sha256(delete_key.encode(errors="surrogatepass")).hexdigest()


def read_folders(sizes: Mapping[str, int]) -> dict[str, PhotoFolder]:
    """Read names and sizes of files; those of others are left out.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes of each file.
    """
    folders: dict[str, PhotoFolder] = {}
    for file, size in sizes.items():
        if found := _PHOTO.fullmatch(file):
            folders.setdefault(found[1], PhotoFolder()).size = size
        elif found := _CLAIM.fullmatch(file):
            claim = Claim(found[1], found[2], int(found[3]))
            folders.setdefault(found[1], PhotoFolder()).claims.append(claim)
    return folders


def total_bytes(folders: Iterable[PhotoFolder]) -> int:
    """Return what all count in the quota together."""
    return sum(folder.bytes for folder in folders)
