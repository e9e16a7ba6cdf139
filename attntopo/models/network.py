"""A model's folder -> the network in memory; a photo -> its attention."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attntopo.attention import Attention, AttentionError
from attntopo.models.batches import (
    BATCH_MEGABYTES,
    MadeInput,
    halves_if_out_of_memory,
    in_batches,
    photos_together,
)
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
        (attention,) = self._attend_together([made], kept, rollout)
        return attention

    def attend_many(
        self,
        photos: Iterable[Photo],
        input: ModelInput = OWN_INPUT,
        layers: Iterable[int] | None = None,
        rollout: bool = False,
        max_megabytes: float = BATCH_MEGABYTES,
    ) -> Generator[Attention, None, None]:
        """Run the model on many photos, as many together as memory allows.

        Parameters
        ----------
        photos : iterable of Photo
            Taken as they are needed.
        input, layers, rollout
            As for `attend`. Of the shape `photo`, photos that make other grids aren't run together.
        max_megabytes : float
            Most memory of the photos that are run together, their attention included, in 10^6
            bytes; on a GPU also half of what is free there. One photo is run whatever it takes.

        Yields
        ------
        Attention
            Of each photo in order, as `attend` returns it, but for rounding: entries differ by
            less than 1e-5. Where a GPU is out of memory all the same, it is tried by halves.

        Raises
        ------
        ModelError
            As `attend`, for any photo of those that are run together; the layers at once.

        Examples
        --------
        >>> import attntopo as at
        >>> model = at.load_model("embedded")
        >>> [each.n_tokens for each in model.attend_many([at.sample("rocket"), at.sample("coins")])]
        [257, 257]
        """
        kept = self._check_layers(layers)
        n_kept = self.info.n_layers if kept is None else len(kept)
        made = (self.prepare(photo, input, n_kept) for photo in photos)

        def together(first: MadeInput) -> int:
            return photos_together(
                self.network, first, self.info.n_prefix, n_kept, rollout, max_megabytes
            )

        return (
            attention
            for batch in in_batches(made, together)
            for attention in self._attend_or_halve(batch, kept, rollout)
        )

    def _attend_or_halve(
        self, made: Sequence[MadeInput], kept: tuple[int, ...] | None, rollout: bool
    ) -> Iterator[Attention]:
        try:
            attended = self._attend_together(made, kept, rollout)
        except ModelError as error:
            halves = halves_if_out_of_memory(made, error)
        else:
            yield from attended
            return
        for half in halves:
            yield from self._attend_or_halve(half, kept, rollout)

    def _attend_together(
        self, made: Sequence[MadeInput], kept: tuple[int, ...] | None, rollout: bool
    ) -> list[Attention]:
        """Run the model on photos of which pictures of one size were made."""
        together = MadeInput.stacked(made)
        record = AttentionRecord(self.info.n_layers, kept, rollout, len(made))
        with self.running(together), record.listening(self.network):
            self.network(**together.arguments)
        if not record.is_complete:
            raise ModelError(
                f"{self.info.id} showed the attention of {counted(record.n_heard, 'layer')}, not "
                f"of {self.info.n_layers}."
            )
        try:
            return [
                Attention(
                    maps=maps,
                    grid=one.grid,
                    n_prefix=self.info.n_prefix,
                    input_pixels=seen_pixels(one.pixel_values[0].cpu().numpy(), one.processor),
                    patch_size=patch_size(self.network.config),
                    photo_box=photo_box(one.processor, *one.photo_size),
                    layers=kept,
                    rollouts=rollouts,
                )
                for one, maps, rollouts in zip(made, record.maps, record.rollouts, strict=True)
            ]
        except AttentionError as error:
            raise ModelError(f"The attention of {self.info.id} can't be used. {error}") from error

    def prepare(self, photo: Photo, input: ModelInput, n_kept: int) -> MadeInput:
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
        on_device = pixel_values.to(self.network.device)
        grid, size = patch_grid(config, shape), photo.pixels.shape[:2]
        return MadeInput(processor, on_device, options, grid, (size[0], size[1]))

    @contextmanager
    def running(self, made: MadeInput) -> Iterator[None]:
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
                f"{self.info.id} has layers 0 to {self.info.n_layers - 1}; at least one of them is "
                "kept, and no others can be."
            )
        return kept
