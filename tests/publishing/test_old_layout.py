"""Photos that an older version published, written here as it did: they last until they expire."""

import hashlib
import io

import fsspec
import pytest
from PIL import Image

from attntopo.photos.canonical import Photo
from attntopo.publishing.png import DamagedPhotoError
from attntopo.publishing.storage import Storage, StorageError
from attntopo.publishing.store import DeleteKeyError, PhotoGoneError, PhotoStore, Published
from tests.harness.published import DAY, photo, when

EXPIRES = 1_800_000_001 + 5 * DAY


def png(image: Photo) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image.pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def put(place: str, file: str, data: bytes) -> None:
    with fsspec.open(f"{place}/{file}", "wb", auto_mkdir=True) as opened:
        opened.write(data)


def claim(place: str, key: str, expires: int = EXPIRES, image: Photo | None = None) -> Published:
    """Claim a photo as the old version did."""
    name = f"sha256-{(image or photo()).sha256}"
    text = b"One publication of the photo in this folder, until the time in the name.\n"
    put(place, f"{name}/{hashlib.sha256(key.encode()).hexdigest()}.{expires}.claim", text)
    return Published(name, key, expires)


@pytest.fixture
def old(place) -> Published:
    """One photo with one claim."""
    put(place, f"sha256-{photo().sha256}/photo.png", png(photo()))
    return claim(place, "first")


def test_it_opens_until_its_claim_expires_and_is_swept(store, place, clock, old):
    assert (store.load(old.name).pixels == photo().pixels).all()
    assert store.is_live(old)
    assert store.usage() == (1, sum(Storage(place).sizes().values()))
    clock.time = EXPIRES - 1
    assert store.sweep() == 0
    assert store.load(old.name).sha256 == photo().sha256
    clock.time = EXPIRES
    with pytest.raises(PhotoGoneError):
        store.load(old.name)
    assert not store.is_live(old)
    assert store.usage().photos == 1
    assert store.sweep() == 1
    assert not Storage(place).sizes()


def test_the_longest_claim_counts(store, place, clock, old):
    longer = claim(place, "second", EXPIRES + DAY)
    clock.time = EXPIRES
    assert store.sweep() == 0
    assert len(Storage(place).sizes()) == 2
    assert store.load(old.name).sha256 == photo().sha256
    assert not store.is_live(old)
    assert store.is_live(longer)
    clock.time = EXPIRES + DAY
    other = store.publish(photo(1))  # removes what has expired, too
    assert {file.partition("/")[0] for file in Storage(place).sizes()} == {other.name}


def test_its_delete_key_deletes_it(store, place, old):
    with pytest.raises(DeleteKeyError):
        store.delete(old.name, "another")
    with pytest.raises(DeleteKeyError):
        store.delete(old.name, "")
    assert store.delete(old.name, "first")
    assert not Storage(place).sizes()
    with pytest.raises(PhotoGoneError):
        store.delete(old.name, "first")


def test_the_photo_goes_with_the_last_claim(store, place, old):
    claim(place, "second")
    assert not store.delete(old.name, "first")
    assert store.load(old.name).sha256 == photo().sha256
    with pytest.raises(DeleteKeyError, match="used already"):
        store.delete(old.name, "first")
    assert store.delete(old.name, "second")
    assert not Storage(place).sizes()


def test_what_is_deleted_does_not_stay_for_a_claim_that_has_expired(store, place, old):
    claim(place, "long ago", 1_700_000_000)
    assert store.delete(old.name, "first")
    assert not Storage(place).sizes()


def test_an_expired_claim_can_be_deleted_before_it_is_swept(store, place, clock, old):
    clock.time = EXPIRES
    assert store.delete(old.name, "first")
    assert not Storage(place).sizes()


def test_it_and_a_new_publication_of_the_same_photo_do_not_depend_on_each_other(store, place, old):
    new = store.publish(photo())
    assert store.usage().photos == 1
    assert not store.delete(old.name, "first")
    assert len(Storage(place).sizes()) == 1
    assert store.load(old.name).sha256 == photo().sha256
    assert store.delete(new.name, new.delete_key)
    put(place, f"{old.name}/photo.png", png(photo()))
    claim(place, "second")
    new = store.publish(photo())
    assert not store.delete(new.name, new.delete_key)
    assert store.load(old.name).sha256 == photo().sha256
    assert store.delete(old.name, "second")
    assert not Storage(place).sizes()


@pytest.mark.parametrize("file", [r"\.claim$", r"/photo\.png$"])
def test_a_photo_published_anew_while_its_claim_is_deleted_is_kept(store, place, clock, old, file):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    new: list[Published] = []
    when(store, "remove", file, lambda: new.append(other.publish(photo())))
    store.delete(old.name, "first")
    assert other.is_live(new[0])
    assert other.load(old.name).sha256 == photo().sha256
    assert len(Storage(place).sizes()) == 1
    assert other.delete(old.name, new[0].delete_key)


def test_two_who_delete_their_claims_at_once_leave_nothing(store, place, clock, old):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    claim(place, "second")
    when(store, "remove", r"\.claim$", lambda: other.delete(old.name, "second"))
    assert store.delete(old.name, "first")
    assert not Storage(place).sizes()


def test_what_is_half_deleted_by_a_process_that_was_killed_is_not_shown(store, place, clock, old):
    when(store, "remove", r"/photo\.png$", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.delete(old.name, "first")
    assert list(Storage(place).sizes()) == [f"{old.name}/photo.png"]
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    for ask in (other.load, lambda name: other.delete(name, "first")):
        with pytest.raises(PhotoGoneError):
            ask(old.name)
    assert other.sweep() == 1
    assert not Storage(place).sizes()


def test_a_claim_whose_photo_is_missing_is_not_published(store, place, old):
    Storage(place).remove(f"{old.name}/photo.png")
    with pytest.raises(PhotoGoneError):
        store.load(old.name)
    assert not store.is_live(old)
    assert store.delete(old.name, "first")
    assert not Storage(place).sizes()


def test_a_reader_who_comes_while_it_is_deleted_is_told(store, place, clock, old):
    other = PhotoStore(place, days=30, megabytes=100, now=clock)
    when(store, "read", r"/photo\.png$", lambda: other.delete(old.name, "first"))
    with pytest.raises(PhotoGoneError):
        store.load(old.name)


def test_a_damaged_photo_is_said_to_be_and_a_new_file_is_taken_instead(store, place, old):
    put(place, f"{old.name}/photo.png", png(photo())[:-30])
    with pytest.raises(DamagedPhotoError):
        store.load(old.name)
    store.publish(photo())
    assert store.load(old.name).sha256 == photo().sha256


def test_a_claim_that_cannot_be_removed_is_said_and_stays(store, place, old):
    def fail():
        raise StorageError("The storage is gone.")

    when(store, "remove", r"\.claim$", fail)
    with pytest.raises(StorageError, match="The storage is gone"):
        store.delete(old.name, "first")
    assert store.load(old.name).sha256 == photo().sha256
    assert store.delete(old.name, "first")
