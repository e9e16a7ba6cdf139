"""Zips of photos: what is in them comes out, and what attacks with them ends in a sentence."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

import attntopo as at
from attntopo.photos.archives import MOST_ENTRIES, archived_files, is_archive, shown_name
from attntopo.photos.canonical import PackedPhoto, reduced
from attntopo.photos.refusals import PhotoError
from tests.harness.photos import jpeg

PHOTOS = [jpeg(seed, (64, 48)) for seed in range(3)]


def zipped(
    files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED
) -> bytes:
    buffer = io.BytesIO()
    pairs = files.items() if isinstance(files, dict) else files
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in pairs:
            archive.writestr(name, data)
    return buffer.getvalue()


def unpacked(data: bytes, most: float = 1.0, total: float = 4.0) -> list[tuple[str, bytes, str]]:
    files = archived_files(data, max_megabytes=most, max_total_megabytes=total)
    return [(one.name, one.data, one.refusal) for one in files]


def test_the_photos_of_a_zip_come_out_as_they_are():
    beside = {
        "__MACOSX/._a.jpg": b"fork",
        ".DS_Store": b"x",
        "in/.hidden.jpg": b"x",
        "Thumbs.db": b"",
    }
    photos = {"a.jpg": PHOTOS[0], "in/b.jpg": PHOTOS[1], "in/deep/ü 3.jpg": PHOTOS[2]}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        data = zipped(photos | beside | {"in/": b""}, method)
        assert is_archive(data)
        expected = zip(("a.jpg", "b.jpg", "ü 3.jpg"), PHOTOS, strict=True)
        assert unpacked(data) == [(name, photo, "") for name, photo in expected]
    assert unpacked(zipped({})) == []
    assert not is_archive(PHOTOS[0])


def test_a_bomb_is_refused_before_it_goes_off():
    bomb = zipped({"a.jpg": PHOTOS[0], "b.jpg": bytes(100_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    # The directory's claim of a small size is a lie: the entry has as many bytes as before.
    liar = bytearray(bomb)
    at_entry = liar.rindex(b"PK\x01\x02")
    liar[at_entry + 24 : at_entry + 28] = struct.pack("<I", 900_000)
    for data in (bomb, bytes(liar)):
        tracemalloc.start()
        (first, second) = unpacked(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert first == ("a.jpg", PHOTOS[0], "")
        assert second[:2] == ("b.jpg", b"")
        assert "1 MB" in second[2] or "damaged" in second[2]
        assert peak < 8_000_000


def test_many_small_bombs_together_are_refused():
    many = [(f"{k}.jpg", bytes(900_000)) for k in range(6)]
    files = archived_files(
        zipped(many, zipfile.ZIP_DEFLATED), max_megabytes=1.0, max_total_megabytes=4.0
    )
    came = [next(files) for _ in range(4)]
    with pytest.raises(PhotoError, match="more than 4 MB"):
        next(files)
    assert sum(len(file.data) for file in came) == 4 * 900_000


def test_entries_that_share_their_bytes_unpack_to_no_more():
    """As in Fifield's bomb: the directory names one file's bytes many times."""
    data = zipped({"a.jpg": bytes(900_000)}, zipfile.ZIP_DEFLATED)
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, times = data[begin:end], 20
    tail = bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", times, times)
    tail[12:16] = struct.pack("<I", times * len(entry))
    shared = data[:begin] + times * entry + bytes(tail)
    came, error = [], ""
    try:
        for file in archived_files(shared, max_megabytes=1.0, max_total_megabytes=4.0):
            came.append(file)  # what came before an error is there
    except PhotoError as refusal:
        error = str(refusal)
    assert sum(len(file.data) for file in came) <= 4_000_000
    # Newer versions of Python see through it.
    assert "more than 4 MB" in error or [file for file in came if "damaged" in file.refusal]


@pytest.mark.parametrize("claimed", [10_000, 3])
def test_ten_thousand_entries_are_refused_whatever_is_claimed(claimed):
    data = bytearray(zipped([(f"{k}", b"") for k in range(10_000)]))
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<HH", claimed, claimed)
    with pytest.raises(PhotoError, match=f"{MOST_ENTRIES:,} entries"):
        unpacked(bytes(data))


def test_a_zip_within_a_zip_is_not_opened():
    ((name, data, refusal), photo) = unpacked(
        zipped({"more.zip": zipped({"a.jpg": PHOTOS[0]}), "b.jpg": PHOTOS[1]})
    )
    assert (name, data) == ("more.zip", b"")
    assert "zip within a zip" in refusal
    assert photo == ("b.jpg", PHOTOS[1], "")


def test_encrypted_and_oddly_compressed_entries_are_named():
    data = bytearray(zipped({"a.jpg": PHOTOS[0], "b.jpg": PHOTOS[1]}))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + place] |= 1
    (locked, other) = unpacked(bytes(data))
    assert locked[0] == "a.jpg"
    assert "encrypted" in locked[2]
    assert other == ("b.jpg", PHOTOS[1], "")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        ((_, nothing, refusal),) = unpacked(zipped({"a.jpg": PHOTOS[0]}, method))
        assert nothing == b""
        assert "ordinary zip" in refusal


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "a/../b.jpg", "x" * 300, "a\nb.jpg", "\u202egpj.exe"],
)
def test_absurd_names_are_refused_and_shown_as_plain_words(name):
    ((shown, data, refusal),) = unpacked(zipped({name: PHOTOS[0]}))
    assert data == b""
    assert "name" in refusal
    assert shown.isprintable()
    assert len(shown) <= 60
    assert not {"/", "\\"} & set(shown)


def test_shown_names():
    assert shown_name("C:\\photos\\mine.jpg") == "mine.jpg"
    assert shown_name("") == shown_name("in/") == "a file without a name"
    assert shown_name(f"{'long' * 40}.jpeg") == f"{('long' * 40)[:51]}…{'long.jpeg'[-8:]}"


def test_any_damage_is_a_sentence_or_a_photo():
    data = zipped({f"{k}.jpg": photo for k, photo in enumerate(PHOTOS)}, zipfile.ZIP_DEFLATED)
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(data)
        if random.random() < 0.3:
            damaged = damaged[: random.integers(4, len(damaged))]
        for place in random.integers(0, len(damaged), 4):
            damaged[place] = random.integers(256)
        try:
            files = unpacked(bytes(damaged))
        except PhotoError as error:
            outcomes.add(str(error))
            continue
        outcomes |= {refusal for _, _, refusal in files}
        assert all(refusal or content in PHOTOS for _, content, refusal in files)
    assert len(outcomes) > 2


def test_a_packed_photo_is_the_photo_to_the_bit():
    for name in ("coffee", "horse"):
        photo = reduced(at.sample(name), 518)
        packed = PackedPhoto.of(photo)
        back = packed.unpacked()
        assert (back.pixels == photo.pixels).all()
        assert (back.sha256, back.name, packed.sha256) == (photo.sha256, name, photo.sha256)
        assert packed.size == photo.pixels.shape[:2]
        assert not back.pixels.flags.writeable


def test_a_reduced_photo_keeps_its_ratio_and_a_small_one_stays():
    coffee = at.sample("coffee")  # 600 x 400
    assert reduced(coffee, 518).pixels.shape == (345, 518, 3)
    assert reduced(coffee, 600) is coffee
