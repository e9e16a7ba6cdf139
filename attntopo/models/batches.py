"""Which photos a network is run on together, so that memory does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from attntopo.models.info import ModelError

BATCH_MEGABYTES = 500.0
"""Most memory of what is run together, in 10^6 bytes, where more than one photo fits."""

_MOST_TOGETHER = 64
_MATRICES = 4
"""Of tokens by tokens, a head: scores, what the softmax makes of them, and copies of these."""
_STATES = 16
"""Of tokens by width: what goes in, is normalised and projected, and four times in the MLP."""


@dataclass(frozen=True, eq=False)
class MadeInput:
    """What an image processor made of a photo, or of several that are run together.

    Attributes
    ----------
    processor : object of transformers
        The one that made it.
    pixel_values : Tensor of float32, shape (n_photos, 3, height, width)
        On the network's device.
    options : dict of bool
        What else the network is to be told.
    grid : tuple of int
        Height and width of the patch grid.
    photo_size : tuple of int
        Height and width of the photo, of the first where there are several.
    """

    processor: Any
    pixel_values: Any
    options: dict[str, bool]
    grid: tuple[int, int]
    photo_size: tuple[int, int]

    @property
    def arguments(self) -> dict[str, Any]:
        """What the network is called with."""
        return {"pixel_values": self.pixel_values, **self.options}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one photo's picture."""
        return tuple(self.pixel_values.shape[1:])

    @classmethod
    def stacked(cls, made: Sequence[MadeInput]) -> MadeInput:
        """Put several together whose pictures are of one shape."""
        first, *others = made
        if not others:
            return first
        import torch

        return replace(first, pixel_values=torch.cat([one.pixel_values for one in made]))


def in_batches(
    made: Iterable[MadeInput], together: Callable[[MadeInput], int]
) -> Iterator[list[MadeInput]]:
    """Put inputs together that come one after the other and can be run together.

    Parameters
    ----------
    made : iterable of MadeInput
        Of one photo each.
    together : callable
        An input -> how many of its size, at least one.

    Yields
    ------
    list of MadeInput
        Whose pictures are of one shape.
    """
    batch: list[MadeInput] = []
    most = 1
    for one in made:
        if batch and (len(batch) >= most or one.shape != batch[0].shape):
            yield batch
            batch = []
        if not batch:
            most = together(one)
        batch.append(one)
    if batch:
        yield batch


def photos_together(
    network: Any,
    made: MadeInput,
    n_prefix: int,
    n_kept: int,
    rollout: bool,
    max_megabytes: float,
) -> int:
    """Estimate on how many photos a network can be run together.

    Parameters
    ----------
    network : object of transformers
    made : MadeInput
        Of one of them.
    n_prefix : int
        Tokens before the patches.
    n_kept : int
        Of how many layers attention is kept.
    rollout : bool
        Whether rollout is kept too.
    max_megabytes : float
        Most memory of all of them, in 10^6 bytes.

    Returns
    -------
    int
        One at least.
    """
    config = network.config
    n_tokens = n_prefix + made.grid[0] * made.grid[1]
    matrix = 4 * config.num_attention_heads * n_tokens**2  # float32
    running = _MATRICES * matrix + 4 * _STATES * config.hidden_size * n_tokens
    kept = n_kept * matrix + (8 * (n_kept + 2) * n_tokens**2 if rollout else 0)
    free = _free_on_gpu(made.pixel_values.device)
    fit = [1e6 * max_megabytes / (kept + (running if free is None else 0))]
    if free is not None:
        fit.append(free / 2 / running)
    return max(1, min(_MOST_TOGETHER, int(min(fit))))


def _free_on_gpu(device: Any) -> float | None:
    """Return how many bytes are free on a device that has memory of its own, else None."""
    import torch

    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # What torch holds and doesn't use is free to it.
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return float(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return None


def halves_if_out_of_memory(
    made: Sequence[MadeInput], error: ModelError
) -> tuple[Sequence[MadeInput], Sequence[MadeInput]]:
    """Halve what was too much to be run together.

    Parameters
    ----------
    made : sequence of MadeInput
    error : ModelError
        What came of it.

    Raises
    ------
    ModelError
        The same, if it was another error, or there is nothing to halve.
    """
    import torch

    if len(made) < 2 or not isinstance(error.__cause__, torch.OutOfMemoryError | MemoryError):
        raise error
    middle = len(made) // 2
    return made[:middle], made[middle:]
