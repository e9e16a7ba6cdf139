"""What a model is, read from its configuration before any weights."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.attention import Attention
from attntopo.photos import Photo

PREFIX_NAMES = {
    "vit": ("class token",),
    "deit": ("class token", "distillation token"),
    "dinov2": ("class token",),
    "dinov2_with_registers": ("class token",),  # and as many registers as the configuration says
}
"""The supported architectures (`model_type`), with the tokens that come before the patches."""


class ModelError(RuntimeError):
    """A model can't be used; the message is one or two sentences for the user."""


@dataclass(frozen=True)
class ModelInfo:
    """What can be said of a model from its configuration, before any weights.

    Attributes
    ----------
    id : str
        As in the catalogue; empty for attention that was given, see `given_info`.
    n_layers, n_heads : int
        Layers, and heads a layer.
    grid : tuple of int
        Height and width of the patch grid of a square photo.
    prefix : tuple of str
        Names of the tokens before the patches.
    commit : str
        The commit that was resolved on the hub; empty for a model that isn't from there.
    """

    id: str
    n_layers: int
    n_heads: int
    grid: tuple[int, int]
    prefix: tuple[str, ...]
    commit: str = ""

    @property
    def n_prefix(self) -> int:
        """Number of tokens before the patches."""
        return len(self.prefix)

    @property
    def n_tokens(self) -> int:
        """Number of tokens, prefix included."""
        return self.n_prefix + self.grid[0] * self.grid[1]


@dataclass(frozen=True)
class SharedInfo:
    """What two photos' attention has in common: what can be chosen for both.

    Attributes
    ----------
    sides : tuple of ModelInfo
        Of A and of B.
    """

    sides: tuple[ModelInfo, ...]

    @property
    def n_layers(self) -> int:
        """Number of layers that both have."""
        return min(side.n_layers for side in self.sides)

    @property
    def n_heads(self) -> int:
        """Number of heads a layer that both have."""
        return min(side.n_heads for side in self.sides)

    @property
    def n_tokens(self) -> int:
        """Number of tokens of the side with fewer: no distance's bound grows with the tokens."""
        return min(side.n_tokens for side in self.sides)

    @property
    def same_tokens(self) -> bool:
        """Whether both have equally many tokens, so that their numbers are like for like."""
        return len({side.n_tokens for side in self.sides}) == 1

    @property
    def models(self) -> tuple[ModelInfo | None, ModelInfo | None]:
        """The models that are run for A and for B; None where attention was given."""
        first, second = (side if side.id else None for side in self.sides)
        return first, second

    @property
    def model(self) -> ModelInfo | None:
        """The model that is run; None where both sides' attention was given."""
        return next((side for side in self.sides if side.id), None)


def given_info(attention: Attention) -> ModelInfo:
    """Describe attention that was given, by whatever model, as a model here is described."""
    return ModelInfo(
        id="",
        n_layers=attention.n_layers,
        n_heads=attention.n_heads,
        grid=attention.grid,
        prefix=tuple(f"prefix token {number}" for number in range(1, attention.n_prefix + 1)),
    )


def read_info(model_id: str, folder: Path) -> ModelInfo:
    """Read a model's description from its folder.

    Parameters
    ----------
    model_id : str
    folder : Path
        With `config.json` and `preprocessor_config.json`.

    Raises
    ------
    ModelError
        If the architecture isn't supported.
    """
    from transformers import AutoConfig

    model_type = check_architecture(model_id, folder)
    config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
    blank = Photo(np.zeros((256, 256, 3), dtype=np.uint8), "blank")
    pixels = image_processor(folder)(images=blank.image(), return_tensors="np")["pixel_values"]
    registers = getattr(config, "num_register_tokens", 0)
    return ModelInfo(
        id=model_id,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        grid=patch_grid(config, pixels.shape),
        prefix=PREFIX_NAMES[model_type]
        + tuple(f"register {number}" for number in range(1, registers + 1)),
        commit=folder.name if folder.parent.name == "snapshots" else "",
    )


def check_architecture(model_id: str, folder: Path) -> str:
    """Return the architecture (`model_type`), or refuse it by its name with a ModelError."""
    try:
        model_type = json.loads((folder / "config.json").read_text()).get("model_type", "")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{model_id} has no configuration that can be read.") from error
    if model_type not in PREFIX_NAMES:
        raise ModelError(
            f"{model_id} is of the architecture {str(model_type)[:60]!r}, which isn't supported; "
            f"supported are {', '.join(PREFIX_NAMES)}."
        )
    return model_type


def image_processor(folder: Path) -> Any:
    """Load a model's image processor."""
    from transformers import AutoImageProcessor

    # Without torchvision: Pillow resizes, on every machine in the same way.
    return AutoImageProcessor.from_pretrained(
        str(folder), backend="pil", trust_remote_code=False, local_files_only=True
    )


def patch_grid(config: Any, pixels_shape: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width of the patch grid of what the image processor made."""
    height, width = patch_size(config)
    return pixels_shape[-2] // height, pixels_shape[-1] // width


def patch_size(config: Any) -> tuple[int, int]:
    """Return height and width of a model's patches in pixels, from one number or two."""
    return _two(config.patch_size)


def _two(side: int | Sequence[int]) -> tuple[int, int]:
    height, width = (side, side) if isinstance(side, int) else side
    return height, width
