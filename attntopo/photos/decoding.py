"""Bytes of a photo file -> the canonical photo."""

import io
import logging
import threading
from collections.abc import Callable

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from attntopo.photos.canonical import LONGEST_SIDE, Photo, PhotoError, canonical_pixels
from attntopo.photos.file_headers import file_kind, may_be_heic, orientation, strip_metadata

SHORTEST_SIDE = 16
"""Least shorter side of a photo that is accepted, in pixels."""
LARGEST_RATIO = 8
"""Largest ratio of the sides that is accepted."""

_LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.Lock()
"""Held while a photo is decoded: a large one takes hundreds of megabytes for a second."""
_TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo of an EXIF orientation upright."""
_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        MemoryError,
        "There is not enough memory for this photo now: please scale it down.",
        "memory",
    ),
    (
        Image.DecompressionBombError,
        "This photo claims far more pixels than are accepted: please scale it down.",
        "too many pixels",
    ),
    (
        Image.UnidentifiedImageError,
        "This is not a photo that can be read here: please choose a JPEG, PNG, WebP or AVIF.",
        "not a photo",
    ),
    (
        Exception,
        "This photo is damaged or cut off: please save or download it again.",
        "damaged",
    ),
)
"""What is said of whatever a decoder raises, and its kind; the first that fits."""


def decode_photo(
    data: bytes, name: str, *, max_megabytes: float = 10.0, max_megapixels: float = 40.0
) -> Photo:
    """Decode a photo file into a canonical photo.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, WebP or AVIF, whatever the file's name says.
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
            # Bound to no name here, so that each step frees what the one before made.
            return Photo(canonical_pixels(_decoded(data, max_megabytes, max_megapixels)), name)
        except Exception as error:  # Decoders raise whatever they like on hostile bytes.
            refusal = _refusal(data, error)
    _LOG.warning("A photo was refused: %s.", refusal.kind)
    # Without the decoder's own error, which may quote the file and keeps all of it in memory.
    raise refusal


class _Still(ImageFile):
    """A photo whose first frame is all that is wanted."""

    _decoder: object

    def load_prepare(self) -> None:
        # The frame was copied out; the decoder would keep up to 8 bytes a pixel beside it.
        del self._decoder
        super().load_prepare()


class _StillWebP(_Still, WebPImageFile):
    """A WebP of which the first frame is read."""


class _StillAvif(_Still, AvifImageFile):
    """An AVIF of which the first frame is read."""


_OPEN: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": _StillWebP,
    "AVIF": _StillAvif,
}
"""Pillow's classes and not `Image.open`, which warns and asks all formats."""


def _decoded(data: bytes, max_megabytes: float, max_megapixels: float) -> Image.Image:
    """Return the image in a photo file, upright; raise whatever a decoder raises."""
    if not data:
        raise PhotoError("This file is empty: please choose another one.", "empty")
    if len(data) > max_megabytes * 1e6:
        raise PhotoError(
            f"This file has {len(data) / 1e6:.1f} MB, more than the {max_megabytes:g} MB that are "
            "accepted: please save it smaller.",
            "too many megabytes",
        )
    kind = file_kind(data)
    if kind is None:
        raise Image.UnidentifiedImageError
    stripped = strip_metadata(data, kind, max_megapixels * 1e6)
    image = _OPEN[kind](io.BytesIO(stripped.data))
    _check_size(image.size, max_megapixels)
    if kind == "JPEG":
        # It is decoded at a fraction of its size where that is at least twice ours.
        scale = min(1, LONGEST_SIDE / max(image.size))
        image.draft(None, (int(2 * scale * image.width), int(2 * scale * image.height)))
    if kind == "PNG":
        _fit_transparency(image, stripped.data[24])
    image.load()
    turned = _TRANSPOSED.get(orientation(stripped.exif or image.info.get("exif", b"")))
    return image if turned is None else image.transpose(turned)


def _check_size(size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if width * height > max_megapixels * 1e6:
        raise PhotoError(
            f"This photo has {width} x {height} pixels, more than the {max_megapixels:g} "
            "megapixels that are accepted: please scale it down.",
            "too many pixels",
        )
    if min(size) < SHORTEST_SIDE:
        raise PhotoError(
            f"This photo has {width} x {height} pixels; its shorter side must have at least "
            f"{SHORTEST_SIDE}.",
            "too small",
        )
    if max(size) > LARGEST_RATIO * min(size):
        raise PhotoError(
            f"This photo has {width} x {height} pixels; one side may be at most {LARGEST_RATIO} "
            "times the other: please crop it.",
            "too narrow",
        )


def _fit_transparency(image: Image.Image, bits: int) -> None:
    """Scale a PNG's transparent colour as Pillow scales the pixels: to 8 bits, but for 16 grey."""
    colour = image.info.get("transparency")
    if image.mode == "L" and bits < 8 and isinstance(colour, int):
        image.info["transparency"] = colour * 255 // (2**bits - 1)
    if image.mode == "RGB" and bits == 16 and colour is not None:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


def _refusal(data: bytes, error: Exception) -> PhotoError:
    """Return the sentence for whatever was raised, without what led to it."""
    if isinstance(error, PhotoError):
        return error.with_traceback(None)
    if may_be_heic(data):
        return PhotoError(
            "HEIC photos can't be read here: please save it as JPEG or PNG first.", "HEIC"
        )
    return next(PhotoError(*said) for cause, *said in _REFUSALS if isinstance(error, cause))
