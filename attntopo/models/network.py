"""A model's folder -> the network in memory; a photo -> its attention."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.attention import Attention, AttentionError
from attntopo.models.info import (
    ModelError,
    ModelInfo,
    image_processor,
    patch_grid,
    patch_size,
    position_options,
    read_config,
    read_info,
)
from attntopo.photos import Photo
from attntopo.wording import counted


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model.

    Attributes
    ----------
    info : ModelInfo
    network, processor : objects of transformers
        The network in evaluation mode with eager attention, and its image processor.
    """

    info: ModelInfo
    network: Any
    processor: Any

    @property
    def nbytes(self) -> int:
        """Memory of the weights, in bytes."""
        return sum(entry.numel() * entry.element_size() for entry in self.network.parameters())

    def attend(self, photo: Photo) -> Attention:
        """Run the model on a photo.

        Parameters
        ----------
        photo : Photo

        Returns
        -------
        Attention
            Of all layers and heads, with what the model saw.

        Raises
        ------
        ModelError
            If the photo's size doesn't fit the model, the model fails, it didn't return the
            attention of all its layers, or what it returned is no attention.
        """
        import torch

        pixel_values = self.processor(images=photo.image(), return_tensors="pt")["pixel_values"]
        options = position_options(self.info.id, self.network.config, tuple(pixel_values.shape))
        try:
            with torch.inference_mode():
                answer = self.network(
                    pixel_values=pixel_values.to(self.network.device),
                    output_attentions=True,
                    **options,
                )
        except Exception as error:  # a network raises whatever it likes, out of memory among it
            height, width = pixel_values.shape[-2:]
            raise ModelError(
                f"{self.info.id} can't be run on a picture of {height} x {width} pixels on this "
                "machine, as its image processor made it."
            ) from error
        layers = answer.attentions or ()
        if len(layers) != self.info.n_layers:
            raise ModelError(
                f"{self.info.id} returned the attention of {counted(len(layers), 'layer')}, not of "
                f"{self.info.n_layers}."
            )
        try:
            return Attention(
                maps=torch.cat(layers).float().cpu().numpy(),
                grid=patch_grid(self.network.config, pixel_values.shape),
                n_prefix=self.info.n_prefix,
                input_pixels=_seen(pixel_values[0].numpy(), self.processor),
                patch_size=patch_size(self.network.config),
                photo_box=photo_box(self.processor, *photo.pixels.shape[:2]),
            )
        except AttentionError as error:
            raise ModelError(f"The attention of {self.info.id} can't be used. {error}") from error


def photo_box(processor: Any, height: int, width: int) -> tuple[float, float, float, float]:
    """Find what part of a photo of some size a processor hands on, whatever it is made of.

    Parameters
    ----------
    processor : object of transformers
    height, width : int
        Of the photo, in pixels.

    Returns
    -------
    tuple of float
        Left, top, right and bottom, in widths and heights of the photo; beyond 0 and 1 where the
        processor pads.
    """
    from PIL import Image

    # A picture that says where it is: red grows to the right, green downwards, blue is everywhere
    # but in what was padded.
    ramp = np.zeros((height, width, 3))
    ramp[:, :, 0] = 255 * (np.arange(width) + 0.5) / width
    ramp[:, :, 1] = 255 * (np.arange(height)[:, None] + 0.5) / height
    ramp[:, :, 2] = 255
    picture = Image.fromarray(np.rint(ramp).astype(np.uint8))
    pixel_values = processor(images=picture, return_tensors="np")["pixel_values"]
    seen = _seen(np.asarray(pixel_values[0]), processor) / 255
    is_photo = seen[:, :, 2] > 0.5
    left, right = _ends(seen[:, :, 0], is_photo)
    top, bottom = _ends(seen[:, :, 1].T, is_photo.T)
    return left, top, right, bottom


def _ends(places: np.ndarray, is_photo: np.ndarray) -> tuple[float, float]:
    """Return the places at which rows of pixels begin and end, from those of the photo in them."""
    there = np.nonzero(is_photo.any(axis=0))[0]
    # Resampling bends the ramp near the photo's borders.
    inner = there[len(there) // 20 : len(there) - len(there) // 20]
    means = np.mean(places[:, inner], axis=0, where=is_photo[:, inner])
    slope, start = np.polyfit(inner + 0.5, means, 1)
    begin, end = (
        # The ramp has 256 values, so a place this near to the photo's border is there.
        float(round(place)) if abs(place - round(place)) < 2e-3 else float(place)
        for place in (start, start + slope * places.shape[1])
    )
    return begin, end


def read_model(model_id: str, folder: Path, commit: str = "") -> Model:
    """Read a model from its folder, onto the GPU where there is one.

    Parameters
    ----------
    model_id : str
        What to call it.
    folder : Path
        With `config.json`, `preprocessor_config.json` and weights as safetensors.
    commit : str
        Which version it is, where that is known.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If the architecture isn't supported, or weights are missing.
    """
    info = read_info(model_id, folder, commit)
    return Model(info, _network(model_id, folder), image_processor(folder))


def _network(model_id: str, folder: Path) -> Any:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    network, report = AutoModel.from_pretrained(
        str(folder),
        config=read_config(folder),
        # With the default, attention would come back as an empty tuple without a word.
        attn_implementation="eager",
        dtype=torch.float32,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
        output_loading_info=True,
    )
    # A missing weight is left at random; the pooler alone has no part in attention.
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing or report["mismatched_keys"]:
        raise ModelError(f"{model_id} lacks some of its weights, so its numbers would be wrong.")
    return network.to(_device()).eval()


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _seen(pixel_values: np.ndarray, processor: Any) -> np.ndarray:
    """Turn what the processor made back into pixels."""
    values = np.moveaxis(pixel_values.astype(np.float64), 0, -1)
    if getattr(processor, "do_normalize", False):
        values = values * np.array(processor.image_std) + np.array(processor.image_mean)
    if getattr(processor, "do_rescale", False):
        values = values / processor.rescale_factor
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
