"""Slow imports and compiled kernels, begun while the server starts and the browser opens.

    python -m attntopo.ui.runtime.warm_up

compiles the kernels for this machine, some half a minute's work that is done once.
"""

import gc
import threading

_LOCK = threading.Lock()


def begin() -> None:
    """Begin the imports in a thread of their own; `wait` waits for them."""
    threading.Thread(target=_prepare, daemon=True).start()


def _prepare() -> None:
    kernels = threading.Thread(target=compile_kernels, daemon=True)
    kernels.start()
    wait()
    kernels.join()
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


def compile_kernels() -> None:
    """Compile what every head needs, or load it where this machine has compiled it before."""
    from attntopo.analysis import analyse
    from attntopo.attention import ring_attention
    from attntopo.diagrams import all_matchings
    from attntopo.topology import representative_cycles

    for distance in ("double-softmax", "jensen-shannon"):
        topology = analyse(ring_attention(), 0, 0, distance)
        representative_cycles(topology.distances, topology.diagrams)
        all_matchings(topology.diagrams, topology.diagrams)


if __name__ == "__main__":
    compile_kernels()
