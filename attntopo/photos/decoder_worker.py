"""Files of photos from standard input -> pixels or a sentence, on standard output.

    python -I decoder_worker.py MEGAPIXELS SECONDS BYTES FOLDER...

`PhotoDecoder` starts it so: the most pixels of a photo in millions, processor time for one, memory
for all that the process does, and the folders that Pillow lies in. The package itself isn't
imported, and NumPy neither: a third less memory.
"""

import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from struct import Struct
from types import ModuleType
from typing import BinaryIO

try:
    import resource
except ImportError:  # on Windows, which has no such limits
    resource = None  # type: ignore[assignment]

LENGTH = Struct(">Q")
"""What goes before a file: its length in bytes."""
ANSWER = Struct(">BII")
"""What goes before each answer: its kind and two numbers."""
READY, PIXELS, REFUSAL = range(3)
"""Kinds of answers: none yet; width and height, then RGB; two lengths, then kind and sentence."""

OUT_OF_MEMORY = 3
"""Exit code where there was no memory for the file itself."""

_MOST_FILES = 64
_MOST_THREADS = 2
"""In which one photo is decoded; each takes room for a stack."""


def main(arguments: list[str]) -> None:
    """Answer one file after the other, until there are no more."""
    megapixels, seconds, most_bytes = map(float, arguments[:3])
    files, answers = _pipes()
    sys.path += arguments[3:]
    _limit(int(most_bytes))
    _import_decoders()
    answers.write(ANSWER.pack(READY, 0, 0))
    answers.flush()
    while head := files.read(LENGTH.size):
        _allow(seconds)
        (length,) = LENGTH.unpack(head)
        answers.write(_answer(files, length, megapixels))
        answers.flush()


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return both pipes; whatever else is printed goes where errors go, not between the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def _limit(most_bytes: int) -> None:
    """Limit this process, as far as the system knows how."""
    if resource is None:
        return
    limits = {
        "RLIMIT_AS": most_bytes,
        "RLIMIT_NOFILE": _MOST_FILES,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
    }
    for name, most in limits.items():
        with suppress(AttributeError, ValueError, OSError):  # macOS refuses RLIMIT_AS
            resource.setrlimit(getattr(resource, name), (most, most))


def _allow(seconds: float) -> None:
    """Let the next photo take so much processor time; the system ends the process after it."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    end = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (end, most))


def _import_decoders() -> None:
    """Import all that decodes, before the first photo waits for it."""
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = _MOST_THREADS
    with suppress(ImportError):
        from pillow_heif import options

        options.DECODE_THREADS = _MOST_THREADS
        options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    from attntopo.photos import image_files  # noqa: F401


def _answer(files: BinaryIO, length: int, megapixels: float) -> bytes:
    """Read a file of a length and return the answer to it."""
    from attntopo.photos import refusals
    from attntopo.photos.image_files import read_canonical

    try:
        image = read_canonical(_read(files, length), megapixels)
        return ANSWER.pack(PIXELS, *image.size) + image.tobytes()
    except Exception as error:  # Decoders raise whatever they like on hostile bytes.
        refusal = refusals.of_error(error)
    kind, sentence = refusal.kind.encode(), str(refusal).encode()
    return ANSWER.pack(REFUSAL, len(kind), len(sentence)) + kind + sentence


def _read(files: BinaryIO, length: int) -> bytes:
    try:
        data = files.read(length)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # the rest of the file is still in the pipe
    if len(data) < length:
        os._exit(0)  # whoever sent it has gone
    return data


def _name_packages() -> None:
    """Make this package's modules importable without the package, which imports NumPy and more."""
    folder = Path(__file__).resolve().parent
    for name, path in (("attntopo", folder.parent), ("attntopo.photos", folder)):
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package


if __name__ == "__main__":
    _name_packages()
    main(sys.argv[1:])
