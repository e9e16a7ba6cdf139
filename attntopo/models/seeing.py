"""A photo -> the pixels that a model gets, and back: what of the photo it saw."""

import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from attntopo.models.info import ModelInfo
from attntopo.models.model_input import OWN_INPUT, ModelInput


def processor_for(
    processor: Any, info: ModelInfo, chosen: ModelInput, height: int, width: int
) -> Any:
    """Return the image processor that makes an input.

    Parameters
    ----------
    processor : object of transformers
        The model's own; it stays as it is.
    info : ModelInfo
    chosen : ModelInput
        One that the model can take.
    height, width : int
        Of the photo, in pixels.

    Returns
    -------
    object of transformers
        The own one for the own input. For a square of another side the own one with all its sizes
        in the same proportion, so that it crops the same part of a photo. For the photo's own
        shape one that resizes all of the photo to whole patches.
    """
    if chosen == OWN_INPUT:
        return processor
    made = copy.copy(processor)
    if chosen.shape == "photo":
        rows, columns = info.with_input(chosen, (height, width)).grid
        made.size = type(processor.size)(height=rows * info.patch, width=columns * info.patch)
        made.do_center_crop = made.do_pad = False
        return made
    side = info.own_side if chosen.side is None else chosen.side
    for name in ("size", "crop_size", "pad_size"):
        if (size := getattr(processor, name, None)) is not None:
            setattr(made, name, _scaled(size, side / info.own_side))
    return made


def _scaled(size: Any, factor: float) -> Any:
    """Return a size of transformers with each length multiplied and rounded."""
    return type(size)(
        **{name: round(length * factor) for name, length in dict(size).items() if length}
    )


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
    return _photo_box(_Described(processor.to_json_string(), processor), height, width)


@dataclass(frozen=True)
class _Described:
    """An image processor, the same as another that has the same settings."""

    settings: str
    processor: Any = field(compare=False)


# It takes longer than what the model gets is made, and photos of a camera or a collection are of a
# few sizes.
@lru_cache(maxsize=512)
def _photo_box(by: _Described, height: int, width: int) -> tuple[float, float, float, float]:
    from PIL import Image

    processor = by.processor
    # A picture that says where it is: red grows to the right, green downwards, blue is everywhere
    # but in what was padded.
    ramp = np.zeros((height, width, 3))
    ramp[:, :, 0] = 255 * (np.arange(width) + 0.5) / width
    ramp[:, :, 1] = 255 * (np.arange(height)[:, None] + 0.5) / height
    ramp[:, :, 2] = 255
    picture = Image.fromarray(np.rint(ramp).astype(np.uint8))
    pixel_values = processor(images=picture, return_tensors="np")["pixel_values"]
    seen = seen_pixels(np.asarray(pixel_values[0]), processor) / 255
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


def seen_pixels(pixel_values: np.ndarray, processor: Any) -> np.ndarray:
    """Turn what a processor made back into pixels.

    Parameters
    ----------
    pixel_values : ndarray of float, shape (3, height, width)
    processor : object of transformers

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    values = np.moveaxis(pixel_values.astype(np.float64), 0, -1)
    if getattr(processor, "do_normalize", False):
        values = values * np.array(processor.image_std) + np.array(processor.image_mean)
    if getattr(processor, "do_rescale", False):
        values = values / processor.rescale_factor
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
