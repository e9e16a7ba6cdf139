"""Photos and one head on each -> what the browser paints a contact sheet from."""

from collections.abc import Mapping

import numpy as np

from attntopo.analysis import PhotoHead, first_steps
from attntopo.figures.jpeg import jpeg_bytes
from attntopo.figures.packing import packed_array, packed_document
from attntopo.links import column_of
from attntopo.photos import Photo

_LARGEST_PICTURE = 256  # pixels: a picture of the sheet has about half as many, on a sharp screen
_QUALITY = 80


def small_jpeg(photo: Photo) -> bytes:
    """Return a photo as a small JPEG."""
    picture = photo.image()
    picture.thumbnail((_LARGEST_PICTURE, _LARGEST_PICTURE))
    return jpeg_bytes(picture, _QUALITY)


def packed_pictures(jpegs: Mapping[str, bytes]) -> bytes:
    """Put photos together, as `unpack.js` takes them apart.

    Parameters
    ----------
    jpegs : mapping of str to bytes
        From `small_jpeg`, by the photo's id.

    Returns
    -------
    bytes
        `pictures` has the JPEG files by id.
    """
    pictures = {
        key: packed_array(np.frombuffer(data, np.uint8), np.uint8) for key, data in jpegs.items()
    }
    return packed_document({"pictures": pictures})


def packed_heads(identity: str, heads: Mapping[str, PhotoHead]) -> bytes:
    """Put one head on many photos together, as `unpack.js` takes it apart.

    Parameters
    ----------
    identity : str
        Says which head it is, and of which photos: the browser keeps them apart by it.
    heads : mapping of str to PhotoHead
        By the photo's id.

    Returns
    -------
    bytes
        `of` is the identity. `heads` has by id the number of points `n`, how many of them are no
        patches, the patch `grid`, its `box` on the photo, the merge `tree` and the `loops` (by
        the first steps of the scale that aren't below each length), and `features`, by the names
        that links have for them.
    """
    return packed_document(
        {"of": identity, "heads": {key: _head(one) for key, one in heads.items()}}
    )


def _head(one: PhotoHead) -> dict[str, object]:
    tree, loops = one.summary.tree, first_steps(one.summary.diagrams[1])
    arrays = {
        "steps": (first_steps(tree.lengths), np.uint32),
        "survivors": (tree.survivors, np.uint32),
        "absorbed": (tree.absorbed, np.uint32),
        "colours": (tree.colours, np.int8),
    }
    return {
        "n": len(tree.colours),
        "n_prefix": one.n_prefix,
        "grid": one.grid,
        "box": one.patches_box,
        "tree": {name: packed_array(*array) for name, array in arrays.items()},
        "loops": {
            "born": packed_array(np.sort(loops[:, 0]), np.uint32),
            "dies": packed_array(np.sort(loops[:, 1]), np.uint32),
        },
        "features": {column_of(name): value for name, value in one.features.items()},
    }
