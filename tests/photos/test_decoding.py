import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from attntopo.photos.decoding import decode_photo
from attntopo.photos.refusals import PhotoError
from attntopo.photos.samples import SAMPLES, sample
from tests.harness.hostile_photos import FORMATS, stored_as


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x + y) % 256], axis=2)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_accepted_kinds_are_read(kind):
    photo = decode_photo(encoded(gradient(), kind), "photo")
    assert photo.pixels.shape == (48, 64, 3)
    assert photo.pixels.dtype == np.uint8
    difference = np.abs(photo.pixels.astype(int) - np.asarray(gradient()))
    assert difference.mean() < (1e-9 if kind == "PNG" else 12)


def test_png_keeps_every_pixel():
    assert (decode_photo(encoded(gradient()), "photo").pixels == np.asarray(gradient())).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    upright = np.asarray(gradient())
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode_photo(encoded(stored_as(upright, orientation), exif=exif), "photo")
    assert (photo.pixels == upright).all()


def test_transparency_goes_on_white():
    image = gradient().convert("RGBA")
    alpha = np.full((48, 64), 255, dtype=np.uint8)
    alpha[:, :32] = 0
    image.putalpha(Image.fromarray(alpha))
    pixels = decode_photo(encoded(image), "photo").pixels
    assert (pixels[:, :32] == 255).all()
    assert (pixels[:, 32:] == np.asarray(gradient())[:, 32:]).all()


def test_palette_with_transparency_goes_on_white():
    image = Image.new("P", (40, 40), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(1, (0, 0, 20, 40))
    pixels = decode_photo(encoded(image, transparency=0), "photo").pixels
    assert (pixels[:, 20:] == 255).all()
    assert (pixels[:, :20] == [200, 100, 50]).all()


def test_sixteen_bits_are_rescaled_not_clipped():
    values = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16)
    pixels = decode_photo(encoded(Image.fromarray(values)), "photo").pixels
    assert (pixels == np.rint(values / 257).astype(np.uint8)[:, :, None]).all()


def test_cmyk_and_grey_become_rgb():
    cmyk = decode_photo(encoded(gradient().convert("CMYK"), "JPEG", quality=95), "photo")
    assert np.abs(cmyk.pixels.astype(int) - np.asarray(gradient())).mean() < 12
    grey = decode_photo(encoded(gradient().convert("L")), "photo").pixels
    assert (grey == np.asarray(gradient().convert("L"))[:, :, None]).all()


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert (decode_photo(data, "photo").pixels == [255, 0, 0]).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_longest_side_is_at_most_1024(kind):
    photo = decode_photo(encoded(gradient(3000, 1500), kind), "photo")
    assert photo.pixels.shape == (512, 1024, 3)


HEIC_HEADER = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 200


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"This is a text file, not a photo." * 9, "not a photo"),
        (encoded(gradient())[:-60], "damaged or cut off"),
        (encoded(gradient(), "JPEG")[:-150], "damaged or cut off"),
        (encoded(gradient(), "GIF"), "not a photo that can be read"),
        (HEIC_HEADER, "damaged or cut off"),
        (encoded(Image.new("L", (7000, 6000)), "PNG"), "megapixels"),
        (encoded(Image.new("L", (15, 60))), "shorter side"),
        (encoded(Image.new("L", (20, 161))), "8 times"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 11_000_000, "MB"),
    ],
)
def test_each_refusal_is_one_clear_sentence(data, sentence):
    with pytest.raises(PhotoError, match=sentence) as caught:
        decode_photo(data, "photo")
    assert len(str(caught.value)) < 160


def test_a_header_that_claims_huge_dimensions_is_refused_before_decoding():
    data = bytearray(encoded(gradient()))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(PhotoError, match="pixels"):
        decode_photo(bytes(data), "photo")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_mutated_files_end_in_a_photo_or_a_refusal(data):
    kind = data.draw(st.sampled_from(FORMATS))
    original = bytearray(encoded(gradient(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = decode_photo(bytes(original), "photo")
    except PhotoError:
        return
    assert photo.pixels.ndim == 3
    assert photo.pixels.dtype == np.uint8


def test_the_hash_is_of_size_and_pixels_not_of_the_name():
    first, second = (decode_photo(encoded(gradient()), name) for name in ("one", "two"))
    assert first.sha256 == second.sha256
    turned = decode_photo(encoded(gradient().transpose(Image.Transpose.ROTATE_90)), "one")
    assert turned.sha256 != first.sha256


def test_all_samples_are_there():
    assert len(SAMPLES) == 18
    for name in SAMPLES:
        photo = sample(name)
        assert photo.pixels.dtype == np.uint8
        assert photo.pixels.shape[2] == 3
        assert max(photo.pixels.shape) <= 1024
        assert not photo.pixels.flags.writeable


def test_an_unknown_sample_is_refused():
    with pytest.raises(PhotoError, match="no sample called 'dog'"):
        sample("dog")
