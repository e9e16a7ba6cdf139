"""Bytes of a photo file -> the canonical photo as an image of Pillow.

Pillow and nothing else, NumPy neither: the decoder's own process loads this.
"""

import io
import re
from collections.abc import Callable

from PIL import Image, ImageChops
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import Disposal, PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from attntopo.photos.file_headers import file_kind, is_cut_off, orientation
from attntopo.photos.refusals import PhotoError

LONGEST_SIDE = 1024
"""Longest side of a canonical photo, in pixels."""
SHORTEST_SIDE = 16
"""Least shorter side of a photo that is accepted, in pixels."""
LARGEST_RATIO = 8
"""Largest ratio of the sides that is accepted."""

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
_JPEG_END = b"\xff\xd9"


def check_length(n_bytes: int, max_megabytes: float) -> None:
    """Refuse a file by its length alone.

    Parameters
    ----------
    n_bytes : int
    max_megabytes : float

    Raises
    ------
    PhotoError
        If it is empty or too long.
    """
    if not n_bytes:
        raise PhotoError("This file is empty: please choose another one.", "empty")
    if n_bytes > max_megabytes * 1e6:
        raise PhotoError(
            f"This file has {n_bytes / 1e6:.1f} MB, more than the {max_megabytes:g} MB that are "
            "accepted: please save it smaller.",
            "too many megabytes",
        )


def read_canonical(data: bytes, max_megapixels: float) -> Image.Image:
    """Read a photo file as the canonical photo.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, WebP, AVIF or HEIF (HEIC).
    max_megapixels : float
        Most pixels, in millions, counted in the header before anything is decoded.

    Returns
    -------
    PIL.Image.Image
        RGB, upright, opaque, its longest side at most `LONGEST_SIDE`.

    Raises
    ------
    PhotoError
        If it has too many pixels, too few, or sides of too large a ratio.
    Exception
        Whatever Pillow and the decoders raise; `refusals.of_error` has a sentence for it.
    """
    # Bound to no name here, so that each step frees what the one before made.
    return canonical_image(_upright(data, max_megapixels))


def canonical_image(image: Image.Image) -> Image.Image:
    """Return an upright image as RGB, opaque and of our size.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode that a photo file has; it may be changed.
    """
    if image.mode == "I;16":
        image = _eight_bits(image)
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode not in ("L", "LA", "RGB", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Before compositing: on the large image that would take two more of its size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


class _Jpeg(JpegImageFile):
    """A JPEG whose EXIF isn't read."""

    def _read_dpi_from_exif(self) -> None:
        """Read no resolution: for that Pillow would copy every entry of the EXIF."""


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


def _open_heif(file: io.BytesIO) -> ImageFile:
    if is_cut_off(file.getbuffer()):  # libheif would leave missing tiles black
        raise OSError("image file is truncated")
    try:
        from pillow_heif import HeifImageFile

        return HeifImageFile(file)
    except (ImportError, SyntaxError) as error:
        if isinstance(error, SyntaxError) and "Unsupported" not in str(error):
            raise
    # A codec that libheif may name and hasn't got, or a library without pillow-heif.
    raise PhotoError(
        "This HEIC photo can't be read here: please save it as JPEG or PNG first.", "HEIC"
    )


def _open_jpeg(file: io.BytesIO) -> ImageFile:
    try:
        return _Jpeg(file)
    except SyntaxError as error:
        if "cannot handle" not in str(error):
            raise
    raise PhotoError(
        "This rare kind of JPEG can't be read here: please save it as an ordinary JPEG.",
        "rare JPEG",
    )


_OPEN: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": _open_jpeg,
    "PNG": PngImageFile,
    "WEBP": _StillWebP,
    "AVIF": _StillAvif,
    "HEIF": _open_heif,
}
"""Classes and not `Image.open`, which warns, asks all formats, and makes another of an MPO."""


def _upright(data: bytes, max_megapixels: float) -> Image.Image:
    """Return the image in a photo file, upright; raise whatever a decoder raises."""
    kind = file_kind(data)
    if kind is None:
        raise Image.UnidentifiedImageError
    file = _OPEN[kind](io.BytesIO(data))
    _check_size(file.size, max_megapixels)
    # Before the pixels are read: what a PNG says behind them isn't heeded, as in browsers. A HEIC
    # comes upright.
    exif = b"" if kind == "HEIF" else file.info.get("exif", b"")
    if isinstance(file, JpegImageFile):
        file = _load_jpeg(file, data)
    elif isinstance(file, PngImageFile):
        file = _load_png(file, data)
    else:
        file.load()
    turned = _TRANSPOSED.get(orientation(exif))
    return file if turned is None else file.transpose(turned)


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


def _load_jpeg(image: ImageFile, data: bytes) -> ImageFile:
    """Decode a JPEG; one without its end marker too, if all its pixels are there."""
    try:
        return _drafted(image)
    except OSError as error:
        # A progressive one could lack whole scans, and be blurred.
        if "truncated" not in str(error) or "progressive" in image.info:
            raise
    # Whatever follows the last pixel changes none. Where pixels are missing, it is read as them.
    endings = _JPEG_END, _jpeg_filling(data) + _JPEG_END
    ended, filled = (_drafted(_Jpeg(io.BytesIO(data + end))) for end in endings)
    if ImageChops.difference(ended, filled).getbbox(alpha_only=False):
        raise OSError("image file is truncated")
    return ended


def _jpeg_filling(data: bytes) -> bytes:
    """Return what is read as pixels, where a JPEG ends before they do."""
    zero = b"\0" * data.endswith(b"\xff")  # lest it begin a marker
    noise = b"\xa5\x5a\x3c" * 33
    # Where pixels go on at restart markers only, it is the one that comes next.
    restarts = re.findall(rb"\xff[\xd0-\xd7]", data)
    first = restarts[-1][1] + 1 if restarts else 0
    markers = [bytes([0xFF, 0xD0 | (first + n) & 7]) for n in range(8)]
    return zero + noise + b"".join(marker + noise for marker in markers)


def _drafted(image: ImageFile) -> ImageFile:
    """Decode a JPEG, at a fraction of its size where that is at least twice ours."""
    scale = min(1, LONGEST_SIDE / max(image.size))
    image.draft(None, (int(2 * scale * image.width), int(2 * scale * image.height)))
    image.load()
    return image


def _load_png(image: PngImageFile, data: bytes) -> ImageFile:
    """Decode a PNG; an animated one as browsers begin it, though the picture for others differs."""
    bits = data[24]
    _fit_transparency(image, bits)
    if image.default_image and image.is_animated:
        # An animation begins on an empty canvas.
        image.dispose_op, image.dispose_extent = Disposal.OP_BACKGROUND, (0, 0, *image.size)
        try:
            image.seek(1)
            image.load()
        except (EOFError, SyntaxError, OSError, ValueError):  # it was only announced
            image = PngImageFile(io.BytesIO(data))
            _fit_transparency(image, bits)
    image.load()
    return image


def _fit_transparency(image: ImageFile, bits: int) -> None:
    """Scale a PNG's transparent colour as Pillow scales the pixels: to 8 bits, but for 16 grey."""
    colour = image.info.get("transparency")
    if image.mode == "L" and bits < 8 and isinstance(colour, int):
        image.info["transparency"] = colour * 255 // (2**bits - 1)
    if image.mode == "RGB" and bits == 16 and colour is not None:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Rescale 16 bits a pixel, because Pillow's own conversion clips at 255; in strips."""
    tables = [[(value + 128) // 257 for value in range(1 << 16)]]
    if "transparency" in image.info:
        tables.append([255 * (value != image.info["transparency"]) for value in range(1 << 16)])
    result = Image.new("L" if len(tables) == 1 else "LA", image.size)
    for top in range(0, image.height, 256):
        strip = image.crop((0, top, image.width, min(top + 256, image.height))).convert("I")
        bands = [strip.point(table, "L") for table in tables]
        result.paste(Image.merge(result.mode, bands), (0, top))
    return result
