"""Imports that take seconds, begun while the server starts and the browser opens."""

from __future__ import annotations

import threading

_importing: list[threading.Thread] = []


def begin() -> None:
    """Begin the imports in a thread of their own; `wait` waits for them."""
    thread = threading.Thread(target=_import, daemon=True)
    _importing.append(thread)
    thread.start()


def wait() -> None:
    """Wait until the imports that were begun are done.

    To be called before anything that uses these libraries: two threads that import transformers
    at the same time each find it half done.
    """
    for thread in _importing:
        thread.join()


def _import() -> None:
    from gudhi.sklearn.rips_persistence import RipsPersistence  # noqa: F401
    from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: F401
