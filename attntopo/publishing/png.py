"""A canonical photo <-> the PNG it is published as: its pixels and nothing else."""

import io

import numpy as np
from PIL import Image

from attntopo.photos import LONGEST_SIDE, Photo
from attntopo.publishing.storage import PhotoStoreError

LARGEST_BYTES = 3_500_000
"""More than the PNG of any canonical photo has."""


class DamagedPhotoError(PhotoStoreError):
    """What is stored isn't the photo whose hash is in its name."""

    def __init__(self) -> None:
        super().__init__(
            "This photo is damaged where it is stored: please ask whoever sent the link to share "
            "it again."
        )


def encode_png(photo: Photo) -> bytes:
    """Write a photo as a PNG without metadata.

    Parameters
    ----------
    photo : Photo

    Returns
    -------
    bytes
        At most `LARGEST_BYTES` of them.

    Raises
    ------
    PhotoStoreError
        If the photo isn't canonical, so that it couldn't be read back.
    """
    pixels = photo.pixels
    is_rgb = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
    if not is_rgb or not 0 < min(pixels.shape) <= max(pixels.shape) <= LONGEST_SIDE:
        raise PhotoStoreError(
            f"Only RGB photos with 8 bits a channel and 1 to {LONGEST_SIDE} pixels a side can be "
            "published: please let decode_photo make one of this."
        )
    buffer = io.BytesIO()
    # Out of an array, so that there is no metadata that Pillow could carry along.
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def decode_png(data: bytes, sha256: str) -> Photo:
    """Read a photo that `encode_png` wrote.

    Parameters
    ----------
    data : bytes
    sha256 : str
        The content hash it must have.

    Raises
    ------
    DamagedPhotoError
        If this isn't a PNG of a canonical photo with this hash.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            # The header alone has been read: nothing larger is ever decoded.
            if image.mode != "RGB" or max(image.size) > LONGEST_SIDE:
                raise DamagedPhotoError
            pixels = np.array(image)
    except Exception as error:  # decoders raise whatever they like on damaged bytes
        raise DamagedPhotoError from error
    pixels.setflags(write=False)
    photo = Photo(pixels, f"shared photo {sha256[:6]}")
    if photo.sha256 != sha256:
        raise DamagedPhotoError
    return photo
