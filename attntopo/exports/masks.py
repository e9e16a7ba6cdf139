"""Label maps -> PNG, and JSON in the form of COCO's instance annotations."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from PIL import Image

from attntopo.figures.palette import COMPONENT_COLOURS

_MOST_IN_PALETTE = 255
_CATEGORY = {"id": 1, "name": "component", "supercategory": "attention"}


def labels_png(labels: np.ndarray) -> bytes:
    """Write labels as a PNG whose pixel values are the labels.

    Parameters
    ----------
    labels : ndarray of int, shape (height, width)
        0 for none, then 1, 2, …; at most 65,535.

    Returns
    -------
    bytes
        Of a PNG with a palette, 0 black, whose other eight colours come again and again; above
        255 labels of one in 16-bit grey. `numpy.asarray(PIL.Image.open(file))` is the labels
        either way.
    """
    if labels.max(initial=0) > _MOST_IN_PALETTE:
        image = Image.fromarray(labels.astype(np.uint16))
    else:
        image = Image.fromarray(labels.astype(np.uint8))
        image.putpalette(_palette())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _palette() -> bytes:
    colours = [bytes.fromhex(colour.lstrip("#")) for colour in COMPONENT_COLOURS]
    return b"\0\0\0" + b"".join(colours[k % len(colours)] for k in range(_MOST_IN_PALETTE))


def photo_annotations(labels: np.ndarray) -> list[dict[str, Any]]:
    """Annotate the components of one photo as COCO does instances.

    Parameters
    ----------
    labels : ndarray of int, shape (height, width)
        0 for none, then 1, 2, …

    Returns
    -------
    list of dict
        One a label that has a pixel, ascending: `label`; `segmentation`, run lengths that are not
        compressed: `size` (height, width), and `counts`, the numbers of pixels, column by column
        from the top left, that are outside, inside, outside, …; `area` in pixels; `bbox`: left,
        top, width and height in pixels; `category_id`; `iscrowd`, which is 0.

    References
    ----------
    Lin et al., Microsoft COCO: common objects in context, ECCV (2014), and its `cocoapi`.
    """
    height, width = labels.shape
    flat = labels.ravel(order="F")
    starts = np.nonzero(np.diff(flat, prepend=-1))[0]
    values, ends = flat[starts], np.append(starts[1:], flat.size)
    annotations = []
    for label in np.unique(values[values > 0]).tolist():
        own = values == label
        # Outside up to each start, inside up to each end.
        places = np.stack([starts[own], ends[own]], axis=1).ravel()
        counts = np.diff(places, prepend=0)
        if places[-1] < flat.size:
            counts = np.append(counts, flat.size - places[-1])
        rows, columns = np.nonzero(labels == label)
        left, top = int(columns.min()), int(rows.min())
        box = [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]
        annotations.append(
            {
                "label": label,
                "category_id": _CATEGORY["id"],
                "segmentation": {"size": [height, width], "counts": counts.tolist()},
                "area": len(rows),
                "bbox": box,
                "iscrowd": 0,
            }
        )
    return annotations


def coco_dataset(
    about: Mapping[str, str],
    photos: Iterable[tuple[Mapping[str, Any], Iterable[Mapping[str, Any]]]],
) -> dict[str, Any]:
    """Put the annotations of photos together as COCO's instance annotations.

    Parameters
    ----------
    about : mapping of str
        What all are of: model, layer, head and so on.
    photos : iterable of tuple
        What is said of each photo, `file_name`, `width` and `height` at least, and its annotations
        as `photo_annotations` returns them.

    Returns
    -------
    dict
        For `json.dumps`: `info`, with what they are of under `attntopo`; `images`, `annotations`
        and `categories`. Ids count from 1.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for photo, its_own in photos:
        images.append({"id": len(images) + 1, **photo})
        annotations += [
            {"id": number, "image_id": len(images), **one}
            for number, one in enumerate(its_own, start=len(annotations) + 1)
        ]
    return {
        "info": {"description": "Connected components of attention rows", "attntopo": {**about}},
        "images": images,
        "annotations": annotations,
        "categories": [dict(_CATEGORY)],
    }
