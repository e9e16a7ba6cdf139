"""Imports that take seconds, begun while the server starts and the browser opens."""

from __future__ import annotations

import threading

_LOCK = threading.Lock()


def begin() -> None:
    """Begin the imports in a thread of their own; `wait` waits for them."""
    threading.Thread(target=wait, daemon=True).start()


def wait() -> None:
    """Wait until the imports are done, doing them where nobody has begun.

    To be called before anything that uses these libraries: of two threads that import
    transformers at the same time, one finds it half done.
    """
    with _LOCK:
        from gudhi.sklearn.rips_persistence import RipsPersistence  # noqa: F401
        from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: F401
