"""Whatever a stranger sends ends in a photo or in a sentence, in bounded time and memory."""

import io
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile

from attntopo.photos import avif_headers, file_headers
from attntopo.photos.canonical import PhotoError
from attntopo.photos.decoding import decode_photo
from tests.harness import hostile_photos as nasty
from tests.harness.photo_corpus import (
    SECRET,
    encoded,
    gradient,
    memory,
    mutated,
    outcome,
    valid_files,
    with_alpha,
)

BATCHES, BATCH = 6, 500  # tools/fuzz_photos.py does as many as one likes
REFUSED = nasty.refused()

pytestmark = pytest.mark.usefixtures("nothing_said")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_files_end_in_a_photo_or_a_sentence(batch, caplog):
    for case in range(batch * BATCH, (batch + 1) * BATCH):
        caplog.clear()
        try:
            ended = outcome(mutated(1, case))
        except BaseException as error:
            error.add_note(f"seed 1, case {case}")
            raise
        assert len(caplog.records) == (ended != "photo"), f"seed 1, case {case}"


def test_mutations_reach_all_formats_and_leave_some_photos():
    files = [mutated(2, case) for case in range(500)]
    ended = [outcome(data) for data in files]
    assert 50 < ended.count("photo") < 450
    assert {"damaged", "not a photo", "too many pixels"} < set(ended)
    kinds = [file_headers.file_kind(data) for data in files]
    assert all(kinds.count(kind) > 40 for kind in nasty.FORMATS)
    assert mutated(2, 5) == mutated(2, 5) != mutated(2, 6)


@given(
    name=st.sampled_from(sorted(valid_files())),
    edits=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=6)), max_size=6),
    kept=st.integers(0, 3000),
)
@settings(max_examples=500, deadline=None)
def test_edited_files_end_in_a_photo_or_a_sentence(name, edits, kept):
    data = bytearray(valid_files()[name])
    for place, new in edits:
        at = place % len(data)
        data[at : at + len(new)] = new
    outcome(bytes(data[: kept if kept < len(data) else None]))


@given(st.binary(max_size=400), st.sampled_from([b"", *(d[:12] for d in valid_files().values())]))
@settings(max_examples=300, deadline=None)
def test_noise_is_no_photo(noise, start):
    assert outcome(start + noise) != "photo"


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
    assert decode_photo(encoded(image, kind), SECRET).pixels.shape == (height, width, 3)


@pytest.fixture(scope="module")
def usual() -> float:
    """Processor time for a few ordinary photos: what is quick, on this machine at this moment."""
    start = time.process_time()
    for data in valid_files().values():
        decode_photo(data, SECRET)
    return time.process_time() - start


@pytest.mark.parametrize("name", REFUSED)
def test_a_nasty_file_is_refused_for_what_it_is_at_once(name, caplog, usual):
    data, kind = REFUSED[name]
    start = time.process_time()
    assert outcome(data) == kind
    assert time.process_time() - start < 10 * usual
    assert [record.getMessage() for record in caplog.records] == [f"A photo was refused: {kind}."]


@pytest.mark.parametrize(("name", "data"), nasty.accepted().items())
def test_bombs_beside_the_pixels_are_not_unpacked(name, data, caplog, usual):
    start = time.process_time()
    pixels = decode_photo(data, SECRET).pixels
    assert time.process_time() - start < 200 * usual
    assert pixels.shape == (48, 64, 3)
    assert caplog.records == []


def test_a_file_of_scans_is_refused_where_each_would_take_milliseconds(usual):
    start = time.process_time()
    assert outcome(nasty.scan_bomb(20_000, (4000, 3000))) == "too slow"
    assert outcome(nasty.scan_bomb(file_headers.LARGEST_SCANS - 10)) == "photo"
    assert time.process_time() - start < 200 * usual


@pytest.mark.parametrize("name", valid_files())
def test_what_valid_files_say_about_themselves_is_not_even_logged_for_debugging(name, caplog):
    caplog.set_level(logging.DEBUG)
    assert outcome(valid_files()[name]) == "photo"
    assert outcome(valid_files()[name][:-30] + bytes(30)) in ("photo", "damaged")
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


def test_too_little_memory_is_a_sentence(monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(Image.Image, "transpose", no_memory)
    with pytest.raises(PhotoError, match="not enough memory"):
        decode_photo(valid_files()["jpeg"], SECRET)


def test_frames_of_an_avif_are_measured_before_they_are_decoded():
    for size in ((64, 48), (301, 77)):
        assert avif_headers.frame_sizes(encoded(gradient(*size), "AVIF")) == [size]
        clear = encoded(with_alpha(gradient(*size)), "AVIF")
        assert avif_headers.frame_sizes(clear) == [size, size]


LARGE = {
    "PNG RGBA": 400,
    "PNG RGB with a transparent colour": 400,
    "PNG of 16 bits": 400,
    "PNG turned": 400,
    "JPEG": 400,
    "WEBP": 520,
    "AVIF": 580,
}
"""Most MiB for 40 megapixels. Pillow's WebP holds two canvases and a copy of one (12 bytes a
pixel), its AVIF all planes and two copies (12 bytes, and 16 with 12 bits a channel)."""


def memory_for(files: list[bytes], folder: Path) -> float:
    """Most MiB that decoding takes, in a process of its own."""
    code = (
        "import sys\n"
        "from tests.harness.photo_corpus import decode_photo, memory, outcome, valid_files\n"
        "for data in valid_files().values(): decode_photo(data, 'warm')\n"
        "before = memory()\n"
        "for path in sys.argv[1:]: outcome(open(path, 'rb').read())\n"
        "print(memory() - before)"
    )
    paths = [str(folder / f"photo-{n}") for n in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        Path(path).write_bytes(data)
    command = [sys.executable, "-c", code, *paths]
    return float(subprocess.check_output(command, stderr=subprocess.DEVNULL))


needs_memory = pytest.mark.skipif(not memory(), reason="the system doesn't say")


def test_of_an_animated_avif_only_the_still_picture_is_there_to_decode():
    data = valid_files()["avif animated"]
    assert AvifImageFile(io.BytesIO(data)).n_frames == 3
    assert AvifImageFile(io.BytesIO(avif_headers.still_without_exif(data))).n_frames == 1


@needs_memory
@pytest.mark.parametrize("name", LARGE)
def test_memory_for_the_largest_photos_is_bounded(name, tmp_path):
    # A refusal would take less than 20.
    assert 20 < memory_for([nasty.large_photo(name)], tmp_path) < LARGE[name]


@needs_memory
def test_memory_for_refusals_and_bombs_is_small(tmp_path):
    files = [data for data, _ in REFUSED.values()]
    assert memory_for(files, tmp_path) < 20
    assert memory_for(list(nasty.accepted().values()), tmp_path) < 60
