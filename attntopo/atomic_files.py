"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PART = ".part"
"""How the name of a file ends that isn't whole yet."""


@contextmanager
def written_aside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path beside another one, and rename it to that one when all went well.

    Parameters
    ----------
    path : path
        Of a file, which may be there and is replaced; its folder must be there.

    Yields
    ------
    Path
        In the same folder, so that renaming stays within one file system. What lies there is
        removed when anything fails.

    Raises
    ------
    OSError
        If it can't be renamed.
    """
    whole = Path(path)
    part = whole.with_name(f".{secrets.token_hex(16)}{PART}")
    try:
        yield part
        with part.open("rb") as file:
            # Else the name may outlive a power cut, and the bytes not.
            os.fsync(file.fileno())
        os.replace(part, whole)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
