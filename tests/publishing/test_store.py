"""What a store of photos does, over each backend, and what it refuses."""

import hashlib
import io
import os
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from fsspec.registry import _registry
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, PngImagePlugin

from attntopo.photos.canonical import Photo
from attntopo.photos.decoding import decode_photo
from attntopo.photos.image_files import LONGEST_SIDE
from attntopo.publishing.png import LARGEST_BYTES, DamagedPhotoError, decode_png, encode_png
from attntopo.publishing.storage import PhotoStoreError, Storage, StorageError
from attntopo.publishing.store import DeleteKeyError, PhotoGoneError, PhotoStore, StoreFullError
from tests.harness.published import DAY, photo


def chunks_of(png: bytes) -> list[bytes]:
    """The kinds of a PNG's chunks, in order."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    kinds, at = [], 8
    while at < len(png):
        kinds.append(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4], "big")
    assert at == len(png)
    return kinds


def test_what_is_published_is_loaded_to_the_pixel(store):
    original = photo()
    published = store.publish(original)
    loaded = store.load(published.name)
    assert published.name == f"sha256-{original.sha256}"
    assert published.expires == 1_800_000_001 + 30 * DAY
    assert (loaded.pixels == original.pixels).all()
    assert loaded.pixels.dtype == np.uint8
    assert not loaded.pixels.flags.writeable
    assert "holiday" not in loaded.name


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)),
        elements=st.integers(0, 255),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_photo_comes_back_as_it_was(pixels):
    store = PhotoStore("memory://any", days=1, megabytes=100)
    loaded = store.load(store.publish(Photo(pixels, "any")).name)
    assert loaded.pixels.shape == pixels.shape
    assert (loaded.pixels == pixels).all()


def test_the_file_is_a_png_without_metadata(store, place):
    exif = Image.Exif()
    exif[0x010E] = "at home"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "me")
    profile = b"\0\0\x02\0" + bytes(32) + b"acsp" + bytes(472)
    source = io.BytesIO()
    photo(3).image().save(
        source, "PNG", exif=exif, pnginfo=text, icc_profile=profile, dpi=(300, 300)
    )
    assert {b"eXIf", b"tEXt", b"iCCP", b"pHYs"} <= set(chunks_of(source.getvalue()))

    store.publish(decode_photo(source.getvalue(), "me.png"))
    (file,) = Storage(place).sizes()
    assert chunks_of(Storage(place).read(file)) == [b"IHDR", b"IDAT", b"IEND"]


def test_a_publication_is_one_file_whose_name_says_all(store, place):
    published = store.publish(photo())
    hashed = hashlib.sha256(published.delete_key.encode()).hexdigest()
    assert list(Storage(place).sizes()) == [f"{published.name}/{hashed}.{published.expires}.png"]


def test_the_same_photo_published_twice_is_two_files_and_lasts_the_longer(store, place, clock):
    first = store.publish(photo())
    clock.time += 10 * DAY
    second = store.publish(photo())
    assert first.name == second.name
    assert first.delete_key != second.delete_key
    assert store.usage() == (1, sum(Storage(place).sizes().values()))
    assert len(Storage(place).sizes()) == 2
    clock.time = first.expires + 1
    assert store.load(first.name).sha256 == photo().sha256
    assert not store.is_live(first)
    assert store.is_live(second)
    assert store.sweep() == 0  # no photo is gone
    assert len(Storage(place).sizes()) == 1
    clock.time = second.expires
    assert not store.is_live(second)
    with pytest.raises(PhotoGoneError):
        store.load(first.name)


def test_the_delete_key_removes_the_photo(store, place):
    published = store.publish(photo())
    other = store.publish(photo(1))
    assert store.delete(published.name, published.delete_key)
    with pytest.raises(PhotoGoneError, match="deleted"):
        store.load(published.name)
    with pytest.raises(PhotoGoneError):
        store.delete(published.name, published.delete_key)
    assert store.load(other.name).sha256 == photo(1).sha256
    assert {name.partition("/")[0] for name in Storage(place).sizes()} == {other.name}


def test_two_people_do_not_delete_each_others_photo(store, place):
    one, other = store.publish(photo()), store.publish(photo())
    assert not store.delete(one.name, one.delete_key)
    assert store.load(one.name).sha256 == photo().sha256
    with pytest.raises(DeleteKeyError, match="used already"):
        store.delete(one.name, one.delete_key)
    assert store.delete(other.name, other.delete_key)
    assert not Storage(place).sizes()


@pytest.mark.parametrize("key", ["", "x" * 22, "../claim", "\ud800", "a" * 100_000])
def test_another_key_deletes_nothing(store, key):
    published = store.publish(photo())
    with pytest.raises(DeleteKeyError, match="isn't one of this photo"):
        store.delete(published.name, key)
    assert store.load(published.name).sha256 == photo().sha256


def test_the_delete_key_is_neither_stored_nor_shown(store, place):
    published = store.publish(photo())
    storage = Storage(place)
    stored = "".join(storage.sizes()).encode() + b"".join(map(storage.read, storage.sizes()))
    assert len(published.delete_key) >= 22
    assert hashlib.sha256(published.delete_key.encode()).hexdigest().encode() in stored
    assert published.delete_key.encode() not in stored
    assert published.delete_key not in repr(published)


def test_an_expired_photo_is_gone_and_swept(store, place, clock):
    published = store.publish(photo())
    clock.time = published.expires - 1
    assert store.sweep() == 0
    assert store.load(published.name).sha256 == photo().sha256
    clock.time = published.expires
    with pytest.raises(PhotoGoneError, match="expired"):
        store.load(published.name)
    assert store.usage().photos == 1
    assert store.sweep() == 1
    assert store.usage() == (0, 0)
    assert not Storage(place).sizes()


def test_an_expired_photo_can_be_deleted_before_it_is_swept(store, place, clock):
    published = store.publish(photo())
    clock.time = published.expires
    assert store.delete(published.name, published.delete_key)
    assert not Storage(place).sizes()


def test_publishing_removes_what_has_expired(store, place, clock):
    old = store.publish(photo())
    clock.time = old.expires
    new = store.publish(photo(1))
    assert {name.partition("/")[0] for name in Storage(place).sizes()} == {new.name}


def test_a_photo_that_never_was_published_is_gone(store):
    with pytest.raises(PhotoGoneError, match="or never was"):
        store.load("sha256-" + "0" * 64)
    with pytest.raises(PhotoGoneError):
        store.delete("sha256-" + "0" * 64, "key")


def test_the_quota_counts_every_file_and_refuses_in_a_sentence(place, clock):
    size = len(encode_png(photo()))
    store = PhotoStore(place, days=30, megabytes=2 * size / 1e6, now=clock)
    first, second = store.publish(photo(0)), store.publish(photo(1))
    assert store.usage() == (2, sum(Storage(place).sizes().values()))
    before = Storage(place).sizes()
    with pytest.raises(StoreFullError, match="MB for published photos are full"):
        store.publish(photo(2))
    with pytest.raises(StoreFullError):  # the same photo once more takes its room once more
        store.publish(photo(1))
    assert Storage(place).sizes() == before
    store.delete(first.name, first.delete_key)
    store.publish(photo(2))
    clock.time = second.expires
    store.publish(photo(3))
    assert store.usage().photos == 1


def damaged_versions(whole: bytes) -> list[bytes]:
    """What may stand in place of the PNG of `photo()`, which is no more that photo."""
    bitmap = io.BytesIO()
    photo().image().save(bitmap, "BMP")
    too_much = whole + bytes(LARGEST_BYTES)
    return [b"", b"x", whole[:-30], encode_png(photo(1)), bitmap.getvalue(), too_much]


def test_a_damaged_file_is_said_to_be_and_is_healed_by_publishing_again(store, place):
    published = store.publish(photo())
    storage = Storage(place)
    (file,) = storage.sizes()
    for data in damaged_versions(storage.read(file)):
        storage.write(file, data)
        with pytest.raises(DamagedPhotoError, match="damaged where it is stored"):
            store.load(published.name)
    store.publish(photo())
    assert store.load(published.name).sha256 == photo().sha256


@pytest.mark.parametrize("n_damaged", [1, 2])
def test_a_whole_file_is_loaded_whichever_others_are_damaged(store, place, n_damaged):
    for _ in range(3):
        name = store.publish(photo()).name
    storage = Storage(place)
    for files in permutations(storage.sizes(), n_damaged):
        before = {file: storage.read(file) for file in files}
        for file in files:
            storage.write(file, b"x")
        assert store.load(name).sha256 == photo().sha256
        for file, data in before.items():
            storage.write(file, data)


@pytest.mark.parametrize(("mode", "width"), [("L", 20), ("RGBA", 20), ("RGB", LONGEST_SIDE + 1)])
def test_what_is_no_canonical_photo_is_not_even_decoded(mode, width, monkeypatch):
    decoded = []
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", decoded.append)
    png = io.BytesIO()
    Image.new(mode, (width, 20)).save(png, "PNG")
    with pytest.raises(DamagedPhotoError):
        decode_png(png.getvalue(), "0" * 64)
    assert not decoded


def test_files_of_others_are_left_alone(store, place, clock):
    storage, name, key = Storage(place), f"sha256-{'0' * 64}", "a" * 64
    strangers = [
        "notes/todo.txt",
        "sha256-short/photo.png",
        f"{name}/other.png",
        f"{name}/{key}.png",
        f"{name}/{key}.1.png.old",
        f"{name}/{key}.1.PNG",
        f"{name}/{key}.-1.png",
        f"{name}/{key}.1e3.png",
        f"{name}/{key}.{'1' * 16}.png",
        f"{name}/{key[1:]}.1.png",
        f"{name}/{key.upper()}.1.png",
        f"{name}/.{key}.1.png",
        f"{name.upper()}/{key}.1.png",
        f"x{name}/{key}.1.png",
        f"{name}/{key}.1.claims",
        "notes/film.part",
    ]
    for stranger in strangers:
        storage.write(stranger, b"mine")
    if not place.startswith(("memory", "s3")):
        for stranger in strangers:
            os.utime(Path(place) / stranger, (1, 1))
    published = store.publish(photo())
    clock.time = published.expires
    assert store.sweep() == 1
    assert sorted(storage.sizes()) == sorted(strangers)
    assert store.usage() == (0, 0)


def test_an_expiry_with_zeros_before_it_is_removed_under_its_name(store, place):
    Storage(place).write(f"sha256-{photo().sha256}/{'a' * 64}.007.png", encode_png(photo()))
    assert store.sweep() == 1
    assert not Storage(place).sizes()


# What comes out of a link, or from a programmer


@pytest.mark.parametrize(
    "name",
    [
        "",
        "astronaut",
        "sha256-" + "A" * 64,
        "sha256-" + "a" * 63,
        "sha256-" + "a" * 65,
        "sha256-" + "a" * 64 + "\n",
        "sha256-" + "a" * 60 + "/../",
        "../../etc/passwd",
        "sha256-" + "a" * 64 + "/../../secret",
        "sha256-" + "\N{ARABIC-INDIC DIGIT ONE}" * 64,
    ],
)
def test_another_name_is_refused_before_the_storage_is_asked(folder_store, name, monkeypatch):
    monkeypatch.setattr(folder_store, "_storage", None)
    for ask in (folder_store.load, lambda name: folder_store.delete(name, "key")):
        with pytest.raises(PhotoStoreError, match="copy the whole link"):
            ask(name)


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((20, 20, 3)), "8 bits"),
        (np.zeros((20, 20), np.uint8), "RGB"),
        (np.zeros((20, 20, 4), np.uint8), "RGB"),
        (np.zeros((20, 1025, 3), np.uint8), "1024 pixels"),
        (np.zeros((0, 20, 3), np.uint8), "1 to 1024"),
    ],
)
def test_what_is_not_canonical_is_not_published(folder_store, pixels, sentence, tmp_path):
    with pytest.raises(PhotoStoreError, match=sentence):
        folder_store.publish(Photo(pixels, "photo"))
    assert not Storage(tmp_path / "photos").sizes()


def test_the_largest_photo_is_within_what_is_read(folder_store):
    noise = photo(0, LONGEST_SIDE, LONGEST_SIDE)
    assert len(encode_png(noise)) > 0.99 * noise.pixels.nbytes
    assert folder_store.load(folder_store.publish(noise).name).sha256 == noise.sha256


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "ftp://host/x", "simplecache::s3://bucket/x", "zip://a.zip"]
)
def test_a_place_of_another_kind_is_refused(address):
    with pytest.raises(StorageError, match="folder or in object storage that speaks S3"):
        PhotoStore(address, days=1, megabytes=1)


def test_an_address_without_a_bucket_is_refused():
    with pytest.raises(StorageError, match="bucket is missing"):
        PhotoStore("s3://", days=1, megabytes=1)


@pytest.mark.parametrize(("days", "megabytes"), [(0, 1), (1, -1), (float("nan"), 1), (1e9, 1)])
def test_numbers_that_make_no_sense_are_refused(tmp_path, days, megabytes):
    with pytest.raises(PhotoStoreError, match="two positive numbers"):
        PhotoStore(tmp_path, days=days, megabytes=megabytes)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.delitem(_registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(StorageError, match="s3fs isn't installed"):
        PhotoStore("s3://bucket/photos", days=1, megabytes=1)
