"""Attention <-> an NPZ file; a file from a stranger is checked before its arrays are made."""

import io
import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from attntopo.attention.given import TOO_COARSE, AttentionError, is_bfloat16, is_too_coarse
from attntopo.attention.maps import Attention
from attntopo.effort import Effort
from attntopo.wording import counted

LARGEST_MEGABYTES = 64.0
"""Largest file by default, as it is and unpacked."""
LARGEST_TOKENS = 1370
"""Most tokens in a file that is accepted, prefix included."""
MOST_HEADS = 4096
"""Most heads of all layers together in a file that is accepted."""
LARGEST_PICTURE = 2048
"""Longest side of a picture in a file that is accepted, in pixels."""

_KINDS = {
    "maps": "fiub",
    "grid": "iu",
    "n_prefix": "iu",
    "input_pixels": "u",
    "patch_size": "iu",
}
_NEEDED = ("maps", "grid", "n_prefix")
_DAMAGED = "This file of attention is damaged or cut off: please save it again."
_OTHER_CONTENTS = (
    "A file of attention holds the arrays maps, grid and n_prefix, perhaps input_pixels and "
    "patch_size, and nothing else: please save it by save_attention, or by NumPy's "
    "savez_compressed."
)
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_FLOAT32_BYTES = 4
_SAVED_A_SECOND, _LOADED_A_SECOND = 2e7, 1e8  # bytes


def save_attention(attention: Attention) -> bytes:
    """Write attention as an NPZ file.

    Parameters
    ----------
    attention : Attention

    Returns
    -------
    bytes
        Of a compressed NPZ with the arrays `maps`, `grid`, `n_prefix`, `input_pixels` and
        `patch_size`; `load_attention` reads it back to the bit. Where some layers alone are kept
        the file holds these, counted from 0.
    """
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        maps=attention.maps,
        grid=np.array(attention.grid, dtype=np.int64),
        n_prefix=np.int64(attention.n_prefix),
        input_pixels=attention.input_pixels,
        patch_size=np.array(attention.patch_size, dtype=np.int64),
    )
    return buffer.getvalue()


def saving_effort(nbytes: int) -> Effort:
    """Estimate what it takes to write attention as a file.

    Parameters
    ----------
    nbytes : int
        Of its maps.

    Returns
    -------
    Effort
    """
    return Effort(nbytes / _SAVED_A_SECOND, 3e-6 * nbytes)


def loading_effort(nbytes: int) -> Effort:
    """Estimate what it takes to read a file of attention.

    Parameters
    ----------
    nbytes : int
        Of its maps.

    Returns
    -------
    Effort
    """
    return Effort(nbytes / _LOADED_A_SECOND, 3e-6 * nbytes)


def load_attention(data: bytes | str | Path, max_megabytes: float = LARGEST_MEGABYTES) -> Attention:
    """Read attention from an NPZ file.

    Parameters
    ----------
    data : bytes, or path
        NPZ with the arrays `maps`, `grid` and `n_prefix`, as `Attention.from_arrays` takes them,
        and perhaps `input_pixels` and `patch_size`. Made by `save_attention`, `numpy.savez` or
        `numpy.savez_compressed`.
    max_megabytes : float
        Limit of the file, and of its arrays together, with maps of a smaller type counted as the
        float32 that they become. They are measured by what the file says of them, before any is
        made.

    Returns
    -------
    Attention

    Raises
    ------
    AttentionError
        If the file is too big, damaged, no NPZ, or holds anything else than this. Nothing in it is
        unpickled.
    """
    if not isinstance(data, bytes):
        data = _read(Path(data), max_megabytes)
    _check_megabytes(len(data), max_megabytes, "This file has")
    if not data:
        raise AttentionError("This file is empty: please choose another one.")
    # Every array has one such mark; a directory of a million would fill the memory when opened.
    if data.count(_ENTRY) > 16:
        raise AttentionError(_OTHER_CONTENTS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            arrays = _arrays(archive, max_megabytes)
    except AttentionError:
        raise
    except Exception as error:  # readers raise whatever they like on hostile bytes
        raise AttentionError(_reason(data)) from error
    attention = Attention.from_arrays(**arrays)
    if attention.n_tokens - attention.n_prefix < 2:
        raise AttentionError("This attention has one patch alone; at least two are needed.")
    return attention


def _read(path: Path, max_megabytes: float) -> bytes:
    try:
        _check_megabytes(path.stat().st_size, max_megabytes, "This file has")
        return path.read_bytes()
    except OSError as error:
        raise AttentionError(
            f"The file {path} can't be read: {error.strerror or 'please check its name'}."
        ) from error


def _check_megabytes(
    n_bytes: int, max_megabytes: float, what: str, advice: str = "fewer layers or heads, or float32"
) -> None:
    if n_bytes > max_megabytes * 1e6:
        raise AttentionError(
            f"{what} {n_bytes / 1e6:.1f} MB, more than the {max_megabytes:g} MB that are accepted: "
            f"please save {advice}."
        )


def _arrays(archive: zipfile.ZipFile, max_megabytes: float) -> dict[str, np.ndarray]:
    """Read the arrays, after everything that the file says of them was checked."""
    entries = archive.infolist()
    names = [entry.filename.removesuffix(".npy") for entry in entries]
    if len(set(names)) < len(names) or not set(_NEEDED) <= set(names) <= set(_KINDS):
        raise AttentionError(_OTHER_CONTENTS)
    if any(entry.flag_bits & 1 for entry in entries):
        raise AttentionError("This file is encrypted: please save it without a password.")
    if any(entry.compress_type not in _PLAIN for entry in entries):
        raise AttentionError(
            "This file is packed in a way that isn't read here: please save it by NumPy's "
            "savez_compressed."
        )
    total = sum(entry.file_size for entry in entries)
    _check_megabytes(total, max_megabytes, "Unpacked, this file has")
    members = dict(zip(names, entries, strict=True))
    for name, entry in members.items():
        with archive.open(entry) as member:
            shape, dtype = _header(member, name)
            if member.tell() + math.prod(shape) * dtype.itemsize != entry.file_size:
                raise AttentionError(_DAMAGED)
        _check_shape(name, shape)
        if name == "maps":
            grown = total + math.prod(shape) * max(0, _FLOAT32_BYTES - dtype.itemsize)
            what = "As float32, which all maps become, this file has"
            _check_megabytes(grown, max_megabytes, what, "fewer layers or heads")
    return {name: _array(archive, entry) for name, entry in members.items()}


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(entry) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _header(member: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Read an array's shape and type; a type that would have to be unpickled is refused."""
    version = np.lib.format.read_magic(member)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        shape, _, dtype = readers[version](member)
    except ValueError as error:
        if "'<f1'" in str(error):  # as what NumPy writes float8_e5m2, and reads it no more
            raise AttentionError(TOO_COARSE) from error
        raise
    if name == "maps" and is_too_coarse(dtype):
        raise AttentionError(TOO_COARSE)
    known = dtype.kind in _KINDS[name] or (name == "maps" and is_bfloat16(dtype))
    if dtype.hasobject or not known:
        raise AttentionError(
            f"In this file {name} is of a type that isn't read here: please save maps as float32, "
            "grid, n_prefix and patch_size as whole numbers, input_pixels as uint8."
        )
    return shape, dtype


def _check_shape(name: str, shape: tuple[int, ...]) -> None:
    """Refuse what would be too large; the rest `Attention.from_arrays` checks."""
    if name == "input_pixels" and max(shape, default=0) > LARGEST_PICTURE:
        raise AttentionError(
            f"The picture (input_pixels) may have at most {LARGEST_PICTURE} pixels a side; this "
            f"has the shape {shape[:4]}."
        )
    if name != "maps":
        return
    if not 2 <= len(shape) <= 5 or shape[-1] != shape[-2]:
        raise AttentionError(
            "Attention needs the shape (layers, heads, tokens, tokens); this has the shape "
            f"{shape[:6]}."
        )
    if not 2 <= shape[-1] <= LARGEST_TOKENS:
        raise AttentionError(
            f"This attention has {counted(shape[-1], 'token')}; from 2 to {LARGEST_TOKENS:,} are "
            "accepted."
        )
    if math.prod(shape[:-2]) > MOST_HEADS:
        raise AttentionError(
            f"This attention has {math.prod(shape[:-2])} heads in all; at most {MOST_HEADS} are "
            "accepted."
        )


def _reason(data: bytes) -> str:
    if data[:2] == b"PK":
        return _DAMAGED
    return "This is not a file of attention: please choose an NPZ file, as save_attention makes it."
