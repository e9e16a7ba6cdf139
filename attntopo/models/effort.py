"""A model's size -> what it takes to run it on a photo, before it is begun."""

from attntopo.effort import Effort
from attntopo.models.info import ModelInfo

_HEAD_WIDTH = 64  # of all architectures here
_SPEED = 5e10  # operations a second, on two cores


def attention_effort(info: ModelInfo) -> Effort:
    """Estimate what a photo's attention in all layers and heads takes.

    Parameters
    ----------
    info : ModelInfo

    Returns
    -------
    Effort
        Of a model that is in memory, on two cores of a common processor.
    """
    n, width = info.n_tokens, _HEAD_WIDTH * info.n_heads
    operations = info.n_layers * (24 * n * width**2 + 4 * n**2 * width)
    return Effort(operations / _SPEED, 8e-6 * info.n_layers * info.n_heads * n**2)
