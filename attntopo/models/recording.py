"""What a network shows of its attention while it runs, layer by layer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any

import numpy as np

from attntopo.attention import Rollout

_Listener = Callable[[np.ndarray], None]

_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)
"""Who is told of the attention of each layer that is run in this thread."""

_hooking = Lock()
_HOOKED = "_attntopo_listens"


class _EnoughError(Exception):
    """Raised in a network once all that is wanted of it was heard: what follows isn't run."""


class AttentionRecord:
    """Keeps the attention of some layers while a network runs, and of the others nothing.

    Parameters
    ----------
    n_layers : int
        Of the network.
    layers : tuple of int, optional
        Which are kept, ascending; all by default.
    rollout : bool
        Whether attention rollout up to each of `layers` is kept too.
    n_photos : int
        How many photos the network is run on together.

    Attributes
    ----------
    n_heard : int
        Layers that were heard of.
    maps : list of ndarray of float32, each (n_kept, n_heads, n_tokens, n_tokens)
        A photo each, in arrays of their own: one can be dropped while others are kept.
    rollouts : list of dict of int to ndarray of float64, each (n_tokens, n_tokens)
        A photo each.
    """

    def __init__(
        self, n_layers: int, layers: tuple[int, ...] | None, rollout: bool, n_photos: int
    ) -> None:
        self._layers = tuple(range(n_layers)) if layers is None else layers
        self._rollout = rollout and layers is not None
        self._so_far: list[Rollout] = []
        self.n_heard = 0
        self.maps: list[np.ndarray] = []
        self.rollouts: list[dict[int, np.ndarray]] = [{} for _ in range(n_photos)]

    @property
    def is_complete(self) -> bool:
        """Whether every layer that is to be kept was heard of."""
        return self.n_heard > self._layers[-1]

    @contextmanager
    def listening(self, network: Any) -> Iterator[None]:
        """Listen to what a network runs in this thread, until all is known."""
        _install(network)
        token = _listener.set(self._hear)
        try:
            with suppress(_EnoughError):
                yield
        finally:
            _listener.reset(token)

    def _hear(self, layers: np.ndarray) -> None:
        """Take in one layer of all photos: (n_photos, n_heads, n_tokens, n_tokens)."""
        number = self.n_heard
        if number in self._layers:
            if not self.maps:
                shape = (len(self._layers), *layers.shape[1:])
                self.maps = [np.empty(shape, dtype=np.float32) for _ in layers]
            for maps, layer in zip(self.maps, layers, strict=True):
                maps[self._layers.index(number)] = layer
        if self._rollout:
            self._so_far = self._so_far or [Rollout(layers.shape[-1]) for _ in layers]
            for so_far, layer, rows in zip(self._so_far, layers, self.rollouts, strict=True):
                so_far.go_through(layer)
                if number in self._layers:
                    rows[number] = so_far.rows()
        self.n_heard += 1
        if self.is_complete:
            raise _EnoughError


def _install(network: Any) -> None:
    """Let a network's attention modules tell whoever listens, once for each network."""
    with _hooking:
        if getattr(network, _HOOKED, False):
            return
        # The class whose second output transformers itself collects as the attentions.
        attention = network._can_record_outputs["attentions"]
        for module in network.modules():
            if isinstance(module, attention):
                module.register_forward_hook(_tell)
        setattr(network, _HOOKED, True)


def _tell(_module: Any, _arguments: Any, output: Any) -> None:
    listener = _listener.get()
    if listener is not None:
        weights = output[1]  # (n_photos, n_heads, n_tokens, n_tokens)
        listener(weights.float().cpu().numpy())
