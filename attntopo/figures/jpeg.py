"""Pictures as JPEG data URLs, for pages that carry their pictures in themselves."""

import base64
import io

from PIL import Image


def jpeg_url(picture: Image.Image, quality: int = 85, subsampling: int = -1) -> str:
    """Return a picture as a data URL: a JPEG, which says nothing but its pixels.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB.
    quality : int
        1 to 95.
    subsampling : int
        0 keeps the colours of every pixel, so that painted borders stay sharp; -1 is Pillow's own.
    """
    data = jpeg_bytes(picture, quality, subsampling)
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def jpeg_bytes(picture: Image.Image, quality: int = 85, subsampling: int = -1) -> bytes:
    """Return a picture as a JPEG file; the parameters are those of `jpeg_url`."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()
