"""Names of files <-> which photos are published, and until when.

    sha256-<hash of the pixels>/<hash of a delete key>.<seconds since 1970>.png

One publication is one such file, which nobody changes: all but the pixels is in its name.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from attntopo.links import PUBLISHED

_FILE = re.compile(rf"({PUBLISHED.pattern})/([0-9a-f]{{64}})\.([0-9]{{1,15}})\.png")


@dataclass(frozen=True)
class Publication:
    """That a photo is published until a time.

    Attributes
    ----------
    name : str
        Of the photo.
    key_hash : str
        Hash of the delete key, as `hash_key` makes it.
    expires : int
        Seconds since 1970.
    file : str
        The file that stands for it.
    size : int
        Of that file, in bytes.
    """

    name: str
    key_hash: str
    expires: int
    file: str
    size: int

    @property
    def has_pixels(self) -> bool:
        """Whether its file holds the photo, as all but claims of the old layout do."""
        return self.file.endswith(".png")


def hash_key(delete_key: str) -> str:
    """Return what is stored of a delete key; a string out of a link can be any."""
    return hashlib.sha256(delete_key.encode(errors="surrogatepass")).hexdigest()


def file_name(name: str, delete_key: str, expires: int) -> str:
    """Return the file of a publication."""
    return f"{name}/{hash_key(delete_key)}.{expires}.png"


def read_publications(sizes: Mapping[str, int]) -> list[Publication]:
    """Read names and sizes of files; those of others are left out.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes of each file.
    """
    return [
        Publication(match[1], match[2], int(match[3]), file, size)
        for file, size in sizes.items()
        if (match := _FILE.fullmatch(file))
    ]
