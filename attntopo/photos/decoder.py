"""Bytes of a photo file -> the canonical photo, decoded in a process of its own."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from attntopo.photos import decoder_worker, refusals
from attntopo.photos.canonical import Photo
from attntopo.photos.decoder_worker import ANSWER, LENGTH, OUT_OF_MEMORY, PIXELS, READY, REFUSAL
from attntopo.photos.image_files import LONGEST_SIDE, check_length
from attntopo.photos.refusals import PhotoError

_LOG = logging.getLogger(__name__)
_LONGEST_WORDS = 1000
"""Bytes of the longest refusal."""
_STARTS_WITHIN = 60.0
"""Seconds, on a busy machine."""
_PYTHON_STARTS_BY = "SYSTEMROOT", "LD_LIBRARY_PATH"
"""Variables without which some Pythons don't: on Windows, and where its library is elsewhere."""


class PhotoDecoder:
    """Decodes strangers' photo files, one at a time, in a process with limits.

    The process starts with the first photo (or by `start`), and again when it has ended: a file
    that takes too much memory or time, or crashes a decoder, is refused, and the next one is read.
    It ends with this one, however that ends. Where the system can't limit a process (memory on
    macOS, memory and processor time on Windows), the time on the clock and the checks on the
    file's header remain. A decoder can be used from several threads.

    Parameters
    ----------
    max_megabytes, max_megapixels : float
        Limits, as for `decode_photo`.
    seconds : float
        Processor time for one photo; on the clock, it may take four times as long.
    memory_megabytes : float, optional
        Memory for the process; by default what the largest photo of any kind needs.
    """

    def __init__(
        self,
        *,
        max_megabytes: float = 10.0,
        max_megapixels: float = 40.0,
        seconds: float = 5.0,
        memory_megabytes: float | None = None,
    ) -> None:
        if memory_megabytes is None:
            # Pillow with all its decoders, the pixels in up to three copies, the file in two.
            memory_megabytes = 100 + 14 * max_megapixels + 2 * max_megabytes
        self._max_megabytes = max_megabytes
        self._patience = 4 * seconds
        limits = max_megapixels, seconds, memory_megabytes * 1e6
        self._command = [sys.executable, "-I", decoder_worker.__file__, *map(str, limits)]
        self._command += _folders("PIL", "pillow_heif")
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """Id of the process; None if there is none."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start the process, if there is none, so that no photo has to wait for it.

        Where that fails, the next photo says so.
        """
        with self._lock, suppress(PhotoError):
            self._start()

    def close(self) -> None:
        """End the process; the next photo starts another."""
        with self._lock:
            self._end()

    def decode(self, data: bytes, name: str) -> Photo:
        """Decode a photo file into a canonical photo.

        Parameters
        ----------
        data : bytes
            JPEG, PNG, WebP, AVIF or HEIC, whatever the file's name says.
        name : str
            What to call it.

        Returns
        -------
        Photo
            The same as `decode_photo` returns.

        Raises
        ------
        PhotoError
            As `decode_photo`, and if it takes more memory or time than it may, or there is no
            decoder. One line is logged then.
        """
        try:
            check_length(len(data), self._max_megabytes)
            with self._lock:
                return Photo(self._decode(data), name)
        except PhotoError as error:
            refusal = refusals.of_error(error)
        _LOG.warning("A photo was refused: %s.", refusal.kind)
        raise refusal

    def _decode(self, data: bytes) -> np.ndarray:
        """Return the pixels of a photo; whatever goes wrong, the next photo finds a decoder."""
        try:
            process = self._start()
            self._wait_until_ready(process)
            with _killed_after(self._patience, process) as was_killed:
                try:
                    _send(process, data)
                    return _answer(process)
                except (EOFError, OSError):
                    refusal = _refusal(_exit_code(process), was_killed.is_set())
        except PhotoError:
            raise
        except BaseException:  # in the middle of an answer
            self._end()
            raise
        self._end()
        with suppress(PhotoError):
            self._start()
        raise refusal

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        with suppress(OSError):  # no memory, or no room for one more process
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what decoders print may quote the file
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the server, whose end it sees
            )
        if self._process is None:
            raise self._no_decoder()
        return self._process

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        if self._is_ready:
            return
        with _killed_after(_STARTS_WITHIN, process), suppress(EOFError, OSError):
            kind, _, _ = ANSWER.unpack(_read(process, ANSWER.size))
            self._is_ready = kind == READY
        if not self._is_ready:
            self._end()
            raise self._no_decoder()

    def _no_decoder(self) -> PhotoError:
        _LOG.error("The photo decoder doesn't start: %s.", " ".join(self._command[:3]))
        return PhotoError(
            "Photos can't be read on this server at the moment: please try again later.",
            "no decoder",
        )

    def _end(self) -> None:
        process, self._process, self._is_ready = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was written and never read
                _open(pipe).close()


def _folders(*packages: str) -> list[str]:
    """Return where packages lie: nothing but the environment's own folders is known to `-I`."""
    specs = [find_spec(name) for name in packages]
    places = [spec.origin for spec in specs if spec is not None and spec.origin]
    return list(dict.fromkeys(str(Path(place).parents[1]) for place in places))


def _environment() -> dict[str, str]:
    """Return an environment that knows nothing of the server's, secrets of a storage included."""
    kept = {name: os.environ[name] for name in _PYTHON_STARTS_BY if name in os.environ}
    # One heap, of glibc, where each thread's own would take 64 MB of the memory allowed.
    return {"MALLOC_ARENA_MAX": "1", **kept}


@contextmanager
def _killed_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Kill a process that works for too long; the event says whether that was so."""
    was_killed = threading.Event()

    def kill() -> None:
        was_killed.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield was_killed
    finally:
        timer.cancel()
        if was_killed.is_set():
            process.wait()


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    files = _open(process.stdin)
    files.write(LENGTH.pack(len(data)))
    files.write(data)
    files.flush()


def _answer(process: subprocess.Popen[bytes]) -> np.ndarray:
    """Read the answer, of which nothing is trusted: pixels, read-only, or a refusal to raise."""
    kind, first, second = ANSWER.unpack(_read(process, ANSWER.size))
    if kind == PIXELS and 0 < min(first, second) <= max(first, second) <= LONGEST_SIDE:
        pixels = np.frombuffer(_read(process, 3 * first * second), np.uint8)
        return pixels.reshape(second, first, 3)
    if kind == REFUSAL and 0 < min(first, second) <= max(first, second) <= _LONGEST_WORDS:
        words, sentence = (_read(process, n).decode("ascii", "replace") for n in (first, second))
        if words.isprintable() and sentence.isprintable():
            raise PhotoError(sentence, words)
    raise EOFError("No answer that is one.")


def _read(process: subprocess.Popen[bytes], n_bytes: int) -> bytes:
    data = _open(process.stdout).read(n_bytes)
    if len(data) < n_bytes:
        raise EOFError
    return data


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """Return how a process ended, whose pipe has; one that lives on after that is killed."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 0


def _refusal(code: int, was_killed: bool) -> PhotoError:
    """Return what is said of a photo at which the process ended."""
    if was_killed or _ended_by("SIGXCPU", code):
        return refusals.out_of_time()
    # The system, where it has none left, ends the process that has most.
    if code == OUT_OF_MEMORY or _ended_by("SIGKILL", code):
        return refusals.out_of_memory()
    return refusals.crashed()


def _ended_by(name: str, code: int) -> bool:
    number = getattr(signal, name, None)  # Windows has none of them
    return number is not None and code == -number
