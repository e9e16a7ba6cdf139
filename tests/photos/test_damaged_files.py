"""Whatever a stranger sends ends in a photo or in a sentence, and the next photo is read."""

import logging
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from attntopo.photos.decoder import PhotoDecoder
from attntopo.photos.decoding import decode_photo
from attntopo.photos.file_headers import file_kind
from attntopo.photos.refusals import PhotoError
from tests.harness import hostile_photos as nasty
from tests.harness.photo_corpus import (
    SECRET,
    encoded,
    gradient,
    mutated,
    outcome,
    valid_files,
)

BATCHES, BATCH = 6, 500  # tools/fuzz_photos.py does as many as one likes
REFUSED = nasty.refused()

pytestmark = pytest.mark.usefixtures("nothing_said")


@pytest.fixture(scope="module")
def decoder():
    """What the app decodes with; bombs take less long."""
    with PhotoDecoder(seconds=1) as one:
        yield one


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_files_end_in_a_photo_or_a_sentence(batch, decoder, caplog):
    for case in range(batch * BATCH, (batch + 1) * BATCH):
        caplog.clear()
        try:
            ended = outcome(mutated(1, case), decoder.decode)
        except BaseException as error:
            error.add_note(f"seed 1, case {case}")
            raise
        assert ended not in ("crash", "no decoder"), f"seed 1, case {case}"
        assert len(caplog.records) == (ended != "photo"), f"seed 1, case {case}"


def test_mutations_reach_all_formats_and_leave_some_photos(decoder):
    files = [mutated(2, case) for case in range(500)]
    ended = [outcome(data, decoder.decode) for data in files]
    assert 50 < ended.count("photo") < 450
    assert {"damaged", "not a photo", "too many pixels"} < set(ended)
    kinds = [file_kind(data) for data in files]
    assert all(kinds.count(kind) > 40 for kind in nasty.FORMATS)
    assert mutated(2, 5) == mutated(2, 5) != mutated(2, 6)


@given(
    name=st.sampled_from(sorted(valid_files())),
    edits=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=6)), max_size=6),
    kept=st.integers(0, 3000),
)
@settings(max_examples=500, deadline=None)
def test_edited_files_end_in_a_photo_or_a_sentence(name, edits, kept, decoder):
    data = bytearray(valid_files()[name])
    for place, new in edits:
        at = place % len(data)
        data[at : at + len(new)] = new
    outcome(bytes(data[: kept if kept < len(data) else None]), decoder.decode)


@given(st.binary(max_size=400), st.sampled_from([b"", *(d[:12] for d in valid_files().values())]))
@settings(max_examples=300, deadline=None)
def test_noise_is_no_photo(decoder, noise, start):
    assert outcome(start + noise, decoder.decode) != "photo"


@given(
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"]),
    kind=st.sampled_from(nasty.FORMATS),
    width=st.integers(16, 90),
    height=st.integers(16, 90),
)
@settings(max_examples=200, deadline=None)
def test_what_is_valid_is_read_in_its_size(mode, kind, width, height):
    image = gradient(width, height)
    if mode != image.mode and not (kind == "PNG" and mode == "CMYK"):
        image = image.convert("RGBA").convert(mode) if mode in ("LA", "P") else image.convert(mode)
    if kind == "JPEG" and image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGB")
    if kind == "HEIF" and image.mode == "CMYK":
        image = image.convert("RGB")
    assert decode_photo(encoded(image, kind), SECRET).pixels.shape == (height, width, 3)


@pytest.mark.parametrize("name", REFUSED)
def test_a_nasty_file_is_refused_for_what_it_is(name, decoder, caplog):
    data, kind = REFUSED[name]
    assert outcome(data, decoder.decode) == kind
    assert [record.getMessage() for record in caplog.records] == [f"A photo was refused: {kind}."]


@pytest.mark.parametrize(("name", "data"), nasty.lies().items())
def test_lies_without_harm_are_read(name, data, decoder):
    assert decoder.decode(data, SECRET).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize(("name", "data"), nasty.bombs().items())
def test_a_bomb_is_a_photo_or_a_sentence_and_the_next_photo_is_read(name, data, decoder):
    # Which of them depends on how much the machine does within the limits.
    assert outcome(data, decoder.decode) in ("photo", "damaged", "memory", "too slow")
    assert outcome(valid_files()["png"], decoder.decode) == "photo"


@pytest.mark.parametrize(
    "name", ["EXIF in a PNG", "EXIF in a JPEG", "EXIF in a WebP", "more pixels than there are"]
)
def test_bombs_that_nobody_asked_for_are_not_unpacked_without_limits_either(name, caplog):
    assert decode_photo(nasty.bombs()[name], SECRET).pixels.shape == (48, 64, 3)
    assert caplog.records == []


@pytest.mark.parametrize("name", valid_files())
def test_what_valid_files_say_about_themselves_is_not_even_logged_for_debugging(name, caplog):
    caplog.set_level(logging.DEBUG)
    assert outcome(valid_files()[name]) == "photo"
    assert outcome(valid_files()[name][:-30] + bytes(30)) in ("photo", "damaged")
    if not name.startswith("avif"):  # of which Pillow reads EXIF, to turn it
        assert SECRET not in caplog.text
    caplog.clear()  # chunks by name, which is Pillow's own and for debugging alone


def test_a_refusal_is_one_line_and_a_photo_none_where_nothing_is_configured():
    code = (
        "import warnings; from attntopo import decode_photo, PhotoError\n"
        "from tests.harness.photo_corpus import valid_files\n"
        "for data in valid_files().values(): decode_photo(data, 'name')\n"
        "try: decode_photo(valid_files()['png'][:80], 'name')\n"
        "except PhotoError: pass\n"
    )
    ran = subprocess.run([sys.executable, "-Wd", "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == "A photo was refused: damaged.\n"


@pytest.mark.parametrize("error", [MemoryError(), OSError("out of memory error")])
def test_too_little_memory_is_a_sentence(error, monkeypatch):
    def no_memory(*_):
        raise error

    monkeypatch.setattr(Image.Image, "transpose", no_memory)
    with pytest.raises(PhotoError, match="not enough memory"):
        decode_photo(valid_files()["jpeg"], SECRET)


# --- files that end too soon ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jpeg", "jpeg cmyk", "jpeg grey"])
def test_a_jpeg_without_its_end_marker_is_read_and_with_pixels_missing_refused(name):
    data = valid_files()[name]
    whole = decode_photo(data, SECRET).pixels
    first = data.index(b"\xff\xda") + 14  # of the bytes that are pixels
    # Of the last byte, bits may be filling.
    ended = [outcome(data[:end]) for end in range(first, len(data) - 3)]
    assert ended == ["damaged"] * len(ended)
    for end in (-2, -1):
        assert (decode_photo(data[:end], SECRET).pixels == whole).all()


def test_a_large_jpeg_without_its_end_marker_is_read():
    data = encoded(gradient(3000, 2000), "JPEG")
    assert (decode_photo(data[:-2], SECRET).pixels == decode_photo(data, SECRET).pixels).all()
    assert outcome(data[:-3000]) == "damaged"


def test_a_progressive_jpeg_may_lack_no_scan():
    data = valid_files()["jpeg progressive"]
    last_scan = data.rindex(b"\xff\xda")
    assert outcome(data) == "photo"
    assert outcome(data[:last_scan]) == "damaged"


def test_a_heic_of_tiles_that_is_cut_off_is_refused_wherever():
    data = valid_files()["heic tiles"]
    assert outcome(data + b"what a phone puts behind it") == "photo"
    ended = {outcome(data[:end]) for end in range(20, len(data), 7)}
    assert ended == {"damaged"}
