"""What a model is, read from its configuration before any weights."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
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


LARGEST_ATTENTION_MEGABYTES = 1000
"""Most memory of one photo's attention, all layers and heads, in 10^6 bytes."""


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
        Height and width of the patch grid of a square photo: image processors that don't crop
        make others of other photos, see `SharedInfo.seen`.
    prefix : tuple of str
        Names of the tokens before the patches.
    commit : str
        The commit that was resolved on the hub; of the embedded model, the hash of its weights;
        empty for a local model.
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

    def seen(self, attended: Sequence[Attention]) -> "SharedInfo":
        """Return the same with the patch grids that the attention of A and of B really has."""
        pairs = zip(self.sides, attended, strict=True)
        return SharedInfo(tuple(replace(side, grid=one.grid) for side, one in pairs))

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


def read_info(model_id: str, folder: Path, commit: str = "") -> ModelInfo:
    """Read a model's description from its folder.

    Parameters
    ----------
    model_id : str
    folder : Path
        With `config.json` and `preprocessor_config.json`.
    commit : str
        Which version it is, where that is known.

    Raises
    ------
    ModelError
        If the architecture isn't supported, or the pictures that its image processor makes don't
        fit it.
    """
    model_type = check_architecture(model_id, folder)
    config = read_config(folder)
    blank = Photo(np.zeros((256, 256, 3), dtype=np.uint8), "blank")
    pixels = image_processor(folder)(images=blank.image(), return_tensors="np")["pixel_values"]
    position_options(model_id, config, pixels.shape)
    registers = getattr(config, "num_register_tokens", 0)
    return ModelInfo(
        id=model_id,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        grid=patch_grid(config, pixels.shape),
        prefix=PREFIX_NAMES[model_type]
        + tuple(f"register {number}" for number in range(1, registers + 1)),
        commit=commit,
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


def read_config(folder: Path) -> Any:
    """Read a model's configuration, with one number for the side of a square patch."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
    height, width = patch_size(config)
    if height == width:  # ViT divides by it where it interpolates positions; a list can't be
        config.patch_size = height
    return config


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


def position_options(model_id: str, config: Any, pixels_shape: tuple[int, ...]) -> dict[str, bool]:
    """Return what the network is to be told, so that each patch gets a position.

    Where the image processor makes pictures of another size than the model was made for, its
    positions are interpolated.

    Parameters
    ----------
    model_id : str
    config : object of transformers
    pixels_shape : tuple of int
        Of what the image processor made: its last two numbers are height and width.

    Returns
    -------
    dict of bool
        Arguments of the network.

    Raises
    ------
    ModelError
        If the architecture can't interpolate them, or the picture has fewer than two patches, or
        so many that their attention would take gigabytes.
    """
    size, patch, native = pixels_shape[-2:], patch_size(config), _two(config.image_size)
    _check_number_of_patches(model_id, config, pixels_shape)
    # DINOv2 interpolates unasked; all take the grid that they were made for as square.
    by_itself = config.model_type.startswith("dinov2")
    if size == native and not by_itself:
        return {}
    if native[0] // patch[0] != native[1] // patch[1] or (patch[0] != patch[1] and not by_itself):
        raise ModelError(
            f"The positions of {model_id} can't be fitted to pictures of {size[0]} x {size[1]} "
            "pixels, as its image processor makes them: it was made for "
            f"{native[0]} x {native[1]} with patches of {patch[0]} x {patch[1]}, and its "
            f"architecture ({config.model_type}) interpolates only a square grid"
            f"{'' if by_itself else ' of square patches'}."
        )
    return {} if by_itself else {"interpolate_pos_encoding": True}


def _check_number_of_patches(model_id: str, config: Any, pixels_shape: tuple[int, ...]) -> None:
    """Refuse pictures of fewer than two patches, and of so many that memory wouldn't do."""
    size, patch = pixels_shape[-2:], patch_size(config)
    rows, columns = patch_grid(config, pixels_shape)
    if rows * columns < 2:
        raise ModelError(
            f"The image processor of {model_id} makes pictures of {size[0]} x {size[1]} pixels, "
            f"fewer than two patches of {patch[0]} x {patch[1]}."
        )
    n_heads = config.num_hidden_layers * config.num_attention_heads
    megabytes = 4e-6 * n_heads * (rows * columns) ** 2  # float32
    if megabytes > LARGEST_ATTENTION_MEGABYTES:
        raise ModelError(
            f"The image processor of {model_id} makes pictures of {size[0]} x {size[1]} pixels: "
            f"the attention of their {rows * columns} patches would take {megabytes / 1e3:.1f} GB, "
            f"more than the {LARGEST_ATTENTION_MEGABYTES / 1e3:g} GB that are allowed."
        )


def _two(side: int | Sequence[int]) -> tuple[int, int]:
    height, width = (side, side) if isinstance(side, int) else side
    return height, width
