"""A model's folder -> the network in memory; a photo -> its attention."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attntopo.attention import Attention, AttentionError
from attntopo.models.info import (
    ModelError,
    ModelInfo,
    check_input,
    image_processor,
    patch_grid,
    patch_size,
    position_options,
    read_config,
    read_info,
)
from attntopo.models.model_input import OWN_INPUT, ModelInput
from attntopo.models.recording import AttentionRecord
from attntopo.models.seeing import photo_box, processor_for, seen_pixels
from attntopo.models.untrained import SEED, how_drawn
from attntopo.photos import Photo
from attntopo.wording import counted

_making = threading.Lock()
"""Held while a network is made: transformers draws what it doesn't read from torch's one generator,
and replaces torch's own ways of drawing while it reads."""


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

    def attend(
        self,
        photo: Photo,
        input: ModelInput = OWN_INPUT,
        layers: Iterable[int] | None = None,
        rollout: bool = False,
    ) -> Attention:
        """Run the model on a photo.

        Parameters
        ----------
        photo : Photo
        input : ModelInput
            What is made of the photo; by default what the model's own image processor makes.
        layers : iterable of int, optional
            The layers of which attention is kept, counted from 0; all by default. At 1,025 tokens
            a layer of six heads takes 25 MB.
        rollout : bool
            Whether attention rollout up to each of the layers is kept too. Where all layers are
            kept it needs no place of its own.

        Returns
        -------
        Attention
            Of these layers, with what the model saw.

        Raises
        ------
        ModelError
            If the model can't have this input or hasn't these layers, the photo's size doesn't fit
            it, it fails, it didn't show the attention of all its layers, or what it showed is no
            attention.

        Examples
        --------
        >>> import attntopo as at
        >>> model = at.load_model("embedded")
        >>> model.attend(at.sample("rocket"), at.ModelInput(336, "photo"), layers=[9]).grid
        (20, 29)
        """
        import torch

        check_input(self.info, input)
        kept = self._check_layers(layers)
        processor = processor_for(self.processor, self.info, input, *photo.pixels.shape[:2])
        pixel_values = processor(images=photo.image(), return_tensors="pt")["pixel_values"]
        shape = tuple(pixel_values.shape)
        n_kept = self.info.n_layers if kept is None else len(kept)
        options = position_options(self.info.id, self.network.config, shape, n_kept)
        record = AttentionRecord(self.info.n_layers, kept, rollout)
        try:
            with torch.inference_mode(), record.listening(self.network):
                self.network(pixel_values=pixel_values.to(self.network.device), **options)
        except Exception as error:  # a network raises whatever it likes, out of memory among it
            height, width = shape[-2:]
            raise ModelError(
                f"{self.info.id} can't be run on a picture of {height} x {width} pixels on this "
                "machine, as its image processor made it."
            ) from error
        if not record.is_complete:
            raise ModelError(
                f"{self.info.id} showed the attention of {counted(record.n_heard, 'layer')}, not "
                f"of {self.info.n_layers}."
            )
        try:
            return Attention(
                maps=record.maps,
                grid=patch_grid(self.network.config, shape),
                n_prefix=self.info.n_prefix,
                input_pixels=seen_pixels(pixel_values[0].numpy(), processor),
                patch_size=patch_size(self.network.config),
                photo_box=photo_box(processor, *photo.pixels.shape[:2]),
                layers=kept,
                rollouts=record.rollouts,
            )
        except AttentionError as error:
            raise ModelError(f"The attention of {self.info.id} can't be used. {error}") from error

    def _check_layers(self, layers: Iterable[int] | None) -> tuple[int, ...] | None:
        if layers is None:
            return None
        kept = tuple(sorted(set(layers)))
        if not kept or not set(kept) <= set(range(self.info.n_layers)):
            raise ModelError(
                f"{self.info.id} has layers 0 to {self.info.n_layers - 1}; some of them can be "
                "kept, not none and not others."
            )
        return kept


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


def draw_model(model_id: str, folder: Path, commit: str = "") -> Model:
    """Make the untrained twin of the model in a folder, onto the GPU where there is one.

    Parameters
    ----------
    model_id : str
        What to call it.
    folder : Path
        With `config.json` and `preprocessor_config.json`; weights aren't read.
    commit : str
        Which version the configuration is of, where that is known.

    Returns
    -------
    Model
        The same configuration and image processor; weights as transformers draws them after
        `torch.manual_seed(0)`, float32. The caller's own generator is left as it was.

    Raises
    ------
    ModelError
        If the architecture isn't supported.
    """
    import torch

    info = replace(read_info(model_id, folder, commit), weights=how_drawn())
    with _making, torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = _drawn(folder)
    return Model(info, network.to(_device()).eval(), image_processor(folder))


def drawn_bytes(folder: Path) -> int:
    """Return the memory that the weights of a folder's untrained twin take, in bytes."""
    import torch

    with _making, torch.random.fork_rng(devices=[]), torch.device("meta"):
        return sum(entry.numel() * entry.element_size() for entry in _drawn(folder).parameters())


def _drawn(folder: Path) -> Any:
    import torch
    from transformers import AutoModel

    return AutoModel.from_config(
        read_config(folder),
        attn_implementation="eager",
        dtype=torch.float32,
        trust_remote_code=False,
    )


def _network(model_id: str, folder: Path) -> Any:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    with _making, _without_reports():
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


@contextmanager
def _without_reports() -> Iterator[None]:
    """Keep transformers from listing each weight that isn't needed; what is missing is known."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
