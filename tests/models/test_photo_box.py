"""What part of a photo an image processor hands on, from what processors are documented to do."""

import numpy as np
import pytest
from transformers import BitImageProcessor, ViTImageProcessor

from attntopo.attention import Attention
from attntopo.models.seeing import photo_box

SIZES = [(512, 512), (427, 640), (1024, 300), (300, 1024), (33, 40), (224, 224)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_all_of_it_where_photos_are_squashed(height, width):
    assert photo_box(ViTImageProcessor(), height, width) == (0, 0, 1, 1)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize(("edge", "crop"), [(256, 224), (224, 224), (512, 160)])
def test_the_middle_where_photos_are_cropped(height, width, edge, crop):
    """The shorter side is resized to `edge`, and the middle `crop` x `crop` pixels are kept."""
    processor = BitImageProcessor(
        size={"shortest_edge": edge}, crop_size={"height": crop, "width": crop}
    )
    box = photo_box(processor, height, width)
    for k, side in enumerate((width, height)):
        kept = crop / (edge * side / min(height, width))
        # To a pixel of what was resized: sides and margins are whole numbers there.
        a_pixel = kept / crop + 2e-3
        assert abs(box[k] - (1 - kept) / 2) < a_pixel
        assert abs(box[k + 2] - (1 + kept) / 2) < a_pixel


def test_more_than_all_of_it_where_photos_are_padded():
    """A crop larger than the photo: zeros around it."""
    processor = BitImageProcessor(
        do_resize=False, crop_size={"height": 200, "width": 200}, do_normalize=False
    )
    box = photo_box(processor, 100, 160)
    assert box == pytest.approx((-20 / 160, -50 / 100, 1 + 20 / 160, 1 + 50 / 100), abs=0.01)


def test_the_patches_box_leaves_out_what_no_patch_covers():
    """Patches of 14 pixels cover 252 of 256; the model saw the middle half of the photo."""
    maps = np.full((1, 1, 324, 324), 1 / 324, dtype=np.float32)
    pixels = np.zeros((256, 256, 3), dtype=np.uint8)
    attention = Attention(maps, (18, 18), 0, pixels, (14, 14), (0.25, 0.25, 0.75, 0.75))
    covered = 0.25 + 0.5 * 252 / 256
    assert attention.patches_box == pytest.approx((0.25, 0.25, covered, covered))
