"""What a model is, read from its configuration before any weights."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.attention import Attention
from attntopo.models.model_input import (
    MOST_TOKENS,
    OWN_INPUT,
    SHAPES,
    ModelInput,
    photo_grid,
    sides_for,
)
from attntopo.photos import Photo
from attntopo.wording import counted

PREFIX_NAMES = {
    "vit": ("class token",),
    "deit": ("class token", "distillation token"),
    "dinov2": ("class token",),
    "dinov2_with_registers": ("class token",),  # and as many registers as the configuration says
    "clip": ("class token",),  # of which the image tower alone is read
    "clip_vision_model": ("class token",),
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
        empty for a local model, and for the embedded one's untrained twin.
    patch : int
        Pixels a side of a patch; 0 where no other input than the model's own can be chosen.
    own_side : int
        Pixels a side of the square that the model's own image processor makes; 0 likewise.
    input_sides : tuple of int
        Sides of a square input that can be chosen, the own among them; empty where the image
        processor doesn't make squares, or the architecture can't interpolate the positions.
    weights : str
        Of an untrained twin, how they were drawn; empty for weights that were read.
    """

    id: str
    n_layers: int
    n_heads: int
    grid: tuple[int, int]
    prefix: tuple[str, ...]
    commit: str = ""
    patch: int = 0
    own_side: int = 0
    input_sides: tuple[int, ...] = ()
    weights: str = ""

    @property
    def n_prefix(self) -> int:
        """Number of tokens before the patches."""
        return len(self.prefix)

    @property
    def n_tokens(self) -> int:
        """Number of tokens, prefix included."""
        return self.n_prefix + self.grid[0] * self.grid[1]

    @property
    def layer_bytes(self) -> int:
        """Memory of one layer's attention, in bytes."""
        return 4 * self.n_heads * self.n_tokens**2  # float32

    def takes(self, chosen: ModelInput) -> bool:
        """Say whether an input can be chosen; where no model is run, any can wait."""
        if chosen == OWN_INPUT or not self.id:
            return True
        return chosen.shape in SHAPES and self._side(chosen) in self.input_sides

    def _side(self, chosen: ModelInput) -> int:
        return self.own_side if chosen.side is None else chosen.side

    def with_input(self, chosen: ModelInput, size: tuple[int, int] | None = None) -> "ModelInfo":
        """Return the same with the patch grid that an input makes.

        Parameters
        ----------
        chosen : ModelInput
            Where it can't be chosen, or a model isn't run, all stays as it is.
        size : tuple of int, optional
            Height and width of the photo, in pixels; a square one by default.
        """
        if chosen == OWN_INPUT or not self.input_sides or not self.takes(chosen):
            return self
        patches = self._side(chosen) // self.patch
        if chosen.shape == "square" or size is None:
            return replace(self, grid=(patches, patches))
        return replace(self, grid=photo_grid(patches, *size, self.n_prefix))


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
    config, processor = read_config(folder), image_processor(folder)
    shape = _made_of(processor, 256, 256)
    position_options(model_id, config, shape, config.num_hidden_layers)
    registers = getattr(config, "num_register_tokens", 0)
    info = ModelInfo(
        id=model_id,
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        grid=patch_grid(config, shape),
        prefix=PREFIX_NAMES[model_type]
        + tuple(f"register {number}" for number in range(1, registers + 1)),
        commit=commit,
    )
    side, patch = shape[-1], patch_size(config)[0]
    makes_squares = shape[-2] == side and _made_of(processor, 128, 256) == shape
    if not (makes_squares and processor.do_resize and _interpolates(config)):
        return info
    sides = sides_for(patch, side, info.n_prefix)
    return replace(info, patch=patch, own_side=side, input_sides=sides)


def _made_of(processor: Any, height: int, width: int) -> tuple[int, ...]:
    """Return the shape of what an image processor makes of a photo of some size."""
    blank = Photo(np.zeros((height, width, 3), dtype=np.uint8), "blank")
    pixels = processor(images=blank.image(), return_tensors="np")["pixel_values"]
    return tuple(int(length) for length in pixels.shape)


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
    """Read a model's configuration, with one number for the side of a square patch.

    Of a model of images and texts it is that of the image tower.
    """
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
    config = getattr(config, "vision_config", config)
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


def position_options(
    model_id: str, config: Any, pixels_shape: tuple[int, ...], n_layers: int
) -> dict[str, bool]:
    """Return what the network is to be told, so that each patch gets a position.

    Where a picture is of another size than the model was made for, its positions are interpolated.

    Parameters
    ----------
    model_id : str
    config : object of transformers
    pixels_shape : tuple of int
        Of what the image processor made: its last two numbers are height and width.
    n_layers : int
        Of how many layers the attention is to be kept.

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
    _check_number_of_patches(model_id, config, pixels_shape, n_layers)
    # DINOv2 interpolates unasked.
    by_itself = _interpolates_by_itself(config)
    if size == native and not by_itself:
        return {}
    if not _interpolates(config):
        raise ModelError(
            f"The positions of {model_id} can't be fitted to pictures of {size[0]} x {size[1]} "
            "pixels, as its image processor makes them: it was made for "
            f"{native[0]} x {native[1]} with patches of {patch[0]} x {patch[1]}, and its "
            f"architecture ({config.model_type}) interpolates only a square grid"
            f"{'' if by_itself else ' of square patches'}."
        )
    return {} if by_itself else {"interpolate_pos_encoding": True}


def _interpolates_by_itself(config: Any) -> bool:
    return str(config.model_type).startswith("dinov2")


def _interpolates(config: Any) -> bool:
    """Say whether positions can be interpolated: all take the grid they have as a square."""
    patch, native = patch_size(config), _two(config.image_size)
    square_patch = patch[0] == patch[1] or _interpolates_by_itself(config)
    return square_patch and native[0] // patch[0] == native[1] // patch[1]


def _check_number_of_patches(
    model_id: str, config: Any, pixels_shape: tuple[int, ...], n_layers: int
) -> None:
    """Refuse pictures of fewer than two patches, and of so many that memory wouldn't do."""
    size, patch = pixels_shape[-2:], patch_size(config)
    rows, columns = patch_grid(config, pixels_shape)
    made = f"Pictures of {size[0]} x {size[1]} pixels, as they are made for {model_id},"
    if rows * columns < 2:
        raise ModelError(f"{made} have fewer than two patches of {patch[0]} x {patch[1]}.")
    megabytes = 4e-6 * n_layers * config.num_attention_heads * (rows * columns) ** 2  # float32
    if megabytes > LARGEST_ATTENTION_MEGABYTES:
        raise ModelError(
            f"{made} have {rows * columns} patches: their attention in {counted(n_layers, 'layer')}"
            f" would take {megabytes / 1e3:.1f} GB, more than the "
            f"{LARGEST_ATTENTION_MEGABYTES / 1e3:g} GB that are allowed."
        )


def check_input(info: ModelInfo, chosen: ModelInput) -> None:
    """Refuse an input that can't be chosen, in a ModelError's sentence."""
    if info.takes(chosen):
        return
    if not info.input_sides:
        raise ModelError(
            f"{info.id} takes the input alone that its own image processor makes: that isn't a "
            "square, or the positions can't be interpolated."
        )
    if chosen.shape not in SHAPES:
        raise ModelError(f"An input's shape is one of {', '.join(SHAPES)}, not {chosen.shape!r}.")
    sides = ", ".join(str(side) for side in info.input_sides)
    raise ModelError(
        f"{info.id} takes no input of {chosen.side} pixels: it takes {sides}, multiples of its "
        f"patch of {info.patch} pixels that make at most {MOST_TOKENS:,} tokens."
    )


def _two(side: int | Sequence[int]) -> tuple[int, int]:
    height, width = (side, side) if isinstance(side, int) else side
    return height, width
