"""Photos are decoded in a process of their own, which may end in the middle of one."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL
import pytest

from attntopo.photos import decoder as decoder_module
from attntopo.photos.decoder import PhotoDecoder
from attntopo.photos.decoding import decode_photo
from attntopo.photos.refusals import PhotoError
from tests.harness import hostile_photos as nasty
from tests.harness.app import waits_for
from tests.harness.photo_corpus import encoded, gradient, memory, valid_files

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
SMALL = valid_files()["jpeg"]


@pytest.fixture
def decoder():
    with PhotoDecoder(seconds=600) as one:
        yield one


def processor_time(process_id: int) -> int:
    """Of a process so far, in the kernel's ticks."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def is_alive(process_id: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def refusal(decoder: PhotoDecoder, data: bytes) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        decoder.decode(data, "photo")
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize("name", valid_files())
def test_the_pixels_are_those_that_are_decoded_here(name, shared_decoder):
    there = shared_decoder.decode(valid_files()[name], "name")
    here = decode_photo(valid_files()[name], "name")
    assert there.name == "name"
    assert there.sha256 == here.sha256
    assert not there.pixels.flags.writeable


@pytest.fixture(scope="module")
def shared_decoder():
    with PhotoDecoder() as one:
        yield one


@pytest.mark.parametrize("name", nasty.refused())
def test_the_sentences_are_those_that_are_said_here(name, shared_decoder):
    data, _ = nasty.refused()[name]
    with pytest.raises(PhotoError) as here:
        decode_photo(data, "name")
    there = refusal(shared_decoder, data)
    assert (str(there), there.kind) == (str(here.value), here.value.kind)


def test_many_threads_get_each_its_own_photo(decoder):
    photos = [decode_photo(encoded(gradient(20 + n, 50)), "photo").sha256 for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        decoded = pool.map(
            lambda n: decoder.decode(encoded(gradient(20 + n, 50)), "photo"), range(20)
        )
    assert [photo.sha256 for photo in decoded] == photos


@needs_proc
@pytest.mark.parametrize(
    ("end", "kind"),
    [(signal.SIGKILL, "memory"), (signal.SIGSEGV, "crash"), (signal.SIGABRT, "crash")],
)
def test_a_process_that_ends_in_the_middle_of_a_photo_costs_that_photo_alone(end, kind, decoder):
    decoder.decode(SMALL, "photo")
    first = decoder.process_id
    before, ended = processor_time(first), []
    bomb = nasty.scan_bomb(60_000, (4000, 3000))
    thread = threading.Thread(target=lambda: ended.append(refusal(decoder, bomb)))
    thread.start()
    waits_for(lambda: processor_time(first) > before + 20)
    os.kill(first, end)
    thread.join(120)
    assert ended[0].kind == kind
    assert decoder.decode(SMALL, "photo").sha256 == decode_photo(SMALL, "photo").sha256
    assert decoder.process_id != first


@needs_proc
def test_a_process_that_ends_between_photos_costs_none(decoder):
    decoder.decode(SMALL, "photo")
    os.kill(decoder.process_id, signal.SIGKILL)
    waits_for(lambda: not is_alive(decoder.process_id))
    decoder.decode(SMALL, "photo")


@needs_proc
def test_a_photo_that_takes_too_much_processor_time_is_refused():
    with PhotoDecoder(seconds=1) as decoder:
        decoder.start()
        first = decoder.process_id
        said = refusal(decoder, nasty.scan_bomb(60_000, (4000, 3000)))
        assert said.kind == "too slow"
        assert "very long to read" in str(said)
        assert decoder.process_id != first  # the next one is there already
    with PhotoDecoder(seconds=600) as decoder:  # it is told how much anew for each photo
        for _ in range(3):
            decoder.decode(SMALL, "photo")


@needs_proc
def test_a_photo_at_which_nothing_happens_is_refused():
    with PhotoDecoder(seconds=1) as decoder:
        decoder.decode(SMALL, "photo")
        first = decoder.process_id
        os.kill(first, signal.SIGSTOP)
        assert refusal(decoder, SMALL).kind == "too slow"
        assert not is_alive(first)


@needs_proc
def test_a_photo_that_takes_too_much_memory_is_refused():
    large = nasty.large_photo("PNG RGBA", 3000, 2500)
    with PhotoDecoder(memory_megabytes=110) as decoder:
        decoder.decode(SMALL, "photo")
        first = decoder.process_id
        said = refusal(decoder, large)
        assert said.kind == "memory"
        assert "not enough memory" in str(said)
        decoder.decode(SMALL, "photo")
        assert decoder.process_id == first
    with PhotoDecoder() as decoder:
        decoder.decode(large, "photo")


@needs_proc
@pytest.mark.parametrize(
    "name", ["PNG RGBA", "PNG of 16 bits", "PNG turned", "JPEG", "WEBP", "AVIF", "HEIF"]
)
def test_the_memory_that_is_given_is_enough_for_the_largest_photos(name):
    with PhotoDecoder(max_megapixels=6) as decoder:
        data = nasty.large_photo(name, 2990, 2000)
        assert decoder.decode(data, "photo").pixels.shape == (
            decode_photo(data, "photo").pixels.shape
        )


SERVER = """
import sys
from attntopo.photos import PhotoDecoder, decode_photo
from tests.harness.photo_corpus import memory, valid_files
large = open(sys.argv[1], "rb").read()
decoder = PhotoDecoder()
for decode in (decode_photo, decoder.decode):
    for data in valid_files().values():
        decode(data, "warm")
for decode in (decoder.decode, decode_photo):
    before = memory()
    decode(large, "large")
    print(memory() - before)
"""


@pytest.mark.skipif(not memory(), reason="the system doesn't say")
def test_the_server_takes_little_memory_for_the_largest_photo(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(nasty.large_photo("WEBP"))
    command = [sys.executable, "-c", SERVER, str(path)]
    there, here = map(float, subprocess.check_output(command).split())
    assert there <= 60 < 300 < here  # MiB


@needs_proc
def test_the_process_ends_with_the_server_however_that_ends():
    code = (
        "import time; from attntopo.photos import PhotoDecoder\n"
        "decoder = PhotoDecoder(); decoder.start()\n"
        "print(decoder.process_id, flush=True); time.sleep(600)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with server:
        process_id = int(server.stdout.readline())
        assert is_alive(process_id)
        server.kill()
    waits_for(lambda: not is_alive(process_id))


@needs_proc
def test_the_process_knows_and_may_little(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with PhotoDecoder() as decoder:
        decoder.decode(SMALL, "photo")
        place = Path(f"/proc/{decoder.process_id}")
        variables = place.joinpath("environ").read_bytes().split(b"\0")
        names = {one.partition(b"=")[0] for one in variables if one}
        assert names <= {b"MALLOC_ARENA_MAX", b"LD_LIBRARY_PATH"}
        loaded = place.joinpath("maps").read_text()
        assert "PIL" in loaded
        assert "numpy" not in loaded
        limits = place.joinpath("limits").read_text()
        assert f"Max address space         {680_000_000} " in limits
        for nothing in ("Max core file size        0 ", "Max file size             0 "):
            assert nothing in limits
        opened = [os.readlink(one) for one in place.joinpath("fd").iterdir()]
        assert all(one == "/dev/null" or one.startswith("pipe:") for one in opened)


FAKE = """
import struct, sys
ANSWER, (READY, PIXELS, REFUSAL) = struct.Struct(">BII"), range(3)
answers = sys.stdout.buffer
answers.write(ANSWER.pack(READY, 0, 0)); answers.flush()
sys.stdin.buffer.read(8)
answers.write({answer}); answers.flush()
sys.stdin.buffer.read({wait})
"""


@pytest.mark.parametrize("wait", [0, -1])
@pytest.mark.parametrize(
    "answer",
    [
        "b''",
        "b'Hello, here is your photo!'",
        "ANSWER.pack(PIXELS, 64, 48) + b'too few'",
        "ANSWER.pack(PIXELS, 2**31, 2**31)",
        "ANSWER.pack(PIXELS, 1025, 1) + bytes(3075)",
        "ANSWER.pack(PIXELS, 0, 0)",
        "ANSWER.pack(REFUSAL, 1, 2**31)",
        "ANSWER.pack(REFUSAL, 1, 8) + b'x<b>\\n\\x1b\\x00'",
        "ANSWER.pack(7, 1, 1) + b'xy'",
    ],
)
def test_an_answer_that_is_none_is_not_believed(answer, wait, tmp_path, monkeypatch):
    path = tmp_path / "worker.py"
    path.write_text(FAKE.format(answer=answer, wait=wait))
    monkeypatch.setattr(decoder_module, "decoder_worker", SimpleNamespace(__file__=str(path)))
    with PhotoDecoder(seconds=0.5) as decoder:
        assert refusal(decoder, SMALL).kind in ("crash", "too slow")


def test_a_decoder_that_does_not_start_is_a_sentence(tmp_path, monkeypatch, caplog):
    path = tmp_path / "worker.py"
    path.write_text("raise ImportError('no Pillow')")
    monkeypatch.setattr(decoder_module, "decoder_worker", SimpleNamespace(__file__=str(path)))
    with PhotoDecoder() as decoder:
        check_that_there_is_none(decoder, caplog)


def test_a_decoder_for_which_there_is_no_python_is_a_sentence(monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/no/python")
    with PhotoDecoder() as decoder:
        decoder.start()
        check_that_there_is_none(decoder, caplog)


def check_that_there_is_none(decoder: PhotoDecoder, caplog: pytest.LogCaptureFixture) -> None:
    said = refusal(decoder, SMALL)
    assert said.kind == "no decoder"
    assert "try again later" in str(said)
    assert "doesn't start" in caplog.text
    assert decoder.process_id is None


def test_pillow_may_lie_where_only_this_process_knows():
    """As installed for a user, or named in PYTHONPATH, which the decoder's process ignores."""
    elsewhere = [str(Path(PIL.__file__).parents[1]), str(Path(decoder_module.__file__).parents[2])]
    code = (
        "import sys; from attntopo.photos import PhotoDecoder\n"
        "with PhotoDecoder() as decoder:\n"
        "    print(decoder.decode(sys.stdin.buffer.read(), 'photo').pixels.shape)\n"
    )
    told = subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(elsewhere)},
        input=valid_files()["heic"],
        capture_output=True,
    )
    assert told.stdout == b"(64, 48, 3)\n", told.stderr


def test_a_closed_decoder_starts_again(decoder):
    assert decoder.process_id is None
    decoder.close()
    for _ in range(2):
        pixels = decoder.decode(encoded(gradient()), "photo").pixels
        assert (pixels == np.asarray(gradient())).all()
        decoder.close()
        assert decoder.process_id is None
