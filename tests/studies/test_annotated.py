"""Masks on patch grids, outlines, composites: exact, and the same for the same seed."""

import numpy as np
import pytest

import attntopo as at
from studies.annotated import AnnotatedPhoto, patch_shares
from studies.objects import composites as pasted
from studies.objects.outlines import coverage, read_outlines, samples_with_outlines


def naive_shares(mask: np.ndarray, box, grid, fine: int = 60) -> np.ndarray:
    """Shares counted at fine points of each patch, in its middle and all over."""
    height, width = mask.shape
    left, top, right, bottom = box
    steps = (np.arange(fine * max(grid)) + 0.5) / fine
    y = np.floor((top + (bottom - top) * steps[: fine * grid[0]] / grid[0]) * height).astype(int)
    x = np.floor((left + (right - left) * steps[: fine * grid[1]] / grid[1]) * width).astype(int)
    inside = (y[:, None] >= 0) & (y[:, None] < height) & (x[None] >= 0) & (x[None] < width)
    hit = mask[np.clip(y, 0, height - 1)][:, np.clip(x, 0, width - 1)] & inside
    return hit.reshape(grid[0], fine, grid[1], fine).mean(axis=(1, 3)).ravel()


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.07, 0.11, 0.93, 0.89), (-0.25, 0.0, 1.25, 1.0)])
def test_shares_of_patches_are_areas(box):
    mask = np.random.default_rng(0).random((23, 31)) < 0.4
    shares = patch_shares(mask, box, (4, 6))
    np.testing.assert_allclose(shares, naive_shares(mask, box, (4, 6)), atol=0.02)


def test_whole_patches_have_shares_of_nought_and_one():
    mask = np.zeros((8, 12), dtype=bool)
    mask[:4, 4:8] = True
    assert patch_shares(mask, (0, 0, 1, 1), (2, 3)).tolist() == [0, 1, 0, 0, 0, 0]


def test_masks_must_have_the_photos_size():
    photo = at.sample("coins")
    with pytest.raises(ValueError, match="shape"):
        AnnotatedPhoto(photo, ("coin",), np.zeros((1, 3, 3), dtype=bool))


def test_outlines_are_of_real_objects_within_their_photos():
    outlines = read_outlines()
    assert len({one.name for one in outlines}) == len(outlines)
    assert sum(one.pasted for one in outlines) >= 8
    for one in outlines:
        height, width = at.sample(one.photo).pixels.shape[:2]
        assert one.points.min() >= 0
        assert (one.points.max(axis=0) <= [width, height]).all()


def test_coverage_is_the_polygons_area():
    rectangle = np.array([[2.0, 1.0], [7.5, 1.0], [7.5, 4.25], [2.0, 4.25]])
    shares = coverage(rectangle, 6, 10)
    assert shares.sum() == pytest.approx(5.5 * 3.25, abs=1e-9)
    assert coverage(rectangle[::-1], 6, 10) == pytest.approx(shares)  # either way round
    assert shares[2, 3] == 1
    assert shares[2, 7] == 0.5
    assert shares[0].max() == shares[5].max() == 0


def test_the_horses_outline_is_its_silhouette():
    """The one object whose mask the sample itself has."""
    (horse,) = [one for one in samples_with_outlines() if one.photo.name == "horse"]
    black = horse.photo.pixels[:, :, 0] < 128
    assert (horse.masks[0] & black).sum() / (horse.masks[0] | black).sum() > 0.99


def test_coins_are_brighter_than_what_is_round_them():
    from scipy.ndimage import binary_dilation, binary_erosion

    (coins,) = [one for one in samples_with_outlines() if one.photo.name == "coins"]
    assert len(coins.names) == 24
    pixels = coins.photo.pixels[:, :, 0].astype(float)
    every = coins.masks.any(axis=0)
    for mask in coins.masks:
        inner = pixels[mask & ~binary_erosion(mask, iterations=4)].mean()
        outer = pixels[binary_dilation(mask, iterations=5) & ~binary_dilation(every)].mean()
        assert inner > outer + 25


def test_composites_depend_on_the_seed_and_their_number_alone():
    first, again = list(pasted.composites(4)), list(pasted.composites(3))
    for one, other in zip(first, again, strict=False):
        assert one.sha256 == other.sha256
    (different,) = pasted.composites(1, seed=1)
    assert different.sha256 != first[0].sha256


def test_a_composites_masks_are_where_the_object_was_pasted(monkeypatch):
    outlines = [one for one in read_outlines() if one.name in ("helmet", "coin 6")]
    chosen = {}
    monkeypatch.setattr(pasted, "background", lambda _name: plain)
    cut_out = pasted.cut_out

    def white(outline, longest):
        _, weight = cut_out(outline, longest)
        chosen[outline.name] = weight
        return np.full((*weight.shape, 3), 255.0), weight

    monkeypatch.setattr(pasted, "cut_out", white)
    plain = np.zeros((pasted.SIDE, pasted.SIDE, 3), dtype=np.uint8)
    made = pasted.composite(outlines, np.random.default_rng(3), "made")
    # White on black: a pixel's value is the weight with which it was pasted.
    np.testing.assert_array_equal(made.masks.any(axis=0), made.photo.pixels[:, :, 0] >= 128)
    assert made.masks.sum(axis=0).max() == 1
    for name, mask in zip(made.names, made.masks, strict=True):
        assert mask.sum() == (chosen[name] >= 0.5).sum() > 500
    assert (plain == 0).all()  # the background itself isn't written on


def test_edges_are_feathered_and_the_rest_is_the_background():
    (one, *_) = (c for c in pasted.composites(8) if len(c.names) == 1)
    weights = [pasted.cut_out(o, 120.0)[1] for o in read_outlines() if o.name == one.names[0]]
    assert ((weights[0] > 0.2) & (weights[0] < 0.8)).any()
    far = ~np.asarray(one.masks.any(axis=0))
    from scipy.ndimage import binary_erosion

    far = binary_erosion(far, iterations=8, border_value=1)
    grounds = [pasted.background(name) for name in pasted._BACKGROUNDS]
    assert any((one.photo.pixels[far] == ground[far]).all() for ground in grounds)


def test_an_object_is_never_pasted_on_its_own_photo():
    photo_of = {one.name: one.photo for one in read_outlines()}
    for one in pasted.composites(12):
        own = [pasted.background(photo_of[name]) for name in one.names if photo_of[name] != "horse"]
        far = ~one.masks.any(axis=0)
        assert not any((one.photo.pixels[far] == ground[far]).mean() > 0.9 for ground in own)


def test_an_outlines_pixels_are_those_whose_middles_are_within():
    from skimage.draw import polygon2mask

    for outline in read_outlines():
        height, width = at.sample(outline.photo).pixels.shape[:2]
        shares = coverage(outline.points, height, width)
        x, y = outline.points.T
        area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2  # the shoelace formula
        assert shares.sum() == pytest.approx(area, rel=1e-3)
        if len(outline.points) > 100:  # the naive way takes too long there
            continue
        within = polygon2mask((height, width), outline.points[:, ::-1] - 0.5)
        border = (shares > 0) & (shares < 1)
        np.testing.assert_array_equal((shares >= 0.5)[~border], within[~border])
