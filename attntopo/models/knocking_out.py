"""Tokens that nobody attends to from some layer on, and what the class token becomes without them.

The attention function is registered with transformers. Without a mask it is the architecture's own,
to the bit.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Any

MASKABLE = "attntopo_maskable_eager"
"""What networks are told to compute attention with."""

_registering = Lock()
_LAYER = "_attntopo_layer"  # of an attention module and its block: which layer of the network


@dataclass(frozen=True)
class _Knocked:
    """What is knocked out in a run.

    Attributes
    ----------
    first_layer : int
        From which layer on; up to there all copies are one.
    mask : Tensor, shape (n_sets, 1, 1, n_tokens)
        Minus infinity at the tokens of each set, 0 elsewhere.
    """

    first_layer: int
    mask: Any


_knocked: ContextVar[_Knocked | None] = ContextVar("knocked", default=None)
"""What is knocked out of the network that is run in this thread."""


def register_attention() -> None:
    """Make `MASKABLE` known to transformers; once is enough, and more does no harm."""
    from transformers import AttentionInterface

    AttentionInterface.register(MASKABLE, _attend)


def _attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
    knocked = _knocked.get()
    if knocked is not None and getattr(module, _LAYER) >= knocked.first_layer:
        mask = knocked.mask if mask is None else mask + knocked.mask
    # Each architecture brings its own, of the same name.
    eager = sys.modules[type(module).__module__].eager_attention_forward
    return eager(module, query, key, value, mask, **options)


@contextmanager
def knocked_out(network: Any, first_layer: int, sets: Any) -> Iterator[None]:
    """Let what runs in this thread attend to no token of a set, one copy of the photo for each.

    Parameters
    ----------
    network : object of transformers
        Loaded with `MASKABLE`; run on one photo in there.
    first_layer : int
        From which layer on, at least 1: the layers before are run once, and their result is copied.
    sets : Tensor of bool, shape (n_sets, n_tokens)
        The tokens that are knocked out of each copy, on the network's device.
    """
    import torch

    _install(network)
    mask = torch.zeros(sets.shape, dtype=torch.float32, device=sets.device)
    mask = mask.masked_fill(sets, float("-inf"))[:, None, None, :]
    token = _knocked.set(_Knocked(first_layer, mask))
    try:
        yield
    finally:
        _knocked.reset(token)


def _install(network: Any) -> None:
    """Give a network's layers their numbers, once; the first without tokens makes the copies."""
    recorded = network._can_record_outputs
    with _registering:
        if hasattr(network, _LAYER):
            return
        for kind in ("attentions", "hidden_states"):
            layers = [one for one in network.modules() if isinstance(one, recorded[kind])]
            for number, module in enumerate(layers):
                setattr(module, _LAYER, number)
                if kind == "hidden_states":
                    module.register_forward_pre_hook(_copy, with_kwargs=True)
        setattr(network, _LAYER, len(layers))


def _copy(block: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    knocked = _knocked.get()
    if knocked is None or getattr(block, _LAYER) != knocked.first_layer:
        return None
    n_sets = len(knocked.mask)
    if arguments:
        return (arguments[0].expand(n_sets, -1, -1), *arguments[1:]), options
    return arguments, options | {"hidden_states": options["hidden_states"].expand(n_sets, -1, -1)}
