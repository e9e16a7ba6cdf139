"""What is said of a photo that isn't accepted."""

from PIL import Image


class PhotoError(ValueError):
    """A photo was refused; the message is one sentence (or two) for the person who sent it.

    Attributes
    ----------
    kind : str
        Why, in a word or three, the same for all photos refused so: what goes to the log.
    """

    def __init__(self, message: str, kind: str = "other") -> None:
        super().__init__(message)
        self.kind = kind


_TOO_LITTLE_MEMORY = "There is not enough memory for this photo now: please scale it down."
_TOO_SLOW = "This photo is built so that it would take very long to read: please save it again."
_DAMAGED = "This photo is damaged or cut off: please save or download it again."


def of_error(error: Exception) -> PhotoError:
    """Return the refusal for what was raised while a photo was decoded, without what led to it.

    Parameters
    ----------
    error : Exception
        A `PhotoError` is itself the refusal; decoders raise whatever they like on hostile bytes.
    """
    if isinstance(error, PhotoError):
        return error.with_traceback(None)
    # Where memory is limited, decoders tell it by errors of several types. libheif tells so too
    # what goes beyond limits of its own, as no real photo does.
    said = str(error).lower()
    if isinstance(error, MemoryError) or ("memory" in said and "security limit" not in said):
        return out_of_memory()
    if isinstance(error, Image.DecompressionBombError):
        return PhotoError(
            "This photo claims far more pixels than are accepted: please scale it down.",
            "too many pixels",
        )
    if isinstance(error, Image.UnidentifiedImageError):
        return PhotoError(
            "This is not a photo that can be read here: please choose a JPEG, HEIC, PNG, WebP or "
            "AVIF.",
            "not a photo",
        )
    return PhotoError(_DAMAGED, "damaged")


def out_of_memory() -> PhotoError:
    """Return the refusal of a photo that took more memory than there was."""
    return PhotoError(_TOO_LITTLE_MEMORY, "memory")


def out_of_time() -> PhotoError:
    """Return the refusal of a photo that took longer than a photo may."""
    return PhotoError(_TOO_SLOW, "too slow")


def crashed() -> PhotoError:
    """Return the refusal of a photo at which the decoder itself ended: a defect in a library."""
    return PhotoError(_DAMAGED, "crash")
