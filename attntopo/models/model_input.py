"""How large a picture a model is given, and of which shape."""

import math
from dataclasses import dataclass

MOST_TOKENS = 1370
"""Most tokens that an input may make, prefix included, unless it is the model's own."""

SHAPES = ("square", "photo")
"""What an input's shape can be: square, or the photo's own."""

_SIDES = (224, 336, 448)
_LARGEST_SIDE = 518


@dataclass(frozen=True)
class ModelInput:
    """What is made of a photo before a model sees it.

    Attributes
    ----------
    side : int, optional
        Pixels a side of the square, a multiple of the patch: one of `ModelInfo.input_sides`. By
        default the one that the model's own image processor makes.
    shape : {"square", "photo"}
        `square`: as the model's image processor makes it, with its own crop. `photo`: the whole
        photo in its own ratio, height and width rounded to whole patches, about as large as the
        square.
    """

    side: int | None = None
    shape: str = SHAPES[0]


OWN_INPUT = ModelInput()
"""What the model's own image processor makes."""


def sides_for(patch: int, own: int, n_prefix: int) -> tuple[int, ...]:
    """Return which sides of a square input can be chosen, ascending.

    Parameters
    ----------
    patch : int
        Pixels a side of a patch.
    own : int
        What the model's own image processor makes; always among them.
    n_prefix : int
        Tokens before the patches.

    Returns
    -------
    tuple of int
        Of 224, 336 and 448 those that are multiples of the patch; and the largest multiple up to
        518. None but the own makes more than 1,370 tokens.
    """
    most = patch * min(_LARGEST_SIDE // patch, math.isqrt(MOST_TOKENS - n_prefix))
    # Two patches a side: one alone has no distances.
    offered = (side for side in (*_SIDES, most) if 2 * patch <= side <= most and side % patch == 0)
    return tuple(sorted({own, *offered}))


def photo_grid(patches: int, height: int, width: int, n_prefix: int) -> tuple[int, int]:
    """Return the patch grid of a whole photo in its own ratio.

    Parameters
    ----------
    patches : int
        Patches a side of the square that it is to be about as large as.
    height, width : int
        Of the photo, in pixels.
    n_prefix : int
        Tokens before the patches.

    Returns
    -------
    tuple of int
        Rows and columns: one at least, and in all no more than make 1,370 tokens, or as many as
        the square makes where that is more.
    """
    ratio = math.sqrt(width / height)
    shorter, longer = sorted((patches / ratio, patches * ratio))
    least = max(1, round(shorter))
    most = max(MOST_TOKENS - n_prefix, patches**2)
    if shorter < 0.5:  # rounded up to one: it would be larger than the square
        most = patches**2
    grid = least, min(round(longer), most // least)
    return grid if height <= width else grid[::-1]
