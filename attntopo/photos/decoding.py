"""Bytes of a photo file -> the canonical photo, decoded in this process."""

import logging
import threading

import numpy as np

from attntopo.photos import refusals
from attntopo.photos.canonical import Photo
from attntopo.photos.image_files import check_length, read_canonical

_LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.Lock()
"""Held while a photo is decoded: a large one takes hundreds of megabytes for a second."""


def decode_photo(
    data: bytes, name: str, *, max_megabytes: float = 10.0, max_megapixels: float = 40.0
) -> Photo:
    """Decode a photo file into a canonical photo.

    It is decoded in this process: what a hostile file takes in time and memory, and a crash of a
    decoder, are this process's. `PhotoDecoder` is for strangers' files.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, WebP, AVIF or HEIC, whatever the file's name says.
    name : str
        What to call it.
    max_megabytes, max_megapixels : float
        Limits; pixels are counted in the header, before anything is decoded.

    Returns
    -------
    Photo
        Orientation applied, transparency composited on white, 16-bit values rescaled (those of
        a colour photo cut to their upper 8 bits, as Pillow reads them), the first frame of an
        animation. ICC profiles are not applied: the models' own image processors don't either.

    Raises
    ------
    PhotoError
        If it is too big, too small, too narrow, not a photo, truncated, or of a kind that can't
        be read here. One line is logged then, with its kind and nothing of the photo.
    """
    with _ONE_AT_A_TIME:
        try:
            check_length(len(data), max_megabytes)
            pixels = np.array(read_canonical(data, max_megapixels))
            pixels.setflags(write=False)
            return Photo(pixels, name)
        except Exception as error:  # Decoders raise whatever they like on hostile bytes.
            refusal = refusals.of_error(error)
    _LOG.warning("A photo was refused: %s.", refusal.kind)
    # Without the decoder's own error, which may quote the file and keeps all of it in memory.
    raise refusal
