"""What a link calls photos: samples, the ring, uploaded and published ones."""

import re

from attntopo.photos import SAMPLES

RING = "ring"
"""The synthetic example among the photos."""

EXAMPLES = (*SAMPLES, RING)
"""What there is to look at without a photo of one's own."""

PRIVATE = "private"
"""What a link says of a photo that was uploaded and not published: this, and a name that the
session gave it, which is no hash of it and means nothing to anybody else."""

_PRIVATE = re.compile(rf"{PRIVATE}(-[0-9a-f]{{8}})?")

PUBLISHED = re.compile(r"sha256-[0-9a-f]{64}")
"""What a link says of a photo that was published: its content's hash."""


def is_private(photo: str) -> bool:
    """Say whether a view's photo is an uploaded one that isn't published."""
    return bool(_PRIVATE.fullmatch(photo))


def is_published(photo: str) -> bool:
    """Say whether a view's photo is a published one."""
    return bool(PUBLISHED.fullmatch(photo))
