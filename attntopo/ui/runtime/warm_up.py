"""Slow imports and compiled kernels, begun while the server starts and the browser opens.

    python -m attntopo.ui.runtime.warm_up

compiles the kernels for this machine, some half a minute's work that is done once.
"""

import gc
import threading
import time

_LOCK = threading.Lock()
_hub_is_there = threading.Event()


def begin(models_after: float = 0.0) -> None:
    """Begin the imports in a thread of their own; `wait` waits for them.

    Parameters
    ----------
    models_after : float
        Seconds for which the libraries that run models can wait, and the kernels that the first
        page doesn't need: Python does one thing at a time, so that it would wait for them too.
    """
    threading.Thread(target=_prepare, args=(models_after,), daemon=True).start()


def _prepare(models_after: float) -> None:
    kernels = threading.Thread(target=_compile_first_kernels, daemon=True)
    kernels.start()
    time.sleep(models_after)
    wait()
    kernels.join()
    _compile_other_kernels()
    # Half a million objects that stay for ever: garbage isn't looked for among them any more.
    gc.collect()
    gc.freeze()


def wait() -> None:
    """Wait until the imports are done, doing them where nobody has begun.

    To be called before anything that uses these libraries: of two threads that import
    transformers at the same time, one finds it half done.
    """
    with _LOCK:
        from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: F401


def wait_for_hub() -> None:
    """Wait in the same way for the hub's library alone, which takes a fraction of that."""
    if not _hub_is_there.is_set():  # later on nobody waits for the others' import behind the pages
        with _LOCK:
            import huggingface_hub  # noqa: F401
        _hub_is_there.set()


def compile_kernels() -> None:
    """Compile what every head needs, or load it where this machine has compiled it before."""
    _compile_first_kernels()
    _compile_other_kernels()


def _compile_first_kernels() -> None:
    """Compile what the first page needs."""
    from attntopo.analysis import analyse
    from attntopo.attention import ring_attention
    from attntopo.diagrams import all_matchings
    from attntopo.topology import representative_cycles

    topology = analyse(ring_attention(), 0, 0, "jensen-shannon")
    representative_cycles(topology.distances, topology.diagrams)
    all_matchings(topology.diagrams, topology.diagrams)


def _compile_other_kernels() -> None:
    from attntopo.analysis import analyse, head_features
    from attntopo.attention import ring_attention
    from attntopo.distances import row_distances

    topology = analyse(ring_attention(), 0, 0, "double-softmax")
    head_features(ring_attention(), 0, 0, topology.diagrams, 0.0)
    rows = ring_attention().head(0, 0).copy()
    rows[1] = rows[0]
    row_distances(rows, "double-softmax")  # of alike rows


if __name__ == "__main__":
    compile_kernels()
