"""Of how many layers attention is kept at a time, so that both photos' fits into the memory."""

from attntopo.models import LARGEST_ATTENTION_MEGABYTES, ModelInfo
from attntopo.settings import app_settings

SHARE = 1 / 3
"""Largest share of `ATTNTOPO_MEMORY_MB` that the attention of both photos of a page takes.

Where all layers are kept, a copy of the one that each photo shows comes on top.
"""


def layers_kept(info: ModelInfo, layer: int, rollout: bool = False) -> tuple[int, ...] | None:
    """Return the layers of which attention is kept together with one that is looked at.

    Parameters
    ----------
    info : ModelInfo
        With the patch grid of the input.
    layer : int
    rollout : bool
        Whether attention rollout up to each of them is kept too.

    Returns
    -------
    tuple of int, or None
        None for all layers; otherwise as many as fit into the share, and this one at least.
    """
    rollouts = 8 * info.n_tokens**2 if rollout else 0  # float64
    at_a_time = max(1, _most_bytes() // (info.layer_bytes + rollouts))
    if _most_bytes() >= info.n_layers * info.layer_bytes:
        return None
    first = layer - layer % at_a_time
    return tuple(range(first, min(first + at_a_time, info.n_layers)))


def layers_of_many_fit(info: ModelInfo, n_photos: int) -> bool:
    """Say whether a layer's attention of many photos, with rollout, fits into one photo's share."""
    return n_photos * (info.layer_bytes + 8 * info.n_tokens**2) <= _most_bytes()


def one_layer_fits(info: ModelInfo) -> bool:
    """Say whether the attention of one layer, with rollout up to it, fits into the share."""
    return info.layer_bytes + 8 * info.n_tokens**2 <= _most_bytes()


def _most_bytes() -> int:
    """Return the most that one photo's attention may take."""
    share = app_settings().memory_megabytes * SHARE / 2
    return int(1e6 * min(share, LARGEST_ATTENTION_MEGABYTES))
