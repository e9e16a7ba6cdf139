"""Many photos -> small pictures that figures carry in themselves, and where they lie."""

from collections.abc import Sequence
from typing import Any

from attntopo.figures.jpeg import jpeg_url
from attntopo.photos import Photo

_LONGEST = 72  # pixels: on a sharp screen too
_QUALITY = 70
_NAME_LENGTH, _END = 18, 7  # letters


def thumbnail_url(photo: Photo) -> str:
    """Return a photo as a small JPEG of its own ratio, about 2 KB, as a data URL."""
    picture = photo.image()
    picture.thumbnail((_LONGEST, _LONGEST))
    return jpeg_url(picture, _QUALITY)


def placed(
    url: str, place: tuple[float, float], size: tuple[float, float], **options: Any
) -> dict[str, Any]:
    """Describe a picture in a figure: where its middle lies and how large it may be, by the axes.

    Parameters
    ----------
    url : str
        From `thumbnail_url`.
    place, size : tuple of float
        Across and up.
    **options
        Of Plotly's layout images, such as `xref`.
    """
    return {
        "source": url,
        "xref": "x",
        "yref": "y",
        "x": place[0],
        "y": place[1],
        "sizex": size[0],
        "sizey": size[1],
        "xanchor": "center",
        "yanchor": "middle",
        "sizing": "contain",
        "layer": "above",
        **options,
    }


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names of which none is there twice: the second `cat` is `cat (2)`."""
    taken: set[str] = set()
    unique = []
    for name in names:
        number, own = 1, name
        while own in taken:
            number += 1
            own = f"{name} ({number})"
        taken.add(own)
        unique.append(own)
    return unique


def shortened(name: str) -> str:
    """Return a name that fits beside a small picture; its end tells files apart."""
    if len(name) <= _NAME_LENGTH:
        return name
    return f"{name[: _NAME_LENGTH - _END - 1]}…{name[-_END:]}"
