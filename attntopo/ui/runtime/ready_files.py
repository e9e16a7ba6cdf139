"""Files of attention that lie ready in the cache folder, named by all that it comes from."""

import hashlib
import os
import platform
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

import attntopo
from attntopo.atomic_files import atomic_write
from attntopo.attention import Attention
from attntopo.settings import app_settings
from attntopo.ui.runtime.result_cache import Key

_MOST_FILES = 4
"""Two of this version, and two of another that shares the folder; of 19 MB each."""
_LIBRARIES = ("numpy", "pillow", "scikit-image", "torch", "transformers")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_ARRAYS = ("maps", "grid", "n_prefix", "input_pixels", "patch_size", "photo_box")


def are_there() -> bool:
    """Say whether the first page's attention lies ready, going by the names of files."""
    if not app_settings().ready:
        return False
    return len(list(_folder().glob(f"{_origin()}-*.npz"))) > 1


def path_of(key: Key) -> Path:
    """Return where the attention of a key lies, if it is there."""
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return _folder() / f"{_origin()}-{digest}.npz"


def same(first: Attention, second: Attention) -> bool:
    """Say whether two are the same to the bit."""
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in _ARRAYS)


def read_file(path: Path) -> Attention | None:
    """Return the attention in a file; None where there is none, or it can't be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:  # a flipped bit fails its checksums
            if str(arrays["name"]) != path.name:
                return None
            maps, pixels = arrays["maps"], arrays["input_pixels"]
            if maps.dtype != np.float32 or not np.isfinite(maps).all() or pixels.dtype != np.uint8:
                return None
            left, top, right, bottom = map(float, arrays["photo_box"])
            return Attention(
                maps=maps,
                grid=_whole(arrays["grid"]),
                n_prefix=int(arrays["n_prefix"]),
                input_pixels=pixels,
                patch_size=_whole(arrays["patch_size"]),
                photo_box=(left, top, right, bottom),
            )
    except Exception:  # a damaged file raises whatever its reader raises
        return None


def _whole(pair: np.ndarray) -> tuple[int, int]:
    first, second = map(int, pair)
    return first, second


def write_file(path: Path, attention: Attention) -> None:
    """Keep attention in a file, and no more than a few beside it; no error if that can't be."""
    with suppress(OSError):
        with atomic_write(path) as file:
            arrays = {name: np.asarray(getattr(attention, name)) for name in _ARRAYS}
            np.savez(file, allow_pickle=False, name=np.array(path.name), **arrays)
        files = sorted(path.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime)
        for old in files[:-_MOST_FILES]:
            old.unlink()


def _folder() -> Path:
    return app_settings().cache_folder / "ready-attention"


@lru_cache(maxsize=1)
def _origin() -> str:
    """Name all that the numbers come from besides photo and model: code, libraries, processor."""
    package = Path(attntopo.__file__).parent
    hashed = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        hashed.update(source.relative_to(package).as_posix().encode() + source.read_bytes())
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    machine = (
        platform.python_version(),
        platform.machine(),
        platform.processor(),
        *_processor(),
        str(os.cpu_count()),
        str(affinity),
        *(os.environ.get(name, "") for name in _THREADS),
        *(version(name) for name in _LIBRARIES),
    )
    hashed.update("\n".join(machine).encode())
    return hashed.hexdigest()[:16]


def _processor() -> list[str]:
    """Describe the processor, where Linux does: libraries choose their code by it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    return sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
