"""Photos published before version 0.1.0, when a photo and its publications were several files.

    sha256-<hash of the pixels>/photo.png
    sha256-<hash of the pixels>/<hash of a delete key>.<seconds since 1970>.claim

A photo was published as long as a claim beside it hadn't expired. Nothing is written like this any
more: claims only go. They have all expired `ATTNTOPO_PHOTOS_DAYS` (30 by default) after the last
server that wrote them was stopped. Then this module, what `attntopo.publishing.store` calls of it,
and `Publication.has_pixels` can go too.
"""

import re
from collections.abc import Mapping

from attntopo.publishing.publications import Publication

_PHOTO = re.compile(r"(sha256-[0-9a-f]{64})/photo\.png")
_CLAIM = re.compile(r"(sha256-[0-9a-f]{64})/([0-9a-f]{64})\.([0-9]{1,15})\.claim")


def read_old_publications(sizes: Mapping[str, int]) -> list[Publication]:
    """Read claims as publications, and each photo as one without a key that lasts as its claims do.

    A claim without its photo, or a photo without a claim, has expired.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes of each file.
    """
    photos = {match[1]: file for file in sizes if (match := _PHOTO.fullmatch(file))}
    lasts = dict.fromkeys(photos, 0)
    claims = []
    for file, size in sizes.items():
        if match := _CLAIM.fullmatch(file):
            name, expires = match[1], int(match[3])
            if name in photos:
                lasts[name] = max(lasts[name], expires)
            claims.append(Publication(name, match[2], expires if name in photos else 0, file, size))
    return claims + [
        Publication(name, "", lasts[name], file, sizes[file]) for name, file in photos.items()
    ]
