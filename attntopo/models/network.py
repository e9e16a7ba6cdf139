"""A model's folder -> the network in memory; a photo -> its attention."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attntopo.attention import Attention, AttentionError
from attntopo.models.info import (
    ModelError,
    ModelInfo,
    check_input,
    patch_grid,
    patch_size,
    position_options,
)
from attntopo.models.model_input import OWN_INPUT, ModelInput
from attntopo.models.recording import AttentionRecord
from attntopo.models.seeing import photo_box, processor_for, seen_pixels
from attntopo.photos import Photo
from attntopo.wording import counted


@dataclass(frozen=True, eq=False)
class MadeInput:
    """What an image processor made of a photo.

    Attributes
    ----------
    processor : object of transformers
        The one that made it.
    pixel_values : Tensor of float32, shape (1, 3, height, width)
        On the network's device.
    options : dict of bool
        What else the network is to be told.
    grid : tuple of int
        Height and width of the patch grid.
    """

    processor: Any
    pixel_values: Any
    options: dict[str, bool]
    grid: tuple[int, int]

    @property
    def arguments(self) -> dict[str, Any]:
        """What the network is called with."""
        return {"pixel_values": self.pixel_values, **self.options}


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded model.

    Attributes
    ----------
    info : ModelInfo
    network, processor : objects of transformers
        The network in evaluation mode with attention that is shown, and its image processor.
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
        kept = self._check_layers(layers)
        made = self.prepare(photo, input, self.info.n_layers if kept is None else len(kept))
        record = AttentionRecord(self.info.n_layers, kept, rollout)
        with self.running(made), record.listening(self.network):
            self.network(**made.arguments)
        if not record.is_complete:
            raise ModelError(
                f"{self.info.id} showed the attention of {counted(record.n_heard, 'layer')}, not "
                f"of {self.info.n_layers}."
            )
        try:
            return Attention(
                maps=record.maps,
                grid=made.grid,
                n_prefix=self.info.n_prefix,
                input_pixels=seen_pixels(made.pixel_values[0].cpu().numpy(), made.processor),
                patch_size=patch_size(self.network.config),
                photo_box=photo_box(made.processor, *photo.pixels.shape[:2]),
                layers=kept,
                rollouts=record.rollouts,
            )
        except AttentionError as error:
            raise ModelError(f"The attention of {self.info.id} can't be used. {error}") from error

    def prepare(self, photo: Photo, input: ModelInput, n_kept: int) -> "MadeInput":
        """Make of a photo what the network is run on.

        Parameters
        ----------
        photo : Photo
        input : ModelInput
        n_kept : int
            Of how many layers attention is to be kept; 0 for none.

        Returns
        -------
        MadeInput
            What the network takes, with the patch grid that it makes.

        Raises
        ------
        ModelError
            If the model can't have this input, or the photo's size doesn't fit it.
        """
        check_input(self.info, input)
        processor = processor_for(self.processor, self.info, input, *photo.pixels.shape[:2])
        pixel_values = processor(images=photo.image(), return_tensors="pt")["pixel_values"]
        config, shape = self.network.config, tuple(pixel_values.shape)
        options = position_options(self.info.id, config, shape, n_kept)
        return MadeInput(
            processor, pixel_values.to(self.network.device), options, patch_grid(config, shape)
        )

    @contextmanager
    def running(self, made: "MadeInput") -> Iterator[None]:
        """Let the network run in here, without gradients; what goes wrong is a ModelError."""
        import torch

        try:
            with torch.inference_mode():
                yield
        except Exception as error:  # a network raises whatever it likes, out of memory among it
            height, width = made.pixel_values.shape[-2:]
            raise ModelError(
                f"{self.info.id} can't be run on a picture of {height} x {width} pixels on this "
                "machine, as its image processor made it."
            ) from error

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
