"""What strangers have is read as it should look: depth, transparency, orientation, animation."""

import struct
import sys

import numpy as np
import pytest
from PIL import Image

from attntopo.photos import file_headers
from attntopo.photos.decoding import decode_photo
from attntopo.photos.refusals import PhotoError
from tests.harness import hostile_photos as nasty
from tests.harness.photo_corpus import (
    SECRET,
    chunk,
    encoded,
    exif,
    gradient,
    insert_chunks,
    insert_segments,
    png,
    profile,
    tiff,
    with_alpha,
)

pytestmark = pytest.mark.usefixtures("nothing_said")


def pixels(data: bytes) -> np.ndarray:
    return decode_photo(data, SECRET).pixels.astype(int)


LOSSLESS = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4", "speed": 10},
    "HEIF": {"quality": -1, "chroma": 444, "matrix_coefficients": 0},
}
"""Options of the encoders for files as near to the image as they can make them."""


@pytest.mark.parametrize(
    ("kind", "size", "order"),
    [
        (kind, size, order)
        for kind in nasty.FORMATS
        for size, order in (((64, 48), "<"), ((64, 48), ">"), ((1040, 300), "<"))
        if kind != "HEIF" or size == (64, 48)  # x265 is slow
    ],
)
def test_all_orientations_give_the_same_pixels(kind, size, order):
    upright = np.asarray(gradient(*size))
    decoded = []
    for orientation in range(1, 9):
        image = nasty.stored_as(upright, orientation)
        about = exif(orientation, order)
        decoded.append(pixels(encoded(image, kind, exif=about, **LOSSLESS.get(kind, {}))))
    limit = {"PNG": 0, "WEBP": 0, "JPEG": 8, "AVIF": 4, "HEIF": 0}[kind]
    for one in decoded:
        assert one.shape == decoded[0].shape
        assert np.abs(one - decoded[0]).max() <= limit
    if size == (64, 48):
        assert np.abs(decoded[0] - upright).max() <= limit


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"II*\0",
        tiff(6)[:20],
        tiff(0),
        tiff(9),
        tiff(65_535),
        b"MM" + tiff(6)[2:],
        tiff(6).replace(struct.pack("<HH", 0x0112, 3), struct.pack("<HH", 0x0112, 4)),
        b"II*\0" + struct.pack("<I", 2**32 - 1) + bytes(40),
        b"II*\0" + struct.pack("<IH", 8, 65_535) + bytes(range(200)),
        bytes(range(256)) * 200,
    ],
)
def test_broken_exif_is_no_orientation(broken):
    upright = np.asarray(gradient())
    assert file_headers.orientation(broken) == 1
    files = {
        "PNG": insert_chunks(encoded(gradient()), chunk(b"eXIf", broken)),
        "WEBP": encoded(gradient(), "WEBP", lossless=True, exif=broken),
    }
    for data in files.values():
        assert (pixels(data) == upright).all()
    jpeg = encoded(gradient(), "JPEG")
    turned = insert_segments(jpeg, (0xE1, b"Exif\0\0" + broken))
    assert (pixels(turned) == pixels(jpeg)).all()


def grey(bits: int) -> np.ndarray:
    """Every number of some bits, or of 16 bits every seventh, in 64 columns."""
    numbers = np.arange(0, 65_536, 7) if bits == 16 else np.tile(np.arange(2**bits), 1024)
    return numbers[: len(numbers) // 64 * 64].reshape(-1, 64, 1)[:150]


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_grey_of_any_depth_is_rescaled_and_its_transparent_level_is_white(bits):
    samples = grey(bits)
    level = int(samples[1, 1, 0])
    expected = np.rint(samples * (255 / (2**bits - 1))).astype(int)
    assert (pixels(png(samples, bits, 0)) == expected).all()
    decoded = pixels(png(samples, bits, 0, chunk(b"tRNS", struct.pack(">H", level))))
    assert (decoded == np.where(samples == level, 255, expected)).all()


def test_sixteen_bits_a_channel_keep_the_upper_eight():
    samples = np.arange(48 * 64 * 3).reshape(48, 64, 3) * 7
    assert (pixels(png(samples, 16, 2)) == samples >> 8).all()
    key = chunk(b"tRNS", struct.pack(">3H", *(int(value) for value in samples[5, 5])))
    assert (pixels(png(samples, 16, 2, key))[5, 5] == 255).all()
    opaque = np.concatenate([samples, np.full((48, 64, 1), 65_535)], axis=2)
    assert (pixels(png(opaque, 16, 6)) == samples >> 8).all()
    assert (pixels(png(opaque * [1, 1, 1, 0], 16, 6)) == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("size", [(64, 48), (1400, 300)])
def test_transparency_goes_on_white(kind, size):
    decoded = pixels(
        encoded(with_alpha(Image.new("RGB", size, "black")), kind, **LOSSLESS.get(kind, {}))
    )
    width = decoded.shape[1]
    assert width == min(size[0], 1024)
    expected = 255 - np.linspace(0, 255, width)
    assert np.abs(decoded - expected[None, :, None]).max() <= 3


def test_white_is_white_in_every_mode():
    white = Image.new("RGB", (40, 40), "white")
    for mode in ("CMYK", "L", "RGB"):
        assert (pixels(encoded(white.convert(mode), "JPEG", quality=100)) == 255).all()
    clear = Image.new("P", (40, 40), 3)
    clear.putpalette([9] * 30)
    assert (pixels(encoded(clear, transparency=3)) == 255).all()
    assert (pixels(encoded(clear, transparency=bytes([255] * 3 + [0]))) == 255).all()
    assert (pixels(encoded(Image.new("1", (40, 40), 1))) == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "MPO", "HEIF"])
def test_the_first_frame_of_an_animation_is_taken(kind):
    data, first = nasty.second_frame_differs(kind)
    assert np.abs(pixels(data) - first).max() <= 3


@pytest.mark.parametrize("kind", nasty.FORMATS)
def test_profiles_change_no_pixel(kind):
    plain = encoded(gradient(), kind)
    for icc in (profile(), b"no profile", bytes(100_000)):
        assert (pixels(encoded(gradient(), kind, icc_profile=icc)) == pixels(plain)).all()


def test_what_a_png_says_of_its_orientation_behind_its_pixels_is_not_heeded():
    upright = np.asarray(gradient())
    data, about = encoded(gradient()), chunk(b"eXIf", tiff(6))
    assert (pixels(data[:33] + about + data[33:]) == np.rot90(upright, -1)).all()
    end = data.index(b"IEND") - 4
    assert (pixels(data[:end] + about + data[end:]) == upright).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_of_an_animated_png_the_first_frame_is_taken_though_others_see_another_picture(mode):
    red, blue, lime = (Image.new(mode, (64, 48), colour) for colour in ("red", "blue", "lime"))
    others = [blue, lime]
    data = encoded(red, save_all=True, append_images=others, default_image=True, blend=1)
    assert (pixels(data) == np.asarray(blue.convert("RGB"))).all()
    data = encoded(red, save_all=True, append_images=others)
    assert (pixels(data) == np.asarray(red.convert("RGB"))).all()


def test_the_first_frame_of_an_animated_png_is_not_laid_on_the_picture_for_others():
    clear = Image.new("RGBA", (64, 48), (0, 0, 255, 0))
    clear.putpixel((5, 7), (0, 0, 255, 255))
    red = Image.new("RGBA", (64, 48), "red")
    data = encoded(red, save_all=True, append_images=[clear, red], default_image=True, blend=1)
    expected = np.full((48, 64, 3), 255)
    expected[7, 5] = 0, 0, 255
    assert (pixels(data) == expected).all()


def test_an_animation_that_a_png_only_announces_is_none():
    announced = insert_chunks(encoded(gradient()), chunk(b"acTL", struct.pack(">II", 2, 0)))
    assert (pixels(announced) == np.asarray(gradient())).all()


def test_ten_bits_of_a_heic_are_rescaled():
    values = np.arange(64 * 64).reshape(64, 64) * 16
    data = encoded(Image.fromarray(values.astype(np.uint16)), "HEIF", quality=-1)
    assert np.abs(pixels(data) - (values / 257)[:, :, None]).max() <= 1


@pytest.mark.parametrize("size", [(300, 200), (257, 130)])
def test_a_heic_of_tiles_is_put_together(size):
    """As phones store theirs; the last tiles are wider than the picture."""
    data = encoded(gradient(*size), "HEIF", tile_size=64, **LOSSLESS["HEIF"])
    assert (pixels(data) == np.asarray(gradient(*size))).all()


def test_the_first_picture_of_a_heic_is_the_one_that_it_names():
    pictures = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    options = {"save_all": True, "append_images": pictures[1:], **LOSSLESS["HEIF"]}
    for index, expected in enumerate([[255, 0, 0], [0, 0, 255]]):
        data = encoded(pictures[0], "HEIF", primary_index=index, **options)
        assert (pixels(data) == expected).all()


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ([b"avif"], "AVIF"),
        ([b"mif1", b"miaf", b"avif"], "AVIF"),
        ([b"avis", b"msf1"], "AVIF"),
        ([b"heic", b"mif1"], "HEIF"),
        ([b"mif1", b"heic"], "HEIF"),
        ([b"hevc"], "HEIF"),
        ([b"isom", b"mp42"], None),
    ],
)
def test_avif_and_heic_are_told_apart_by_all_brands(brands, kind):
    body = brands[0] + bytes(4) + b"".join(brands[1:])
    assert file_headers.file_kind(struct.pack(">I4s", 8 + len(body), b"ftyp") + body) == kind


def test_an_avif_that_begins_as_any_heif_is_read():
    data = encoded(gradient(), "AVIF")
    assert data[8:12] == b"avif"
    assert (pixels(data[:8] + b"mif1" + data[12:]) == pixels(data)).all()


def test_without_pillow_heif_a_heic_is_refused_in_a_sentence(monkeypatch):
    data = encoded(gradient(), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoError, match="HEIC photo can't be read here"):
        pixels(data)
    assert (pixels(encoded(gradient())) == np.asarray(gradient())).all()
