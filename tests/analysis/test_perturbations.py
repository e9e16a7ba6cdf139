"""Perturbed photos, and which tokens show the same place: against pixels tracked one by one."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.perturbations import PERTURBATIONS, perturb
from attntopo.analysis.token_matching import matched_tokens

IN_PLACE = ("noise", "blur", "brightness", "contrast", "jpeg", "occlusion")
NOTHING = {
    "noise": 0,
    "blur": 0,
    "brightness": 1,
    "contrast": 1,
    "rotation": 0,
    "crop": 0,
    "zoom": 1,
}


def attention_over(grid, n_prefix=1, box=(0.0, 0.0, 1.0, 1.0)):
    n_tokens = n_prefix + grid[0] * grid[1]
    maps = np.full((1, 1, n_tokens, n_tokens), 1 / n_tokens)
    pixels = np.zeros((grid[0] * 4, grid[1] * 4, 3), np.uint8)
    return at.Attention(maps, grid, n_prefix, pixels, (4, 4), box)


def places_photo(height, width):
    """A photo whose pixels say where they are: red is x, green is y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)
    pixels[..., 1] = np.arange(height)[:, None]
    return at.Photo(pixels, "places")


@pytest.fixture(scope="module")
def photo():
    return at.Photo(at.sample("coffee").pixels[60:260, 100:340], "coffee")


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_strengths_go_from_weak_to_strong_and_seeds_are_fixed(photo, name):
    chosen, seen = PERTURBATIONS[name], attention_over((10, 12))
    changes = []
    for strength in chosen.strengths:
        changed = perturb(photo, name, strength, 3, seen)
        again = perturb(photo, name, strength, 3, seen)
        assert np.array_equal(changed.photo.pixels, again.photo.pixels)
        other = perturb(photo, name, strength, 4, seen).photo.pixels
        assert np.array_equal(changed.photo.pixels, other) is not chosen.is_random
        assert changed.photo.pixels.dtype == np.uint8
        assert not changed.photo.pixels.flags.writeable
        assert (changed.warp is None) is (name in IN_PLACE)
        assert changed.photo.name == f"coffee, {chosen.text(strength).lower()}"
        if name == "crop":
            changes.append(-changed.photo.pixels.size)
        else:
            assert changed.photo.pixels.shape == photo.pixels.shape
            change = changed.photo.pixels.astype(float) - photo.pixels
            changes.append(np.square(change).mean())
    assert changes == sorted(changes)
    assert changes[0] != 0


@pytest.mark.parametrize(("name", "strength"), NOTHING.items())
def test_a_strength_that_does_nothing_changes_no_pixel(photo, name, strength):
    assert np.array_equal(perturb(photo, name, strength).photo.pixels, photo.pixels)


def test_what_perturbations_do_to_pixels(photo):
    pixels = photo.pixels.astype(float)
    noise = perturb(photo, "noise", 8).photo.pixels - pixels
    inner = (pixels > 40) & (pixels < 215)
    assert np.std(noise[inner]) == pytest.approx(8, rel=0.02)
    brighter = perturb(photo, "brightness", 1.5).photo.pixels
    assert np.abs(brighter - np.minimum(255, 1.5 * pixels)).max() <= 1
    grey = round((pixels @ [0.299, 0.587, 0.114]).mean())
    weaker = perturb(photo, "contrast", 0.5).photo.pixels
    assert np.abs(weaker - (0.5 * pixels + 0.5 * grey)).max() <= 1.5
    blurred = perturb(photo, "blur", 2).photo.pixels.astype(float)
    assert blurred.mean() == pytest.approx(pixels.mean(), abs=0.2)
    point = np.zeros((101, 101, 3), np.uint8)
    point[50, 50] = 255
    spread = perturb(at.Photo(point, "point"), "blur", 1).photo.pixels[50, 46:55, 0]
    weights = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 1.01**2))  # 1 % of 101 pixels
    weights /= weights.sum()
    assert np.array_equal(spread, np.rint(255 * weights[4] * weights))


@pytest.mark.parametrize("strength", [1, 2, 4])
def test_an_occlusion_hides_whole_patches_and_nothing_else(photo, strength):
    seen = attention_over((10, 12))  # patches of 20 x 20 pixels
    places = set()
    for seed in range(5):
        hidden = perturb(photo, "occlusion", strength, seed, seen).photo.pixels
        mean = np.rint(photo.pixels.mean(axis=(0, 1)))
        covered = (hidden == mean).all(axis=2).reshape(10, 20, 12, 20).all(axis=(1, 3))
        changed = (hidden != photo.pixels).any(axis=2).reshape(10, 20, 12, 20).any(axis=(1, 3))
        assert covered.sum() == strength**2
        assert np.array_equal(covered, changed)
        places.add(tuple(np.argwhere(covered)[0]))
    assert len(places) > 1
    with pytest.raises(EvidenceError, match="needs the attention"):
        perturb(photo, "occlusion", 1)


WARPS = [("rotation", 5), ("rotation", 20), ("rotation", -35), ("zoom", 1.1), ("zoom", 2)] + [
    ("crop", strength) for strength in (5, 30)
]


@pytest.mark.parametrize(("name", "strength"), WARPS)
def test_pixels_were_where_the_warp_says(name, strength):
    photo = places_photo(200, 240)
    changed = perturb(photo, name, strength, seed=2)
    height, width = changed.photo.pixels.shape[:2]
    y, x = np.mgrid[:height, :width]
    before = changed.warp.before(np.stack([y.ravel() + 0.5, x.ravel() + 0.5], axis=1))
    inside = ((before > 1) & (before < [199, 239])).all(axis=1)
    assert inside.mean() > 0.5
    read = changed.photo.pixels.reshape(-1, 3)[:, [1, 0]]
    assert np.abs(read[inside] + 0.5 - before[inside]).max() <= 0.51  # rounded to a level


def test_a_photo_turns_anticlockwise():
    photo = places_photo(101, 101)
    turned = perturb(photo, "rotation", 90).photo.pixels
    assert turned[0, 50].tolist()[:2] == [100, 50]  # what was at the right is above


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.1, 0.05, 0.85, 0.95)])
@pytest.mark.parametrize(("name", "strength"), WARPS)
def test_tokens_are_matched_as_tracked_pixels_are(name, strength, box):
    photo, (rows, columns) = places_photo(200, 240), (9, 11)
    changed = perturb(photo, name, strength, seed=2)
    seen = attention_over((rows, columns), n_prefix=2, box=box)
    sizes = photo.pixels.shape[:2], changed.photo.pixels.shape[:2]
    pairs = matched_tokens(seen, seen, changed.warp, *sizes)
    assert pairs[:2].tolist() == [[0, 0], [1, 1]]
    left, top, right, bottom = box
    candidates = {}
    for patch in range(rows * columns):
        row, column = divmod(patch, columns)
        y = (top + (row + 0.5) / rows * (bottom - top)) * sizes[1][0]
        x = (left + (column + 0.5) / columns * (right - left)) * sizes[1][1]
        pixels = changed.photo.pixels[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].astype(int)
        if pixels[2, -1, 0] <= pixels[2, 0, 0] or pixels[-1, 2, 1] <= pixels[0, 2, 1]:
            continue  # mirrored: beyond a border of the photo
        was_x, was_y = pixels[2, 2, :2] + 0.5
        in_rows = (was_y / 200 - top) / (bottom - top) * rows
        in_columns = (was_x / 240 - left) / (right - left) * columns
        if 0 <= in_rows < rows and 0 <= in_columns < columns:
            own = int(in_rows) * columns + int(in_columns)
            off = max(abs(in_rows % 1 - 0.5), abs(in_columns % 1 - 0.5))
            away = np.hypot((in_rows % 1 - 0.5), (in_columns % 1 - 0.5))
            candidates.setdefault(own, []).append((patch, away, off))
    matched = dict((pairs[2:] - 2).tolist())
    assert len(matched) == len(pairs) - 2
    assert len(set(matched.values())) == len(matched)
    surely = {own for own, those in candidates.items() if min(one[2] for one in those) < 0.4}
    assert surely <= set(matched)
    assert len(surely) > 20
    for own in surely:
        away = {patch: one for patch, one, _ in candidates[own]}
        # A pixel is a tenth of a patch at most, and it is read at its middle.
        assert away[matched[own]] <= min(away.values()) + 0.15
    assert len(set(matched) - set(candidates)) <= 0.15 * rows * columns  # on a boundary


def test_all_tokens_are_matched_where_content_stays_in_place():
    seen = attention_over((9, 11), n_prefix=2)
    pairs = matched_tokens(seen, seen, None, (200, 240), (200, 240))
    assert np.array_equal(pairs[:, 0], np.arange(101))
    assert np.array_equal(pairs[:, 1], np.arange(101))
    with pytest.raises(EvidenceError, match="other prefix"):
        matched_tokens(seen, attention_over((9, 11)), None, (200, 240), (200, 240))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("haze", 1), "no perturbation called 'haze'"),
        (("zoom", 0.5), "from 1 to 4, not 0.5"),
        (("noise", float("nan")), "not nan"),
        (("crop", 99), "from 0 to 75"),
        (("noise", 4, -1), "from 0 on"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(photo, arguments, words):
    with pytest.raises(EvidenceError, match=words):
        perturb(photo, *arguments)
