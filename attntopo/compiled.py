"""Whether numba can compile here; functions -> compiled kernels, or themselves where it can't."""

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_deciding = threading.Lock()
_FREEDOMS = {"reassoc", "contract", "arcp", "nsz", "nnan", "ninf"}


@lru_cache(maxsize=1)
def numba_runs() -> bool:
    """Say whether numba can compile here; `NUMBA_DISABLE_JIT=1` switches it off."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return False
    _ask_for_wide_vectors()
    try:
        import numba

        return bool(numba.njit(lambda number: number + 1)(1) == 2)
    except Exception:  # no wheel for this Python, no code for this processor, …
        return False


def _ask_for_wide_vectors() -> None:
    """Let 512-bit vectors be used where the processor has them: a third less time.

    By default numba's compiler prefers 256 bits on them. Only what the environment leaves open is
    set, and only before numba is first imported.
    """
    if "numba" in sys.modules or {"NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"} & set(os.environ):
        return
    with suppress(Exception):  # then the default does
        from llvmlite import binding

        features = binding.get_host_cpu_features()
        if features.get("avx512f"):
            os.environ["NUMBA_CPU_NAME"] = binding.get_host_cpu_name()
            os.environ["NUMBA_CPU_FEATURES"] = f"{features.flatten()},-prefer-256-bit"


@lru_cache(maxsize=1)
def _sources() -> str:
    """Return a digest of all sources that kernels are made of.

    For each kernel numba looks at its own file alone, though parts of others are compiled into it:
    without this, old ones would go on after an update, or couldn't be read.
    """
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.parts[len(_PACKAGE.parts)] != "ui":
            source = path.read_bytes()
            if b"attntopo.compiled" in source or b"llvmlite" in source:
                digest.update(f"{path.relative_to(_PACKAGE)} {len(source)} ".encode() + source)
    return digest.hexdigest()[:16]


@contextmanager
def _folder_of_sources() -> Iterator[None]:
    """Let what is decorated in the block be cached in a folder of these very sources."""
    from numba import config
    from numba.misc.appdirs import AppDirs

    with _deciding:
        given = config.CACHE_DIR
        own = _PACKAGE / "__pycache__"
        if not os.access(own if own.exists() else _PACKAGE, os.W_OK):
            own = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)
        config.CACHE_DIR = os.path.join(given or own, f"attntopo-{_sources()}")
        try:
            yield
        finally:
            config.CACHE_DIR = given


def kernel(
    *, fast: bool = False, allocates: bool = True, inlined: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator: the function is compiled at its first call, and cached on disk.

    To be used in modules that are imported only where `numba_runs`.

    Parameters
    ----------
    fast : bool
        Whether sums may be taken in another order than written, for values that are never NaN
        or infinite. The order is fixed at compile time: the same input gives the same bits.
    allocates : bool
        False where no array is made inside, nor returned: then references to those passed needn't
        be counted, which takes longer than a short kernel does.
    inlined : bool
        Whether it becomes a part of each kernel that calls it, as long as it may be: what stands
        in registers stays there.

    Returns
    -------
    callable
        Decorator; the compiled function releases the GIL while it runs.
    """
    import numba

    options = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": _FREEDOMS if fast else False,
        "forceinline": inlined,
        "_nrt": allocates,  # a kernel that leaves it open has it as the one that calls it first
    }

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            with _folder_of_sources():
                return numba.njit(cache=True, **options)(function)
        except RuntimeError:  # nowhere to write: compiled anew in each process
            return numba.njit(**options)(function)

    return decorate


def compiled_where_possible(function: _Function) -> _Function:
    """Decorate a function so that it is compiled at its first call, or run as it is without numba.

    For loops that are quick enough in Python for a second form not to be worth while. Compiled
    functions can't call it.
    """

    @lru_cache(maxsize=1)
    def chosen() -> Callable[..., Any]:
        return kernel()(function) if numba_runs() else function

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return chosen()(*arguments)

    return call  # type: ignore[return-value]
